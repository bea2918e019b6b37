"""What the pages of casework share: a case found within reach, the seats over it, its words, how mails are sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.domain.actors import Seat
from registry.domain.case_states import State
from registry.domain.errors import NotFound
from registry.domain.told import action_words, state_words, told_firm, told_reviewer
from registry.policy import Options
from registry.store.case_lists import case_visible
from registry.store.cases import Application
from registry.web.access import acting_seats, visible
from registry.web.deeds import deed
from registry.web.desk import in_words
from registry.web.language import say as _
from registry.web.security import keys
from registry.web.signed_in import settings
from registry.work.case_bars import procedure_of, seats_at, state_of
from registry.work.post import Post


def post() -> Post:
    """Return how mails are written here."""
    return Post(keys(), settings().public_url.rstrip("/"))


def options() -> Options:
    """Return the settings of the place by which cases are judged."""
    return Options(settings().local_table, settings().higher_title_counts)


def case_found(session: Session, number: int, key: str | None = None) -> Application:
    """Return a case by its number within reach of the view's permission, or of another.

    Raises:
        NotFound: it is not there, or not for whoever asks.
    """
    found = case_visible(session, visible(Application, key), number)
    if found is None:
        raise NotFound(_("没有这份申报"))
    return found


def seats_over(case: Application) -> list[Seat]:
    """Return the seats of whoever asks that cover a case, by the permission of the view."""
    return [seat for seat in acting_seats() if seats_at(case, seat)]


@dataclass(frozen=True, slots=True)
class Acting:
    """A deed on one case: where to write, the case as it is now, the seats in which one acts."""

    session: Session
    case: Application
    seats: list[Seat]


@contextmanager
def acting_on(number: int) -> Iterator[Acting]:
    """Give the transaction of a deed on a case; whoever is barred from it is traced."""
    with deed(f"application:{number}") as session:
        case = case_found(session, number)
        yield Acting(session, case, seats_over(case))


def state_word(case: Application) -> str:
    """Return where a case is, as those who handle it call it."""
    return in_words(state_words(procedure_of(case), state_of(case)))


def firm_state(case: Application) -> tuple[str, str, str]:
    """Return what the firm is told of its case: a key for its look, a title, and what it can do or wait for."""
    told = told_firm(procedure_of(case), state_of(case), case.kind)
    return told.seen.value, in_words(told.title), in_words(told.advice)


def desk_state(case: Application) -> tuple[str, str]:
    """Return what those are told who handle a case: where it is, and who is at work until when."""
    told = told_reviewer(procedure_of(case), state_of(case))
    return in_words(told.title), in_words(told.advice)


def action_word(case: Application, action: str, at: str | None = None) -> str:
    """Return what was done on a case, in words.

    Args:
        at: the state it was done in, as a step keeps it; the present one unless given.
    """
    state = State.parse(at) if at else state_of(case)
    return in_words(_MORE.get(action) or action_words(procedure_of(case), state, action))


# Steps that are no moves of the procedure.
_MORE = {
    "assign": ("分派", "Assigned"),
    "remind": ("催办", "Reminded"),
    "judge": ("录入判断", "Judgement entered"),
    "settle_day": ("重新计算期限", "Last day worked out again"),
    "publicise": ("列入公示名单", "Put on a publicity list"),
}
