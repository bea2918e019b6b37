"""Reads what a URL asks: a day, a tier, a district. A value that cannot be meant is refused, never guessed."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from urllib.parse import urlencode

from flask import Flask, current_app, request, url_for

from registry.domain.codes import KIND_WORDS, LADDER, SIZE_WORDS, TIER_WORDS
from registry.domain.errors import Fault, Refused
from registry.domain.facts import FIRST_YEAR, LAST_YEAR
from registry.domain.intake import read_day
from registry.domain.standing import CHANGES
from registry.domain.trades import DIVISIONS

# The rules look a few years back from a day; both ends leave them room.
UNKNOWN = "none"
_KEYS: dict[str, tuple[str, ...] | None] = {
    # A list may name a district that the table does not know.
    "district": None,
    "industry": tuple(DIVISIONS),
    "size": tuple(SIZE_WORDS),
    "functional_area": None,
}
EARLIEST, LATEST = date(FIRST_YEAR + 10, 1, 1), date(LAST_YEAR - 10, 12, 31)
_LONGEST_QUERY = 100


def init_app(app: Flask, clock: Callable[[], datetime]) -> None:
    """Give the pages one clock, and templates the address of this page in another language."""
    app.extensions["clock"] = clock
    app.jinja_env.globals["this_page_in"] = this_page_in


def now() -> datetime:
    """Return the present moment in the zone of the office."""
    moment: datetime = current_app.extensions["clock"]()
    return moment


def today() -> date:
    """Return today's day in the zone of the office."""
    return now().date()


def day_asked(default: date, name: str = "on") -> date:
    """Return the day of `?on=`, or of another name, or a default when none is asked.

    Raises:
        Refused: at the name.
    """
    text = request.args.get(name, "").strip()
    return day_from(text, name) if text else default


def day_from(text: str, path: str) -> date:
    """Return a day written YYYY-MM-DD.

    Raises:
        Refused: no day of the calendar, or one too far away for any rule.
    """
    day = read_day(text)
    if day is None:
        raise Refused.at(path, "应为日历上的日期，格式 YYYY-MM-DD (a date expected, as YYYY-MM-DD)")
    if not EARLIEST <= day <= LATEST:
        raise Refused.at(path, f"应在 {EARLIEST} 至 {LATEST} 之间 (a day from {EARLIEST} to {LATEST} expected)")
    return day


def tier_asked(*more: str) -> str | None:
    """Return the tier of `?tier=`, or one of the words that a page knows besides; None when all are asked."""
    return _one_of("tier", (*TIER_WORDS, *more))


def keys_asked() -> dict[str, str | None]:
    """Return what a list is narrowed to: district, industry division, size, functional area; `none` is an unknown one.

    A key that no statement gives is asked for by the word, because an empty field asks for all.
    """
    keys: dict[str, str | None] = {}
    for name, known in _KEYS.items():
        value = text_asked(name) if known is None else _one_of(name, (*known, UNKNOWN))
        if value:
            keys[name] = None if value == UNKNOWN else value
    return keys


def change_asked() -> str | None:
    """Return the change of `?change=`: whom a day's stock gained or lost, not who is in it."""
    return _one_of("change", CHANGES)


def step_asked() -> tuple[str | None, str | None] | None:
    """Return the step of `?from=&to=` on the ladder, `none` being no title; None when no step is asked."""
    before, after = (_one_of(name, (*LADDER, UNKNOWN)) for name in ("from", "to"))
    if before is None or after is None:
        return None
    return (None if before == UNKNOWN else before, None if after == UNKNOWN else after)


def moment_asked(name: str = "known") -> datetime | None:
    """Return the moment as known at which the books are asked, None for now.

    Raises:
        Refused: no ISO 8601 moment, or one of a day too far away.
    """
    # A form turns the plus of a zone into a blank.
    text = text_asked(name).replace(" ", "+")
    return moment_from(text, name, "2024-12-31T18:00:00") if text else None


def moment_from(text: str, path: str, like: str) -> datetime:
    """Return a moment written as ISO 8601 says, in UTC; without a zone it is that of the office.

    Args:
        like: how it is written.

    Raises:
        Refused: no such moment, or one of a day too far away: before 1901 the office's zone was some seconds off, which
            no answer could write.
    """
    try:
        found = datetime.fromisoformat(text)
        moment = (found if found.tzinfo else found.replace(tzinfo=now().tzinfo)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused.at(path, f"应为 ISO 8601 时刻，如 {like} (a moment expected)") from None
    day_from(moment.date().isoformat(), path)
    return moment


def kind_asked() -> str:
    """Return the kind of case of `?kind=`, a new application unless asked otherwise."""
    return _one_of("kind", tuple(KIND_WORDS)) or "new"


def year_asked(name: str, default: int) -> int:
    """Return a year of four digits, or a default when none is asked.

    Raises:
        Refused: at the name.
    """
    text = request.args.get(name, "").strip()
    return day_from(f"{text}-12-31", name).year if text else default


def several_asked(name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a question that may be asked several times, or with commas; each once.

    Raises:
        Refused: a word that is none of those known.
    """
    words = [word.strip() for text in request.args.getlist(name) for word in text.split(",") if word.strip()]
    for word in words:
        if word not in known:
            listed = "、".join(known)
            raise Refused.at(name, f"应为 {listed} 中的若干项 (some of {', '.join(known)} expected)")
    return tuple(dict.fromkeys(words))


def word_asked(name: str, known: tuple[str, ...]) -> str | None:
    """Return one of a few words, None when none is asked."""
    return _one_of(name, known)


def count_asked(name: str, most: int) -> int | None:
    """Return a whole number from 0 to a bound, None when none is asked.

    Raises:
        Refused: at the name.
    """
    text = text_asked(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) <= most):
        raise Refused.at(name, f"应为 0–{most} 的整数 (a whole number from 0 to {most} expected)")
    return int(text)


def text_asked(name: str = "q") -> str:
    """Return what is searched for, trimmed."""
    text = request.args.get(name, "").strip()
    if len(text) > _LONGEST_QUERY or not text.isprintable():
        raise Refused.at(
            name, f"应为不超过 {_LONGEST_QUERY} 个可见字符 (at most {_LONGEST_QUERY} printable characters)"
        )
    return text


def this_page_in(language: str) -> str:
    """Return the address of this page in a language; what was posted is not repeated."""
    if request.endpoint is None:
        return url_for("public.front", lang=language)
    # Not through url_for: it would take `_scheme` and its like from the reader's own query.
    asked = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    query = urlencode([*asked, ("lang", language)])
    return f"{url_for(request.endpoint, **(request.view_args or {}))}?{query}"


def _one_of(name: str, known: tuple[str, ...]) -> str | None:
    value = request.args.get(name, "").strip()
    if not value:
        return None
    if value not in known:
        listed = "、".join(known)
        raise Refused([Fault(name, f"应为 {listed} 之一 (one of {', '.join(known)} expected)")])
    return value
