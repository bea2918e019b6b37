"""Parts of pages that are made once: the same values, in the same language, are always shown by the same text."""

from collections.abc import Callable, Hashable
from functools import lru_cache

from flask import get_template_attribute, request
from markupsafe import Markup

from registry.web.language import current

# So many of each part, the least used given up first: with a kilobyte or two each, some megabytes.
_KEPT = 4096


def kept(template: str, macro: str) -> Callable[..., Markup]:
    """Return what shows the values it is given by a macro, and remembers the text by them.

    The macro may say words, ask filters and make addresses by whole endpoints; who reads, today and the settings must
    come as values, which never change once made.
    """

    # What looks alike but is of another kind, as 1 and True, may be shown otherwise.
    @lru_cache(maxsize=_KEPT, typed=True)
    def shown(_language: str, _root: str, /, *values: Hashable) -> Markup:
        found: Markup = get_template_attribute(template, macro)(*values)
        return found

    def show(*values: Hashable) -> Markup:
        return shown(current(), request.root_path, *values)

    return show
