"""The API over a small city with a public list and two certificates; tokens with each scope, and clients that ask."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from make import code
from recognition_town import RecognitionTown, close_town, open_town
from small_city import NOW, settings
from sqlalchemy import select
from werkzeug.test import TestResponse

from registry.app import create_app
from registry.domain.trail import Doer
from registry.store.recognitions import Certificate
from registry.store.tokens import Scope
from registry.work.keep_tokens import make_token

DOER = Doer.program("tests")
# A token of each kind; `nobody` sends none.
KINDS = {
    "nobody": (),
    "books": (Scope.BOOKS,),
    "firms": (Scope.FIRMS,),
    "both": (Scope.BOOKS, Scope.FIRMS),
}


@dataclass
class ApiTown:
    """The application and the tokens by their kinds."""

    town: RecognitionTown
    tokens: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    code: str = ""

    def headers(self, kind: str = "nobody", **more: str) -> dict[str, str]:
        """Return what a client of a kind sends."""
        token = self.tokens.get(kind)
        return {**({"Authorization": f"Bearer {token}"} if token else {}), **more}

    def get(self, path: str, kind: str = "nobody", **headers: str) -> TestResponse:
        """Ask for a path below `/api/v1`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.town.app.test_client().get(f"/api/v1{path}", headers=self.headers(kind, **sent))

    def post(self, path: str, body: Any, content_type: str = "application/json", **headers: str) -> TestResponse:
        """Post a body: bytes as they are, anything else as JSON."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode("utf-8")
        client = self.town.app.test_client()
        return client.post(f"/api/v1{path}", data=data, content_type=content_type, headers=sent)


@contextmanager
def api_town(city_file: Path, folder: Path) -> Iterator[ApiTown]:
    """Build the town: an announcement is made, and tokens are handed out."""
    made = ApiTown(open_town(city_file, folder))
    # Nothing here is about how often somebody asks.
    file = made.town.file
    announced = made.town.announce()
    assert announced.status_code == 303, announced.text
    made.town.app = create_app(
        settings(file, rate_limit="9000000 per minute", api_rate_limit="9000000 per minute"),
        clock=lambda: made.town.now,
    )
    with made.town.rows() as session:
        for kind, scopes in KINDS.items():
            if scopes:
                row, made.tokens[kind] = make_token(
                    session,
                    name=f"测试 {kind}",
                    scopes=scopes,
                    expires_on=NOW.date() + timedelta(days=30),
                    doer=DOER,
                    now=NOW,
                    today=NOW.date(),
                )
                made.numbers[kind] = row.id
        made.code = session.scalars(select(Certificate.code).where(Certificate.uscc == code(1))).first() or ""
    yield made
    close_town(made.town)
