"""What lists and deeds state of one firm's standing. Plain values: what follows from them is told by `events`."""

from dataclasses import dataclass
from datetime import date

from registry.domain.firms import ScaleRow, TitleRow


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of firms, which is undated, named a firm and its district: it speaks of the day of its import."""

    listed_on: date
    name: str
    district: str | None


@dataclass(frozen=True, slots=True)
class Revocation:
    """A title of a tier was cancelled: it does not hold at the close of the day."""

    tier: str
    revoked_on: date
    cause: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Merger:
    """The firm was merged into another. What becomes of its titles is stated by itself."""

    merged_on: date
    into: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Statements:
    """Everything stated of one firm that bears on its standing, in any order.

    Attributes:
        titles: each with its last valid day.
        listings: in the order they became known: of two of the same day the later one holds.
    """

    titles: tuple[TitleRow, ...] = ()
    stays: tuple[ScaleRow, ...] = ()
    listings: tuple[Listing, ...] = ()
    revocations: tuple[Revocation, ...] = ()
    mergers: tuple[Merger, ...] = ()
