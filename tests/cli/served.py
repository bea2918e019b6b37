"""The program, serving in a process of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

# Seconds for an answer: the first one waits until the process that gives it has read all that it is made of.
PATIENCE = 180
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


class Visitor:
    """Somebody at the address of a server, with a browser's cookies and what a proxy would add."""

    def __init__(self, address: str, **headers: str) -> None:
        self.address, self.headers = address, headers
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def ask(self, path: str, **boxes: str) -> tuple[int, str, Message]:
        data = urlencode(boxes).encode() if boxes else None
        request = Request(f"{self.address}{path}", data, self.headers)  # noqa: S310
        try:
            with self.opener.open(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode(), refused.headers

    def fail_to_sign_in(self) -> int:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.ask("/sign-in")[1])
        assert found
        return self.ask("/sign-in", csrf_token=found[1], email="nobody@city.example", password="a wrong one")[0]
