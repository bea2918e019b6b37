"""Chains: each entry's hash covers the entry and the hash before it; and the entries of the ledger. Pure.

An entry is written in one canonical text, the same on every database, and hashed with SHA-256 after the hash of the
entry before it. Whoever changes, removes, inserts or moves an entry breaks the chain there; cutting off its tail
does not, and is found by a head that was kept elsewhere. `registry.domain.trail` is the other chain.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol, TypeVar

# Stands before the first entry.
GENESIS = "0" * 64
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the ledger (see `registry.store.ledger.LedgerEntry`).

    Attributes:
        details: canonical JSON.
        filed: who filed it, by which deed, from which source (see `filed_by`); kept once for all entries of a filing.
    """

    seq: int
    known_at: datetime
    takes_effect_on: date
    uscc: str
    tag: str
    tier: str | None
    district: str | None
    details: str
    voids: int | None
    filed: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain stood: how many entries it had, and the hash of the last."""

    seq: int
    hash: str


# Where every chain begins.
BEGINNING = Head(0, GENESIS)


@dataclass(frozen=True, slots=True)
class Break:
    """The first link of a chain that does not hold.

    Attributes:
        seq: the number of the entry; for a tail that was cut off, the first one missing.
    """

    seq: int
    what: str


def canonical(details: Mapping[str, str]) -> str:
    """Return details as canonical JSON: sorted keys, no spaces, characters as they are."""
    return json.dumps(dict(details), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def filed_by(deed: str, source: str, actor: str) -> str:
    """Return what an entry's hash covers of its filing."""
    return canonical({"deed": deed, "source": source, "actor": actor})


def link(before: str, entry: Entry) -> str:
    """Return the hash of an entry after the hash before it, 64 hexadecimal digits."""
    told = [
        entry.seq,
        entry.known_at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.takes_effect_on.isoformat(),
        entry.uscc,
        entry.tag,
        entry.tier,
        entry.district,
        entry.details,
        entry.voids,
        entry.filed,
    ]
    text = _ENCODER.encode([before, *told])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class Numbered(Protocol):
    """What stands in a chain: entries numbered 1, 2, 3 … without a gap."""

    @property
    def seq(self) -> int:
        """Return the number."""


Link = TypeVar("Link", bound=Numbered)


def verify(entries: Iterable[tuple[Entry, str]], kept: Iterable[Head] = ()) -> tuple[Head, Break | None]:
    """Derive the chain of the ledger again (see `derive_again`)."""
    return derive_again(entries, link, kept=kept)


def derive_again(
    entries: Iterable[tuple[Link, str]],
    hashed: Callable[[str, Link], str],
    *,
    start: Head = BEGINNING,
    kept: Iterable[Head] = (),
) -> tuple[Head, Break | None]:
    """Derive a chain again.

    Args:
        entries: in the order of their numbers, each with the hash that was stored with it.
        hashed: gives the hash of an entry after the hash before it.
        start: where the chain stood before the first of them.
        kept: heads that were kept elsewhere. One of an entry before the start proves nothing and is passed over; two
            of one entry that differ hold for no chain.

    Returns:
        The last head that holds, and the first break or None.
    """
    head = start
    elsewhere: dict[int, set[str]] = {}
    for one in kept:
        elsewhere.setdefault(one.seq, set()).add(one.hash)
    if elsewhere.get(head.seq, {head.hash}) != {head.hash}:
        return head, Break(head.seq, "起点与另存的检查点不符 (where it starts differs from the checkpoint)")
    for entry, stored in entries:
        if entry.seq != head.seq + 1:
            return head, Break(
                head.seq + 1, f"编号应为 {head.seq + 1}，现为 {entry.seq} (an entry is missing or moved)"
            )
        found = hashed(head.hash, entry)
        if found != stored:
            return head, Break(entry.seq, "内容与其校验值不符 (the entry and its hash differ)")
        if elsewhere.get(entry.seq, {found}) != {found}:
            return head, Break(
                entry.seq, "与另存的检查点不符，此前有条目被换过 (differs from the checkpoint kept elsewhere)"
            )
        head = Head(entry.seq, found)
    longest = max(elsewhere, default=0)
    if longest > head.seq:
        return head, Break(head.seq + 1, f"检查点记到 {longest}，现只到 {head.seq} (the tail was cut off)")
    return head, None
