"""What a firm has to do, by its cases, titles and papers: each with its last day, the most urgent first. Reads only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, Text, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from registry.domain.case_states import Phase
from registry.domain.codes import LADDER, TIERS
from registry.domain.procedure import Opens
from registry.store.books import as_known, stands
from registry.store.cases import Application, FilingWindow
from registry.store.papers import ChangeReport, Report, YearlyUpdate
from registry.store.recognitions import Ban, RevocationCase
from registry.store.standing import StandingSpan
from registry.work.case_bars import procedure_of, state_of
from registry.work.keep_updates import due_day

# So many days before a title ends its holder is told to apply again (policy: the watch-list of titles that end).
EXPIRES_SOON = 90


@dataclass(frozen=True, slots=True)
class Waiting:
    """A paper that waits for the firm, or for the bureau.

    Attributes:
        word: the tier or the kind, where it has one.
    """

    number: int
    word: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """Where a firm stands by the books and by its papers on a day.

    Attributes:
        held: the tiers in which it stands.
        banned_to: the last day of the ban that lasts longest.
        has_updated: this year's update was filed.
        reports: what it is asked after a report, unanswered.
        revocations: proposals to revoke a title that it has not replied to.
        changes: changes it reported that the bureau has not settled.
    """

    held: frozenset[str] = frozenset()
    banned_to: date | None = None
    has_updated: bool = False
    reports: tuple[Waiting, ...] = ()
    revocations: tuple[Waiting, ...] = ()
    changes: tuple[Waiting, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do.

    Attributes:
        what: correct, draft, report, revocation, update or re_review.
        due: its last day; None where none is set.
        left: days to it; negative when it is over.
        word: the tier it is about.
        number: of the case or paper.
        is_provisional: the day may still change.
    """

    what: str
    due: date | None
    left: int | None
    word: str = ""
    number: int = 0
    is_provisional: bool = False


def life_of(session: Session, firm_id: int, on: date) -> Life:
    """Return where a firm stands by the books and by its papers. One look-up."""
    found: dict[str, list[Waiting]] = {}
    query = union_all(
        _told("held", StandingSpan.firm_id, StandingSpan.tier, None).where(
            StandingSpan.firm_id == firm_id, StandingSpan.tier.in_(TIERS), stands(on), as_known(StandingSpan, None)
        ),
        _told("ban", Ban.id, None, Ban.last_day).where(
            Ban.firm_id == firm_id, Ban.first_day <= on, Ban.last_day >= on, Ban.lifted_at.is_(None)
        ),
        _told("update", YearlyUpdate.id, None, None).where(
            YearlyUpdate.firm_id == firm_id, YearlyUpdate.year == on.year
        ),
        _told("report", Report.id, None, Report.due_on).where(
            Report.firm_id == firm_id, Report.state == "asked", Report.firm_reply == ""
        ),
        _told("revocation", RevocationCase.id, RevocationCase.tier, None).where(
            RevocationCase.firm_id == firm_id, RevocationCase.state == "proposed", RevocationCase.firm_reply == ""
        ),
        _told("change", ChangeReport.id, ChangeReport.kind, ChangeReport.happened_on).where(
            ChangeReport.firm_id == firm_id, ChangeReport.outcome.is_(None)
        ),
    ).subquery()
    for what, number, word, day in session.execute(select(query).order_by(query.c.what, query.c.number)):
        found.setdefault(what, []).append(Waiting(number, word or "", day))
    return Life(
        held=frozenset(one.word for one in found.get("held", ())),
        banned_to=max((one.day for one in found.get("ban", ()) if one.day), default=None),
        has_updated="update" in found,
        reports=tuple(found.get("report", ())),
        revocations=tuple(found.get("revocation", ())),
        changes=tuple(found.get("change", ())),
    )


def tasks_of(
    session: Session, cases: Sequence[Application], life: Life, until: Mapping[str, date], on: date
) -> list[Task]:
    """Return what a firm has to do, the most urgent first; what has no last day comes last.

    Args:
        cases: the firm's, as `registry.store.case_lists.cases_of_firm` gives them.
        until: the last valid days of the titles it holds.
    """
    open_cases = [case for case in cases if case.closed_at is None]
    tasks = [*_of_cases(session, open_cases, on), *_of_papers(life, on), *_of_titles(open_cases, life, until, on)]
    return sorted(tasks, key=lambda one: (one.due is None, one.due or date.max, one.what, one.number))


def _of_cases(session: Session, cases: Iterable[Application], on: date) -> list[Task]:
    drafts = [case for case in cases if state_of(case).phase is Phase.DRAFT]
    closes = _closing(session, drafts, on)
    found = [_task("draft", closes.get(case.id), on, case.tier, case.id) for case in drafts]
    for case in cases:
        if state_of(case).phase is Phase.RETURNED:
            told = _task("correct", case.due_on, on, case.tier, case.id, case.due_is_provisional)
            found.append(told)
    return found


def _closing(session: Session, drafts: list[Application], on: date) -> dict[int, date]:
    """Return the day on which the open batch of each draft closes; nothing where none is open or none is needed."""
    batched = [
        case
        for case in drafts
        if (filing := procedure_of(case).filing(case.kind)) is not None and filing.opens is Opens.BATCH
    ]
    if not batched:
        return {}
    query = select(FilingWindow).where(
        FilingWindow.tier.in_({case.tier for case in batched}),
        FilingWindow.opens_on <= on,
        FilingWindow.closes_on >= on,
        FilingWindow.withdrawn_at.is_(None),
    )
    windows = list(session.scalars(query))
    found: dict[int, date] = {}
    for case in batched:
        days = [one.closes_on for one in windows if one.tier == case.tier and one.kind in (None, case.kind)]
        if days:
            found[case.id] = max(days)
    return found


def _of_papers(life: Life, on: date) -> list[Task]:
    return [
        *(_task("report", one.day, on, number=one.number) for one in life.reports),
        *(_task("revocation", None, on, one.word, one.number) for one in life.revocations),
    ]


def _of_titles(cases: Iterable[Application], life: Life, until: Mapping[str, date], on: date) -> list[Task]:
    under_way = {case.tier for case in cases}
    found = [
        _task("re_review", last, on, tier)
        for tier, last in until.items()
        if tier in life.held and tier not in under_way and (last - on).days <= EXPIRES_SOON
    ]
    due = due_day(on.year)
    if due is not None and life.held & set(LADDER) and not life.has_updated:
        found.append(_task("update", due, on, number=on.year))
    return found


def _task(
    what: str,
    due: date | None,
    on: date,
    word: str = "",
    number: int = 0,
    is_provisional: bool = False,
) -> Task:
    return Task(what, due, (due - on).days if due else None, word, number, is_provisional)


def _told(what: str, number: Any, word: Any, day: Any) -> Any:
    return select(
        literal(what).label("what"),
        cast(number, BigInteger).label("number"),
        (cast(null(), Text) if word is None else word).label("word"),
        (cast(null(), Date) if day is None else day).label("day"),
    )


def cases_under_way(session: Session, firm_ids: Iterable[int]) -> dict[int, int]:
    """Count the cases that each of some firms has under way; a firm without any is left out."""
    query = select(Application.firm_id, func.count()).where(
        Application.firm_id.in_(sorted(firm_ids)), Application.closed_at.is_(None)
    )
    return {firm_id: count for firm_id, count in session.execute(query.group_by(Application.firm_id))}
