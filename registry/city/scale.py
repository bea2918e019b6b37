"""Who stands on the above-scale list, and when: stays that follow from main-business revenue, with honest exceptions.

Knows titles and other figures nothing of.
"""

import calendar
import random
from dataclasses import dataclass
from datetime import date, timedelta

from registry.city.chance import Weighted, stream
from registry.city.parameters import Parameters
from registry.city.registration import Registered
from registry.city.turnover import FEN_PER_WAN, Turnover
from registry.domain.firms import ScaleRow

ANNUAL, MONTHLY = "annual", "monthly"
_MOVED = "moved_out"


@dataclass(slots=True)
class Stay:
    """One stay on the list; in the stock at the close of its first day, out of it at the close of its last."""

    entered_on: date
    entry: str
    exited_on: date | None = None
    exit_reason: str | None = None

    def covers(self, day: date) -> bool:
        """Say whether it is in the stock at the close of a day."""
        return self.entered_on <= day and (self.exited_on is None or self.exited_on > day)


def scale_stays(
    parameters: Parameters, seed: int, block: int, firms: list[Registered], turnovers: list[Turnover]
) -> list[list[Stay]]:
    """Return the stays of each firm of a block, in the same order, with the published stock where it was published."""
    listing = _Listing(parameters, stream(seed, block, "scale"))
    stays = [listing.stays(firm, turnover) for firm, turnover in zip(firms, turnovers, strict=True)]
    _settle_stock(parameters, turnovers, stays)
    return stays


def scale_rows(firm: Registered, stays: list[Stay]) -> list[ScaleRow]:
    """Return a firm's stays as the rows of a list; one that a move cuts through is two."""
    rows = []
    for stay in stays:
        for part in _cut_at_move(firm, stay):
            rows.append(
                ScaleRow(
                    uscc=firm.uscc,
                    name=firm.name,
                    district=firm.district_on(part.entered_on),
                    entered_on=part.entered_on,
                    entry=part.entry,
                    exited_on=part.exited_on,
                    exit_reason=part.exit_reason,
                    source=_source(part),
                )
            )
    return rows


class _Listing:
    """The statistics office over the years."""

    def __init__(self, parameters: Parameters, rng: random.Random) -> None:
        self._rules = parameters.scale
        self._opened_on, self._closes_on = parameters.books_open_on, parameters.books_close_on
        self._threshold = self._rules["threshold"] * FEN_PER_WAN
        self._rng = rng
        self._reasons = Weighted[str](self._rules["exit_reasons"])
        self._stray_reasons = Weighted[str](self._rules["stray_reasons"])

    def stays(self, firm: Registered, turnover: Turnover) -> list[Stay]:
        """Return a firm's stays, earliest first."""
        if not firm.trade.is_industry:
            return self._stray(turnover)
        if firm.is_branch or self._rng.random() < self._rules["never_file_share"]:
            return []
        stays: list[Stay] = []
        is_below = False
        if turnover.main_revenue.get(self._opened_on.year - 1, 0) >= self._threshold:
            stays.append(Stay(self._opened_on, ANNUAL))
        for year in range(max(self._opened_on.year, firm.established_on.year), self._closes_on.year + 1):
            if firm.closed_on and firm.closed_on.year == year:
                if stays and stays[-1].exited_on is None and stays[-1].entered_on < firm.closed_on:
                    stays[-1].exited_on, stays[-1].exit_reason = firm.closed_on, firm.closing_reason
                break
            is_over = turnover.main_revenue[year] >= self._threshold
            if not stays or stays[-1].exited_on is not None:
                stays += self._entry(firm, year) if is_over else []
                is_below = False
            elif not is_over and date(year, 12, 31) <= self._closes_on:
                # One weak year may be forgiven, two in a row are not.
                if is_below or self._rng.random() >= self._rules["patience_share"]:
                    stays[-1].exited_on, stays[-1].exit_reason = date(year, 12, 31), self._reasons.draw(self._rng)
                is_below = True
            else:
                is_below = False
        return stays

    def _entry(self, firm: Registered, year: int) -> list[Stay]:
        """Return the stay that begins in a year, or nothing when the firm does not file or the books close before."""
        rng, rules = self._rng, self._rules
        if rng.random() >= rules["filing_share"]:
            return []
        if year - firm.established_on.year > 1:
            entered_on, entry = date(year, 12, 31), ANNUAL
        else:
            first = max(rules["monthly_from"], firm.established_on.month + 1 if firm.established_on.year == year else 1)
            if first > rules["monthly_until"]:
                return []
            month = rng.randint(first, rules["monthly_until"])
            entered_on, entry = date(year, month, calendar.monthrange(year, month)[1]), MONTHLY
        return [Stay(entered_on, entry)] if entered_on <= self._closes_on else []

    def _stray(self, turnover: Turnover) -> list[Stay]:
        """Return the stay of a firm that is not industrial, or no longer: rare, and over before the stock counts."""
        rng = self._rng
        if rng.random() >= self._rules["stray_share"]:
            return []
        years = [year for year, fen in turnover.main_revenue.items() if fen >= self._threshold]
        years = [year for year in years if self._opened_on.year <= year < self._rules["stock_on"].year - 1]
        if not years:
            return []
        entered = rng.choice(years)
        exited = rng.randint(entered + 1, self._rules["stock_on"].year - 1)
        return [Stay(date(entered, 12, 31), ANNUAL, date(exited, 12, 31), self._stray_reasons.draw(rng))]


def _settle_stock(parameters: Parameters, turnovers: list[Turnover], stays: list[list[Stay]]) -> None:
    """Bring the stock to the calibrated number by what happened in that day's round.

    Too many: the smallest entrants file a year later, and are over the line but not listed yet. Too few: the largest
    of those that left stay a year longer, and are listed but below it. Every city has both.
    """
    on: date = parameters.scale["stock_on"]
    later = date(on.year + 1, on.month, on.day)
    target = round(parameters.scale["stock"] * len(stays) / parameters.block_firms)
    surplus = sum(stay.covers(on) for of_firm in stays for stay in of_firm) - target
    by_size = sorted(range(len(stays)), key=lambda place: turnovers[place].main_revenue.get(on.year, 0))
    if surplus > 0:
        entrants = [place for place in by_size if any(stay.entered_on == on for stay in stays[place])]
        for place in entrants[:surplus]:
            _enter_later(stays[place], later)
    elif surplus < 0:
        leavers = [place for place in by_size if any(stay.exited_on == on for stay in stays[place])]
        for place in leavers[surplus:]:
            _leave_later(stays[place], on, later)


def _enter_later(stays: list[Stay], later: date) -> None:
    """Move the entry of the last stay, which is dropped if it was over by then."""
    if stays[-1].exited_on is None or stays[-1].exited_on > later:
        stays[-1].entered_on = later
    else:
        stays.pop()


def _leave_later(stays: list[Stay], on: date, later: date) -> None:
    """Move the exit of the stay that ended on a day; one that would begin again by then goes on instead."""
    place = next(place for place, stay in enumerate(stays) if stay.exited_on == on)
    stays[place].exited_on = later
    if stays[place + 1 :] and stays[place + 1].entered_on <= later:
        following = stays.pop(place + 1)
        stays[place].exited_on, stays[place].exit_reason = following.exited_on, following.exit_reason


def _cut_at_move(firm: Registered, stay: Stay) -> list[Stay]:
    """Return the stay, or its part in each district; the books see a move by the row that names the new one."""
    moved_on = firm.moved_on
    # The last day in the old district closes the first part.
    if moved_on is None or not stay.entered_on < moved_on - timedelta(days=1) or not stay.covers(moved_on):
        return [stay]
    return [
        Stay(stay.entered_on, stay.entry, moved_on - timedelta(days=1), _MOVED),
        Stay(moved_on, stay.entry, stay.exited_on, stay.exit_reason),
    ]


def _source(stay: Stay) -> str:
    if stay.entry == ANNUAL:
        return f"示例统计年报〔{stay.entered_on.year}〕"
    return f"示例统计月报〔{stay.entered_on.year}〕{stay.entered_on.month:02}号"
