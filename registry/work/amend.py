"""Deeds that no list can state: a title revoked, a firm merged, a row withdrawn, a stay reopened. Never commits.

Each opens a filing, writes down what it states, keeps the books of the firm by it and returns the filing's number.
What was stated before stays where it is, closed at the moment of the deed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select
from sqlalchemy.orm import Session

from registry.domain import uscc as codes
from registry.domain.errors import Refused
from registry.domain.facts import FIRST_YEAR, LAST_YEAR
from registry.domain.trail import Doer
from registry.store.ledger import Merged, Revoked
from registry.store.standing import StandingSpan
from registry.store.statements import ScaleStay, Title
from registry.work.filing import OpenFiling
from registry.work.identify import Row, find, insert_rows, read_rows, update_rows
from registry.work.keep_books import keep

_TITLE: Table = Title.__table__  # type: ignore[assignment]
_STAY: Table = ScaleStay.__table__  # type: ignore[assignment]
_REVOCATION: Table = Revoked.__table__  # type: ignore[assignment]
_MERGER: Table = Merged.__table__  # type: ignore[assignment]
_SPAN: Table = StandingSpan.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Reason:
    """Who amends the books, and on what ground.

    Attributes:
        source: the document, or why a row is taken back.
        by: the person who answers for it.
        doer: how the trail names him; the program itself unless given.
    """

    source: str
    by: str
    doer: Doer | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """Names one statement of a firm: what it is and the day it speaks of.

    Attributes:
        kind: `title`, `stay`, `revocation` or `merger`.
        tier: of a title or a revocation.
    """

    kind: str
    on: date
    tier: str | None = None


_BOOKS = {
    "title": (_TITLE, "recognised_on", "公告的称号 (title)"),
    "stay": (_STAY, "entered_on", "入库的规上记录 (stay)"),
    "revocation": (_REVOCATION, "revoked_on", "起的撤销 (revocation)"),
    "merger": (_MERGER, "merged_on", "的合并 (merger)"),
}


def revoke(session: Session, uscc: str, *, tier: str, on: date, cause: str, reason: Reason, now: datetime) -> int:
    """Cancel a title that is in force on a day: at the close of that day it holds no more.

    Returns:
        The number of the filing.

    Raises:
        Refused: no title of the tier is in force on that day, or it was revoked on that day already.
    """
    _refuse_empty(cause=cause)
    _refuse_day("on", on)
    with _deed(session, "revoke", uscc, reason, now) as (connection, filing, firm):
        before = read_rows(connection, _holding(_REVOCATION, firm, _REVOCATION.c.tier == tier))
        if any(row["revoked_on"] == on for row in before):
            raise Refused.at(uscc, f"{tier} 已于 {on} 撤销，不必再撤 (already revoked then)")
        in_force = (_SPAN.c.tier == tier) & (_SPAN.c.starts_on <= on) & (_SPAN.c.ends_on > on)
        if not read_rows(connection, _holding(_SPAN, firm, in_force)):
            last = max((row["revoked_on"] for row in before if row["revoked_on"] < on), default=None)
            hint = f"；此前已于 {last} 撤销 (revoked before)" if last else ""
            raise Refused.at(uscc, f"{on} 没有有效的 {tier} 称号可撤销 (no title in force that day){hint}")
        row = {"firm_id": firm["id"], "tier": tier, "revoked_on": on, "cause": cause.strip()}
        insert_rows(connection, _REVOCATION, [row | _known(filing, reason)])
    return filing.note()


def merge(session: Session, uscc: str, *, into: str, on: date, reason: Reason, now: datetime) -> int:
    """Write down that a firm was merged into another; what it held stays as it is until something else is stated.

    Returns:
        The number of the filing.

    Raises:
        Refused: into itself or in a circle, one of the two is unknown, or the firm is merged already.
    """
    uscc, into = _code("uscc", uscc), _code("into", into)
    _refuse_day("on", on)
    if uscc == into:
        raise Refused.at("into", "企业不能并入自身 (a firm cannot be merged into itself)")
    with _deed(session, "merge", uscc, reason, now) as (connection, filing, firm):
        _firm(connection, "into", into)
        for before in read_rows(connection, _holding(_MERGER, firm)):
            told = f"已于 {before['merged_on']} 并入 {before['into_uscc']} (already merged)"
            raise Refused.at(uscc, f"{told}；记错时先 registry books withdraw --merged-on {before['merged_on']}")
        if uscc in _absorbers(connection, into):
            raise Refused.at("into", f"{into} 自己已并入 {uscc}，合并不能成环 (a circle of mergers)")
        row = {"firm_id": firm["id"], "merged_on": on, "into_uscc": into}
        insert_rows(connection, _MERGER, [row | _known(filing, reason)])
    return filing.note()


def withdraw(session: Session, uscc: str, *, statement: Statement, reason: Reason, now: datetime) -> int:
    """Take back a statement that should never have been filed; it is kept, and holds no more.

    Returns:
        The number of the filing.

    Raises:
        Refused: the firm has no such statement that holds.
    """
    with _deed(session, "withdraw", uscc, reason, now) as (connection, filing, firm):
        table, _, _ = _BOOKS[statement.kind]
        _close(connection, table, _stated(connection, firm, statement), filing)
    return filing.note()


def reopen(session: Session, uscc: str, *, entered_on: date, reason: Reason, now: datetime) -> int:
    """Take back a mistaken exit: the stay goes on as if it had never been stated.

    Returns:
        The number of the filing.

    Raises:
        Refused: no such stay holds, it has no exit, or another stay was filed after it.
    """
    with _deed(session, "reopen", uscc, reason, now) as (connection, filing, firm):
        stay = _stated(connection, firm, Statement("stay", entered_on))
        if stay["exited_on"] is None:
            raise Refused.at(uscc, f"{entered_on} 入库的规上记录没有退库，无须恢复 (the stay has no exit)")
        later = read_rows(connection, _holding(_STAY, firm, _STAY.c.entered_on > entered_on))
        if later:
            # An open stay swallows those after it, and their exits with them.
            day = min(row["entered_on"] for row in later)
            told = f"其后另有 {day} 的入库 (another stay follows)"
            raise Refused.at(uscc, f"{told}；记错时先 registry books withdraw --entered-on {day}")
        _close(connection, _STAY, stay, filing)
        opened = {name: value for name, value in stay.items() if name != "id"}
        opened |= {"exited_on": None, "exit_reason": None, "filed_from": reason.source.strip()}
        insert_rows(connection, _STAY, [opened | {"known_at": filing.moment, "superseded_at": None}])
    return filing.note()


@contextmanager
def _deed(
    session: Session, deed: str, uscc: str, reason: Reason, now: datetime
) -> Iterator[tuple[Connection, OpenFiling, Row]]:
    """Open a filing for a firm; in the end bring its books up to what the deed stated."""
    uscc = _code("uscc", uscc)
    _refuse_empty(source=reason.source, by=reason.by)
    connection = session.connection()
    filing = OpenFiling(
        connection, now=now, deed=deed, source=reason.source.strip(), actor=reason.by.strip(), doer=reason.doer
    )
    firm = _firm(connection, "uscc", uscc)
    yield connection, filing, firm
    # A deed that changes no event is known all the same.
    filing.note()
    keep(connection, {uscc: firm}, filing)
    filing.close()
    session.flush()
    session.expire_all()


def _known(filing: OpenFiling, reason: Reason) -> Row:
    return {"source": reason.source.strip(), "known_at": filing.moment, "superseded_at": None}


def _close(connection: Connection, table: Table, row: Row, filing: OpenFiling) -> None:
    closed = {"id": row["id"], "superseded_at": filing.moment}
    update_rows(connection, table, ("id",), ("superseded_at",), [closed])


def _holding(table: Table, firm: Row, condition: ColumnElement[bool] | None = None) -> Any:
    query = select(table).where(table.c.firm_id == firm["id"], table.c.superseded_at.is_(None))
    return query if condition is None else query.where(condition)


def _stated(connection: Connection, firm: Row, statement: Statement) -> Row:
    """Return the row of a statement that holds."""
    table, day, word = _BOOKS[statement.kind]
    condition = table.c[day] == statement.on
    if statement.tier is not None:
        condition &= table.c.tier == statement.tier
    found = read_rows(connection, _holding(table, firm, condition))
    if not found:
        named = " ".join(part for part in (statement.tier, f"{statement.on} {word}") if part)
        raise Refused.at(firm["uscc"], f"账上没有 {named}，用 registry books log 查看 (no such statement holds)")
    return found[0]


def _absorbers(connection: Connection, uscc: str) -> set[str]:
    """Return the firms that a firm was merged into, one after the other."""
    found: set[str] = set()
    while uscc not in found:
        found.add(uscc)
        firm = find(connection, [uscc]).get(uscc)
        merged = read_rows(connection, _holding(_MERGER, firm)) if firm else []
        uscc = merged[0]["into_uscc"] if merged else uscc
    return found


def _code(path: str, text: str) -> str:
    code = codes.canonical(text)
    fault = codes.fault_of(code)
    if fault:
        raise Refused.at(path, fault)
    return code


def _firm(connection: Connection, path: str, code: str) -> Row:
    firm = find(connection, [code]).get(code)
    if firm is None:
        raise Refused.at(path, f"库中没有 {code} 这家企业 (no such firm)")
    return firm


def _refuse_empty(**texts: str) -> None:
    for name, text in texts.items():
        if not text.strip():
            raise Refused.at(name, "不能为空 (must not be empty)")


def _refuse_day(path: str, day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refused.at(path, f"年份应在 {FIRST_YEAR}–{LAST_YEAR} 间，现为 {day} (the year is out of range)")
