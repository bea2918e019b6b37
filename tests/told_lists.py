"""Everything that the command line tells of a register, to compare two registers by."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from click.testing import CliRunner
from sqlalchemy import Engine

from registry.cli.main import program
from registry.store import engine as engines

ON = "2026-06-01"
TIERS = ("innovative", "specialized", "little_giant", "above_scale")
WATCHED = ("pool", "near", "over_unlisted", "listed_below", "expiring", "update_overdue")
LISTS = {
    **{f"export {name}": ("export", name, "--format", "csv") for name in ("firms", "titles", "scale")},
    **{f"screen {tier}": ("screen", "--tier", tier, "--on", ON) for tier in TIERS},
    **{f"screen {tier} again": ("screen", "--tier", tier, "--kind", "re_review", "--on", ON) for tier in TIERS[:3]},
    **{f"counts {year}": ("counts", "--year", year, "--by", "district,industry,size") for year in ("2024", "2025")},
    "steps": ("counts", "--year", "2025", "--steps", "--format", "csv"),
    "targets": ("targets", "--year", "2024"),
    "publication": ("publications", "show", "1", "--format", "csv"),
    "recount": ("publications", "recount", "1", "--format", "csv"),
    **{f"watch {name}": ("watch", name, "--on", ON, "--format", "csv") for name in WATCHED},
    "holidays": ("holidays", "list"),
    "staff": ("user", "list"),
    "sample": ("sample", "verify", "1"),
}
# Enough to see in seconds that nothing was lost; all of them belong to the long proof.
FEW = (
    *("export firms", "export titles", "export scale", "screen specialized", "counts 2025", "steps"),
    *("targets", "publication", "watch pool", "watch expiring", "holidays", "staff", "sample"),
)
# When something was printed is no part of what it says.
_MADE = ("made_at", "program")


def told_lists(url: str, folder: Path, names: Iterable[str] = tuple(LISTS)) -> dict[str, str]:
    """Run commands on a database, all of them unless some are named; return what each said on standard output.

    Args:
        folder: of its evidence.
    """
    return {name: run(url, folder, *LISTS[name]) for name in names}


def run(url: str, folder: Path, *words: str) -> str:
    """Run a command of the program that must succeed; return its output without the moment of printing."""
    own = {"REGISTRY_DATABASE_URL": url, "REGISTRY_FILES": str(folder)}
    own |= {"REGISTRY_SECRET_KEY": "s" * 64, "REGISTRY_FIELD_KEYS": f"tests:{'A' * 43}="}
    with _closed_afterwards():
        result = CliRunner().invoke(program, list(words), env=own)
    if result.exit_code:
        raise AssertionError(f"{' '.join(words)}: {result.output} {result.exception!r}")
    return _timeless(result.stdout)


@contextmanager
def _closed_afterwards() -> Iterator[None]:
    """Close what a command opened, as the end of its process would."""
    opened: list[Engine] = []
    real = engines.open_engine

    def noted(url: str) -> Engine:
        opened.append(real(url))
        return opened[-1]

    with patch.object(engines, "open_engine", noted):
        yield
    for engine in opened:
        engine.dispose()


def _timeless(text: str) -> str:
    try:
        told = json.loads(text)
    except ValueError:
        return text
    if isinstance(told, dict):
        for name in _MADE:
            told.pop(name, None)
    return json.dumps(told, ensure_ascii=False, indent=1)
