"""Lets a form that takes files be large: its limits, where its parts are laid down, how a file is handed out.

A view says that it takes files (`@takes_files`), or hands one out that somebody sent (`@hands_out`); no other does.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any, TypeVar

from flask import Flask, Request, Response, current_app, request, send_file

from registry.config import Settings, files_folder
from registry.domain.errors import MoveNotAllowed
from registry.evidence.names import content_disposition
from registry.evidence.vault import Missing, NotKept, Vault
from registry.web.language import say

View = TypeVar("View", bound=Callable[..., Any])
# Beside the files: the words of the form and what separates its parts.
_BESIDE = 256 * 1024
_PARTS_BESIDE = 20
# A file that a browser shows after all can do nothing there.
_SANDBOX = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a form may hold: bytes of all its files, and how many of them."""

    most_bytes: int
    most_files: int


def takes_files(most_bytes: int, most_files: int = 1) -> Callable[[View], View]:
    """Declare that a view takes files."""

    def declare(view: View) -> View:
        view.takes_files = Limits(most_bytes, most_files)  # type: ignore[attr-defined]
        return view

    return declare


def hands_out(view: View) -> View:
    """Declare that a view hands out a file as somebody sent it: a browser that shows it can do nothing there."""
    view.hands_out = True  # type: ignore[attr-defined]
    return view


def limits_of(endpoint: str | None) -> Limits | None:
    """Return how much the form of an endpoint may hold; None where it takes no files."""
    return getattr(current_app.view_functions.get(endpoint or ""), "takes_files", None)


class _Upload(Request):
    """A request whose files are laid down on the vault's own disk, without names, and nowhere else."""

    def __init__(self, *args: Any, **told: Any) -> None:
        super().__init__(*args, **told)
        self._laid: list[IO[bytes]] = []

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if limits_of(self.endpoint) is None:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        laid = vault().unnamed()
        self._laid.append(laid)
        return laid

    def close(self) -> None:
        """Let go of what was laid down, also of a form that could not be read to its end."""
        super().close()
        for laid in self._laid:
            # What the disk did not take waits to be written still, and is not wanted any more.
            with suppress(OSError):
                laid.close()


def init_app(app: Flask, settings: Settings) -> None:
    """Set the vault up, and the limits of such forms; before `headers`, whose policy a download replaces.

    Raises:
        Refused: the database is no SQLite file and no folder is set.
    """
    folder = files_folder(settings)
    app.extensions["vault"] = Vault(folder) if folder else None
    app.request_class = _Upload
    app.before_request(_make_room)
    app.after_request(_shut_in)


def vault() -> Vault:
    """Return where files are kept.

    Raises:
        NotKept: beside a database in memory nothing is.
    """
    found: Vault | None = current_app.extensions["vault"]
    if found is None:
        raise NotKept("未保存：内存中的数据库不存放文件 (not saved: a database in memory keeps no files)")
    return found


def kept(sha256: str) -> bytes:
    """Return the content of a file that was kept.

    Raises:
        MoveNotAllowed: it is gone, or is not what was kept.
    """
    try:
        return vault().read(sha256)
    except (Missing, LookupError) as missing:
        raise MoveNotAllowed(say("文件缺失或已损坏，请联系管理员")) from missing


def as_download(content: bytes, name: str, media_type: str) -> Response:
    """Return a file as a download under its name; never half of it, and never “as you have it”."""
    answer = send_file(BytesIO(content), mimetype=media_type, conditional=False, etag=False)
    answer.headers["Content-Disposition"] = content_disposition(name)
    return answer


def _make_room() -> None:
    # Before anybody reads the form, the check against forgery included.
    limits = limits_of(request.endpoint)
    if limits:
        request.max_content_length = limits.most_bytes + _BESIDE
        request.max_form_parts = limits.most_files + _PARTS_BESIDE


def _shut_in(response: Response) -> Response:
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "hands_out", False) and response.status_code == 200:
        response.headers["Content-Security-Policy"] = _SANDBOX
    return response
