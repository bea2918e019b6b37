"""`registry import firms|titles|scale`: a list is checked whole before anything is stored."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from registry.cli.progress import progress
from registry.config import load_settings
from registry.domain.errors import Fault, Refused

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from registry.sheets.reading import Reading
    from registry.work.identify import Filed

# Stores the good rows of a list: session, rows, moment, the office's day, name of the list, progress.
Deed = Callable[["Session", list[Any], datetime, date, str, Callable[[int], None]], "Filed"]


@click.group("import")
def import_group() -> None:
    """导入企业、称号或规上名单 · Import a list of firms, titles or above-scale stays, .xlsx or .csv.

    The whole file is checked first; nothing is stored unless every row is good, or --skip-bad-rows is given.
    Importing the same file twice changes nothing.
    """


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what every import takes."""
    options = (
        click.argument("file", type=click.Path(path_type=Path)),
        click.option("--dry-run", is_flag=True, help="只检查，不写入 · Check only, store nothing."),
        click.option("--skip-bad-rows", is_flag=True, help="跳过有错的行 · Store the good rows, leave out the others."),
        click.option(
            "--faults",
            "copy",
            type=click.Path(path_type=Path),
            help="带错误说明的副本，默认为当前目录下的 NAME.faults.xlsx 或 .csv · Where the copy with faults goes.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@import_group.command("firms")
@_options
def import_firms(file: Path, dry_run: bool, skip_bad_rows: bool, copy: Path | None) -> None:
    """导入企业及其指标 · Firms with their facts and yearly figures; an absent cell erases nothing."""
    from registry.sheets.firm_rows import read_firms

    def deed(
        session: "Session", rows: list[Any], now: datetime, today: date, source: str, note: Callable[[int], None]
    ) -> "Filed":
        from registry.work.enrol import enrol

        return enrol(session, rows, now=now, on=today, source=source, progress=note)

    _import(read_firms, deed, file, dry_run=dry_run, skip_bad_rows=skip_bad_rows, copy=copy)


@import_group.command("titles")
@_options
def import_titles(file: Path, dry_run: bool, skip_bad_rows: bool, copy: Path | None) -> None:
    """导入梯度称号 · Titles of the ladder; the same key with other content is kept as a correction."""
    from registry.sheets.book_rows import read_titles

    def deed(
        session: "Session", rows: list[Any], now: datetime, today: date, source: str, note: Callable[[int], None]
    ) -> "Filed":
        from registry.work.file_books import file_titles

        return file_titles(session, rows, now=now, source=source, progress=note)

    _import(read_titles, deed, file, dry_run=dry_run, skip_bad_rows=skip_bad_rows, copy=copy)


@import_group.command("scale")
@_options
def import_scale(file: Path, dry_run: bool, skip_bad_rows: bool, copy: Path | None) -> None:
    """导入规上企业入退库 · Stays among the above-scale firms; corrections are kept."""
    from registry.sheets.book_rows import read_scale

    def deed(
        session: "Session", rows: list[Any], now: datetime, today: date, source: str, note: Callable[[int], None]
    ) -> "Filed":
        from registry.work.file_books import file_stays

        return file_stays(session, rows, now=now, source=source, progress=note)

    _import(read_scale, deed, file, dry_run=dry_run, skip_bad_rows=skip_bad_rows, copy=copy)


def _import(
    read: Callable[[Path], "Reading[Any]"],
    deed: Deed,
    file: Path,
    *,
    dry_run: bool,
    skip_bad_rows: bool,
    copy: Path | None,
) -> None:
    settings = load_settings()
    with _said_if_it_lasts("检查 checking …"):
        reading = read(file)
    if reading.table.unread_sheets:
        click.echo(f"未读取的工作表：{'、'.join(reading.table.unread_sheets)} (sheets not read)", err=True)
    good = len(reading.rows)
    if reading.faults:
        told = [fault.as_fault() for fault in reading.faults]
        told.append(_write_copy(reading, file, copy))
        bad = reading.row_count - good
        if dry_run or not (skip_bad_rows and reading.header_is_good):
            told.append(Fault("", f"共 {reading.row_count} 行，{bad} 行不能导入，未写入任何数据 (nothing was stored)"))
            raise Refused(told)
        for fault in told:
            click.echo(str(fault), err=True)
        click.echo(f"跳过 {bad} 行 (bad rows skipped)")
    if dry_run:
        click.echo(f"{good} 行全部可以导入，未写入 (all rows are good; nothing was stored)")
        return
    # Loaded only now: a list that is refused needs no database.
    from registry.store.engine import open_ready, writing

    engine = open_ready(settings.database_url)
    now = datetime.now(UTC)
    today = now.astimezone(settings.zone).date()
    with progress("写入 storing", good) as advance, writing(engine) as session:
        filed = deed(session, [row for _, row in reading.rows], now, today, file.name, advance)
    click.echo(
        f"新增 {filed.added} 行，更新 {filed.changed} 行，无变化 {filed.unchanged} 行 (added, changed, unchanged)"
    )


@contextmanager
def _said_if_it_lasts(what: str) -> Iterator[None]:
    """Say what is being done if it lasts over a second and a terminal looks on; a list is read in one go."""
    timer = threading.Timer(1, lambda: click.echo(what, err=True))
    if sys.stderr.isatty():
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _write_copy(reading: "Reading[Any]", file: Path, copy: Path | None) -> Fault:
    """Write the list with its faults beside each row; return the line that says where it is."""
    from registry.sheets.reading import write_faulted_copy

    target = copy or Path(f"{file.stem}.faults.{reading.table.form}")
    if target.resolve() == file.resolve():
        return Fault(str(target), "带错误说明的副本不得覆盖原文件，未写出 (would replace the list itself; not written)")
    try:
        write_faulted_copy(reading, target)
    except OSError as failure:
        return Fault(str(target), f"带错误说明的副本写不出：{failure.strerror} (the copy could not be written)")
    return Fault(str(target), "带错误说明的副本 (a copy of the list with its faults)")
