"""The browsers of the load proof, all in one process of its own that costs little: plain sockets, no page is rendered.

`python -m proof.load_client PLAN` reads where to go, who the people are and how long it lasts; prints what it measured.
A browser keeps one connection and its cookies, and reads from a page what a person would: links, and boxes of a form.
"""

import asyncio
import html
import json
import random
import re
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from proof.load_users import KINDS, Aside

# A person looks at a page for a second, and a while more that is drawn; nobody longer than five seconds.
THINK_LEAST, THINK_MORE, THINK_MOST = 1.0, 1.0, 5.0
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_FIELD = re.compile(r"<(input|select|textarea)\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')
_OPTION = re.compile(r"<option\b([^>]*)>")
_MARK = "----a-browser-of-the-load-proof"
# What an answer may take at most; a writer of the registry waits 30 seconds for the one before.
_PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Page:
    """What was answered."""

    status: int
    location: str
    text: str

    def links(self, pattern: str) -> list[str]:
        """Return the addresses of links that match, each once."""
        return list(dict.fromkeys(re.findall(f'href="({pattern})"', self.text)))

    def boxes(self, action: str) -> list[tuple[str, str]]:
        """Return what a browser would send of the form of an address, without its buttons."""
        start = self.text.index(f'action="{action}"')
        part = self.text[start : self.text.index("</form>", start)]
        return [box for found in _FIELD.finditer(part) for box in _box(found, part)]


def _box(found: "re.Match[str]", part: str) -> list[tuple[str, str]]:
    told = dict(_ATTRIBUTE.findall(found[2]))
    name = told.get("name")
    if not name or "disabled" in told:
        return []
    if found[1] == "input":
        kind = told.get("type", "text")
        if kind in ("submit", "button", "file") or (kind in ("checkbox", "radio") and "checked" not in told):
            return []
        return [(name, html.unescape(told.get("value", "")))]
    inside = part[found.end() : part.index(f"</{found[1]}>", found.end())]
    if found[1] == "textarea":
        return [(name, html.unescape(inside))]
    options = [dict(_ATTRIBUTE.findall(one)) for one in _OPTION.findall(inside)]
    chosen = [one for one in options if "selected" in one] or options[:1]
    return [(name, html.unescape(one.get("value", ""))) for one in chosen]


@dataclass
class Measured:
    """What was measured so far: kind of page, seconds since the start, milliseconds, status."""

    started: float
    looks: list[tuple[str, float, float, int]] = field(default_factory=list)
    asides: list[str] = field(default_factory=list)
    sessions: dict[str, int] = field(default_factory=dict)


@dataclass
class Browser:
    """A browser of somebody, with what he still has time for."""

    host: str
    port: int
    until: float
    lot: random.Random
    measured: Measured
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    _line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def think(self, share: float = 1.0) -> None:
        """Look at a page for a while.

        Raises:
            TimeoutError: the time is over.
        """
        if time.monotonic() > self.until:
            raise TimeoutError
        await asyncio.sleep(share * min(THINK_MOST, THINK_LEAST + self.lot.expovariate(1 / THINK_MORE)))

    async def get(self, kind: str, address: str, *, status: int = 200) -> Page:
        """Ask for a page.

        Raises:
            Aside: another status came.
        """
        return self._expected(kind, await self._send(kind, "GET", address), status)

    async def post(self, kind: str, address: str, boxes: Sequence[tuple[str, str]], *, onto: str = "") -> Page:
        """Send a form with the anti-forgery token, and look at the page that one is sent on to.

        Args:
            onto: the kind of that page; where there is none, it is not looked at.

        Raises:
            Aside: the form was refused.
        """
        body = urlencode([("csrf_token", self.token), *(one for one in boxes if one[0] != "csrf_token")]).encode()
        answer = await self._send(kind, "POST", address, body, "application/x-www-form-urlencoded")
        self._expected(kind, answer, 303)
        return await self.get(onto, answer.location) if onto else answer

    async def upload(self, kind: str, address: str, boxes: Mapping[str, str], name: str, content: bytes) -> Page:
        """Send a form with one file."""
        told = {"csrf_token": self.token, **boxes}
        parts = [
            f'--{_MARK}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in told.items()
        ]
        head = f'--{_MARK}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        parts += [head.encode(), b"Content-Type: application/pdf\r\n\r\n", content, f"\r\n--{_MARK}--\r\n".encode()]
        answer = await self._send(kind, "POST", address, b"".join(parts), f"multipart/form-data; boundary={_MARK}")
        return self._expected(kind, answer, 303)

    def _expected(self, kind: str, page: Page, status: int) -> Page:
        if page.status != status:
            raise Aside(f"{kind}: {page.status}")
        return page

    async def _send(self, kind: str, method: str, address: str, body: bytes = b"", of: str = "") -> Page:
        head = f"{method} {address} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nAccept-Language: zh\r\n"
        if self.cookies:
            head += "Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()) + "\r\n"
        if method == "POST":
            head += f"Content-Type: {of}\r\nContent-Length: {len(body)}\r\n"
        started = time.monotonic()
        status, headers, content = await asyncio.wait_for(self._talk(head.encode() + b"\r\n" + body), _PATIENCE)
        ended = time.monotonic()
        self.measured.looks.append((kind, started - self.measured.started, (ended - started) * 1e3, status))
        text = content.decode("utf-8", "replace") if b"text/html" in headers.get(b"content-type", b"") else ""
        found = _TOKEN.search(text)
        if found:
            self.token = found[1]
        return Page(status, headers.get(b"location", b"").decode(), text)

    async def _talk(self, sent: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
        if self._line is None:
            self._line = await asyncio.open_connection(self.host, self.port, limit=2**20)
        reader, writer = self._line
        writer.write(sent)
        lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        headers: dict[bytes, bytes] = {}
        for line in lines[1:-2]:
            name, _, value = line.partition(b":")
            name, value = name.lower(), value.strip()
            if name == b"set-cookie":
                self._keep(value.decode())
            headers[name] = value
        if headers.get(b"transfer-encoding") == b"chunked":
            content = await _chunks(reader)
        else:
            content = await reader.readexactly(int(headers.get(b"content-length", b"0")))
        if headers.get(b"connection", b"").lower() == b"close":
            await self.close()
        return int(lines[0].split()[1]), headers, content

    def _keep(self, told: str) -> None:
        name, _, rest = told.partition("=")
        value = rest.partition(";")[0]
        if value and "max-age=0" not in rest.lower():
            self.cookies[name] = value
        else:
            self.cookies.pop(name, None)

    async def close(self) -> None:
        """Let the connection go."""
        if self._line is not None:
            self._line[1].close()
            self._line = None


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readexactly(2)
    return b"".join(parts)


async def _use(browser: Browser, kind: str, people: list[Any], shared: Mapping[str, Any]) -> None:
    """Let somebody use the registry in one session after another, until the time is over."""
    await asyncio.sleep(browser.lot.uniform(0, THINK_LEAST + THINK_MORE))
    try:
        while people:
            who = people.pop(0)
            browser.cookies.clear()
            if "cookie" in who:
                browser.cookies["registry"] = who["cookie"]
                # Staff stay signed in all day; who files for a firm is somebody else each time.
                people.append(who)
            try:
                await KINDS[kind](browser, who, shared)
                browser.measured.sessions[kind] = browser.measured.sessions.get(kind, 0) + 1
            except Aside as aside:
                browser.measured.asides.append(str(aside))
                await browser.think()
    except TimeoutError:
        pass
    finally:
        await browser.close()


async def run(plan: Mapping[str, Any]) -> Measured:
    """Let all of a plan's users work side by side."""
    measured = Measured(time.monotonic())
    until = measured.started + plan["seconds"]
    host, port = plan["place"].split(":")
    browsers = [
        (Browser(host, int(port), until, random.Random(f"{plan['seed']} {number}"), measured), user)
        for number, user in enumerate(plan["users"])
    ]
    await asyncio.gather(*(_use(one, user["kind"], user["people"], plan["shared"]) for one, user in browsers))
    return measured


if __name__ == "__main__":
    told = asyncio.run(run(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
    spent = resource.getrusage(resource.RUSAGE_SELF)
    json.dump(
        {
            "looks": told.looks,
            "asides": told.asides,
            "sessions": told.sessions,
            "cpu": spent.ru_utime + spent.ru_stime,
        },
        sys.stdout,
    )
