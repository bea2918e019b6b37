"""Mails on their way: into a folder, or to a mail server, encrypted where it can be."""

import base64
import socketserver
import stat
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from letter_box import LINK, Clock, deliver, letter, write
from people import home
from sqlalchemy import Engine

from registry.work import send_letters
from registry.work.send_letters import sender


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(own_url: str) -> Iterator[Engine]:
    """A database of the test's own, where two senders see what the other committed."""
    with home(own_url) as made:
        yield made


def test_without_a_server_a_mail_becomes_a_file_that_only_its_owner_reads(
    engine: Engine, clock: Clock, tmp_path: Path
) -> None:
    number = write(engine)
    send = sender("", f"sqlite:///{tmp_path / 'registry.sqlite'}")
    deliver(engine, send, clock)
    (file,) = (tmp_path / "mail").iterdir()

    assert file.name == f"letter-{number}.20251125013000000000city.example.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    read = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (read["To"], read.get_content()) == ("p1@example.com", f"您好：{LINK}\n")


def test_the_folder_may_be_named(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    write(engine)
    deliver(engine, sender(f"file://{tmp_path}/the%20mails/new", "postgresql+psycopg://db/x"), clock)

    assert len(list((tmp_path / "the mails" / "new").iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_a_fault_of_the_try(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    write(engine)
    (tmp_path / "mail").write_text("a file")
    deliver(engine, sender("", f"sqlite:///{tmp_path / 'registry.sqlite'}"), clock)

    assert letter(engine).state == "waiting" and letter(engine).fault


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server on this machine that takes what it is given and says how it was asked."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, offers: tuple[str, ...] = ("AUTH PLAIN LOGIN",), farewell: bytes = b"221 bye") -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.offers, self.farewell = offers, farewell
        self.said: list[str] = []
        self.mails: list[bytes] = []
        self.thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self.thread.join()


class _Dialogue(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say(b"220 tests")
        while line := self.rfile.readline():
            told = line.decode("ascii").strip()
            self.server.said.append(told)
            word = told.partition(" ")[0].upper()
            if word == "EHLO":
                words = ["tests", *self.server.offers]
                self._say(*(f"250{'-' if one is not words[-1] else ' '}{one}".encode() for one in words))
            elif word == "AUTH":
                self._say(b"235 welcome")
            elif word == "DATA":
                self._say(b"354 go on")
                content = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    content += part
                self.server.mails.append(content)
                self._say(b"250 taken")
            elif word == "STARTTLS":
                self._say(b"454 not now")
            elif word == "QUIT":
                self._say(self.server.farewell)
                return
            else:
                self._say(b"250 fine")

    def _say(self, *lines: bytes) -> None:
        self.wfile.write(b"".join(line + b"\r\n" for line in lines))


@pytest.fixture
def serve() -> Iterator[Callable[..., MailServer]]:
    started: list[MailServer] = []

    def start(**told: Any) -> MailServer:
        started.append(MailServer(**told))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def test_a_mail_server_gets_the_mail_and_the_name_and_password_of_the_setting(
    engine: Engine, clock: Clock, serve: Callable[..., MailServer]
) -> None:
    server = serve()
    write(engine)

    assert deliver(engine, sender(f"smtp://clerk%40city:p%2Fw@{server.place}", "sqlite://"), clock) == 1
    (content,) = server.mails
    mail = message_from_bytes(content, policy=policy.default)
    assert (mail["To"], mail["Subject"], mail.get_content()) == ("p1@example.com", "信 1", f"您好：{LINK}\r\n")
    assert "AUTH PLAIN " + base64.b64encode(b"\0clerk@city\0p/w").decode() in server.said
    assert [one for one in server.said if one.startswith(("mail FROM", "rcpt TO", "MAIL FROM", "RCPT TO"))]


def test_a_server_that_offers_encryption_is_taken_at_its_word_and_never_gets_it_in_the_clear(
    engine: Engine, clock: Clock, serve: Callable[..., MailServer]
) -> None:
    server = serve(offers=("AUTH PLAIN", "STARTTLS"))
    write(engine)

    assert deliver(engine, sender(f"smtp://clerk:word@{server.place}", "sqlite://"), clock) == 0
    assert "STARTTLS" in server.said
    assert not [one for one in server.said if one.startswith(("AUTH", "mail", "MAIL"))]
    assert (letter(engine).state, server.mails) == ("waiting", [])
    assert "454" in letter(engine).fault


def test_no_password_goes_to_a_distant_server_that_offers_no_encryption(
    engine: Engine, clock: Clock, serve: Callable[..., MailServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve()
    # As if it stood elsewhere.
    monkeypatch.setattr(send_letters, "_LOOPBACK", ())
    write(engine)
    deliver(engine, sender(f"smtp://clerk:word@{server.place}", "sqlite://"), clock)

    assert "no encryption" in letter(engine).fault and "word" not in letter(engine).fault.replace("password", "")
    assert not [one for one in server.said if one.startswith("AUTH")]


def test_a_server_that_says_good_bye_badly_has_the_mail_all_the_same(
    engine: Engine, clock: Clock, serve: Callable[..., MailServer]
) -> None:
    server = serve(farewell=b"421 gone already")
    write(engine)

    assert deliver(engine, sender(f"smtp://{server.place}", "sqlite://"), clock) == 1
    assert (letter(engine).state, len(server.mails)) == ("sent", 1)


def test_a_server_that_is_not_there_is_tried_again(
    engine: Engine, clock: Clock, serve: Callable[..., MailServer]
) -> None:
    server = serve()
    place = server.place
    server.server_close()
    write(engine)

    assert deliver(engine, sender(f"smtp://{place}", "sqlite://"), clock) == 0
    assert letter(engine).state == "waiting"


def test_the_encrypted_way_begins_encrypted(
    engine: Engine, clock: Clock, serve: Callable[..., MailServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_letters, "_PATIENCE", 1)
    server = serve()
    write(engine)

    assert deliver(engine, sender(f"smtps://clerk:word@{server.place}", "sqlite://"), clock) == 0
    assert (letter(engine).state, server.mails) == ("waiting", [])
    assert not [one for one in server.said if one.startswith("AUTH")]
