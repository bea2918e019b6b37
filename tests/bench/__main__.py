"""`make bench`: prints what was measured, beside what was promised."""

import os
import platform
import sys
import tempfile
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

from tests.bench import books, exports, name_search
from tests.bench.agreement import agreements
from tests.bench.child import KNOWN_SAMPLE, SAMPLE
from tests.bench.firms import ON, RULE_SET, draw, save, saved
from tests.bench.program import timed_screen
from tests.bench.timing import Timed, in_child

SMALL, LARGE = 100_000, 1_000_000
_RUNS = {SMALL: 15, LARGE: 7}
# Both are timed in turns, so that a busy moment of the machine does not fall on one of them alone.
_TURNS = 2
_MEBIBYTE = 2**20


def main() -> None:
    """Measure everything and print it."""
    say = sys.stdout.write
    say(_machine() + "\n\n")
    with tempfile.TemporaryDirectory() as place:
        folders = {count: Path(place) / str(count) for count in (SMALL, LARGE)}
        for count, folder in folders.items():
            save(draw(count), folder)
        say(f"{RULE_SET.id}, {RULE_SET.kind}, on {ON}: the same {SMALL:,} and {LARGE:,} drawn firms for all\n")
        for line in agreements(saved(folders[SMALL])):
            say(f"  {line}\n")
        many = {
            (name, count): _in_turns(name, folder, _RUNS[count])
            for count, folder in folders.items()
            for name in ("columns", "by_hand", "openfisca", "openfisca_whole")
        }
        single = {
            name: in_child(name, folders[SMALL], 5)
            for name in ("explained", "documented", "explained_known", "documented_known", "zen", "zen_traced")
        }
        screened = timed_screen(Path(place))
    say("\n" + _register_table(many) + "\n\n" + _firm_table(single) + "\n\n")
    say(_goals(many, single, screened) + "\n")
    exports.main()
    books.main()
    name_search.main()


def _in_turns(name: str, folder: Path, runs: int) -> Timed:
    turns = [in_child(name, folder, runs) for _ in range(_TURNS)]
    seconds = [second for turn in turns for second in turn.seconds]
    cpu = [second for turn in turns for second in turn.cpu]
    return Timed(seconds, cpu, max(turn.held for turn in turns), max(turn.peak for turn in turns))


def _machine() -> str:
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "?"
    libraries = ", ".join(f"{name} {version(name)}" for name in ("polars", "numpy", "openfisca-core", "zen-engine"))
    return (
        f"{os.cpu_count()} cores, load {load} at the start; {platform.machine()}, {platform.system()};"
        f" Python {platform.python_version()}; {libraries}"
    )


_TITLES = {
    "columns": "columns",
    "by_hand": "hand-written Polars",
    "openfisca": "openfisca-core (two-valued, 32-bit), facts set before",
    "openfisca_whole": "openfisca-core, from the same columns",
    "explained": "explain",
    "documented": "explain and JSON document",
    "explained_known": "explain, firms that zen can judge",
    "documented_known": "explain and JSON document, the same",
    "zen": "zen-engine (two-valued)",
    "zen_traced": "zen-engine with trace",
}


def _register_table(many: dict[tuple[str, int], Timed]) -> str:
    rows = [
        (
            _TITLES[name],
            f"{count:,}",
            f"{timed.best * 1e3:,.0f}",
            f"{timed.median * 1e3:,.0f}",
            f"{min(timed.cpu) * 1e3:,.0f}",
            f"{count / timed.best / 1e6:.2f}",
            f"{count / timed.median / 1e6:.2f}",
            f"{timed.held / _MEBIBYTE:,.0f}",
            f"{timed.peak / _MEBIBYTE:,.0f}",
        )
        for (name, count), timed in many.items()
    ]
    head = (
        "a whole register",
        "firms",
        "best ms",
        "median ms",
        "cpu ms",
        "best M/s",
        "median M/s",
        "held MiB",
        "peak MiB",
    )
    return _table(head, rows)


def _firm_table(single: dict[str, Timed]) -> str:
    rows = []
    for name, timed in single.items():
        count = SAMPLE if name in ("explained", "documented") else KNOWN_SAMPLE
        rows.append(
            (
                _TITLES[name],
                f"{count:,}",
                f"{timed.best / count * 1e6:,.1f}",
                f"{timed.median / count * 1e6:,.1f}",
                f"{min(timed.cpu) / count * 1e6:,.1f}",
                f"{count / timed.best:,.0f}",
                f"{timed.peak / _MEBIBYTE:,.0f}",
            )
        )
    return _table(("one firm at a time", "firms", "best µs", "median µs", "cpu µs", "firms/s", "peak MiB"), rows)


def _goals(many: dict[tuple[str, int], Timed], single: dict[str, Timed], screened: Timed | None) -> str:
    rows: list[tuple[str, ...]] = []
    for count in (SMALL, LARGE):
        columns, by_hand = many["columns", count].best, many["by_hand", count].best
        rows.append(_goal(f"columns : hand-written, time, {count:,}", columns / by_hand, "≤", 1.5, "×"))
        for peer, words in (("openfisca", "facts set before"), ("openfisca_whole", "from columns")):
            ratio = many[peer, count].best / columns
            rows.append(_goal(f"columns : openfisca-core {words}, speed, {count:,}", ratio, "≥", 5, "×"))
    traced = single["zen_traced"].best / KNOWN_SAMPLE * 1e6
    rows.append(_goal("one explained verdict", single["explained"].best / SAMPLE * 1e6, "≤", 1000, "µs"))
    rows.append(_goal("the same with its JSON document", single["documented"].best / SAMPLE * 1e6, "≤", 1000, "µs"))
    rows.append(
        _goal(
            "explained verdict, beside zen's traced",
            single["explained_known"].best / KNOWN_SAMPLE * 1e6,
            "≤",
            traced,
            "µs",
        )
    )
    rows.append(
        _goal(
            "the same with its JSON document", single["documented_known"].best / KNOWN_SAMPLE * 1e6, "≤", traced, "µs"
        )
    )
    rows.append(_goal(f"judge {LARGE:,} firms held in columns", many["columns", LARGE].median, "≤", 2, "s"))
    if screened is None:
        rows.append(("registry screen, 20,000 demo firms", "skipped", "≤ 3 s", "the command is not there yet"))
    else:
        rows.append(_goal("registry screen, 20,000 demo firms, start to end", screened.median, "≤", 3, "s"))
    return _table(("goal", "measured", "asked", "met"), rows)


def _goal(what: str, measured: float, sign: str, asked: float, unit: str) -> tuple[str, ...]:
    met = measured <= asked if sign == "≤" else measured >= asked
    return what, f"{measured:,.2f} {unit}", f"{sign} {asked:,.4g} {unit}", "met" if met else "NOT MET"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


if __name__ == "__main__":
    books.main() if sys.argv[1:] == ["books"] else main()
