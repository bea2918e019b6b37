"""The application over a small city of the test's own, and browsers that upload: multipart bodies byte by byte."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clients import sign_in_as, token_of
from flask import Flask
from flask.testing import FlaskClient
from make import code
from page_reader import Page
from small_city import NOW, settings
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry.app import create_app
from registry.domain.trail import Entry
from registry.evidence.vault import Vault
from registry.store.engine import open_engine
from registry.store.evidence import Evidence
from registry.store.trail import trail_page
from registry.web import db

ADDRESS = f"/firms/{code(1)}/evidence"
BOUNDARY = "a-boundary-of-tests"


def part(field: str, body: bytes, name: str | None = None) -> bytes:
    """Return a part of a form, its name written as it is given: quoted, and nothing else made of it."""
    told = "" if name is None else '; filename="' + name.replace('"', "%22") + '"'
    kind = "" if name is None else "Content-Type: application/octet-stream\r\n"
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"{told}\r\n{kind}\r\n'
    return head.encode("utf-8", "surrogateescape") + body + b"\r\n"


def body_of(token: str, files: Iterable[tuple[str, bytes]], **fields: str) -> bytes:
    """Return the body of a form with files."""
    texts = {"csrf_token": token, **fields}
    words = b"".join(part(field, value.encode()) for field, value in texts.items())
    return words + b"".join(part("files", content, name) for name, content in files) + f"--{BOUNDARY}--\r\n".encode()


@dataclass
class Desk:
    """An application, where its files lie, and whoever is signed in."""

    app: Flask
    folder: Path

    def browser(self, who: str = "applicant") -> FlaskClient:
        return sign_in_as(self.app, who, NOW)

    def send(self, client: FlaskClient, body: bytes, address: str = ADDRESS, **more: Any) -> TestResponse:
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        headers = {"Accept-Language": "zh", **more.pop("headers", {})}
        return client.post(address, data=body, content_type=kind, headers=headers, **more)

    def upload(
        self, client: FlaskClient, *files: tuple[str, bytes], address: str = ADDRESS, **fields: str
    ) -> TestResponse:
        return self.send(client, body_of(token_of(client), files, **fields), address)

    @property
    def vault(self) -> Vault:
        found: Vault = self.app.extensions["vault"]
        return found

    def rows(self) -> list[Evidence]:
        engine = open_engine(self.app.config["SQLALCHEMY_DATABASE_URI"])
        with Session(engine, expire_on_commit=False) as session:
            found = list(session.scalars(select(Evidence).order_by(Evidence.id)))
        engine.dispose()
        return found

    def entries(self, count: int = 1) -> list[Entry]:
        engine = open_engine(self.app.config["SQLALCHEMY_DATABASE_URI"])
        with Session(engine) as session:
            found = trail_page(session, limit=count)
        engine.dispose()
        return found

    def kept(self) -> list[str]:
        """Return what lies in the vault, unfinished drafts as well."""
        return sorted(one.name for one in self.vault.folder.rglob("*") if one.is_file())

    def outside(self) -> set[str]:
        """Return every file beside the database that is not of the vault."""
        return {
            str(one.relative_to(self.folder))
            for one in self.folder.rglob("*")
            if one.is_file() and self.vault.folder not in one.parents
        }


def open_desk(city_file: Path, folder: Path, **changes: object) -> Desk:
    """Return the application over a copy of the small city with its cast."""
    file = folder / "city.sqlite"
    shutil.copy(city_file, file)
    changes = {"rate_limit": "9000000 per minute", **changes}
    return Desk(create_app(settings(file, **changes), clock=lambda: NOW), folder)


def close_desk(desk: Desk) -> None:
    with desk.app.app_context():
        db.engine.dispose()


def page_of(answer: TestResponse, status: int) -> Page:
    assert answer.status_code == status, answer.text[:2000]
    return Page(answer.text)
