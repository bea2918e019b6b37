"""The checks that reviewers make by hand: a firm's form against the register and against itself. Reads only.

What comes of them are warnings for whoever fills in or reviews; they refuse nothing and change no verdict.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from registry.domain.errors import Fault
from registry.domain.firms import Firm as StatedFirm
from registry.domain.plausible import differing, doubts
from registry.store.firms import Firm
from registry.store.records import record_of


def warnings_of(session: Session, firm: Firm, typed: StatedFirm, on: date) -> tuple[Fault, ...]:
    """Return what does not fit in a form, each at the path of its field, in the order of a form.

    Args:
        firm: whose form it is; its code and name are those of the register, for a form asks for neither.
        typed: what the form says.
        on: the day on which it is looked at.
    """
    return compared(typed, record_of(session, firm).firm, on)


def compared(typed: StatedFirm, known: StatedFirm, on: date) -> tuple[Fault, ...]:
    """Return the warnings of a form beside what the register knows, where that was read already."""
    named = replace(typed, uscc=known.uscc, name=known.name)
    return _each_once([*differing(named, known), *doubts(named, on)])


def _each_once(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(dict.fromkeys(faults))
