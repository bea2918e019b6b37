"""Addresses of pages in templates, each made once: a list writes a hundred of them, most of which the last page had."""

from functools import lru_cache

from flask import Flask, request, url_for

# So many are kept, none longer than some hundred characters: about a megabyte.
_KEPT = 4096
# A longer value is what somebody typed; it is made into an address each time, so that nobody fills the memory.
_LONGEST = 100


def init_app(app: Flask) -> None:
    """Give templates `url_for` as Flask has it; the addresses of this host by short values are kept."""

    # A number and a text that look alike are different values; Flask may write them differently.
    @lru_cache(maxsize=_KEPT, typed=True)
    def made(_root: str, endpoint: str, /, **values: object) -> str:
        return url_for(endpoint, **values)  # type: ignore[arg-type]

    def address(endpoint: str, /, **values: object) -> str:
        if not all(_is_kept(name, value) for name, value in values.items()):
            return url_for(endpoint, **values)  # type: ignore[arg-type]
        if endpoint.startswith(".") and request.blueprint:
            endpoint = f"{request.blueprint}{endpoint}"
        # Behind a proxy the same page may begin with another root.
        return made(request.root_path, endpoint, **values)

    app.jinja_env.globals["url_for"] = address


def _is_kept(name: str, value: object) -> bool:
    """Say whether an address depends on no more than the value, and the value can be kept.

    What begins with a stroke is told to Flask itself, as `_external`, which makes the host part of the address.
    """
    if name.startswith("_") or isinstance(value, list | dict | set):
        return False
    return not isinstance(value, str) or len(value) <= _LONGEST
