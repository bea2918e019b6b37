"""`registry serve`: says where it listens, answers there, and refuses in words."""

import json
import re
import signal
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from urllib.request import urlopen

import pytest
from served import serving, started
from structlog.testing import capture_logs

from registry.app import create_app
from registry.cli import serving as served
from registry.config import load_settings
from registry.domain.errors import Refused
from registry.store.engine import open_ready, writing
from registry.work import send_letters
from registry.work.seal_keys import field_keys
from registry.work.write_letter import write_letter


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
