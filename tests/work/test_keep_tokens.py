"""Tokens of the API: handed out once, recognised by their digest, good until their last day or until revoked."""

import re
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.domain.trail import Doer, Tag
from registry.store.tokens import ApiToken, Scope, token_by_id, tokens_page
from registry.store.trail import trail_page
from registry.work.keep_tokens import (
    LONGEST_LIFE,
    digest,
    make_token,
    note_use,
    recognise_token,
    revoke_token,
)

DOER = Doer.program("tests")


def made(session: Session, now: datetime, **changes: object) -> tuple[ApiToken, str]:
    told: dict[str, object] = {"name": "数据平台", "scopes": ["read:books"], "expires_on": now.date()}
    return make_token(session, doer=DOER, now=now, today=now.date(), **(told | changes))  # type: ignore[arg-type]


def test_a_token_is_random_and_only_its_digest_is_kept(session: Session, now: datetime) -> None:
    (one, first), (two, second) = made(session, now), made(session, now)

    assert first != second
    assert re.fullmatch(r"rgt_[A-Za-z0-9_-]{43}", first)
    assert (one.token_hash, two.token_hash) == (digest(first), digest(second))
    assert first not in {str(getattr(one, column.name)) for column in ApiToken.__table__.columns}


def test_it_holds_through_its_last_day(session: Session, now: datetime) -> None:
    row, token = made(session, now, expires_on=now.date() + timedelta(days=1))

    assert recognise_token(session, token, today=row.expires_on) is row
    assert recognise_token(session, token, today=row.expires_on + timedelta(days=1)) is None


@pytest.mark.parametrize("wrong", ["", "rgt_", "x", "RGT_", "rgt_" + "A" * 43, "A" * 47, "\0" * 47, "é" * 47])
def test_another_text_is_no_token(session: Session, now: datetime, wrong: str) -> None:
    made(session, now)

    assert recognise_token(session, wrong, today=now.date()) is None


def test_a_revoked_one_holds_no_more_and_both_deeds_are_traced(session: Session, now: datetime) -> None:
    row, token = made(session, now, scopes=["read:firms", "read:books", "read:books"])
    assert row.scope_set == {"read:books", "read:firms"}

    revoke_token(session, row.id, doer=DOER, now=now)

    assert recognise_token(session, token, today=now.date()) is None
    with pytest.raises(MoveNotAllowed):
        revoke_token(session, row.id, doer=DOER, now=now)
    with pytest.raises(NotFound):
        revoke_token(session, row.id + 1, doer=DOER, now=now)
    entries = trail_page(session, tag="token", limit=5)
    assert [(one.tag, one.subject) for one in entries] == [
        (Tag.TOKEN_REVOKED, f"token:{row.id}"),
        (Tag.TOKEN_MADE, f"token:{row.id}"),
    ]
    assert token not in str(entries) and digest(token) not in str(entries)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": " "}, "name"),
        ({"name": "长" * 101}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["read:books", "write:books"]}, "scopes"),
        ({"expires_on": date(2025, 11, 24)}, "expires_on"),
        ({"expires_on": date(2025, 11, 25) + LONGEST_LIFE + timedelta(days=1)}, "expires_on"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_name(
    session: Session, now: datetime, changes: dict[str, object], path: str
) -> None:
    with pytest.raises(Refused) as refused:
        made(session, now, **changes)

    assert [fault.path for fault in refused.value.faults] == [path]
    assert tokens_page(session) == ([], None)


def test_that_it_is_used_is_noted_to_the_hour(session: Session, now: datetime) -> None:
    row, _token = made(session, now)

    def noted(after: timedelta) -> datetime | None:
        note_use(session, row.id, now + after)
        found = token_by_id(session, row.id)
        return found.last_used_at if found else None

    assert noted(timedelta()) == now
    assert noted(timedelta(minutes=59, seconds=59)) == now
    assert noted(timedelta(hours=1)) == now + timedelta(hours=1)


def test_the_list_is_paged_the_newest_first(session: Session, now: datetime) -> None:
    numbers = [made(session, now, name=f"系统{count}")[0].id for count in range(5)]

    first, after = tokens_page(session, limit=2)
    second, then = tokens_page(session, before=after, limit=2)
    last, end = tokens_page(session, before=then, limit=2)

    assert [row.id for row in (*first, *second, *last)] == numbers[::-1]
    assert end is None


def test_scopes_are_those_of_the_table() -> None:
    assert [scope.value for scope in Scope] == ["read:books", "read:firms"]
