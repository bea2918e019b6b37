"""Which grams a name is found by, and which a query asks for: pieces of one and two characters, and of its pinyin.

A gram only narrows down; whether a name answers a query is said by `answers`.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from registry.domain.pinyin import Readings, are_initials, cut, heard_grams, initial_grams, is_heard, syllable_grams

# So much of a query narrows down enough.
_MOST_CHARACTERS = 30

# Of every tuple a name has at least one.
Grams = list[tuple[str, ...]]


def plain(text: str) -> str:
    """Return the letters, digits and characters of a text alone, small and of usual width."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in unicodedata.normalize("NFKC", folded) if one.isalnum())


def grams_of(name: str, read: Callable[[str], Readings]) -> set[str]:
    """Return everything a name is found by.

    Args:
        read: gives the readings of every character of a plain text.
    """
    text = plain(name)
    found: set[str] = set()
    for place in range(len(text)):
        found.update(_beginning(text[place : place + 3], read))
    return found


@lru_cache(1 << 16)
def _beginning(piece: str, read: Callable[[str], Readings]) -> tuple[str, ...]:
    """Return the grams that begin with the first of up to three characters; most names share most of them."""
    return (piece[0], *((piece[:2],) if len(piece) > 1 else ()), *heard_grams(read(piece)))


@dataclass(frozen=True)
class Sought:
    """A part of a name as it was typed, in characters or in pinyin."""

    typed: str

    @cached_property
    def text(self) -> str:
        """Return what is looked for in the names themselves."""
        return plain(self.typed)

    @cached_property
    def letters(self) -> str:
        """Return what is looked for in their pinyin; empty where that cannot be meant."""
        told = self.typed.casefold().replace("ü", "v")
        letters = "".join(one for one in unicodedata.normalize("NFKC", told) if one not in " '’-·.")
        return letters if len(letters) >= 2 and letters.isascii() and letters.isalpha() else ""

    def ways(self) -> list[Grams]:
        """Return the grams that a name answering it has: those of at least one way."""
        text, letters = self.text[:_MOST_CHARACTERS], self.letters[:_MOST_CHARACTERS]
        if not text:
            return []
        pieces: Grams = [(text[place : place + 2],) for place in range(len(text) - 1)] or [(text,)]
        found: list[Grams] = [pieces]
        if letters:
            found.append([(gram,) for gram in initial_grams(letters)])
            # A text cut short may end in the middle of a syllable, which its last part allows for.
            found += [syllable_grams(before, last) for before, last in cut(letters)]
        return found

    def answers(self, name: str, read: Callable[[str], Readings]) -> bool:
        """Say whether a name contains it, or is read so."""
        text = plain(name)
        if not self.text or self.text in text:
            return bool(self.text)
        if not self.letters:
            return False
        readings = read(text)
        return are_initials(self.letters, readings) or is_heard(self.letters, readings)
