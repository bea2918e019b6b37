"""Traces what is handed out as a file: who took what, as asked, when. The one thing that a look at a page writes."""

from hashlib import sha256
from io import BytesIO
from typing import Any

from flask import request

from registry.domain.trail import Tag
from registry.web.access import acting_seats
from registry.web.asking import now
from registry.web.deeds import deed
from registry.web.signed_in import actor
from registry.work.trace import record


def note_export(what: str, file: BytesIO, **told: Any) -> None:
    """Trace an export; where that cannot be written, nothing is handed out.

    Args:
        what: the file, as its address names it.
        file: what is handed out; its digest says later whether a file is that one.
        told: of which day it speaks, and whatever else says what was in it.
    """
    # Whoever asks for the headers alone takes nothing away.
    if request.method != "GET":
        return
    who = actor()
    asked = {key: value for key, value in request.args.items() if key != "lang"}
    told |= {"asked": asked, "sha256": sha256(file.getbuffer()).hexdigest()}
    with deed() as session:
        doer = who.doer(next(iter(acting_seats()), None))
        record(session, Tag.DATA_EXPORTED, doer, now=now(), subject=what, after=told)
