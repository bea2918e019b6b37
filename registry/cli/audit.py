"""`registry audit verify|checkpoint`: prove that the books are as they were written, and note where they stand."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.cli.checkpoints import CHECKPOINT_OUT, CHECKPOINTS, head_of, write_checkpoint
from registry.cli.progress import progress
from registry.config import load_settings

if TYPE_CHECKING:
    from registry.work.audit import Audit

_EXPECTED = "应为 registry audit checkpoint 写出的 JSON (a checkpoint expected)"
# What to do about a finding, by the part that was being proved.
_WAYS = {
    "chain": "台账被改动或损坏：停止写入，保留现库，从断点之前的备份恢复，再补录其后的名单 "
    "(keep this database as it is; restore a backup from before the break, then file again what came later)",
    "moments": "台账与 filing 的时刻不符：处理同上 (treat it as a break of the chain)",
    "standing": "账目与台账不符：保留现库；台账完好时，账目可由台账重算 "
    "(keep this database; while the ledger holds, standing can be derived from it again)",
    "tally": "汇总与台账不符：处理同上；在此之前不要引用统计数 (quote no counts until it is settled)",
}


@click.group("audit")
def audit_group() -> None:
    """核对账目是否被改动，留存检查点 · Prove that the books were not tampered with; write a checkpoint."""


@audit_group.command("verify")
@CHECKPOINTS
def verify(files: tuple[Path, ...]) -> None:
    """重算校验链，核对时刻，由台账重放账目 · Derive the chain again, hold the moments, replay the standing.

    Changes nothing. Exit status: 0 all holds, 1 something does not, 2 the input was refused.
    A tail that was cut off, or a whole ledger put in the place of another, is found by a checkpoint only.
    """
    heads = [head_of(file, None, _EXPECTED) for file in files]
    from registry.store.engine import open_ready, refusing
    from registry.store.still import reading_long
    from registry.work.audit import entry_count
    from registry.work.audit import verify as verify_books

    engine = open_ready(load_settings().database_url)
    with (
        refusing(engine),
        # One state of the database throughout.
        reading_long(engine) as session,
        # Every entry is read for the chain, and again for the replay.
        progress("核对 verifying", 2 * entry_count(session)) as advance,
    ):
        audit = verify_books(session, heads, advance)
    engine.dispose()
    _tell(audit, len(heads))
    if not audit.holds:
        sys.exit(1)


@audit_group.command("checkpoint")
@click.option(
    "--out", type=CHECKPOINT_OUT, help="写入文件，或文件夹中的当日文件；默认标准输出 · To a file, or into a folder."
)
def checkpoint(out: Path | None) -> None:
    """写出台账现在的位置和校验值，请存到别处 · Write where the ledger stands, as JSON, to be kept elsewhere."""
    from sqlalchemy.orm import Session

    from registry.store.engine import open_ready, refusing
    from registry.work.audit import checkpoint as checkpoint_of

    engine = open_ready(load_settings().database_url)
    with refusing(engine), Session(engine) as session:
        stands = checkpoint_of(session, datetime.now(UTC))
    engine.dispose()
    write_checkpoint(stands, out)


def _tell(audit: "Audit", checkpoints: int) -> None:
    """Print what was proved, or what does not hold and what to do."""
    counted = f"{audit.entries:,} 条台账，{audit.firms:,} 家企业，{checkpoints} 个检查点"
    english = f"{audit.entries:,} entries, {audit.firms:,} firms, {checkpoints} checkpoints"
    if audit.holds:
        click.echo(f"账目完好：{counted} (all holds: {english})")
        click.echo(f"seq {audit.head.seq}  {audit.head.hash}")
        return
    click.echo(f"账目有误：{counted} (something does not hold: {english})")
    for part, way in _WAYS.items():
        found = [finding for finding in audit.findings if finding.part == part]
        if found:
            click.echo(f"[{part}]")
            for finding in found:
                click.echo(f"  {finding}")
            click.echo(f"  → {way}")
    if audit.untold:
        click.echo(f"另有 {audit.untold:,} 处未列出 (further findings are not listed)")
    click.echo(f"完好到 (holds up to): seq {audit.head.seq}  {audit.head.hash}")
