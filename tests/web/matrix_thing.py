"""What an address or a form of the hostile tests names, and whose it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

NOBODYS = 999_999_999


@dataclass(frozen=True, slots=True)
class Thing:
    """What an address or a form names, and whose it is: so far as the reach of a permission asks for it.

    Attributes:
        names: the arguments of the address.
        form: what of the form names it.
        is_there: False for what nobody has: not found, whoever asks.
        fits_state: it is in the state that a permission may ask for.
        asked: the departments that were asked about it.
        given: whom of those who ask, as an auditor, it was given.
        office: the district whose office alone has it; a wider reach does not help.
        owner: the one person who has it; no reach helps.
    """

    names: dict[str, Any] = field(default_factory=dict)
    district: str | None = None
    firm: int | None = None
    person: str | None = None
    is_there: bool = True
    fits_state: bool = True
    form: dict[str, Any] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    given: str = ""
    office: str = ""
    owner: str = ""


Things = Callable[[dict[str, Any]], list[Thing]]


@dataclass(frozen=True, slots=True)
class Example:
    """A valid form, and who would be admitted with it to the first thing of the address.

    Attributes:
        changes: False where nothing is kept: no change, thus no trace either.
        cookie: what the cookie must hold besides.
        more: what else is sent, as the body of a request of a program.
    """

    who: str
    form: dict[str, Any] = field(default_factory=dict)
    changes: bool = True
    cookie: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
