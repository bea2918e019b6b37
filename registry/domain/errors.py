"""Every error the registry raises on purpose.

RegistryError
├── Refused            an input was refused: one fault a path, nothing was evaluated or stored
├── NotFound           something asked for by its name is not there, or not for whoever asks
├── MoveNotAllowed     what was asked does not go with the state it is in; says which state that is
├── Barred             whoever asks may not decide this case, though others in the same seat may
└── RuleError          a rule set is wrong: file, criterion, column

Each says what is wrong, where, and what to do; anything else that escapes is a defect.
"""

from collections.abc import Iterable
from dataclasses import dataclass


class RegistryError(Exception):
    """Something was refused on purpose; its text is fit to show to a person."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input.

    Attributes:
        path: where it stands, as `years.2023.revenue` or `工作表1!C5`; empty for the whole input.
        message: what is wrong and what is expected.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Refused(RegistryError):
    """An input that cannot be used; holds every fault found, in the order of the input."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    @classmethod
    def at(cls, path: str, message: str) -> "Refused":
        """Refuse for a single fault."""
        return cls([Fault(path, message)])


class NotFound(RegistryError):
    """Something asked for by its name is not there, or not for whoever asks; which of the two is not told."""


class MoveNotAllowed(RegistryError):
    """What was asked does not go with the state a thing is in; its text says the state and what to do."""


class Barred(RegistryError):
    """A person may not decide this case: a tie, another level, an earlier decision; its text says which."""


class RuleError(RegistryError):
    """A rule set that must not be used: says the file, the criterion and, within a rule, the column."""

    def __init__(self, message: str, *, file: str = "", criterion: str = "", column: int | None = None) -> None:
        self.message, self.file, self.criterion, self.column = message, file, criterion, column
        place = ", ".join(
            part
            for part in (file, f"criterion {criterion}" if criterion else "", f"column {column}" if column else "")
            if part
        )
        super().__init__(f"{place}: {message}" if place else message)
