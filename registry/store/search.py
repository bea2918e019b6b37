"""Which firms a name is looked up in: for each gram of the names the firms that have it, in blocks, as sets of bits.

The firms of a block are those whose numbers differ in the last twelve bits. Sets only grow: a name once borne stays
known. They narrow down, for either database alike and without its help; who answers is said by the names themselves.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ForeignKey, Integer, LargeBinary, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from registry.domain.name_grams import Grams
from registry.store.base import BIG, CLUSTERED, Base

BITS = 12
SIZE = 1 << BITS
_FEW, _MANY = b"\x00", b"\x01"
# From so many on the bits take less room than the places written one by one.
_AS_BITS = SIZE // 16
# Well under the parameters that either database takes at once.
_AT_ONCE = 2_000


class NameGram(Base):
    """The firms of a block that have a gram in one of their names."""

    __tablename__ = "name_gram"
    __table_args__ = (CLUSTERED,)
    gram: Mapped[str] = mapped_column(Text, primary_key=True, comment="see registry.domain.name_grams")
    block: Mapped[int] = mapped_column(
        Integer, primary_key=True, autoincrement=False, comment="the numbers of its firms without the last 12 bits"
    )
    firms: Mapped[bytes] = mapped_column(LargeBinary, comment="the last 12 bits of their numbers, as a set")


class NameIndexed(Base):
    """What of a holder of titles the grams tell, so that what stays as it was is not looked at again."""

    __tablename__ = "name_indexed"
    firm_id: Mapped[int] = mapped_column(BIG, ForeignKey("firm.id"), primary_key=True, autoincrement=False)
    told: Mapped[str] = mapped_column(Text, comment="digest of its names, tiers and districts")


def packed(some: Sequence[int]) -> bytes:
    """Return a set of places, given in rising order, as the database keeps it."""
    if len(some) < _AS_BITS:
        return _FEW + b"".join(place.to_bytes(2, "big") for place in some)
    return _MANY + sum(1 << place for place in some).to_bytes(SIZE // 8, "big")


def unpacked(kept: bytes) -> int:
    """Return a set of places, a bit each."""
    if kept[:1] == _MANY:
        return int.from_bytes(kept[1:], "big")
    bits = bytearray(SIZE // 8)
    for high, low in zip(kept[1::2], kept[2::2], strict=True):
        bits[-1 - (high << 5 | low >> 3)] |= 1 << (low & 7)
    return int.from_bytes(bits, "big")


def places(bits: int) -> Iterator[int]:
    """Yield the places of a set, the lowest first."""
    at = 0
    # Eight bytes at a time: a long number is costly to change bit by bit.
    while bits:
        word = bits & 0xFFFF_FFFF_FFFF_FFFF
        while word:
            lowest = word & -word
            yield at + lowest.bit_length() - 1
            word ^= lowest
        bits >>= 64
        at += 64


def candidates(session: Session, ways: Iterable[Grams], also: Grams, *, after: int = 0) -> Iterator[int]:
    """Yield the numbers of the firms that may answer, the lowest first. One look-up, whatever the number of firms.

    Args:
        ways: of at least one of them a firm has every gram, of each tuple one.
        also: what it has besides.
        after: only numbers beyond this one.
    """
    asked = [[*way, *also] for way in ways]
    kept = _sets_of(session, {gram for way in asked for grams in way for gram in grams}, after >> BITS)
    for block in sorted(kept):
        bits = 0
        for way in asked:
            bits |= _all_of(kept[block], way)
        for place in places(bits):
            number = (block << BITS) + place
            if number > after:
                yield number


def _sets_of(session: Session, grams: Collection[str], first: int) -> dict[int, dict[str, bytes]]:
    """Return the sets of some grams from a block on, by block and gram."""
    wanted = sorted(grams)
    found: dict[int, dict[str, bytes]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(NameGram.gram, NameGram.block, NameGram.firms).where(
            NameGram.gram.in_(wanted[start : start + _AT_ONCE]), NameGram.block >= first
        )
        for gram, block, firms in session.execute(query):
            found.setdefault(block, {})[gram] = firms
    return found


def _all_of(sets: dict[str, bytes], way: Grams) -> int:
    """Return the firms of a block that have, of each tuple, a gram."""
    # Where one tuple has none of the block there is nothing to unpack.
    if not all(any(gram in sets for gram in grams) for grams in way):
        return 0
    found = -1
    for grams in way:
        some = 0
        for gram in grams:
            if gram in sets:
                some |= unpacked(sets[gram])
        found &= some
        if not found:
            return 0
    return max(found, 0)


def names_indexed(connection: Any, firm_ids: Collection[int]) -> dict[int, str]:
    """Return what of some firms the grams tell, as a digest each."""
    query = select(NameIndexed.firm_id, NameIndexed.told).where(NameIndexed.firm_id.in_(sorted(firm_ids)))
    return {firm_id: told for firm_id, told in connection.execute(query)}
