"""Keeps the grams by which holders of titles are found by name (see `registry.store.search`). Flushes, never commits.

Firms that never held a title of the ladder are not in it: the register of titles does not know them. Readings of
characters come from a dictionary; where a character has several, its most usual ones count, so 重庆 is found as
zhongqing too.
"""

import os
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from hashlib import sha256

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.orm import Session

from registry.domain.codes import LADDER
from registry.domain.name_grams import grams_of
from registry.domain.pinyin import Readings
from registry.store.books import as_known
from registry.store.firms import Firm, FirmName
from registry.store.search import BITS, NameGram, NameIndexed, names_indexed, packed, places, unpacked
from registry.store.standing import StandingSpan
from registry.work.identify import Row, batches, insert_rows, update_rows

_GRAM: Table = NameGram.__table__  # type: ignore[assignment]
_INDEXED: Table = NameIndexed.__table__  # type: ignore[assignment]
# A character with more readings than that has rare ones.
_MOST_READINGS = 3


def readings_of(text: str) -> Readings:
    """Return what every character of a plain text may be read as; letters and digits as themselves."""
    return [_readings(character) for character in text]


@lru_cache(16_384)
def _readings(character: str) -> tuple[str, ...]:
    if character.isascii():
        return (character,)
    # The dictionary is large, most commands never look into it, and its phrases are of no use to one character.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import Style, pinyin

    told = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore", v_to_u=False)
    said = [one for one in (told[0] if told else ()) if one.isascii() and one.isalpha()]
    return tuple(dict.fromkeys(said))[:_MOST_READINGS]


def tier_gram(tier: str) -> str:
    """Return the gram of everybody who ever held a tier."""
    return f":{tier}"


def district_gram(district: str) -> str:
    """Return the gram of everybody who ever held a title in a district."""
    return f":{district}"


def index_names(connection: Connection, firm_ids: Collection[int]) -> int:
    """Bring the grams of some firms up to the names they bear or bore; return how many were behind."""
    told = {firm_id: words for ids in batches(sorted(firm_ids)) for firm_id, words in _told(connection, ids).items()}
    known = {firm_id: one for ids in batches(told) for firm_id, one in names_indexed(connection, ids).items()}
    behind = {firm_id: words for firm_id, words in told.items() if known.get(firm_id) != _digest(words)}
    sets: dict[tuple[str, int], list[int]] = {}
    for firm_id, words in sorted(behind.items()):
        block, place = firm_id >> BITS, firm_id & (1 << BITS) - 1
        for gram in _grams(words):
            sets.setdefault((gram, block), []).append(place)
    _add(connection, sets)
    rows: list[Row] = [{"firm_id": firm_id, "told": _digest(words)} for firm_id, words in behind.items()]
    insert_rows(connection, _INDEXED, [row for row in rows if row["firm_id"] not in known])
    update_rows(connection, _INDEXED, ("firm_id",), ("told",), [row for row in rows if row["firm_id"] in known])
    return len(behind)


def _told(connection: Connection, ids: Collection[int]) -> dict[int, list[str]]:
    """Return the tags and names of those firms that hold or held a title."""
    spans = select(StandingSpan.firm_id, StandingSpan.tier, StandingSpan.district).distinct()
    spans = spans.where(StandingSpan.firm_id.in_(ids), StandingSpan.tier.in_(LADDER), as_known(StandingSpan, None))
    told: dict[int, set[str]] = {}
    for firm_id, tier, district in connection.execute(spans):
        told.setdefault(firm_id, set()).add(tier_gram(tier))
        if district:
            told[firm_id].add(district_gram(district))
    names = select(FirmName.firm_id, FirmName.name).where(FirmName.firm_id.in_(sorted(told)))
    for firm_id, name in connection.execute(names):
        told[firm_id].add(name)
    return {firm_id: sorted(words) for firm_id, words in told.items()}


def _digest(words: Iterable[str]) -> str:
    return sha256("\n".join(words).encode()).hexdigest()[:16]


def _grams(words: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for word in words:
        found |= {word} if word.startswith(":") else grams_of(word, readings_of)
    return found


def _add(connection: Connection, sets: dict[tuple[str, int], list[int]]) -> None:
    """Add firms to the sets."""
    known: dict[tuple[str, int], int] = {}
    for block in sorted({block for _gram, block in sets}):
        for grams in batches(sorted(gram for gram, of in sets if of == block)):
            query = select(_GRAM.c.gram, _GRAM.c.firms).where(_GRAM.c.block == block, _GRAM.c.gram.in_(grams))
            known |= {(gram, block): unpacked(firms) for gram, firms in connection.execute(query)}
    new: list[Row] = []
    grown: list[Row] = []
    # In the order in which they lie: a leaf of the tree is then written once.
    for (gram, block), added in sorted(sets.items()):
        before = known.get((gram, block))
        if before is None:
            new.append({"gram": gram, "block": block, "firms": packed(added)})
            continue
        more = [place for place in added if not before >> place & 1]
        if more:
            grown.append({"gram": gram, "block": block, "firms": packed(sorted([*places(before), *more]))})
    insert_rows(connection, _GRAM, new)
    update_rows(connection, _GRAM, ("gram", "block"), ("firms",), grown)


def is_search_behind(session: Session) -> bool:
    """Say whether a register holds titles of which none is found by name: an older version kept no grams."""
    of_ladder = StandingSpan.tier.in_(LADDER)
    holds = session.scalar(select(StandingSpan.id).where(of_ladder, as_known(StandingSpan, None)).limit(1))
    return holds is not None and session.scalar(select(NameIndexed.firm_id).limit(1)) is None


def fill_search(session: Session, progress: Callable[[int], None] = lambda count: None) -> int:
    """Index every holder of titles, a block at a time; return how many were behind."""
    connection = session.connection()
    last: int = session.scalar(select(func.max(Firm.id))) or 0
    done = 0
    for block in range((last >> BITS) + 1):
        ids = range(block << BITS, min((block + 1) << BITS, last + 1))
        done += index_names(connection, ids)
        progress(len(ids))
    return done
