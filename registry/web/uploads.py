"""Lets the one form that takes files be large: its limits, where its parts are laid down, how a file is handed out."""

from typing import IO, Any

from flask import Flask, Request, Response, current_app, request

from registry.config import Settings, files_folder
from registry.evidence.kinds import LARGEST_UPLOAD, MOST_AT_ONCE
from registry.evidence.vault import NotKept, Vault

# The only endpoint that takes files, and the only one that hands them out.
TAKES, HANDS_OUT = "evidence.upload", "evidence.download"
# Beside the files: the words of the form and what separates its parts.
_BESIDE = 256 * 1024
_PARTS_BESIDE = 20
# A file that a browser shows after all can do nothing there.
_SANDBOX = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"


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
        if self.endpoint != TAKES:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        laid = vault().unnamed()
        self._laid.append(laid)
        return laid

    def close(self) -> None:
        """Let go of what was laid down, also of a form that could not be read to its end."""
        super().close()
        for laid in self._laid:
            laid.close()


def init_app(app: Flask, settings: Settings) -> None:
    """Set the vault up, and the limits of the one form; before `headers`, whose policy a download replaces.

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


def _make_room() -> None:
    # Before anybody reads the form, the check against forgery included.
    if request.endpoint == TAKES:
        request.max_content_length = LARGEST_UPLOAD + _BESIDE
        request.max_form_parts = MOST_AT_ONCE + _PARTS_BESIDE


def _shut_in(response: Response) -> Response:
    if request.endpoint == HANDS_OUT and response.status_code == 200:
        response.headers["Content-Security-Policy"] = _SANDBOX
    return response
