"""Addresses of pages in templates, each made once: a list writes a hundred of them, most of which the last page had."""

from functools import lru_cache

from flask import Flask, request, url_for

# An address may hold what a reader typed, some thousand characters; so many of the longest are a few megabytes.
_KEPT = 4096


def init_app(app: Flask) -> None:
    """Give templates `url_for` as Flask has it, but for the addresses of this host alone."""

    # A number and a text that look alike are different values; Flask may write them differently.
    @lru_cache(maxsize=_KEPT, typed=True)
    def made(_root: str, endpoint: str, /, **values: object) -> str:
        return url_for(endpoint, **values)  # type: ignore[arg-type]

    def address(endpoint: str, /, **values: object) -> str:
        if endpoint.startswith("."):
            endpoint = f"{request.blueprint}{endpoint}"
        # Behind a proxy the same page may begin with another root.
        return made(request.root_path, endpoint, **values)

    app.jinja_env.globals["url_for"] = address
