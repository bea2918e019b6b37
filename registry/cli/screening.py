"""`registry screen`: every firm of the register with its verdict, nearest to passing first (contract §3)."""

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from registry.cli.handed_out import handing_out
from registry.cli.options import ON, TIER, policy_options
from registry.cli.progress import progress
from registry.config import load_settings
from registry.domain.codes import KIND_WORDS

if TYPE_CHECKING:
    from registry.work.screen import Screened, Screening
    from registry.work.screen_snapshot import Engine

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command()
@click.option("--tier", type=TIER, required=True, help="梯度 the tier")
@click.option("--kind", type=click.Choice(list(KIND_WORDS)), default="new", help="首次（默认）或复核 new or re-review")
@click.option("--on", type=ON, required=True, help="提交日期 day of submission, YYYY-MM-DD")
@click.option("--district", help="区市代码，六位 only the firms of a district, six digits")
@click.option("--rule-set", help="改按某一版标准，仅供比较 judge by this rule set, to compare")
@click.option(
    "--input", "snapshot", type=_FOLDER, help="快照（registry export snapshot），不用数据库 a snapshot instead"
)
@click.option(
    "--engine", type=click.Choice(["polars", "spark"]), default="polars", help="判定快照的引擎 what judges it"
)
@click.option(
    "--master", default="local[*]", help="Spark 在何处运行 where Spark runs: local[2], spark://HOST:PORT, yarn"
)
@click.option("--format", "form", type=click.Choice(["json", "csv", "xlsx"]), default="json")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="写入文件，默认标准输出 to a file")
def screen(
    tier: str,
    kind: str,
    on: date,
    district: str | None,
    rule_set: str | None,
    snapshot: Path | None,
    engine: "Engine",
    master: str,
    form: str,
    out: Path | None,
) -> None:
    """筛查全库：每家企业的结论、得分与不满足的条款，最接近达标者在前。Screen the register for a tier on a day.

    给出 --input 时筛查快照，不读数据库；在集群上，快照与 --out 所在文件夹须为各机共享。
    With --input it is a snapshot that is screened; on a cluster all machines share its folder and that of --out.
    """
    if district is not None and not (len(district) == 6 and district.isascii() and district.isdigit()):
        raise click.BadParameter("应为六位区市代码 (six digits expected)", param_hint="--district")
    if out is None and form == "xlsx" and sys.stdout.isatty():
        raise click.UsageError("xlsx 请用 --out 写入文件 (give --out)")
    if snapshot is not None:
        _write(_screen_snapshot(snapshot, tier, kind, on, district, rule_set, engine, master, out), form, out)
        return
    if engine == "spark":
        raise click.UsageError("--engine spark 须与 --input 快照同用 (it screens a snapshot: registry export snapshot)")
    from registry.store.engine import open_ready
    from registry.store.still import reading_long
    from registry.work.screen import screen as screen_register

    options = policy_options()
    database = open_ready(load_settings().database_url)
    with reading_long(database) as session:
        screening = screen_register(session, tier, kind, on, district=district, rule_set=rule_set, options=options)
    asked = {"tier": tier, "kind": kind, "on": on, "district": district, "rule_set": rule_set}
    with handing_out(database, "screen", "screen", form, **asked) as told:
        told.rows = screening.firms.height
        _write(screening, form, out)


def _screen_snapshot(
    folder: Path,
    tier: str,
    kind: str,
    on: date,
    district: str | None,
    rule_set: str | None,
    engine: "Engine",
    master: str,
    out: Path | None,
) -> "Screening":
    """Screen a snapshot. It left the register when it was exported, which the trail there tells."""
    from registry.work.screen_snapshot import screen_snapshot

    if out is not None and not out.parent.is_dir():
        raise click.BadParameter(f"没有这个文件夹：{out.parent} (no such folder)", param_hint="--out")
    with progress("核对快照 verifying, bytes") as advance:
        return screen_snapshot(
            folder,
            tier,
            kind,
            on,
            engine=engine,
            district=district,
            rule_set=rule_set,
            options=policy_options(),
            scratch=out.parent if out else None,
            master=master,
            progress=advance,
        )


def _write(screening: "Screening", form: str, out: Path | None) -> None:
    """Write the list, and how many came to each verdict on standard error."""
    from registry.work.lay_out_screening import VERDICT_WORDS, write_screening

    if form == "json":
        with out.open("w", encoding="utf-8") if out else nullcontext(sys.stdout) as stream:
            _write_json(screening, stream)
    else:
        write_screening(screening, _told(screening), "xlsx" if form == "xlsx" else "csv", out or sys.stdout.buffer)
    counts = screening.counts()
    click.echo("、".join(f"{VERDICT_WORDS[word]} {count:,}" for word, count in counts.items()), err=True)


def _write_json(screening: "Screening", out: TextIO) -> None:
    """Write the head, then a firm a line, so that a million firms need no more memory than one."""
    rule_set = screening.chosen.rule_set
    head = {
        "tier": rule_set.tier,
        "kind": rule_set.kind,
        "on": screening.on.isoformat(),
        "district": screening.district,
        "rule_set": {
            "id": rule_set.id,
            "document": rule_set.document,
            "digest": rule_set.digest,
            "why": screening.chosen.why,
        },
        "counts": screening.counts(),
    }
    out.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "firms": [')
    for number, row in enumerate(_told(screening)):
        firm = {
            "uscc": row.uscc,
            "name": row.name,
            "district": row.district,
            "verdict": row.verdict,
            "score": None if row.low is None else {"low": row.low, "high": row.high},
            "fails": list(row.fails),
            "undetermined": list(row.undetermined),
        }
        out.write(("," if number else "") + "\n" + json.dumps(firm, ensure_ascii=False))
    out.write("\n]}\n")


def _told(screening: "Screening") -> "Iterator[Screened]":
    """Yield the firms, with progress while they are written."""
    with progress("写出 writing", screening.firms.height) as advance:
        for row in screening.rows():
            yield row
            advance()
