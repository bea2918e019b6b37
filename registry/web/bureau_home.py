"""What the first page tells staff: the year's targets, what waits where and how long, what ends, what is unanswered."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from registry.domain.case_states import Phase, State
from registry.domain.codes import LADDER
from registry.domain.errors import Refused
from registry.domain.permissions import permission
from registry.domain.told import state_words
from registry.policy.procedures import procedures
from registry.store.bureau_lists import Waiting, cases_waiting_where, lists_ending, unanswered
from registry.store.cases import Application
from registry.store.publicities import Publicity
from registry.store.watch_titles import expiring_count
from registry.web import db
from registry.web.access import admitted, visible
from registry.web.asking import now, today
from registry.web.desk import in_words
from registry.web.signed_in import actor
from registry.work.targets import TargetBoard, target_board

# Titles that end within so many days are told of.
EXPIRING = 90


@dataclass
class StageLine:
    """The cases at one stage, whatever their tier.

    Attributes:
        stage: as the list of cases is narrowed to it; None where it cannot be, as for what was returned.
        since: the day on which the one that has waited longest came there.
    """

    word: str
    stage: str | None
    count: int = 0
    overdue: int = 0
    since: date | None = None
    districts: dict[str, int] = field(default_factory=dict)

    def add(self, one: Waiting, day: date) -> None:
        """Add the cases of one procedure and district."""
        self.count += one.count
        self.overdue += one.overdue
        self.since = min(self.since or day, day)
        self.districts[one.district] = self.districts.get(one.district, 0) + one.count


def bureau_home() -> dict[str, Any]:
    """Return what the overview of staff shows; empty for whoever keeps no books."""
    if not admitted("see_books"):
        return {}
    session, day, at = db.session(), today(), now()
    monday = day - timedelta(days=day.weekday())
    ending = lists_ending(session, visible(Publicity, "review_cases"), monday, monday + timedelta(days=6))
    own = [seat.district for seat in permission("see_watch").seats_for(actor())]
    district = None if None in own else own[0]
    return {
        "stages": _stages(cases_waiting_where(session, visible(Application, "see_cases"), day), at),
        "targets": _targets(day, at),
        "ending": ending,
        "expiring": expiring_count(session, day, EXPIRING, LADDER, district),
        "expiring_days": EXPIRING,
        "own_district": district,
        "open": unanswered(session, visible(Application, "see_cases"), int(actor().person_id or 0), at),
        "today": day,
    }


def _targets(day: date, at: datetime) -> TargetBoard | None:
    """Return the targets of the running year; None where none are set."""
    try:
        return target_board(db.session(), day.year, day, now=at)
    except Refused:
        return None


def _stages(found: list[Waiting], at: datetime) -> list[StageLine]:
    """Put what waits together by stage, in the order of the procedures; what was returned comes last."""
    known = {one.id: one for one in procedures()}
    lines: dict[str, StageLine] = {}
    places: dict[str, tuple[bool, int]] = {}
    for one in found:
        procedure, state = known[one.procedure_id], State.parse(one.state)
        word = in_words(state_words(procedure, state))
        stages = [stage.key for stage in procedure.stages]
        is_returned = state.phase is Phase.RETURNED
        places.setdefault(word, (is_returned, stages.index(state.at) if state.at in stages else -1))
        stage = None if is_returned else state.at or str(Phase.SUBMITTED)
        lines.setdefault(word, StageLine(word, stage)).add(one, one.since.astimezone(at.tzinfo).date())
    return [lines[word] for word in sorted(lines, key=lambda word: (*places[word], word))]
