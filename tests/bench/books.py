"""Measures the books at 20,000 and 1,000,000 firms, on SQLite and PostgreSQL: `python -m tests.bench books`."""

import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.books_counts import ROWS, YEAR, counts, import_titles, workbook
from tests.bench.books_pages import AFTER, COLD, SERVED_COLD, SERVED_WARM, WARM, pages, served
from tests.bench.books_registers import COPIES, FIRMS, LARGE, Register, registers
from tests.bench.books_timing import Looks, Usage

_MEBIBYTE = 2**20
_DASHBOARD = (AFTER, COLD, WARM, SERVED_COLD, SERVED_WARM)
# What is promised: a p95 beside that of the small register, and the workbook's seconds and MiB.
RATIO, WORKBOOK_SECONDS, WORKBOOK_MEBIBYTES = 1.5, 10, 500


@dataclass(slots=True)
class Told:
    """What was measured of a register."""

    register: Register
    looks: dict[str, Looks] = field(default_factory=dict)
    book: Usage | None = None
    imported: Usage | None = None


def main(engines: Sequence[str] = ("SQLite", "PostgreSQL")) -> None:
    """Measure everything and print it."""
    say = _say
    say(f"\nthe books: {FIRMS:,} and {LARGE:,} firms, above-scale stays since 2011, titles since 2020\n")
    say(f"  the larger register is {COPIES} copies of the smaller, with codes of their own and without its ledger;\n")
    say(f"  its changes fall on the same days, so its sums by day are as many rows, each {COPIES} times as much\n")
    say(f"  load {_load()} at the start; SQLite {sqlite3.sqlite_version}, {platform.system()}\n")
    with tempfile.TemporaryDirectory() as place, registers(Path(place), say, engines) as made:
        told = [_measured(register, Path(place)) for register in made]
        for small, large in _pairs(told):
            say("\n" + "\n".join(_table(small, large)) + "\n")
        for small, large in _pairs(told):
            say("\n" + "\n".join(_goals(small, large)) + "\n")
    say(f"  load {_load()} at the end\n")


def _say(words: str) -> None:
    sys.stdout.write(words)
    sys.stdout.flush()


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "?"


def _measured(register: Register, folder: Path) -> Told:
    told = Told(register)
    told.looks |= pages(register)
    told.looks |= served(register)
    told.looks |= counts(register)
    told.book = workbook(register, folder)
    # Last of all: it changes the register.
    told.imported = import_titles(register, folder)
    return told


def _pairs(told: Sequence[Told]) -> Iterator[tuple[Told, Told]]:
    """Yield the small and the large register of each database."""
    yield from zip(told[::2], told[1::2], strict=True)


def _table(small: Told, large: Told) -> Iterator[str]:
    head = f"{small.register.engine}, milliseconds"
    yield f"{head:<48}{FIRMS:>9,}{'p95':>9}{LARGE:>12,}{'p95':>10}{'× p95':>8}{'SQL':>6}{'looks':>7}"
    for name, many in large.looks.items():
        few = small.looks[name]
        of = "dashboard, " if name in _DASHBOARD else ""
        sent = "" if many.statements is None else many.statements
        yield (
            f"{of + name:<48}{few.p50 * 1e3:>9,.1f}{few.p95 * 1e3:>9,.1f}{many.p50 * 1e3:>12,.1f}"
            f"{many.p95 * 1e3:>10,.1f}{many.p95 / few.p95:>8,.2f}{sent:>6}{len(many.seconds):>7}"
        )
    yield f"{'programs, from start to end':<48}{'s':>9}{'MiB':>9}{'s':>12}{'MiB':>10}{'cpu s':>8}"
    for words, few_used, many_used in (
        (f"annual workbook of {YEAR}", small.book, large.book),
        (f"import of {ROWS:,} titles", small.imported, large.imported),
    ):
        if few_used and many_used:
            yield (
                f"{words:<48}{few_used.seconds:>9,.1f}{few_used.peak / _MEBIBYTE:>9,.0f}{many_used.seconds:>12,.1f}"
                f"{many_used.peak / _MEBIBYTE:>10,.0f}{many_used.cpu:>8,.1f}"
            )
    yield f"{'register on the disk, MiB':<48}{small.register.size / _MEBIBYTE:>9,.0f}{'':>9}" + (
        f"{large.register.size / _MEBIBYTE:>12,.0f}"
    )


def _goals(small: Told, large: Told) -> Iterator[str]:
    asked: Mapping[str, tuple[float, float, str]] = {
        **{
            f"dashboard, {name}, p95": (large.looks[name].p95 / small.looks[name].p95, RATIO, "×")
            for name in (COLD, WARM, SERVED_COLD, SERVED_WARM)
        },
        **(
            {
                "annual workbook, seconds": (large.book.seconds, WORKBOOK_SECONDS, "s"),
                "annual workbook, memory": (large.book.peak / _MEBIBYTE, WORKBOOK_MEBIBYTES, "MiB"),
            }
            if large.book
            else {}
        ),
    }
    for what, (measured, most, unit) in asked.items():
        met = "met" if measured <= most else "NOT MET"
        yield f"{large.register.engine + ': ' + what:<60}{measured:>9,.2f} {unit:<4} ≤ {most:,} {unit}  {met}"


if __name__ == "__main__":
    main()
