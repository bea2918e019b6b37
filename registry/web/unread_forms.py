"""Answers a form with files that could not be read: it is too large, or the disk does not take it. Nothing is kept."""

from collections.abc import Callable

from flask import Blueprint, render_template, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from registry.domain.errors import NotFound
from registry.evidence.vault import NotKept
from registry.web.language import of_both
from registry.web.taken_files import NOT_SAVED
from registry.web.uploads import limits_of


def answer_unread(blueprint: Blueprint, too_large: Callable[[], str], again: Callable[[str], str]) -> None:
    """Show such a form of a blueprint anew, with nothing in it but what went wrong.

    Args:
        too_large: says how much may be sent at once, in the reader's language.
        again: renders the page with the form and a message above it; may find that what it is about is not there.
    """

    def show(message: str) -> str:
        # What was sent could not be read, and reading it again would fail again.
        request.form = ImmutableMultiDict()
        try:
            return again(message)
        except NotFound as missing:
            return render_template("errors/error.html", code=404, title=of_both(str(missing)), advice="", faults=())

    def tell_too_large(_error: RequestEntityTooLarge) -> tuple[str, int]:
        return show(too_large()), 413

    def tell_not_kept(error: OSError | NotKept) -> tuple[str, int]:
        if limits_of(request.endpoint) is None:
            raise error
        return show(of_both(str(error) if isinstance(error, NotKept) else NOT_SAVED)), 503

    blueprint.register_error_handler(RequestEntityTooLarge, tell_too_large)
    blueprint.register_error_handler(OSError, tell_not_kept)
    blueprint.register_error_handler(NotKept, tell_not_kept)
