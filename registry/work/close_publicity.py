"""Closes a publicity: firm by firm, once it is over, certain, and every objection is answered. Never commits.

What stands against one firm keeps no other: each is closed or refused for itself, and the reasons are told.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.errors import Barred, MoveNotAllowed
from registry.domain.procedure import DECIDED_ENDINGS, Outcome, Stage
from registry.store.cases import Application
from registry.store.publicities import Objection, Publicity, PublicityEntry
from registry.store.publicity_lists import cases_of
from registry.work.case_bars import procedure_of
from registry.work.case_guards import Given, in_one
from registry.work.decide import note_bar
from registry.work.move_case import make_move
from registry.work.post import Post
from registry.work.try_move import possible

_UPHELD = "有成立的异议，请逐家办理 (an objection was upheld: decide it by itself)"
_GONE = "已不在公示环节 (it is no longer there)"


@dataclass(frozen=True, slots=True)
class Line:
    """A firm of a list, and what stands against closing it now.

    Attributes:
        against: in both languages; None: it can be closed.
        has_gone: it left this stage, whichever way.
    """

    entry: PublicityEntry
    case: Application
    against: str | None
    has_gone: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    """What came of closing some firms of a list."""

    done: tuple[Application, ...]
    refused: tuple[tuple[Application, str], ...]


def onward(stage: Stage) -> Outcome:
    """Return the outcome by which a firm without an upheld objection goes on."""
    return next(one for one in stage.outcomes if one.to not in DECIDED_ENDINGS)


def against_it(stage: Stage) -> Outcome | None:
    """Return the outcome by which an upheld objection ends a case here; None: that is decided later."""
    return next((one for one in stage.outcomes if one.to in DECIDED_ENDINGS), None)


def overview(session: Session, listed: Publicity, on: date) -> list[Line]:
    """Return every firm of a list with what the list itself says against closing it on a day; in few look-ups.

    What stands against a certain person is found out by `look`, for those that are to be closed.
    """
    made = select(Objection.application_id, Objection.is_upheld).where(Objection.publicity_id == listed.id)
    waiting, upheld = Counter[int](), set[int]()
    for number, was_upheld in session.execute(made):
        waiting[number] += was_upheld is None
        upheld |= {number} if was_upheld else set()
    of_list = []
    if on <= listed.last_day:
        of_list.append(f"公示至 {listed.last_day}，次日起可办结 (public to the end of {listed.last_day})")
    if listed.is_provisional:
        of_list.append("公示截止日为暂定 (its last day is provisional)")
    found = []
    for entry, case in cases_of(session, listed.id):
        if case.state != f"stage:{listed.stage}":
            found.append(Line(entry, case, _GONE, has_gone=True))
            continue
        against = list(of_list)
        if count := waiting[case.id]:
            against.append(f"还有 {count} 条异议未答复 ({count} objections are not answered)")
        if case.id in upheld and against_it(procedure_of(case).stage(listed.stage)):
            against.append(_UPHELD)
        found.append(Line(entry, case, in_one(against) if against else None))
    return found


def look(
    session: Session,
    actor: Actor,
    seats: Sequence[Seat],
    listed: Publicity,
    case_ids: Collection[int],
    *,
    opinion: str,
    now: datetime,
) -> list[Line]:
    """Return some firms of a list with what stands against this actor's closing them now; nothing is changed."""
    found, wanted = [], set(case_ids)
    for entry, case in cases_of(session, listed.id):
        if case.id not in wanted:
            continue
        if case.state != f"stage:{listed.stage}":
            found.append(Line(entry, case, _GONE, has_gone=True))
            continue
        found.append(Line(entry, case, _against(session, actor, seats, listed, case, opinion, now)))
    return found


def close_cases(
    session: Session,
    actor: Actor,
    seats: Sequence[Seat],
    listed: Publicity,
    case_ids: Collection[int],
    *,
    opinion: str,
    now: datetime,
    post: Post | None = None,
) -> Closed:
    """Close the publicity of some firms of a list; each stands or falls by itself, within one transaction."""
    done: list[Application] = []
    refused: list[tuple[Application, str]] = []
    wanted = set(case_ids)
    for _entry, case in cases_of(session, listed.id):
        if case.id not in wanted:
            continue
        if case.state != f"stage:{listed.stage}":
            refused.append((case, _GONE))
            continue
        outcome = onward(procedure_of(case).stage(listed.stage))
        try:
            # What was done of a firm before something stood against it is undone with it.
            with session.begin_nested():
                make_move(session, actor, seats, case, outcome.key, Given(opinion=opinion.strip()), now=now, post=post)
            done.append(case)
        except (MoveNotAllowed, Barred) as against:
            refused.append((case, str(against)))
            if isinstance(against, Barred):
                note_bar(session, actor, f"application:{case.id}", str(against), now)
    return Closed(tuple(done), tuple(refused))


def uphold(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    listed: Publicity,
    case: Application,
    *,
    opinion: str,
    now: datetime,
    post: Post | None = None,
) -> None:
    """Refuse a firm at the end of its publicity because an objection was upheld.

    Raises:
        MoveNotAllowed: nothing was upheld, this stage knows no such outcome, or a guard stands against it.
        Barred: the actor may not work on the case.
    """
    outcome = against_it(procedure_of(case).stage(listed.stage))
    if outcome is None:
        raise MoveNotAllowed(
            "成立的异议在公告环节决定，不能在此不予通过 (an upheld objection is decided at the announcement)"
        )
    make_move(session, actor, seats, case, outcome.key, Given(opinion=opinion), now=now, post=post)


def _against(
    session: Session,
    actor: Actor,
    seats: Sequence[Seat],
    listed: Publicity,
    case: Application,
    opinion: str,
    now: datetime,
) -> str | None:
    outcome = onward(procedure_of(case).stage(listed.stage))
    return possible(session, actor, seats, case, outcome.key, Given(opinion=opinion), now)
