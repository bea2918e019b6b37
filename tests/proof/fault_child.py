"""One deed of a page in a process of its own, again and again from the same beginning; it waits until it is told.

Run as a program on a folder that `fault_desk.prepare` has filled. It warms itself up, then takes the name of a deed a
line from its standard input, a socket: each makes it fork, and the child waits for `go`, does the deed, says what came
of it, and may be told again. It says `pid`, `said` and `ended`, a line each.
"""

import os
import socket
import sys
from pathlib import Path
from typing import IO, Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "web")]

from proof.fault_desk import DEEDS, Place, open_app  # noqa: E402
from registry.web import db, journal  # noqa: E402


def serve(place: Place, line: socket.socket) -> None:
    """Fork a child for each deed that is asked for, until nobody asks any more."""
    place.renew()
    journal.configure()
    app = open_app(place)
    clients = {name: deed.enter(app, place) for name, deed in DEEDS.items()}
    for name, deed in DEEDS.items():
        # What is read once and kept – modules, templates, texts – is none of the deed's.
        deed.look(clients[name], place)
        status, text = deed.do(clients[name], place)
        if status != deed.done:
            raise RuntimeError(f"{name}: {status} {text[:3000]}")
    _let_go(app)
    asked = line.makefile("r", encoding="utf-8")
    _say(line, "ready")
    while name := asked.readline().strip():
        child = os.fork()
        if child == 0:
            _work(app, clients[name], place, name, line, asked)
        _say(line, f"pid {child}")
        _pid, status = os.waitpid(child, 0)
        _say(line, f"ended {os.waitstatus_to_exitcode(status)}")


def _work(app: Any, client: Any, place: Place, name: str, line: socket.socket, asked: IO[str]) -> None:
    """Do the deed as often as told, and end without the parent's ways of ending."""
    try:
        while asked.readline().strip() == "go":
            try:
                status, text = DEEDS[name].do(client, place)
            except BaseException as failure:
                status, text = 0, f"{type(failure).__name__}: {failure}"
            _say(line, f"said {status} {text}")
    finally:
        os._exit(0)


def _let_go(app: Any) -> None:
    with app.app_context():
        db.engine.dispose()


def _say(line: socket.socket, text: str) -> None:
    # Sent, not written: what is injected into writing must not meet the proof itself.
    line.sendall(" ".join(text.split()).encode("utf-8", "replace") + b"\n")


if __name__ == "__main__":
    serve(Place(Path(sys.argv[1])), socket.socket(fileno=0))
