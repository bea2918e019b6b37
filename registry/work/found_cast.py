"""Who works in the demo city: its people as actors, the intermediary for any firms, and what is typed in a form."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat, Standing
from registry.domain.firms import Firm as StatedFirm
from registry.policy import Options
from registry.store.cases import Application
from registry.store.firms import Firm
from registry.store.persons import person_by_email, seats_of
from registry.work.apply import Answers, save_answers
from registry.work.return_case import years_asked

DISTRICTS = ("370214", "370285")


@dataclass
class Cast:
    """Who works in the demo city, by what he does; districts by their code.

    Attributes:
        typed: returns what is typed in the boxes of the form for a firm.
    """

    session: Session
    options: Options
    typed: Callable[[StatedFirm], Answers]

    def actor(self, email: str, now: datetime) -> Actor:
        """Return somebody of the demo city at work."""
        person = person_by_email(self.session, f"{email}@demo.example")
        if person is None:
            raise LookupError(email)
        return Actor(person.id, person.name, person.email, Standing.FULL, seats_of(self.session, person.id, now.date()))

    def agent(self, firms: Iterable[Firm], now: datetime) -> tuple[Actor, Seat]:
        """Return the intermediary, as if some firms had delegated to it that day."""
        who = self.actor("xu", now)
        seat = replace(who.seats[0], firm_ids=frozenset(firm.id for firm in firms))
        return replace(who, seats=(seat,)), seat

    def reviewer(self, case: Application, now: datetime) -> Actor:
        """Return the reviewer of the district of a case."""
        return self.actor("wu" if case.district == DISTRICTS[0] else "he", now)

    def type_in(self, actor: Actor, seat: Seat, case: Application, stated: StatedFirm, at: datetime) -> None:
        """Fill in a draft with what is stated of its firm, for the years that are asked for that day."""
        asked = years_asked(at.date())
        figures = {year: rows for year, rows in stated.years.items() if year in asked}
        changes = self.typed(replace(stated, years=figures))
        save_answers(self.session, actor, [seat], case, changes, now=at)
