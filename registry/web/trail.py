"""Pages of the trail, for the audit administrator: search it, take it away as a file, prove it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, stream_with_context

from registry.domain.errors import NotFound, Refused
from registry.domain.trail import TAG_WORDS, Entry, Tag
from registry.sheets.csv_text import BYTE_ORDER_MARK, guarded, quoted
from registry.store.people_lists import names_of, people_called
from registry.store.still import reading_long
from registry.store.trail import trail_page
from registry.web import db
from registry.web.access import may
from registry.web.asking import day_asked, now, text_asked, today, word_asked
from registry.web.deeds import deed, stop_reading
from registry.web.desk import clock, doer_here, in_words, init_blueprint, number_asked, page_links
from registry.web.labels import N_
from registry.web.language import say as _
from registry.web.trail_words import (
    changes_of,
    group_word,
    groups,
    person_number,
    seat_word,
    subject_word,
    tag_word,
)
from registry.work.keep_trail import verify_trail
from registry.work.read_trail import told
from registry.work.trace import record

blueprint = Blueprint("trail", __name__)
init_blueprint(blueprint)
_PAGE = 50
# Entries of a file that are read at once, each time in a transaction of its own: a reader that is slow to take the
# file away must not keep others from writing.
_CHUNK = 1_000
_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}
_HEADINGS = {
    "seq": N_("编号"),
    "at": N_("时刻"),
    "tag": N_("事项代号"),
    "words": N_("事项"),
    "person_id": N_("人员编号"),
    "name": N_("姓名"),
    "seat": N_("席位"),
    "address": N_("网络地址"),
    "request_id": N_("请求编号"),
    "subject": N_("对象"),
    "before": N_("原值"),
    "after": N_("新值"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """What the trail was asked.

    Attributes:
        typed: the boxes as they were filled in, for the page and for the entry that tells of an export.
        filters: those of `trail_page`.
        namesakes: several persons who bear the name asked for, of whom one must be chosen: number, name, address.
        lacks_person: nobody bears it.
    """

    typed: dict[str, str]
    filters: dict[str, Any]
    namesakes: tuple[tuple[int, str, str], ...] = ()
    lacks_person: bool = False

    @property
    def is_open(self) -> bool:
        """Say whether it is not clear whose entries are wanted."""
        return self.lacks_person or bool(self.namesakes)


@blueprint.get("/trail")
@may("see_trail")
def search() -> str:
    """Search the trail, newest first, a page at a time."""
    asked = _asked()
    after = number_asked("after")
    found = [] if asked.is_open else trail_page(db.session(), **asked.filters, before_seq=after, limit=_PAGE + 1)
    entries, is_last = found[:_PAGE], len(found) <= _PAGE
    numbers = {number for entry in entries if (number := person_number(entry.subject)) is not None}
    names = names_of(db.session(), numbers)
    return render_template(
        "trail/list.html",
        here="trail.search",
        asked=asked,
        entries=entries,
        query=asked.typed,
        groups=[(group, [tag for tag in Tag if tag.partition(".")[0] == group]) for group in groups()],
        group_word=group_word,
        tag_word=tag_word,
        seat_word=seat_word,
        subject_word=lambda subject: subject_word(subject, names),
        changes_of=changes_of,
        **page_links(".search", None if is_last else entries[-1].seq),
    )


@blueprint.get("/trail.<form>")
@may("see_trail")
def file(form: str) -> Response:
    """Hand out the entries that fit as a file; the trail tells of it first."""
    if form not in _TYPES:
        raise NotFound(_("没有这种格式：%(form)s", form=form[:20]))
    asked = _asked()
    if asked.is_open:
        raise Refused.at(
            "person", "请填写人员编号：没有或不止一人叫这个名字 (nobody, or not only one, bears this name)"
        )
    answer = Response(mimetype=_TYPES[form])
    answer.headers["Content-Disposition"] = f"attachment; filename=trail-{today()}.{form}"
    # Whoever asks for the headers alone takes nothing away.
    if request.method == "GET":
        with deed() as session:
            said = {"form": form, "asked": asked.typed}
            own = record(session, Tag.DATA_EXPORTED, doer_here(), now=now(), subject="trail", after=said)
        write = _csv if form == "csv" else _lines
        answer.response = stream_with_context(write(_all(asked.filters, before_seq=own)))
    return answer


@blueprint.post("/trail/verify")
@may("see_trail")
def verify() -> str:
    """Prove the trail now, and show what that came to."""
    stop_reading()
    with reading_long(db.engine) as session:
        audit = verify_trail(session)
    return render_template(
        "trail/verified.html",
        here="trail.search",
        audit=audit,
        at=clock(now(), "seconds"),
    )


def _asked() -> Question:
    """Read what the trail is asked.

    Raises:
        Refused: a box that cannot be meant.
    """
    names = ("tag", "person", "subject", "since", "until", "q")
    typed = {name: text for name in names if (text := text_asked(name))}
    filters: dict[str, Any] = {
        "tag": word_asked("tag", (*groups(), *(tag.value for tag in Tag))),
        "subject": typed.get("subject"),
        "text": typed.get("q"),
        "since": _start_of("since"),
        "until": _start_of("until", days=1),
    }
    whose = typed.get("person", "")
    if not whose:
        return Question(typed, filters)
    if whose.isascii() and whose.isdigit():
        return Question(typed, filters | {"person_id": number_asked("person")})
    found = people_called(db.session(), whose)
    if len(found) != 1:
        return Question(typed, filters, namesakes=tuple(found), lacks_person=not found)
    return Question(typed, filters | {"person_id": found[0][0]})


def _start_of(name: str, days: int = 0) -> datetime | None:
    """Return the first moment of a day that is asked for, in the zone of the office, or of some days after it."""
    if not text_asked(name):
        return None
    return datetime.combine(day_asked(today(), name) + timedelta(days=days), time(), now().tzinfo)


def _all(filters: dict[str, Any], *, before_seq: int) -> Iterator[Entry]:
    """Yield the entries that fit before one, newest first."""
    while True:
        page = trail_page(db.session(), **filters, before_seq=before_seq, limit=_CHUNK)
        db.session.rollback()
        yield from page
        if len(page) < _CHUNK:
            return
        before_seq = page[-1].seq


def _rows(entries: Iterator[Entry]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        yield told(entry) | {"words": in_words(TAG_WORDS.get(entry.tag, (entry.tag, "")))}


def _csv(entries: Iterator[Entry]) -> Iterator[bytes]:
    yield BYTE_ORDER_MARK
    yield _line([_(heading) for heading in _HEADINGS.values()])
    for row in _rows(entries):
        yield _line(["" if row[key] is None else str(row[key]) for key in _HEADINGS])


def _line(fields: list[str]) -> bytes:
    return (",".join(quoted(guarded(text)) for text in fields) + "\r\n").encode("utf-8", "replace")


def _lines(entries: Iterator[Entry]) -> Iterator[bytes]:
    for row in _rows(entries):
        yield (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "replace")
