"""The lines of the watch-lists: who it is, the figures that matter, and the reason. Asks nothing of the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from registry.domain.periods import last_fiscal_year
from registry.policy.watch_lists import Deadline, lines
from registry.rules.wording import VERDICTS
from registry.store.watch import FigureLine
from registry.store.watch_titles import HolderLine, TitleLine
from registry.work import watch_words
from registry.work.watch_judged import Judged

# What an entry tells in its columns, in base units: money in whole fen, a verdict by its word.
Figure = int | str | date | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class WatchEntry:
    """One line of a watch-list.

    Attributes:
        district: where the firm stood on the day.
        tier: of the title or the tier that the line speaks of; None where it speaks of the firm.
        figures: by the columns of the list.
        reason, reason_en: why it stands here, in numbers.
    """

    uscc: str
    name: str
    district: str | None
    tier: str | None
    figures: Mapping[str, Figure]
    reason: str
    reason_en: str

    @property
    def text(self) -> str:
        """Return the reason in both languages."""
        return f"{self.reason} ({self.reason_en})"

    @property
    def cursor(self) -> str:
        """Return what to ask the page after this line with."""
        return f"{self.uscc}:{self.tier}" if self.tier else self.uscc


def of_overdue(on: date, deadline: Deadline, one: HolderLine) -> WatchEntry:
    """Return the line of a holder that owes the figures of a year."""
    figures: dict[str, Figure] = {
        "titles": one.tiers,
        "fiscal_year": deadline.on.year - 1,
        "due_on": deadline.on,
        "days_overdue": (on - deadline.on).days,
    }
    reason = watch_words.of_overdue(deadline, on, one.tiers)
    return WatchEntry(one.uscc, one.name, one.district, None, figures, *reason)


def of_figure(key: str, on: date, one: FigureLine) -> WatchEntry:
    """Return the line of a firm in a list about the threshold."""
    threshold = lines().threshold
    distance = one.main_revenue - threshold
    figures: dict[str, Figure] = {"industry": one.industry, "main_revenue": one.main_revenue}
    if key == "over_unlisted":
        figures |= {"excess": distance, "legal_entity": one.legal_entity}
    else:
        figures["shortfall"] = -distance
    reason = watch_words.of_revenue(
        last_fiscal_year(on),
        one.main_revenue,
        threshold,
        listed=key == "listed_below",
        legal_entity=one.legal_entity,
    )
    return WatchEntry(one.uscc, one.name, one.district, None, figures, *reason)


def of_title(on: date, one: TitleLine) -> WatchEntry:
    """Return the line of a title about to end."""
    days = (one.valid_until - on).days
    figures: dict[str, Figure] = {"tier": one.tier, "valid_until": one.valid_until, "days_left": days}
    reason = watch_words.of_expiry(one.tier, one.valid_until, days)
    return WatchEntry(one.uscc, one.name, one.district, one.tier, figures, *reason)


def of_judged(one: Judged) -> WatchEntry:
    """Return the line of a firm that the rules drew."""
    judgement, rule_set = one.judgement, one.judgement.rule_set
    figures: dict[str, Figure] = {"tier": one.tier, "rule_set": rule_set.id}
    if one.before is None:
        figures["fails"] = len(watch_words.failing(judgement))
        figures["undetermined"] = len(watch_words.undetermined(judgement))
        reason = watch_words.of_fall(one.tier, judgement)
    else:
        low, high = judgement.scores[None] if rule_set.max else (None, None)
        figures |= {"score_low": low, "score_high": high, "verdict_before": VERDICTS[one.before.truth]}
        reason = watch_words.of_reach(one.tier, judgement, one.before)
    return WatchEntry(one.uscc, one.name, one.district, one.tier, figures, *reason)
