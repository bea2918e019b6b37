"""When a disk or the database fails: nobody reads that something was saved that was not, and machines are told."""

import errno
import shutil
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
import structlog
from clients import token_of
from evidence_desk import ADDRESS, Desk, body_of, close_desk, open_desk, page_of
from evidence_files import pdf
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError, DBAPIError, IntegrityError, OperationalError

from registry.evidence.vault import LEAST_FREE_BYTES, NotKept
from registry.web import db, journal
from registry.work.look_for_room import LEAST_FREE_BYTES as LEAST_FOR_THE_DATABASE

FILES = [(f"{number}.pdf", pdf({9 + number: b"<< /Note (%d) >>" % number})) for number in range(5)]
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def desk(city_file: Path, tmp_path: Path) -> Iterator[Desk]:
    opened = open_desk(city_file, tmp_path)
    yield opened
    close_desk(opened)


@contextmanager
def full(desk: Desk) -> Iterator[None]:
    """Let the database grow no more, as on a full disk."""

    def stop(raw: object, _record: object) -> None:
        raw.execute("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]

    with desk.app.app_context():
        engine = db.engine
    engine.dispose()
    event.listen(engine, "connect", stop)
    yield
    event.remove(engine, "connect", stop)
    engine.dispose()


def fault(kind: type[DBAPIError], name: str, statement: str | None = "UPDATE secret") -> DBAPIError:
    said = Exception("disk I/O error")
    said.sqlite_errorname = name  # type: ignore[attr-defined]
    return kind(statement, {}, said)  # type: ignore[arg-type]


def raising(failure: Exception) -> object:
    def fails(*_told: object, **_more: object) -> None:
        raise failure

    return fails


def test_what_a_full_disk_did_not_take_is_told_as_not_saved_and_can_be_sent_again(desk: Desk) -> None:
    client = desk.browser()
    about = {"note": "说明" * 200, "criterion": "条" * 150}
    with full(desk):
        page = page_of(desk.upload(client, *FILES, **about), 503)
        assert "未保存" in page.text and "没有办理" in page.text
        assert page_of(client.get(ADDRESS), 200).faults() == []
    assert desk.rows() == []

    assert desk.upload(client, *FILES, **about).status_code == 303
    assert len(desk.rows()) == len(FILES)


@pytest.mark.parametrize(
    ("failure", "status", "said"),
    [
        (fault(OperationalError, "SQLITE_FULL"), 503, "没有办理"),
        (fault(OperationalError, "SQLITE_IOERR_WRITE"), 503, "没有办理"),
        (fault(DatabaseError, "SQLITE_CORRUPT"), 503, "没有办理"),
        (fault(IntegrityError, "SQLITE_CONSTRAINT_CHECK"), 500, "系统出错"),
    ],
)
def test_a_database_that_fails_is_no_defect_of_the_program(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, failure: DBAPIError, status: int, said: str
) -> None:
    client = desk.browser()
    monkeypatch.setattr("registry.web.evidence.attach", raising(failure))
    page = page_of(desk.upload(client, FILES[0]), status)

    assert said in page.text and "secret" not in page.text
    assert desk.rows() == []


@pytest.mark.parametrize(
    ("name", "title"), [("SQLITE_FULL", "未保存"), ("SQLITE_BUSY", "未保存"), ("SQLITE_IOERR_DIR_FSYNC", "可能未保存")]
)
def test_a_commit_that_failed_half_way_is_not_told_as_not_saved(desk: Desk, name: str, title: str) -> None:
    client = desk.browser()
    token = token_of(client)
    with desk.app.app_context():
        engine = db.engine
    fails = raising(fault(OperationalError, name, None))
    event.listen(engine, "commit", fails)
    page = page_of(desk.send(client, body_of(token, [FILES[0]])), 503)
    event.remove(engine, "commit", fails)

    assert page.title.startswith(title)


def test_a_look_speaks_of_no_saving(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.web.public.board", raising(fault(OperationalError, "SQLITE_IOERR_READ")))
    page = page_of(desk.browser().get("/", headers={"Accept-Language": "zh"}), 503)

    assert "暂时无法读取数据" in page.text and "未保存" not in page.text


@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "full"), NotKept("未保存：存储空间不足 (not saved: the disk is nearly full)")]
)
def test_any_form_with_files_says_that_the_disk_did_not_take_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    client = desk.browser("city")
    page = page_of(client.get("/imports", headers={"Accept-Language": "zh"}), 200)
    assert page.faults() == []
    monkeypatch.setattr("registry.evidence.vault.Vault.unnamed", raising(failure))
    answer = desk.send(client, body_of(token_of(client), [("list.csv", b"a,b")]), "/imports")

    assert "未保存" in page_of(answer, 503).text


def test_a_log_that_takes_nothing_fails_no_request(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(StringIO):
        def write(self, _text: str) -> int:
            raise OSError(errno.ENOSPC, "full")

    before, configure = structlog.get_config(), structlog.configure

    # A logger that is cached would keep this stream for every test that follows.
    def uncached(**told: Any) -> None:
        configure(**{**told, "cache_logger_on_first_use": False})

    monkeypatch.setattr(structlog, "configure", uncached)
    client = desk.browser()
    try:
        journal.configure(Full())
        assert desk.upload(client, FILES[0]).status_code == 303
        assert client.get(ADDRESS).status_code == 200
    finally:
        configure(**before)
    assert len(desk.rows()) == 1


def test_machines_are_told_of_a_disk_without_room(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client, free = desk.app.test_client(), {"database": LEAST_FOR_THE_DATABASE, "files": 10**12}
    usage = shutil.disk_usage

    def told(place: Path) -> Usage:
        return Usage(*usage(place)[:2], free["files" if "files" in str(place) else "database"])

    monkeypatch.setattr("shutil.disk_usage", told)
    assert client.get("/readyz").status_code == 200
    free["database"] -= 1
    assert client.get("/readyz").json["reason"] == "the disk of the database is full"
    free["database"], free["files"] = LEAST_FOR_THE_DATABASE, LEAST_FREE_BYTES
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["reason"]) == (503, "the disk of the files is full")
    assert client.get("/healthz").status_code == 200
    free["files"] = 10**12
    assert client.get("/readyz").status_code == 200


def test_machines_are_told_of_a_folder_that_is_gone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.evidence.vault.Vault.has_room", raising(OSError(errno.EIO, "gone")))

    assert desk.app.test_client().get("/readyz").json["reason"] == "the folder of the files cannot be used"


def test_a_form_that_fails_to_be_laid_down_and_to_be_let_go_is_told_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(BytesIO):
        def write(self, _content: object) -> int:
            raise OSError(errno.ENOSPC, "full")

        def close(self) -> None:
            raise OSError(errno.ENOSPC, "full")

    client = desk.browser()
    monkeypatch.setattr("registry.evidence.vault.Vault.unnamed", lambda _vault: Full())

    assert "未保存" in page_of(desk.upload(client, FILES[0]), 503).text
