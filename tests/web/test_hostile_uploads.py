"""Hostile uploads through the real form: nothing is taken, nothing fails, nothing is left outside the vault."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from clients import token_of
from evidence_desk import ADDRESS, BOUNDARY, Desk, body_of, close_desk, open_desk, part
from evidence_files import pdf
from flask.testing import FlaskClient
from hostile_files import HOSTILE
from make import code
from sqlalchemy.orm import Session

from registry.domain.trail import Doer
from registry.evidence import kinds
from registry.store.engine import open_engine, writing
from registry.store.queries import firm_by_uscc
from registry.work import keep_evidence
from registry.work.keep_evidence import About, Offered, attach

pytestmark = pytest.mark.slow
DOER = Doer.program("tests")


@pytest.fixture(scope="module")
def desk(city_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(city_file, tmp_path_factory.mktemp("hostile"))
    yield made
    close_desk(made)


@pytest.fixture(scope="module")
def client(desk: Desk) -> FlaskClient:
    return desk.browser()


@pytest.fixture(autouse=True)
def _nothing_is_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever is sent: no row, nothing in the vault but what was there, nothing beside it, no second file in /tmp."""
    before = len(desk.rows()), desk.kept(), desk.outside()
    yield
    assert (len(desk.rows()), desk.kept(), desk.outside()) == before


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_upload_is_refused(desk: Desk, client: FlaskClient, what: str) -> None:
    name, content = HOSTILE[what]()
    began = time.perf_counter()
    answer = desk.upload(client, (name, content))

    assert time.perf_counter() - began < 10
    assert answer.status_code in (400, 413, 422), answer.text[:500]
    assert "Set-Cookie: a=b" not in str(answer.headers)


def sent(desk: Desk, client: FlaskClient) -> bytes:
    return body_of(token_of(client), [("a.pdf", pdf())])


@pytest.mark.parametrize("cut", [5, 30, 200, 700])
def test_a_form_that_is_cut_off_is_refused(desk: Desk, client: FlaskClient, cut: int) -> None:
    assert desk.send(client, sent(desk, client)[:-cut]).status_code in (400, 422)


@pytest.mark.parametrize("length", ["99999999999999999999", "-1", "x", "1e3", "", "100000", "10"])
def test_a_length_that_is_wrong_is_refused(desk: Desk, client: FlaskClient, length: str) -> None:
    body = sent(desk, client)
    answer = desk.send(client, body, headers={"Content-Length": length}, environ_overrides={"CONTENT_LENGTH": length})

    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    "kind",
    ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=other", "text/plain"],
)
def test_a_form_whose_parts_cannot_be_told_apart_is_refused(desk: Desk, client: FlaskClient, kind: str) -> None:
    answer = client.post(ADDRESS, data=sent(desk, client), content_type=kind)

    assert answer.status_code in (400, 413)


@pytest.mark.parametrize("file", [True, False])
def test_a_thousand_parts_are_refused(desk: Desk, client: FlaskClient, file: bool) -> None:
    one = part("files" if file else "note", b"x", "a.pdf" if file else None)
    body = part("csrf_token", token_of(client).encode()) + one * 1_000 + f"--{BOUNDARY}--\r\n".encode()

    assert desk.send(client, body).status_code == 413


def test_a_header_without_end_is_refused(desk: Desk, client: FlaskClient) -> None:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="'.encode()

    assert 400 <= desk.send(client, head + b"a" * 1_000_000).status_code < 500


def test_a_file_without_the_token_is_refused_and_so_is_one_of_another_firm(desk: Desk, client: FlaskClient) -> None:
    assert desk.send(client, body_of("", [("a.pdf", pdf())])).status_code == 400
    assert desk.send(client, body_of("forged", [("a.pdf", pdf())])).status_code == 400
    assert desk.upload(client, ("a.pdf", pdf()), address=f"/firms/{code(2)}/evidence").status_code == 404
    assert desk.upload(client, ("a.pdf", pdf()), address=f"/firms/{code(777)}/evidence").status_code == 404
    assert desk.upload(client, ("a.pdf", pdf()), address="/firms/..%2f..%2f/evidence").status_code == 404


def test_of_sixteen_who_race_for_the_last_place_one_gets_it(
    city_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(city_file, tmp_path)
    monkeypatch.setattr(keep_evidence, "MOST_FILES", 3)
    engine = open_engine(desk.app.config["SQLALCHEMY_DATABASE_URI"])
    with writing(engine) as session:
        _fill(session, 2)
    engine.dispose()
    first, browsers = desk.browser(), [desk.app.test_client() for _number in range(16)]
    token = token_of(first)
    with first.session_transaction() as held:
        cookie = dict(held)
    for one in browsers:
        with one.session_transaction() as kept:
            kept.update(cookie)
    bodies = [body_of(token, [(f"{number}.pdf", pdf({5: b"<< /N %d >>" % number}))]) for number in range(16)]
    came: list[int] = []

    def race(number: int) -> None:
        came.append(desk.send(browsers[number], bodies[number]).status_code)

    threads = [threading.Thread(target=race, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(came) == [303] + [422] * 15
    assert len(desk.rows()) == 3
    close_desk(desk)


def _fill(session: Session, count: int) -> None:
    from small_city import NOW

    firm = firm_by_uscc(session, code(1))
    assert firm is not None
    for number in range(count):
        told = Offered(f"{number}.pdf", "pdf", 10, f"{number:064x}")
        attach(session, firm, told, About(), is_scanned=False, doer=DOER, now=NOW)


def test_the_bounds_are_those_of_the_issue() -> None:
    assert (kinds.MOST_FILES, kinds.MOST_BYTES, kinds.LARGEST_UPLOAD) == (200, 500 * 2**20, 20 * 2**20)
