"""`registry serve`: says where it listens, answers there, and refuses in words."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

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
