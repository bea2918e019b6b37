"""What reviewers compare by hand in the figures and days of a firm: each doubt at its field, with both numbers told.

A doubt refuses nothing: it says what does not fit together and is worth a look. Unknown is compared with nothing.
Every pair that contradicts itself (`registry.domain.contradictions`) is among them, told here with its numbers.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from registry.domain.contradictions import FIRM_PARTS, YEAR_PARTS
from registry.domain.errors import Fault
from registry.domain.facts import FIRM_FACTS, PLACES, YEAR_FACTS, Fact, Kind
from registry.domain.firms import Firm
from registry.domain.periods import NEVER, last_fiscal_year
from registry.domain.uscc import fault_of

# A figure that grows beyond so many times that of the year before, or falls below one in so many, is asked about.
FOLD = 3
FOLDED = ("revenue", "employees", "total_assets")
# What may exceed the other by law, but seldom does: liabilities of a firm that is insolvent, R&D of one without sales.
_SELDOM_ABOVE = (("total_liabilities", "total_assets"), ("rd_expense", "revenue"))
# GB/T 4754-2017 numbers its divisions without a gap.
_FIRST_DIVISION, _LAST_DIVISION = 1, 97
_WHOLE = 10 ** PLACES[Kind.SHARE]
_RANKS = ("market_rank_national", "market_rank_provincial")
_LISTED_DAYS = (("titles", "from"), ("awards", "on"), ("contests", "on"))


def doubts(firm: Firm, on: date) -> Iterator[Fault]:
    """Yield what does not fit together in a firm as it stands on a day, in the order in which a form asks for it."""
    wrong = fault_of(firm.uscc)
    if wrong:
        yield Fault("uscc", wrong)
    for year, figures in sorted(firm.years.items(), reverse=True):
        yield from _of_year(year, figures, firm, on)
        yield from _since_last_year(year, figures, firm.years.get(year - 1, {}))
    yield from _industry(firm.facts.get("industry"))
    yield from _days(firm, on)
    for part, whole in FIRM_PARTS:
        yield from _above("facts.", FIRM_FACTS[part], FIRM_FACTS[whole], firm.facts)
    yield from _market(firm.facts)


def differing(stated: Firm, known: Firm) -> Iterator[Fault]:
    """Yield the yearly figures that a firm states otherwise than the register has them."""
    for year, figures in sorted(stated.years.items(), reverse=True):
        on_record = known.years.get(year, {})
        for key, fact in YEAR_FACTS.items():
            one, other = figures.get(key), on_record.get(key)
            if one is not None and other is not None and one != other:
                said, held = written(fact, one), written(fact, other)
                yield Fault(
                    f"years.{year}.{key}",
                    f"填报 {said[0]}，库中为 {held[0]}，请核对 (stated {said[1]}, the register has {held[1]})",
                )


def written(fact: Fact, value: Any) -> tuple[str, str]:
    """Return a value in Chinese and in plain English letters; money exactly, in ten thousands of yuan."""
    match fact.kind:
        case Kind.MONEY:
            text = f"{Decimal(value).scaleb(-6):,.6f}".rstrip("0")
            whole, _point, places = text.partition(".")
            return f"{whole}.{places:<02} 万元", f"{whole}.{places:<02} x 10,000 yuan"
        case Kind.SHARE:
            return (f"{_plain(Decimal(value).scaleb(-10))}%",) * 2
        case Kind.SCORE:
            return (_plain(Decimal(value).scaleb(-2)),) * 2
        case Kind.BOOL:
            return ("是", "yes") if value else ("否", "no")
        case Kind.COUNT:
            return (f"{value:,}",) * 2
    return (str(value),) * 2


def _of_year(year: int, figures: Any, firm: Firm, on: date) -> Iterator[Fault]:
    first = next((key for key in YEAR_FACTS if key in figures), None)
    founded = firm.facts.get("established_on")
    if first and year > last_fiscal_year(on):
        last = last_fiscal_year(on)
        yield Fault(
            f"years.{year}.{first}",
            f"{year} 年尚未结束，最近一个完整会计年度是 {last} 年 "
            f"(the year {year} is not over, {last} is the last full one)",
        )
    if first and isinstance(founded, date) and year < founded.year:
        yield Fault(
            f"years.{year}.{first}",
            f"填了 {year} 年的数据，企业 {founded} 才成立 (figures of {year}, but the firm was founded on {founded})",
        )
    for part, whole in (*YEAR_PARTS, *_SELDOM_ABOVE):
        yield from _above(f"years.{year}.", YEAR_FACTS[part], YEAR_FACTS[whole], figures)


def _above(before: str, part: Fact, whole: Fact, known: Any) -> Iterator[Fault]:
    """Yield a doubt where a part exceeds the whole it belongs to."""
    one, other = known.get(part.key), known.get(whole.key)
    if one is None or other is None or one <= other:
        return
    larger, smaller = written(part, one), written(whole, other)
    yield Fault(
        f"{before}{part.key}",
        f"{larger[0]}，大于{whole.label} {smaller[0]} ({larger[1]} is above {_lower(whole.label_en)}: {smaller[1]})",
    )


def _since_last_year(year: int, figures: Any, before: Any) -> Iterator[Fault]:
    for key in FOLDED:
        now, then = figures.get(key), before.get(key)
        if now is None or then is None or (then <= FOLD * now and now <= FOLD * then):
            continue
        new, old = written(YEAR_FACTS[key], now), written(YEAR_FACTS[key], then)
        grew = now > then
        yield Fault(
            f"years.{year}.{key}",
            f"{new[0]}，上年 {old[0]}，{'增至 3 倍以上' if grew else '降至三分之一以下'}，请核对 "
            f"({new[1]} after {old[1]} the year before: {'more than three times' if grew else 'less than a third'})",
        )


def _industry(code: Any) -> Iterator[Fault]:
    if not isinstance(code, str) or not code[:2].isdigit():
        return
    if not _FIRST_DIVISION <= int(code[:2]) <= _LAST_DIVISION:
        yield Fault(
            "facts.industry",
            f"{code} 的大类 {code[:2]} 不在 GB/T 4754 中，大类为 01–97 "
            f"(GB/T 4754 has the divisions 01 to 97, and {code} begins with {code[:2]})",
        )


def _days(firm: Firm, on: date) -> Iterator[Fault]:
    founded, started = firm.facts.get("established_on"), firm.facts.get("segment_since")
    for key in ("established_on", "segment_since", "serious_incident_on"):
        yield from _after_today(f"facts.{key}", firm.facts.get(key), on)
    if isinstance(founded, date) and isinstance(started, date) and started < founded:
        yield Fault(
            "facts.segment_since",
            f"{started}，早于成立日期 {founded} ({started} is before the firm was founded: {founded})",
        )
    for key, part in _LISTED_DAYS:
        entries: Any = firm.facts.get(key, ())
        for place, entry in enumerate(entries):
            yield from _after_today(f"facts.{key}[{place}].{part}", entry.get(part), on)
            first, last = entry.get("from"), entry.get("until")
            if first is not None and last is not None and last < first:
                yield Fault(
                    f"facts.{key}[{place}].until",
                    f"{last}，早于起始日 {first} ({last} is before its first day: {first})",
                )


def _after_today(path: str, day: Any, on: date) -> Iterator[Fault]:
    if isinstance(day, date) and day != NEVER and day > on:
        yield Fault(path, f"{day}，晚于今天 {on} ({day} is later than today: {on})")


def _market(facts: Any) -> Iterator[Fault]:
    share = facts.get("market_share")
    if share is not None and share > _WHOLE:
        told = written(FIRM_FACTS["market_share"], share)[0]
        yield Fault("facts.market_share", f"{told}，超过 100% ({told} is above 100%)")
    for key in _RANKS:
        rank = facts.get(key)
        if rank is not None and share is None:
            label = FIRM_FACTS[key]
            yield Fault(
                "facts.market_share",
                f"填了{label.label}第 {rank} 名，未填市场占有率 ({_lower(label.label_en)} {rank} is given, no share)",
            )


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _lower(words: str) -> str:
    """Return a label as it stands within a sentence; an abbreviation stays as it is."""
    return words if words[1:2].isupper() or words[1:2] == "&" else words[:1].lower() + words[1:]
