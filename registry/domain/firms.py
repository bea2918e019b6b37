"""A firm as the rules see it: who it is, its facts, its yearly figures. Immutable; unknown is absent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

# An entry of a list fact; a key left out is an unknown part.
Entry = Mapping[str, "int | str | date"]
# A value in its base unit (see registry.domain.facts).
Value = bool | int | str | date | tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Firm:
    """One firm, read and checked.

    Attributes:
        uscc: canonical unified social credit code.
        facts: facts by key, in base units; a list fact is a tuple of entries, empty when known to be empty.
        years: fiscal year to figures by key, in base units.
    """

    uscc: str
    name: str
    facts: Mapping[str, Value] = field(default_factory=dict)
    years: Mapping[int, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TitleRow:
    """One title of the ladder as a list states it: a row of `import titles` (contract §3)."""

    uscc: str
    name: str
    district: str
    tier: str
    kind: str
    recognised_on: date
    valid_until: date | None = None
    batch: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class ScaleRow:
    """One stay among the above-scale firms as a list states it: a row of `import scale` (contract §3)."""

    uscc: str
    name: str
    district: str
    entered_on: date
    entry: str
    exited_on: date | None = None
    exit_reason: str | None = None
    source: str = ""
