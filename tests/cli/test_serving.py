"""`registry serve`: says where it listens, answers there, and refuses in words."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.message import Message
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Event
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from registry.app import create_app
from registry.cli import serving as served
from registry.config import load_settings
from registry.domain.errors import Refused
from registry.store.engine import open_ready, writing
from registry.store.trail import trail_page
from registry.work import send_letters
from registry.work.seal_keys import field_keys
from registry.work.write_letter import write_letter

PROGRAM = [sys.executable, "-c", "from registry.cli.main import main; main()", "serve"]


def started(place: Path, **changes: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "REGISTRY_DATABASE_URL": f"sqlite:///{place / 'served.sqlite'}", **changes}
    return subprocess.Popen(
        PROGRAM, cwd=place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@contextmanager
def serving(place: Path, **changes: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start it and give the address that it prints."""
    process = started(place, REGISTRY_PORT="0", **changes)
    try:
        assert process.stdout
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, (line, process.stderr and process.stderr.read())
        yield process, found[0]
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)


def test_it_prints_the_address_and_serves_a_fresh_database_there(tmp_path: Path) -> None:
    with serving(tmp_path) as (_process, address), urlopen(f"{address}/healthz", timeout=30) as answer:  # noqa: S310
        assert answer.status == 200
        assert "Server" not in answer.headers
        assert json.loads(answer.read())["migration"]


def test_every_request_is_a_line_of_json_without_its_query(tmp_path: Path) -> None:
    process = started(tmp_path, REGISTRY_PORT="0")
    assert process.stdout
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found
    with urlopen(f"{found[0]}/check?tier=innovative&secret=1", timeout=30) as answer:  # noqa: S310
        answer.read()
    process.send_signal(signal.SIGINT)
    _out, err = process.communicate(timeout=30)
    (line,) = [json.loads(line) for line in err.splitlines() if line.startswith("{")]

    assert {
        "event": "request",
        "method": "GET",
        "path": "/check",
        "status": 200,
        "level": "info",
    }.items() <= line.items()
    assert len(line["request_id"]) == 16
    assert "secret" not in err


def children(number: int) -> list[int]:
    """Return the processes that answer pages for a server: not the one that multiprocessing keeps its books with."""
    found = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    return [int(one) for one in found if b"spawn_main" in words_of(int(one))]


def words_of(number: int) -> bytes:
    """Return how a process was called; nothing when it is gone."""
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def until(what: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it is not so after that long.
    """
    ends = time.monotonic() + seconds
    while not what():
        if time.monotonic() > ends:
            raise TimeoutError(what)
        time.sleep(0.02)


def lives(number: int) -> bool:
    """Say whether a process runs: neither gone nor waiting to be asked how it ended."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_several_processes_answer_at_one_address_and_one_that_dies_is_replaced(tmp_path: Path) -> None:
    with serving(tmp_path, REGISTRY_PROCESSES="2") as (process, address):
        until(lambda: len(children(process.pid)) == 2)
        first = children(process.pid)
        assert Visitor(address).ask("/healthz")[0] == 200
        os.kill(first[0], signal.SIGKILL)
        until(lambda: len(set(children(process.pid)) - set(first[:1])) == 2)

        assert [Visitor(address).ask("/healthz")[0] for _time in range(4)] == [200] * 4
        after = children(process.pid)
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "pages.ended" in err and "Traceback" not in err
    assert not any(lives(one) for one in after)


def test_processes_end_with_the_first_one_however_it_went(tmp_path: Path) -> None:
    with serving(tmp_path, REGISTRY_PROCESSES="2") as (process, address):
        until(lambda: len(children(process.pid)) == 2)
        others = children(process.pid)
        assert Visitor(address).ask("/healthz")[0] == 200
        process.kill()
        process.communicate(timeout=30)

        until(lambda: not any(lives(one) for one in others))


def test_a_name_that_nobody_knows_is_refused_in_words(tmp_path: Path) -> None:
    process = started(tmp_path, REGISTRY_PORT="0", REGISTRY_HOST="nowhere.invalid")
    out, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "REGISTRY_HOST" in err and "Traceback" not in out + err


def test_a_port_that_is_taken_is_refused_in_words(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = started(tmp_path, REGISTRY_PORT=str(taken.getsockname()[1]))
        out, err = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "REGISTRY_PORT" in err
    assert "Traceback" not in out + err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REGISTRY_PORT", "web"),
        ("REGISTRY_PROCESSES", "0"),
        ("REGISTRY_DATABASE_URL", "sqlite:////nowhere/at/all/x.sqlite"),
        ("REGISTRY_LOCAL_TABLE", "nowhere"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_in_words(tmp_path: Path, name: str, value: str) -> None:
    process = started(tmp_path, **{name: value})
    out, err = process.communicate(timeout=30)

    assert process.returncode == 2
    assert name in err or "nowhere" in err
    assert "Traceback" not in out + err


class Visitor:
    """Somebody at the address of a server, with a browser's cookies and what a proxy would add."""

    def __init__(self, address: str, **headers: str) -> None:
        self.address, self.headers = address, headers
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def ask(self, path: str, **boxes: str) -> tuple[int, str, Message]:
        data = urlencode(boxes).encode() if boxes else None
        request = Request(f"{self.address}{path}", data, self.headers)  # noqa: S310
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode(), refused.headers

    def fail_to_sign_in(self) -> int:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.ask("/sign-in")[1])
        assert found
        return self.ask("/sign-in", csrf_token=found[1], email="nobody@city.example", password="a wrong one")[0]


def addresses(place: Path) -> list[str]:
    """Return where the refused sign-ins in the trail came from."""
    engine = open_ready(f"sqlite:///{place / 'served.sqlite'}")
    with Session(engine) as session:
        found = [one.address for one in reversed(trail_page(session)) if one.tag == "session.refused"]
    engine.dispose()
    return found


@pytest.mark.parametrize(
    ("proxy", "stated", "traced"),
    [
        ("", "203.0.113.7", "127.0.0.1"),
        ("10.9.9.9", "203.0.113.7", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        # What the visitor himself put in front of the proxy's word is not believed.
        ("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "", "127.0.0.1"),
    ],
    ids=["no proxy", "another proxy", "the proxy", "a chain", "IPv6", "silent proxy"],
)
def test_only_the_proxy_of_the_setting_is_believed_where_a_visitor_comes_from(
    tmp_path: Path, proxy: str, stated: str, traced: str
) -> None:
    headers = {"X-Forwarded-For": stated} if stated else {}
    with serving(tmp_path, REGISTRY_TRUSTED_PROXY=proxy) as (_process, address):
        assert Visitor(address, **headers).fail_to_sign_in() == 422

    assert addresses(tmp_path) == [traced]


@pytest.mark.parametrize(("proxy", "is_believed"), [("127.0.0.1", True), ("", False)])
def test_only_the_proxy_is_believed_that_the_way_is_encrypted(tmp_path: Path, proxy: str, is_believed: bool) -> None:
    told = {
        "X-Forwarded-Proto": "https",
        "Forwarded": "for=198.51.100.9;proto=https",
        "X-Forwarded-Host": "evil.example",
    }
    with serving(tmp_path, REGISTRY_TRUSTED_PROXY=proxy) as (_process, address):
        status, page, headers = Visitor(address, **told).ask("/sign-in")

    assert status == 200
    assert ("Strict-Transport-Security" in headers) is is_believed
    assert "evil.example" not in page


@pytest.mark.parametrize("name", ["*", "nginx", "localhost", "10.0.0.0/8", "010.0.0.1", "127.0.0.1,10.0.0.1", "::0001"])
def test_a_proxy_that_is_no_one_address_is_refused(tmp_path: Path, name: str) -> None:
    """A star would believe everybody, and a name never matches."""
    process = started(tmp_path, REGISTRY_TRUSTED_PROXY=name)
    _out, err = process.communicate(timeout=30)

    assert process.returncode == 2 and "REGISTRY_TRUSTED_PROXY" in err


@pytest.mark.parametrize(
    "issuer", ["http://id.example", "http://127.0.0.1.evil.example", "http://127.0.0.1@evil.example", "id"]
)
def test_an_issuer_that_is_not_reached_encrypted_is_refused(tmp_path: Path, issuer: str) -> None:
    process = started(tmp_path, REGISTRY_OIDC_ISSUER=issuer, REGISTRY_OIDC_CLIENT_ID="registry")
    _out, err = process.communicate(timeout=30)

    assert process.returncode == 2 and "REGISTRY_OIDC_ISSUER" in err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_when_asked_says_so_and_leaves_nothing_behind(tmp_path: Path, how: signal.Signals) -> None:
    with serving(tmp_path) as (process, address):
        with urlopen(f"{address}/healthz", timeout=30) as answer:  # noqa: S310
            answer.read()
        process.send_signal(how)
        out, err = process.communicate(timeout=30)

    assert process.returncode == 0
    assert "服务已停止 · stopped" in out
    assert "Traceback" not in out + err
    assert sorted(one.name for one in tmp_path.iterdir()) == ["field-keys", "files", "secret-key", "served.sqlite"]


def test_mails_go_out_while_it_serves_and_a_broken_one_stops_nobody(tmp_path: Path) -> None:
    with serving(tmp_path) as (_process, _address):
        pass
    keys = field_keys(None, f"sqlite:///{tmp_path / 'served.sqlite'}")
    engine = open_ready(f"sqlite:///{tmp_path / 'served.sqlite'}")
    with writing(engine) as session:
        broken, whole = (
            write_letter(session, keys, to=f"p{number}@example.com", subject="一", body="您好", now=datetime.now(UTC))
            for number in (1, 2)
        )
        broken.body_sealed = "broken"
        last = whole.id
    engine.dispose()
    with serving(tmp_path) as (process, _address):
        until = time.monotonic() + 30
        while not (mails := list((tmp_path / "mail").glob("*.eml"))) and time.monotonic() < until:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=30)

    assert [one.name.startswith(f"letter-{last}.") for one in mails] == [True]
    assert "Traceback" not in err


def test_the_thread_of_the_mails_outlives_whatever_goes_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_DATABASE_URL", f"sqlite:///{tmp_path / 'x.sqlite'}")
    settings = load_settings()
    open_ready(settings.database_url).dispose()
    app, stopping, rounds = create_app(settings), Event(), []

    def send_waiting(*_told: object, **_more: object) -> int:
        rounds.append(1)
        if len(rounds) == 3:
            stopping.set()
        raise [RuntimeError("p1@example.com"), KeyError("x"), Refused.at("", "locked")][len(rounds) - 1]

    monkeypatch.setattr(send_letters, "send_waiting", send_waiting)
    monkeypatch.setattr(served, "_MAIL_PAUSE", 0.01)
    with capture_logs() as logs:
        served._send_mails(app, settings, stopping)

    assert len(rounds) == 3
    assert [(one["event"], one["error"], one["reason"]) for one in logs] == [
        ("mail.failed", "RuntimeError", ""),
        ("mail.failed", "KeyError", ""),
        ("mail.failed", "Refused", "locked"),
    ]


@pytest.mark.parametrize("path", ["/link/a-secret", "/objections/ABCDEFGHJKLMNPQRSTUVWXYZ23", "/report/ABCDEFGHJKLM"])
def test_what_lets_somebody_in_stands_in_no_line_of_the_log(tmp_path: Path, path: str) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    open_ready(url).dispose()
    app = create_app(replace(load_settings(), database_url=url))
    with capture_logs() as logs:
        app.test_client().get(path)
    (line,) = [one for one in logs if one["event"] == "request"]

    assert line["path"].startswith(f"/{path.split('/')[1]}/<")
    assert path.split("/")[2] not in str(logs)
