"""What several commands take: a tier, a day, a moment, a form and a file; and the city's own settings of the rules."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from registry.config import load_settings
from registry.domain.codes import TIERS
from registry.domain.errors import Refused
from registry.domain.intake import read_day
from registry.policy import Options

TIER = click.Choice(TIERS)
FORM = click.Choice(["json", "csv", "xlsx"])
OUT: Any = click.Path(path_type=Path, dir_okay=False)


class _Day(click.ParamType[Any]):
    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        day = value if isinstance(value, date) else read_day(value)
        if day is None:
            raise Refused.at(
                param.name if param and param.name else "",
                f"应为日历上的日期 YYYY-MM-DD，现为 {value!r} (a date expected)",
            )
        return day


class _Moment(click.ParamType[Any]):
    name = "ISO-8601"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value.strip())
            zoned = moment if moment.tzinfo else moment.replace(tzinfo=load_settings().zone)
            # A moment at the very edge of the calendar has no other zone.
            return zoned.astimezone(UTC)
        except (ValueError, OverflowError):
            raise Refused.at(
                param.name if param and param.name else "",
                f"应为 ISO 8601 时刻，如 2024-12-31T18:00:00，现为 {value!r} (a moment expected)",
            ) from None


ON = _Day()
MOMENT = _Moment()


def parts_of(text: str) -> tuple[str, ...]:
    """Return the words of a list written with commas."""
    return tuple(part.strip() for part in text.replace("，", ",").split(",") if part.strip())


def deliver(form: str, out: Path | None, write: Callable[[Path | BinaryIO], None]) -> None:
    """Write to a file, or to standard output unless that is a terminal and a workbook was asked for."""
    if out is None and form == "xlsx" and sys.stdout.isatty():
        raise click.UsageError("xlsx 请用 --out 写入文件 (give --out)")
    write(out or sys.stdout.buffer)
    sys.stdout.flush()


def policy_options() -> Options:
    """Return what the city has set of the rules."""
    settings = load_settings()
    return Options(settings.local_table, settings.higher_title_counts)
