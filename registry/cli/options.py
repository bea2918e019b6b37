"""What several commands take: a tier, a day, and the city's own settings of the rules."""

from datetime import date
from typing import Any

import click

from registry.config import load_settings
from registry.domain.codes import TIERS
from registry.domain.errors import Refused
from registry.domain.intake import read_day
from registry.policy import Options

TIER = click.Choice(TIERS)


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


ON = _Day()


def policy_options() -> Options:
    """Return what the city has set of the rules."""
    settings = load_settings()
    return Options(settings.local_table, settings.higher_title_counts)
