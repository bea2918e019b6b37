"""The trail: who did what, when and from where, as entries that are linked like those of the ledger. Pure.

It holds deeds, the ledger what became known of firms; the two chains are apart. Nothing that a person typed can
forge or break a line of it (see `plain`). A secret is never handed to it: it does not know one when it sees one.
"""

import enum
import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from registry.domain.chain import BEGINNING, Break, Head, derive_again
from registry.domain.trail_tags import TAG_WORDS as TAG_WORDS
from registry.domain.trail_tags import Tag as Tag

LONGEST_TEXT = 2_000
# A name, an address, a subject: what an index holds must be short on PostgreSQL.
LONGEST_WORD = 200
LONGEST_VALUES = 20_000
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
_LINE_BREAK = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Controls, what is not seen or turns the direction of writing, and halves of characters.
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does something, in which capacity and from where; as known at that moment.

    Attributes:
        person_id: None for the program's own commands, and for a visitor who is not known.
        seat: the office held while doing it, as `district_reviewer@370214`; empty outside any.
        address: the network address the request came from.
        request_id: ties the entries of one request together, and to the log of the server.
    """

    person_id: int | None
    name: str
    seat: str = ""
    address: str = ""
    request_id: str = ""

    @classmethod
    def program(cls, command: str, name: str = "") -> "Doer":
        """Return the program itself, run from the command line.

        Args:
            command: what was run, as `trail archive`.
            name: of whoever ran it, where that is said.
        """
        return cls(None, name or f"registry {command}", seat="program")

    @property
    def signature(self) -> str:
        """Return name and seat in one, as a row keeps whose deed it was."""
        return f"{self.name} {self.seat}".strip()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the trail (see `registry.store.trail.TrailEntry`).

    Attributes:
        subject: what it was done to, as `person:12`.
        before: the values that were replaced, as canonical JSON.
        after: the values that hold since.
    """

    seq: int
    at: datetime
    tag: str
    person_id: int | None
    name: str
    seat: str
    address: str
    request_id: str
    subject: str
    before: str | None
    after: str | None


def plain(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text that stays within one line and shows everything it holds.

    A line break becomes ⏎, a tab a blank, every other character that is not seen �: controls such as ESC, marks that
    turn the direction of writing, halves of characters. Applied again it changes nothing.

    Args:
        longest: characters; what is longer is cut there and ends with ….
    """
    if len(text) > longest:
        text = f"{text[: longest - 1]}…"
    if text.isascii() and text.isprintable():
        return text
    text = _LINE_BREAK.sub("⏎", text).replace("\t", " ")
    return "".join("�" if unicodedata.category(one) in _UNSEEN else one for one in text)


def values_as_text(values: Mapping[str, Any] | None) -> str | None:
    """Return values as canonical JSON: sorted keys, no blanks, days and moments in ISO 8601, each text `plain`.

    Values of more than LONGEST_VALUES characters in all are kept as the beginning of their text, under the key `…`.

    Raises:
        TypeError: a value that is neither text, number, day, moment nor made of those.
    """
    if values is None:
        return None
    text = _ENCODER.encode(_safe(values))
    return text if len(text) <= LONGEST_VALUES else _ENCODER.encode({"…": plain(text)})


def _safe(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if isinstance(value, enum.Enum):
        value = value.value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {plain(str(key), LONGEST_WORD): _safe(one) for key, one in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(_safe, value), key=_ENCODER.encode)
    if isinstance(value, list | tuple):
        return [_safe(one) for one in value]
    raise TypeError(f"the trail cannot hold a {type(value).__name__}")


def link(before_hash: str, entry: Entry) -> str:
    """Return the hash of an entry after the hash before it, 64 hexadecimal digits."""
    told = [getattr(entry, name) for name in Entry.__slots__]
    told[1] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(_ENCODER.encode([before_hash, *told]).encode("utf-8")).hexdigest()


def verify(
    entries: Iterable[tuple[Entry, str]], start: Head = BEGINNING, kept: Iterable[Head] = ()
) -> tuple[Head, Break | None]:
    """Derive the chain of the trail again (see `registry.domain.chain.derive_again`).

    Args:
        start: the head up to which it was archived, unless the entries begin with the first one ever.
    """
    return derive_again(entries, link, start=start, kept=kept)
