"""`registry trail verify|checkpoint|search|archive`: the record of who did what – proved, searched, moved to a file."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from registry.cli.checkpoints import CHECKPOINT_OUT, CHECKPOINTS, head_of, write_checkpoint
from registry.cli.options import MOMENT, ON, OUT, deliver
from registry.cli.progress import progress
from registry.config import load_settings
from registry.domain.chain import Head
from registry.domain.errors import Refused
from registry.domain.trail import Doer, Tag

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from registry.work.keep_trail import TrailAudit

_EXPECTED = "应为 registry trail checkpoint 写出的 JSON (a checkpoint of the trail expected)"
_TAGS = tuple(dict.fromkeys(word for tag in Tag for word in (tag.partition(".")[0], tag.value)))
_FILES: Any = click.Path(path_type=Path)
_WAY = (
    "留痕被改动或损坏：保留现库，从断点之前的备份恢复，并追查何人能改动数据库 "
    "(keep this database as it is; restore a backup from before the break; find out who could change it)"
)
# Headings of a list, in the order of its columns.
_HEADINGS = {
    "seq": "编号",
    "at": "时刻",
    "tag": "事项",
    "words": "说明",
    "person_id": "人员编号",
    "name": "姓名",
    "seat": "岗位",
    "address": "地址",
    "request_id": "请求编号",
    "subject": "对象",
    "before": "原值",
    "after": "新值",
}


@click.group("trail")
def trail_group() -> None:
    """何人何时做了何事：核对、检索、归档 · Who did what and when: prove it, search it, archive it."""


@trail_group.command("verify")
@CHECKPOINTS
@click.option(
    "--archive",
    "archives",
    type=_FILES,
    multiple=True,
    help="归档文件，从第一份起依次给出 · The archives, each in its order, from the first one on.",
)
def verify(files: tuple[Path, ...], archives: tuple[Path, ...]) -> None:
    """重算校验链，核对时刻和归档处 · Derive the chain again, hold the moments and the archived heads.

    Changes nothing. Exit status: 0 all holds, 1 something does not, 2 the input was refused.
    A tail that was cut off, or a whole trail put in the place of another, is found by a checkpoint only.
    """
    heads = [head_of(file, "trail", _EXPECTED) for file in files]
    from registry.store.engine import open_ready, refusing
    from registry.store.still import reading_long
    from registry.work.keep_trail import entry_count, verify_trail

    engine = open_ready(load_settings().database_url)
    with (
        refusing(engine),
        reading_long(engine) as session,
        progress("核对 verifying", entry_count(session)) as advance,
    ):
        audit = verify_trail(session, heads, advance, _archived(archives) if archives else None)
    engine.dispose()
    _tell(audit, len(heads))
    if not audit.holds:
        sys.exit(1)


@trail_group.command("checkpoint")
@click.option(
    "--out", type=CHECKPOINT_OUT, help="写入文件，或文件夹中的当日文件；默认标准输出 · To a file, or into a folder."
)
def checkpoint(out: Path | None) -> None:
    """写出留痕现在的位置和校验值，请存到别处 · Write where the trail stands, as JSON, to be kept elsewhere."""
    from registry.work.keep_trail import trail_checkpoint

    stands = _read(lambda session: trail_checkpoint(session, datetime.now(UTC)))
    write_checkpoint(stands, out)


@trail_group.command("search")
@click.option(
    "--tag", type=click.Choice(_TAGS), metavar="TAG", help="事项，如 session.refused 或 session · What was done."
)
@click.option("--person", "person_id", type=int, help="人员编号 · The number of the person who did it.")
@click.option("--subject", help="对象，如 person:12 · What it was done to.")
@click.option("--since", type=MOMENT, help="自此刻起 · The first moment.")
@click.option("--until", type=MOMENT, help="到此刻前 · The first moment no longer wanted.")
@click.option("--text", help="姓名、地址、对象或取值中的文字 · Part of a name, address, subject or value.")
@click.option("--limit", type=click.IntRange(min=1), help="最多多少条 · How many at most.")
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json")
@click.option("--out", type=OUT, help="写入文件，默认标准输出 · To a file instead of standard output.")
def search(form: str, out: Path | None, limit: int | None, **filters: Any) -> None:
    """检索留痕，新的在前 · Search the trail, newest first."""
    from registry.sheets.layout import CoverLine, ListColumn
    from registry.sheets.writing import write_table
    from registry.work.keep_trail import export

    zone = load_settings().zone
    columns = [ListColumn(key, heading) for key, heading in _HEADINGS.items()]
    cover = [CoverLine("made_at", "制表时间", datetime.now(zone).isoformat(timespec="seconds"))]
    form_: Any = form

    def give(session: "Session") -> None:
        found = islice(export(session, **filters), limit)
        rows = ([row[key] for key in _HEADINGS] for row in found)
        deliver(form, out, lambda target: write_table(target, form_, "留痕", columns, rows, cover))

    _read(give)


@trail_group.command("archive")
@click.option(
    "--before", type=ON, required=True, help="早于该日零时的条目 · Entries before the first hour of this day."
)
@click.option("--out", type=OUT, required=True, help="归档文件，不得已存在 · The new file that takes them.")
def archive(before: date, out: Path) -> None:
    """把 200 天以前的条目移到文件 · Move entries older than 200 days to a file; keep that file.

    The file is on the disk before an entry is deleted. The chain goes on from where it was cut.
    """
    from registry.store.engine import open_ready, writing
    from registry.work.keep_trail import archive as archive_trail

    settings = load_settings()
    midnight = datetime.combine(before, time(), settings.zone).astimezone(UTC)
    engine = open_ready(settings.database_url)
    with writing(engine) as session:

        def fill(write: Callable[[str], object]) -> tuple[int, Head]:
            doer = Doer.program("trail archive")
            return archive_trail(session, before=midnight, now=datetime.now(UTC), doer=doer, write=write)

        count, head = _to_new_file(out, fill)
        # From here on the file stays, whatever happens: a failure does not tell whether the entries were deleted.
        if not count:
            out.unlink()
    engine.dispose()
    if not count:
        click.echo("没有这样早的条目 (no entry is so old)")
        return
    click.echo(f"{out}：{count:,} 条，到 seq {head.seq} {head.hash} (entries archived)")


def _to_new_file(out: Path, fill: Callable[[Callable[[str], object]], tuple[int, Head]]) -> tuple[int, Head]:
    """Have a new file filled, and wait until the disk has it; a failure leaves none behind."""
    try:
        # What it tells of people is for its owner only.
        number = os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as failure:
        raise _unwritable(out, failure) from None
    try:
        with open(number, "w", encoding="utf-8", newline="") as stream:
            filled = fill(stream.write)
            stream.flush()
            os.fsync(stream.fileno())
        folder = os.open(out.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except BaseException as failure:
        out.unlink(missing_ok=True)
        if isinstance(failure, OSError):
            raise _unwritable(out, failure) from None
        raise
    return filled


def _unwritable(out: Path, failure: OSError) -> Refused:
    return Refused.at(str(out), f"归档文件写不出：{failure.strerror} (the archive could not be written)")


def _read(ask: Callable[["Session"], Any]) -> Any:
    """Ask the database of the settings for something, in one reading transaction."""
    from sqlalchemy.orm import Session

    from registry.store.engine import open_ready, refusing

    engine = open_ready(load_settings().database_url)
    with refusing(engine), Session(engine) as session:
        answer = ask(session)
    engine.dispose()
    return answer


def _archived(files: Sequence[Path]) -> Iterator[Any]:
    """Yield the entries of archives, file after file."""
    from registry.work.read_trail import read_archived

    for file in files:
        try:
            with file.open("rb") as stream:
                yield from read_archived(stream, str(file))
        except OSError as failure:
            raise Refused.at(str(file), f"归档文件读不出：{failure.strerror} (cannot be read)") from None


def _tell(audit: "TrailAudit", checkpoints: int) -> None:
    """Print what was proved, or what does not hold and what to do."""
    after = f"，自 seq {audit.start.seq} 之后" if audit.start.seq else ""
    counted = f"{audit.entries:,} 条{after}，{checkpoints} 个检查点"
    english = f"{audit.entries:,} entries, {checkpoints} checkpoints"
    if audit.holds:
        click.echo(f"留痕完好：{counted} (all holds: {english})")
    else:
        click.echo(f"留痕有误：{counted} (something does not hold: {english})")
        for finding in audit.findings:
            click.echo(f"  [{finding.part}] {finding}")
        click.echo(f"  → {_WAY}")
    for seq in audit.passed_over:
        click.echo(f"seq {seq} 的检查点在已归档部分，未核对；请用 --archive 给出归档文件 (archived: give --archive)")
    click.echo(f"完好到 (holds up to): seq {audit.head.seq}  {audit.head.hash}")
