"""What whoever reads a case can do with it now: each move with why not where something is lacking. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, url_for
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import Action, Guard, Phase
from registry.domain.casework import Move, allowed
from registry.domain.permissions import permission
from registry.domain.procedure import Ending, Level, Procedure, StageKind
from registry.domain.roles import Role
from registry.domain.told import action_words, state_words
from registry.store.cases import Application
from registry.web.desk import in_words
from registry.web.language import of_both
from registry.web.language import say as _
from registry.work.case_bars import bar_of, procedure_of, seats_at, state_of
from registry.work.case_guards import GUARDS, Attempt, Given

# What is brought with the move itself, by its form: nothing that could be lacking before.
_BROUGHT = frozenset(
    {
        Guard.OPINION_GIVEN,
        Guard.ADVERSE_WEIGHED,
        Guard.SOURCE_GIVEN,
        Guard.REAL_NAME_GIVEN,
        Guard.DECLARATION_SIGNED,
        Guard.ONLY_RETURNED_CHANGED,
    }
)
# What the filer does stands on the pages of applications.
_OF_THE_FILER = frozenset({Action.SAVE, Action.SUBMIT, Action.RESUBMIT, Action.WITHDRAW})
# What is done on pages of their own, whatever else it takes.
_ELSEWHERE = frozenset({Action.ASK, Action.ANSWER, Action.DRAW, Action.REPORT, Action.OBJECT, Action.REPLY})


@dataclass(frozen=True, slots=True)
class Known:
    """What was read of a case already, by which a move leads somewhere or has nothing to do any more.

    Attributes:
        is_asked: the departments were asked.
        report_is_due: it was drawn at its present stage, and nothing was reported.
        listed: the number of the list on which it is public at its present stage.
        objections: how many objections were not answered.
        is_upheld: an objection was upheld.
    """

    is_asked: bool = False
    report_is_due: bool = False
    listed: int | None = None
    objections: int = 0
    is_upheld: bool = False

    def is_done(self, move: Move) -> bool:
        """Say whether nothing is left to do of a move, or nothing is there to do it with."""
        if Guard.ONE_UPHELD in move.guards and not self.is_upheld:
            return True
        done: dict[str, bool] = {
            Action.ASK: self.is_asked,
            Action.REPORT: not self.report_is_due,
            Action.OBJECT: self.listed is None,
            Action.REPLY: not self.objections,
        }
        return done.get(move.action, False)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be done, or could if nothing were lacking.

    Attributes:
        action: as the move names it.
        after: where the case is then, in words; empty where it stays.
        lacking: what stands against it, in words; empty where nothing does.
        decides: it is the decision of its office, for good.
        needs_opinion: nothing is done without a reason given.
        page: the address where it is done, or where what is lacking can be done; empty where there is none.
        is_return: it leads back to the firm: what is to be corrected is chosen first.
        is_elsewhere: it is never done by a bare move, also where its page is not there.
    """

    action: str
    word: str
    after: str
    lacking: str
    decides: bool
    needs_opinion: bool
    page: str = ""
    is_return: bool = False
    is_elsewhere: bool = False

    @property
    def is_here(self) -> bool:
        """Say whether it can be done on the page of the case, now."""
        return not (self.lacking or self.is_return or self.is_elsewhere)


@dataclass(frozen=True, slots=True)
class Possible:
    """What can be done with a case by whoever reads it.

    Attributes:
        barred: why he may not work on it, in words; empty where nothing stands against it.
        at_work: the case is at his office's desk, so that he may enter judgements.
    """

    choices: tuple[Choice, ...] = ()
    barred: str = ""
    at_work: bool = False

    def choice(self, action: str) -> Choice | None:
        """Return a choice by its action."""
        return next((one for one in self.choices if one.action == action), None)

    @property
    def here(self) -> list[Choice]:
        """Return what can be done on the page of the case, now."""
        return [one for one in self.choices if one.is_here]

    @property
    def returning(self) -> Choice | None:
        """Return the way back to the firm, where it is open."""
        return next((one for one in self.choices if one.is_return and not one.lacking), None)


def reviewing_seats(actor: Actor, case: Application) -> list[Seat]:
    """Return the seats in which somebody reviews a case, or enters what was decided of it outside."""
    seats = [*permission("review_cases").seats_for(actor), *permission("import_outcomes").seats_for(actor)]
    return [seat for seat in dict.fromkeys(seats) if seats_at(case, seat)]


def possible(session: Session, actor: Actor, case: Application, known: Known, now: datetime) -> Possible:
    """Return what somebody can do with a case now; of a move that two of his seats may make, the first counts."""
    procedure, state = procedure_of(case), state_of(case)
    found: dict[str, tuple[Seat, Move]] = {}
    for seat in reviewing_seats(actor, case):
        for move in allowed(procedure, state, seat.role):
            if move.action not in _OF_THE_FILER and not known.is_done(move):
                found.setdefault(str(move.action), (seat, move))
    if not found:
        return Possible()
    bars: dict[Level, str | None] = {}
    for _seat, move in found.values():
        if move.level not in bars and _takes_a_stand(move):
            bars[move.level] = bar_of(session, actor, case, move.level, now)
    barred = next((why for why in bars.values() if why), "")
    # What several moves need is asked once: the answer hangs on the state and the seat, not on the move.
    told: dict[tuple[Guard, int], str] = {}
    choices = [
        _choice(Attempt(session, case, procedure, move, actor, seat, Given(), now), known, told)
        for seat, move in found.values()
        if not barred or not _takes_a_stand(move)
    ]
    return Possible(tuple(choices), barred=of_both(barred), at_work=bool(state.at) and not barred)


def _takes_a_stand(move: Move) -> bool:
    """Say whether a move says anything of the firm: a draw is by lot, what was decided outside is only recorded."""
    return move.action != Action.DRAW and move.level is not Level.OUTSIDE


def is_made_here(case: Application, action: str) -> bool:
    """Say whether an action is no more than an opinion, so that the page of the case makes it; True for an unknown one.

    What nobody knows is refused by the move itself, in words that say what can be done.
    """
    if action in _OF_THE_FILER:
        return False
    move = _move_of(case, action)
    if move is None:
        return True
    return not _is_elsewhere(procedure_of(case), move) and move.to.phase is not Phase.RETURNED


def needs_opinion(case: Application, action: str) -> bool:
    """Say whether an action asks for an opinion."""
    move = _move_of(case, action)
    return move is not None and _asks_opinion(move, case)


def who_may(case: Application) -> Iterable[Role]:
    """Return the roles that can do something with a case now, the filer's own left out."""
    moves = allowed(procedure_of(case), state_of(case))
    return dict.fromkeys(one.role for one in moves if one.action not in _OF_THE_FILER)


def _choice(attempt: Attempt, known: Known, told: dict[tuple[Guard, int], str]) -> Choice:
    move, procedure, case = attempt.move, attempt.procedure, attempt.case
    needs = [(guard, attempt.seat.id) for guard in move.needs(case.kind) if guard not in _BROUGHT]
    for one in needs:
        if one not in told:
            told[one] = GUARDS[one[0]](attempt)
    lacking = [of_both(told[one]) for one in needs if told[one]]
    return Choice(
        str(move.action),
        in_words(action_words(procedure, move.state, move.action)),
        "" if move.stays else in_words(state_words(procedure, move.to)),
        _("；").join(lacking),
        move.decides is not None,
        _asks_opinion(move, case),
        page=_page_of(procedure, move, case, known),
        is_return=move.to.phase is Phase.RETURNED,
        is_elsewhere=_is_elsewhere(procedure, move),
    )


def _move_of(case: Application, action: str) -> Move | None:
    moves = allowed(procedure_of(case), state_of(case))
    return next((one for one in moves if one.action == action), None)


def _asks_opinion(move: Move, case: Application) -> bool:
    # A visit without a word of what was found is no record of it.
    return Guard.OPINION_GIVEN in move.needs(case.kind) or move.action == Action.INSPECT


def _kind_of_stage(procedure: Procedure, move: Move) -> StageKind | None:
    return procedure.stage(move.state.at).kind if move.state.phase is Phase.STAGE else None


def _is_elsewhere(procedure: Procedure, move: Move) -> bool:
    """Say whether a move takes more than an opinion: a list, a number, an import."""
    # A recognition is announced with its number and its list, and enters the books by that.
    is_recognition = move.to.phase is Phase.ENDED and move.to.at in (Ending.RECOGNISED, Ending.ENTERED)
    return move.action in _ELSEWHERE or is_recognition or _kind_of_stage(procedure, move) is StageKind.OUTSIDE


def _page_of(procedure: Procedure, move: Move, case: Application, known: Known) -> str:
    match move.action:
        case Action.ASK:
            return _address("inquiries.ask_form", number=case.id)
        case Action.DRAW:
            return _address("samples.preview", tier=case.tier, stage=move.state.at)
        case Action.REPORT:
            return _address("samples.member", number=case.id)
    kind = _kind_of_stage(procedure, move)
    if kind is StageKind.PUBLICITY:
        return page_of_list(known.listed)
    if not _is_elsewhere(procedure, move):
        return ""
    return _address("outcomes.outcomes") if kind is StageKind.OUTSIDE else _address("announcements.new", tier=case.tier)


def page_of_list(number: int | None) -> str:
    """Return where a list that is public is handled, or where lists are made."""
    return _address("publicities.listed", number=number) if number is not None else _address("publicities.lists")


def page_of_filing(case: Application) -> str:
    """Return where the district that files for the firm corrects or withdraws a case; empty where the firm does."""
    return _address("filings.case", number=case.id) if case.filed_role == Role.DISTRICT_REVIEWER else ""


def page_of_inquiry(case: Application) -> str:
    """Return where a department answers."""
    return _address("inquiries.inquiry", number=case.id)


def page_of_audit(case: Application) -> str:
    """Return where an auditor reports."""
    return _address("samples.audit", number=case.id)


def _address(endpoint: str, **asked: Any) -> str:
    return url_for(endpoint, **asked) if endpoint in current_app.view_functions else ""
