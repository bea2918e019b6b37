"""What was published is only added to: the database refuses to change, delete, replace or slip in a row."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from registry.store.publications import COUNTED, Publication, PublicationRow, canonical_keys, digest_of, rows_of

NOW = datetime(2025, 1, 20, 2, tzinfo=UTC)
REFUSAL = "what was published is never changed"


def a_publication(session: Session, number: int = 1, **changes: Any) -> Publication:
    parts: dict[str, Any] = {
        "id": number,
        "year": 2024,
        "as_of": date(2024, 12, 31),
        "known_at": NOW,
        "breakdowns": '["","district"]',
        "title": f"公报{number}",
        "source": "青工信〔2025〕1号",
        "author": "张三",
        "frozen_at": NOW,
        "digest": "0" * 64,
    }
    head = Publication(**(parts | changes))
    session.add(head)
    session.flush()
    return head


def a_row(session: Session, publication: int = 1, number: int = 1, **changes: Any) -> None:
    parts: dict[str, Any] = {"publication_id": publication, "number": number, "breakdown": "", "tier": "specialized"}
    parts |= {"keys": "{}"} | dict.fromkeys(COUNTED, 0) | {"stock_start": 3, "new": 2, "expired": 1, "stock_end": 4}
    session.add(PublicationRow(**(parts | changes)))
    session.flush()


def refused(session: Session, statement: str) -> None:
    with pytest.raises(DBAPIError, match=REFUSAL), session.begin_nested():
        session.execute(text(statement))


@pytest.fixture
def published(session: Session) -> Session:
    a_row(session)
    a_row(session, number=2, tier="any")
    a_publication(session)
    return session


def test_a_publication_seals_its_rows(published: Session) -> None:
    assert [row["number"] for row in rows_of(published, 1)] == [1, 2]

    with pytest.raises(DBAPIError, match=REFUSAL), published.begin_nested():
        a_row(published, number=3, tier="innovative")
    assert len(rows_of(published, 1)) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE publication SET title = 'x'",
        "UPDATE publication SET digest = 'x' WHERE id = 1",
        "DELETE FROM publication",
        "UPDATE publication_row SET stock_end = 5, new = 3",
        "DELETE FROM publication_row WHERE number = 2",
    ],
)
def test_nothing_published_is_changed_or_deleted(published: Session, statement: str) -> None:
    refused(published, statement)


def test_nothing_published_is_replaced_or_cut_away(published: Session) -> None:
    assert published.bind is not None
    statements = ["TRUNCATE publication_row", "TRUNCATE publication CASCADE"]
    if published.bind.dialect.name == "sqlite":
        columns = ", ".join(
            column.name for column in Publication.__table__.columns if column.name not in ("id", "author")
        )
        statements = [
            # The same number, and another number with all that binds the old one.
            *(
                f"INSERT OR REPLACE INTO publication (id, author, {columns}) "  # noqa: S608
                f"SELECT {number}, 'x', {columns} FROM publication"
                for number in ("id", "id + 1", "id + 7")
            ),
            "INSERT OR REPLACE INTO publication_row SELECT * FROM publication_row",
        ]
        # The rule must hold also for whoever opens the file without our manners.
        published.execute(text("PRAGMA recursive_triggers=OFF"))
    else:
        # Else the rows' own check, which waits for the commit, stands in the way first.
        published.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for statement in statements:
        refused(published, statement)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"stock_end": 5}, "row_balances"),
        ({"stock_start": -1, "stock_end": 0}, "counts_not_negative"),
        ({"tier": "giant"}, "tier_is_known"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_its_rule(session: Session, changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(IntegrityError, match=rule), session.begin_nested():
        a_row(session, **changes)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"title": " "}, "title_is_given"),
        ({"source": ""}, "source_is_given"),
        ({"author": " "}, "author_is_named"),
        ({"digest": "0"}, "digest_is_whole"),
        ({"year": 24}, "year_within_bounds"),
    ],
)
def test_a_publication_that_cannot_be_is_refused(session: Session, changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(IntegrityError, match=rule), session.begin_nested():
        a_publication(session, **changes)


def test_a_cell_stands_once_and_a_row_needs_its_publication(session: Session) -> None:
    a_row(session)
    with pytest.raises(IntegrityError), session.begin_nested():
        a_row(session, number=2)

    assert session.bind is not None
    if session.bind.dialect.name == "postgresql":
        with pytest.raises(IntegrityError, match="fk_publication_row"):
            session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    else:
        assert len(session.execute(text("PRAGMA foreign_key_check(publication_row)")).all()) == 1


def test_the_digest_covers_the_head_and_every_cell_in_its_place() -> None:
    row: dict[str, Any] = {"number": 1, "breakdown": "", "tier": "any", "keys": canonical_keys({"b": None, "a": "区"})}
    row |= dict.fromkeys(COUNTED, 0)
    parts: dict[str, Any] = {"id": 1, "year": 2024, "as_of": date(2024, 12, 31), "known_at": NOW, "breakdowns": "[]"}
    parts |= {"title": "t", "source": "s", "author": "a", "frozen_at": NOW}
    digests = {digest_of(Publication(**parts), [row])}
    heads = [{"year": 2023}, {"as_of": date(2024, 12, 30)}, {"title": "s"}, {"source": "t"}, {"author": "b"}]
    digests |= {digest_of(Publication(**(parts | one)), [row]) for one in heads}
    cells: list[dict[str, Any]] = [{"new": 1}, {"renewed": 1}, {"tier": "specialized"}, {"keys": "{}"}, {"number": 2}]
    digests |= {digest_of(Publication(**parts), [row | one]) for one in cells}
    digests |= {digest_of(Publication(**parts), []), digest_of(Publication(**parts), [row, row])}

    assert row["keys"] == '{"a":"区","b":null}'
    assert len(digests) == 1 + len(heads) + len(cells) + 2
