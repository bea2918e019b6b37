"""Canaries: every text column of every table holds, for the stranger, a word that says which column it came from.

A column either gets one or is named here with the reason why it cannot; a new column that is neither fails a test. Who
may read a planted column is said here too, by the permissions under which the whole city lies open to a role.
"""

import re
import sqlite3
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from make import code
from matrix_case_canaries import CASE_EXEMPT, CASE_FORMS, CASE_LENGTHS, CASE_READERS, CASE_ROWS
from sqlalchemy import Table, Text

from registry.store.tables import METADATA

CANARY = re.compile(r"canary\.[a-z_]+\.[a-z_]+")
FOREIGN_PHONE = "13987654321"


def _each(words: str) -> list[str]:
    return words.split()


_WORD = "the database takes only words of a fixed list"
_PLACE = "six digits of the public table of districts"
_TRADE = "four digits of the public table of trades"
_CODE = "eighteen characters with a check; the stranger's own code is looked for instead"
_HOLIDAYS = "the State Council's public calendar of holidays; it names no firm and nobody"
_SUMS = "the sums of a publication and their seal: changed, it is refused as damaged; they name no firm"
# Why a text column holds no canary.
EXEMPT: dict[str, str] = {
    **dict.fromkeys(_each("calendar_day.name calendar_day.source calendar_year.source"), _HOLIDAYS),
    **dict.fromkeys(
        _each(
            "award.level contest.contest firm_facts.rd_institution firm_facts.chain_role "
            "firm_facts.local_field firm_facts.listing firm_size.size ledger.tag ledger.tier letter.state "
            "link.purpose office.kind office.department revocation.tier scale_stay.entry "
            "scale_stay.exit_reason seat.role sign_in.factor standing_change.tier standing_change.kind "
            "standing_span.tier stated_title.kind tally.tier tally.kind tie.kind title.tier title.kind "
            "evidence.kind evidence.state trail.tag claim.state decision.matter decision.level decision.kind"
        ),
        _WORD,
    ),
    **dict.fromkeys(
        _each(
            "firm.district firm_listing.district ledger.district office.district scale_stay.district "
            "title.district standing_change.district standing_span.district claim.district tally.district"
        ),
        _PLACE,
    ),
    **dict.fromkeys(("firm.industry", "firm_trade.industry"), _TRADE),
    **dict.fromkeys(
        _each("firm.uscc group_member.uscc office.uscc claim.uscc ledger.uscc merger.into_uscc tie.uscc decision.uscc"),
        _CODE,
    ),
    **dict.fromkeys(
        _each(
            "publication.breakdowns publication.digest publication_row.breakdown publication_row.tier "
            "publication_row.keys"
        ),
        _SUMS,
    ),
    "person.language": "zh or en: chooses the words of mails and is shown nowhere",
    "person.phone_sealed": "sealed by its keys; the number in it is looked for instead",
    "filing.deed": "a word of the program, read again to say what a filing was",
    "target_value.key": "names a row of the public board",
    "evidence.sha256": "names the file that is handed out; another digest and there is none",
    "name_gram.gram": "two or three letters of names: no row is of one firm alone",
    "name_indexed.told": "a digest: with another one the names would be looked at anew",
    "trail_cut.hash": "nothing in the city is old enough to be archived",
    **CASE_EXEMPT,
}
# Written by deeds, not planted: they stand in a seal, or the database gives them no row of the stranger alone.
WRITTEN = {f"publication.{name}" for name in ("title", "source", "author")}
WRITTEN |= {f"target_value.{name}" for name in ("source", "author", "note")} | {"filing.source", "filing.actor"}

# Which rows are the stranger's.
_FIRM, _PERSON, _CODED = "firm_id = :foreign_firm", "person_id = :foreign", "uscc = :code"
ROWS: dict[str, str] = {
    **dict.fromkeys(
        _each("evidence firm_listing firm_name firm_trade invitation delegation merger revocation scale_stay title"),
        _FIRM,
    ),
    **dict.fromkeys(_each("kept_password link passkey recovery_code sign_in"), _PERSON),
    **dict.fromkeys(["group_member", "claim", "ledger"], _CODED),
    "firm": "id = :foreign_firm",
    "person": "id = :foreign",
    "office": "id = :foreign_office",
    "seat": "firm_id = :foreign_firm OR person_id = :foreign_reviewer",
    "tie": "person_id = :foreign_reviewer",
    "decision": "person_id = :foreign_reviewer",
    "letter": "1",
    "failed_tries": "1",
    "trail": "subject = 'person:' || :foreign",
    **CASE_ROWS,
}
# How a canary stands in what is read as JSON.
_FORMS = {**dict.fromkeys(_each("trail.before trail.after ledger.details"), '{{"canary":"{0}"}}'), **CASE_FORMS}
# Text of a fixed length is filled up.
_LENGTHS = {"person.fs_uniquifier": 32, "invitation.token_hash": 64, "link.token_hash": 64, "sign_in.token_hash": 64}
_LENGTHS |= {"ledger.hash": 64, "trail.hash": 64, **CASE_LENGTHS}

_FIRMS = ("see_firms", "see_watch")
# Under which permissions a column may be read by who has the whole city; what is not named, by nobody at all.
READERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        _each(
            "firm_listing.name firm_listing.source firm_name.name firm_name.source merger.source "
            "revocation.cause revocation.source scale_stay.name scale_stay.source scale_stay.filed_from "
            "title.batch title.source title.name title.filed_from ledger.details"
        ),
        _FIRMS,
    ),
    **dict.fromkeys(_each("evidence.criterion evidence.note evidence.added_by"), ("see_evidence",)),
    # The trail tells who uploaded, took back and downloaded what.
    "evidence.name": ("see_evidence", "see_trail"),
    # At which firm somebody sits, and which firm belongs to a group, administrators see by name.
    "firm.name": (*_FIRMS, "see_people", "run_seats", "see_evidence"),
    # The trail tells of every filing, publication and value.
    **dict.fromkeys(("filing.source", "filing.actor"), (*_FIRMS, "see_trail")),
    # The counts are broken down by it.
    **dict.fromkeys(("firm.functional_area", "firm_trade.functional_area"), ("see_firms", "see_watch", "see_books")),
    **dict.fromkeys((f"publication.{name}" for name in ("title", "source", "author")), ("see_books", "see_trail")),
    **dict.fromkeys((f"target_value.{name}" for name in ("source", "author", "note")), ("see_books", "see_trail")),
    # Who reported a change is named beside it.
    "person.name": ("see_people", "see_trail", "see_papers"),
    "person.email": ("see_people", "see_trail"),
    # Whom a firm may delegate to is for every firm to see.
    **dict.fromkeys(("office.name", "office.name_en"), ("see_people", "run_firm")),
    **dict.fromkeys(_each("seat.granted_by seat.ended_by sign_in.address sign_in.agent"), ("see_people",)),
    **dict.fromkeys(_each("tie.note tie.declared_by group_member.group_name group_member.source"), ("run_seats",)),
    **dict.fromkeys(
        (f"trail.{name}" for name in _each("name seat address request_id subject before after hash")), ("see_trail",)
    ),
    **CASE_READERS,
}
# Where the stranger's code may be read: wherever any of its firm's rows may.
CODE_READERS = ("see_firms", "see_evidence", "see_watch", "see_people", "run_seats", "see_trail")


def text_columns() -> list[str]:
    """Return every text column there is, as table.column."""
    return [f"{table.name}.{column.name}" for table in METADATA.sorted_tables for column in _texts(table)]


def _texts(table: Table) -> list[Any]:
    return [column for column in table.columns if isinstance(column.type, Text)]


def word_for(name: str) -> str:
    """Return the canary of a column."""
    word = f"canary.{name}"
    if name in _FORMS:
        return _FORMS[name].format(word)
    return word.ljust(_LENGTHS.get(name, 0), ".")


def plant(file: Path, ids: dict[str, Any]) -> None:
    """Write the canaries, past the rules that keep some tables from being changed; the rules stand again after."""
    connection = sqlite3.connect(file)
    rules = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _sql in rules:
        connection.execute(f'DROP TRIGGER "{name}"')
    values = {key: value for key, value in ids.items() if isinstance(value, int)} | {"code": code(4)}
    for name in text_columns():
        if name not in EXEMPT and name not in WRITTEN:
            _plant(connection, *name.split("."), values)
    for _name, sql in rules:
        connection.execute(sql)
    connection.commit()
    connection.close()


def _plant(connection: sqlite3.Connection, table: str, column: str, values: dict[str, Any]) -> None:
    word, where = word_for(f"{table}.{column}"), ROWS[table]
    unique = (
        any(
            index.unique and [one.name for one in index.columns] == [column] for index in METADATA.tables[table].indexes
        )
        or METADATA.tables[table].c[column].unique
    )
    # Rows that hold nothing there are left so, unless none holds anything.
    for also in (f'"{column}" IS NOT NULL', "1"):
        found = connection.execute(f'SELECT count(*) FROM "{table}" WHERE ({where}) AND {also}', values).fetchone()[0]  # noqa: S608
        if found:
            break
    assert found, f"no row of the stranger in {table}"
    one = f' AND rowid = (SELECT min(rowid) FROM "{table}" WHERE ({where}) AND {also})' if unique else ""  # noqa: S608
    where_all = f"({where}) AND {also}{one}"
    # Not over the very column by which the rows are found: another one would find none any more.
    if table == "trail" and column == "subject":
        where_all = "seq = (SELECT max(seq) FROM trail WHERE name LIKE 'canary%')"
    connection.execute(f'UPDATE "{table}" SET "{column}" = :word WHERE {where_all}', values | {"word": word})  # noqa: S608


def planted(file: Path) -> set[str]:
    """Return the columns in which a canary stands."""
    connection = sqlite3.connect(file)
    found = set()
    for name in text_columns():
        table, column = name.split(".")
        query = f'SELECT 1 FROM "{table}" WHERE "{column}" LIKE ? LIMIT 1'  # noqa: S608
        if connection.execute(query, (f"%canary.{name}%",)).fetchone():
            found.add(name)
    connection.close()
    return found


def spoken(body: bytes) -> str:
    """Return everything a body says, also inside a workbook."""
    if not body.startswith(b"PK"):
        return body.decode("utf-8", "replace")
    with zipfile.ZipFile(BytesIO(body)) as book:
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
