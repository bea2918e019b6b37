"""docs/api.md is true: every request on it is made, and what it says of the answer is what comes."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from api_town import ApiTown, api_town

from registry.domain.lookup_codes import canonical

FILE = Path(__file__).parents[2] / "docs" / "api.md"
# What stands in the place of a token and of a certificate's code.
TOKEN, CODE = "rgt_……", "3V5K9Q-2M7TA1-B8CDEF-GHJKNP-RS"
MORE = "…"
_BLOCK = re.compile(r"```http (\d{3})\n(.*?)```\n```json\n(.*?)```", re.S)


@dataclass(frozen=True)
class Example:
    """A request of the document, and what it says comes of it."""

    status: int
    method: str
    path: str
    headers: dict[str, str]
    body: str
    told: Any


def examples() -> list[Example]:
    found = []
    for status, request, answer in _BLOCK.findall(FILE.read_text("utf-8")):
        head, _blank, body = request.strip().partition("\n\n")
        first, *rest = head.splitlines()
        method, path = first.split(" ")
        headers = dict(line.split(": ", 1) for line in rest)
        found.append(Example(int(status), method, path, headers, body, json.loads(answer)))
    return found


def differences(told: Any, found: Any, path: str = "") -> Iterator[str]:
    """Tell where an answer is not what the document says; a list that ends in dots goes on."""
    if isinstance(told, dict) and isinstance(found, dict):
        for key, value in told.items():
            yield from differences(value, found.get(key, "nothing"), f"{path}.{key}")
    elif isinstance(told, list) and isinstance(found, list):
        shown = told[:-1] if told and told[-1] == MORE else told
        if len(found) != len(told) and shown is told:
            yield f"{path}: {len(told)} entries told, {len(found)} found"
        for place, value in enumerate(shown):
            yield from differences(value, found[place] if place < len(found) else "nothing", f"{path}[{place}]")
    elif told != found:
        yield f"{path}: {told!r} told, {found!r} found"


@pytest.fixture(scope="module")
def api(city_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiTown]:
    with api_town(city_file, tmp_path_factory.mktemp("api")) as town:
        yield town


@pytest.mark.parametrize("example", examples(), ids=lambda one: f"{one.method} {one.path[8:40]} {one.status}")
def test_an_example_is_what_comes(api: ApiTown, example: Example) -> None:
    headers = {name: value.replace(TOKEN, api.tokens["both"]) for name, value in example.headers.items()}
    answer = api.town.app.test_client().open(
        example.path.replace(CODE, api.code),
        method=example.method,
        headers=headers,
        data=example.body.encode("utf-8") if example.body else None,
    )

    assert answer.status_code == example.status, answer.text
    assert list(differences(example.told, answer.json)) == []


def test_the_code_of_the_document_is_one_that_could_be() -> None:
    assert canonical(CODE) is not None


def test_every_address_has_an_example(api: ApiTown) -> None:
    paths = json.loads(api.get("/openapi.json").data)["paths"]
    asked = {one.path.split("?")[0] for one in examples() if one.status == 200}
    for path in paths:
        if path == "/api/v1/openapi.json":
            continue
        shape = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
        assert any(shape.fullmatch(one) for one in asked), path
