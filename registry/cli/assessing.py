"""`registry assess`: one firm from a JSON file, or one case a line from a JSONL file (contract §2)."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click

from registry.cli.options import ON, TIER, policy_options
from registry.cli.progress import progress
from registry.domain.codes import KIND_WORDS
from registry.domain.errors import Refused
from registry.domain.intake import firm_from
from registry.domain.json_text import LONGEST_DOCUMENT, read_json
from registry.work.assess import assess_case, assess_firm


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--tier", type=TIER, help="梯度 the tier (one firm only)")
@click.option(
    "--kind", type=click.Choice(list(KIND_WORDS)), help="首次或复核 new application or re-review (one firm only)"
)
@click.option("--on", type=ON, help="提交日期 day of submission, YYYY-MM-DD (one firm only)")
def assess(file: Path, tier: str | None, kind: str | None, on: Any) -> None:
    """评价一家企业，或逐行评价 .jsonl 文件。Assess one firm, or a .jsonl file of cases line by line.

    FILE 为企业 JSON（需 --tier --kind --on），或每行一个 {"tier","kind","on","firm"} 的 .jsonl。
    """
    given = {"--tier": tier, "--kind": kind, "--on": on}
    if file.suffix.lower() in (".jsonl", ".ndjson"):
        extra = [name for name, value in given.items() if value is not None]
        if extra:
            raise click.UsageError(f"{'、'.join(extra)} 只用于单个企业；.jsonl 每行自带 (each line has its own)")
        with file.open("rb") as lines:
            _assess_lines(lines)
        return
    missing = [name for name, value in given.items() if value is None]
    if missing or tier is None or kind is None:
        raise click.UsageError(f"缺少 {'、'.join(missing)} (missing)")
    with file.open("rb") as document:
        # One byte over the bound is enough to refuse; the rest is never read.
        firm = firm_from(read_json(document.read(LONGEST_DOCUMENT + 1)))
    _print(assess_firm(firm, tier, kind, on, options=policy_options()), indent=2)


def _assess_lines(lines: BinaryIO) -> None:
    options = policy_options()
    with progress("评价 assessing") as advance:
        for line in _bounded_lines(lines):
            if line.strip():
                try:
                    _print(assess_case(read_json(line), options))
                except Refused as refused:
                    _print({"error": [str(fault) for fault in refused.faults]})
            advance()


def _bounded_lines(lines: BinaryIO) -> Iterator[bytes]:
    """Yield lines, a byte over the bound at most, skipping what is left of a longer one."""
    while line := lines.readline(LONGEST_DOCUMENT + 1):
        yield line
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = lines.readline(LONGEST_DOCUMENT)


def _print(document: dict[str, Any], indent: int | None = None) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=indent) + "\n")
