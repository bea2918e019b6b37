"""Somebody at work: a person with the seats held at this moment, as a request or a command found them. Pure."""

from dataclasses import dataclass, field
from enum import IntEnum

from registry.domain.roles import STAFF, Role
from registry.domain.trail import Doer


class Standing(IntEnum):
    """How far somebody has got with signing in; each stands above the one before."""

    NOBODY = 0
    # The password was right, the second factor is still awaited.
    HALF = 1
    # Signed in, but something must be settled first: a password that ran out, a second factor not yet enrolled.
    BOUND = 2
    FULL = 3


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat as it is held now.

    Attributes:
        district: of a district bureau.
        firm_ids: the firms an applicant acts for: the one of the seat, or those that delegated to the intermediary.
        is_own: the seat is at the firm itself, not at an intermediary.
        place: the office or firm in a word, for the trail.
    """

    id: int
    role: Role
    place: str
    office_id: int | None = None
    office_name: str = ""
    office_name_en: str = ""
    district: str | None = None
    department: str | None = None
    firm_ids: frozenset[int] = frozenset()
    is_own: bool = False

    def __str__(self) -> str:
        return f"{self.role}@{self.place}"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in which seats, from where."""

    person_id: int | None = None
    name: str = ""
    email: str = ""
    standing: Standing = Standing.NOBODY
    seats: tuple[Seat, ...] = ()
    address: str = ""
    request_id: str = ""
    sign_in_id: int | None = None
    duties: tuple[str, ...] = field(default=())

    @property
    def roles(self) -> frozenset[Role]:
        """Return the roles held."""
        return frozenset(seat.role for seat in self.seats)

    @property
    def is_staff(self) -> bool:
        """Say whether any seat is one of staff."""
        return bool(self.roles & STAFF)

    def doer(self, seat: Seat | None = None) -> Doer:
        """Return how the trail names whoever acts, in a seat or in person."""
        return Doer(self.person_id, self.name, str(seat) if seat else "", self.address, self.request_id)


NOBODY = Actor()
