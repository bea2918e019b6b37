"""Draws a sample by lot, so that anybody who has the seed and the list can draw it again. Pure: no chance in here.

The seed is what is random; it comes from the caller and stands on record beside the list.
"""

from collections.abc import Sequence
from hashlib import sha256


def rank(seed: str, reference: str) -> str:
    """Return the lot of a case: SHA-256 in hexadecimal over the seed and, right after it, the reference, in UTF-8."""
    return sha256(f"{seed}{reference}".encode()).hexdigest()


def draw(references: Sequence[str], spared: frozenset[str], size: int, seed: str) -> tuple[str, ...]:
    """Draw so many of some cases; return their references, in order.

    Every case that is not spared gets its lot (see `rank`); those with the `size` smallest lots, compared as text, are
    drawn, or all of them where they are fewer. In which order the cases are given makes no difference. By hand, with
    the references that are not spared in `list.txt`, one a line:

        while read r; do echo "$(printf %s "$SEED$r" | sha256sum | cut -c1-64) $r"; done < list.txt |
            sort | head -n SIZE

    Raises:
        ValueError: a case stands there twice, or less than none is to be drawn; that is a defect of the caller.
    """
    if len(set(references)) != len(references):
        raise ValueError("a case stands twice in the list drawn from")
    if size < 0:
        raise ValueError(f"{size} cannot be drawn")
    lots = sorted((rank(seed, one), one) for one in references if one not in spared)
    return tuple(sorted(reference for _lot, reference in lots[:size]))


def digest(references: Sequence[str]) -> str:
    """Return SHA-256 over the list drawn from: the references in order, one a line, each line ended by a newline.

    Of a file that holds the list so, `sha256sum` prints the same.
    """
    return sha256("".join(f"{one}\n" for one in sorted(references)).encode()).hexdigest()
