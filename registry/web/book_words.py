"""The words of the books in the reader's language: targets with goals and gaps, watch-lists, differences, moments.

Only how they are shown; `registry.policy.attainment` rounds so that nothing is printed onto a line it misses.
"""

import calendar
from datetime import date, datetime
from decimal import Decimal

from flask import Flask

from registry.domain.codes import EVENT_WORDS, EXIT_REASONS
from registry.policy.attainment import goal_in_words, plain, shown, shown_gap
from registry.policy.target_rows import HOWS, UNITS, Target
from registry.policy.watch_lists import WatchList
from registry.store.history import Logged
from registry.store.targets import PLACES, TargetValue
from registry.web.asking import now
from registry.web.labels import N_, district, not_once, short_tier
from registry.web.language import current
from registry.web.language import say as _
from registry.work.targets import BoardRow


def init_app(app: Flask) -> None:
    """Make the words filters of the templates."""
    spoken = (
        target_label,
        target_action,
        target_goal,
        target_how,
        target_value,
        target_gap,
        target_projection,
        stored_value,
        moment,
        month_name,
        watch_name,
        watch_definition,
        watch_source,
        watch_unknown,
        difference,
        event_name,
        event_details,
    )
    app.jinja_env.filters["cuts_its_month"] = cuts_its_month
    app.jinja_env.filters.update({one.__name__: not_once(one) for one in spoken})


def target_label(target: Target) -> str:
    """Return what a target measures."""
    return target.indicator_en if current() == "en" else target.indicator


def target_action(target: Target) -> str:
    """Return the action that a target belongs to."""
    return target.action_en if current() == "en" else target.action


def target_goal(target: Target) -> str:
    """Return what a target asks for."""
    return goal_in_words(target, current())


def target_how(target: Target) -> str:
    """Return how the value of a target is obtained."""
    return HOWS[target.how][current() == "en"]


def target_value(row: BoardRow) -> str:
    """Return the value of a row in its unit."""
    if row.obtained.value is None:
        return _("未知")
    return _in_unit(row.target, f"{shown(row.target, row.obtained.value):,f}")


def target_gap(row: BoardRow) -> str:
    """Return how far a row is from its goal."""
    if row.gap is None:
        return ""
    points = _("个百分点") if row.target.unit == "percent" else ""
    number = f"{shown_gap(row.gap):,f}"
    gap = _("%(number)s %(unit)s", number=number, unit=points) if points else _in_unit(row.target, number)
    return _("还差 %(gap)s", gap=gap) if row.side == "below" else _("高出 %(gap)s", gap=gap)


def target_projection(row: BoardRow) -> str:
    """Return where a counted row would stand at the end of the year, and by what method that is said."""
    projection = row.projection
    if projection is None:
        return ""
    value = _in_unit(row.target, f"{projection.value:,}")
    if projection.method == "linear":
        return _("按已过天数推算，年末约 %(value)s", value=value)
    return _("存量按现数，年末 %(value)s", value=value)


def stored_value(stored: TargetValue) -> str:
    """Return a value that staff entered."""
    return f"{plain(Decimal(stored.value).scaleb(-PLACES)):,f}"


def moment(at: datetime) -> str:
    """Return a moment in the zone of the office."""
    return at.astimezone(now().tzinfo).isoformat(sep=" ", timespec="seconds")


def watch_name(one: WatchList) -> str:
    """Return the name of a watch-list."""
    return one.name_en if current() == "en" else one.name


def watch_source(one: WatchList) -> str:
    """Return what a watch-list rests on."""
    return one.source_en if current() == "en" else one.source


def watch_definition(one: WatchList) -> str:
    """Return whom a watch-list holds."""
    return one.definition_en if current() == "en" else one.definition


def watch_unknown(one: WatchList) -> str:
    """Return of whom a watch-list cannot tell."""
    return one.unknown_en if current() == "en" else one.unknown


_DIFFERENCES = {
    "late": N_("后来登记"),
    "corrected": N_("更正"),
    "taken_back": N_("撤回"),
    "classed": N_("行业或规模更新"),
}


def difference(kind: str) -> str:
    """Return why a number differs from the one that was published."""
    return _(_DIFFERENCES[kind])


def event_name(one: Logged) -> str:
    """Return what an entry of the ledger tells, with the tier it speaks of."""
    word = EVENT_WORDS[one.tag]
    return f"{short_tier(one.tier)} {_(word)}" if one.tier else _(word)


def event_details(one: Logged) -> str:
    """Return what an entry adds: the last valid day, the reason, where from, the document."""
    told = one.details
    parts = []
    if "valid_until" in told:
        parts.append(_("有效期至 %(day)s", day=told["valid_until"]))
    if one.tag == "moved":
        parts.append(f"{district(told.get('from'))} → {district(one.district)}")
    if one.tag == "renamed":
        parts.append(f"{told['from']} → {told['to']}")
    if "into" in told:
        parts.append(told["into"])
    if "reason" in told:
        reason = EXIT_REASONS[told["reason"]]
        parts.append(_(reason))
    parts += [told[name] for name in ("cause", "batch", "source") if name in told]
    return " · ".join(parts)


def month_name(number: int) -> str:
    """Return a month in short."""
    return calendar.month_abbr[number] if current() == "en" else f"{number}月"


def cuts_its_month(day: date) -> bool:
    """Say whether a day is not the last of its month."""
    return day.day < calendar.monthrange(day.year, day.month)[1]


def _in_unit(target: Target, number: str) -> str:
    word = UNITS[target.unit][current() == "en"]
    return f"{number}%" if word == "%" else f"{number} {word}"
