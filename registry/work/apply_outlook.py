"""How a draft stands: by which rules it will be judged, what they ask for, what they say of what is typed so far.

And before there is a draft: which tiers a firm may apply for now. Reads only.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import DRAFT, Action, Guard, Phase
from registry.domain.casework import find_move
from registry.domain.codes import KIND_WORDS, LADDER, TIERS
from registry.domain.contradictions import contradictions
from registry.domain.errors import MoveNotAllowed, Refused
from registry.domain.firms import Firm as StatedFirm
from registry.domain.procedure import Filing, Opens, Words
from registry.policy import DEFAULTS, Options, choose, load
from registry.policy.procedures import procedure
from registry.rules.case import sheet_of
from registry.rules.explain import explain
from registry.rules.wording import document_of
from registry.store.cases import Application
from registry.store.firms import Firm
from registry.store.records import FirmRecord, record_of
from registry.work.apply import application_under_way
from registry.work.apply_facts import facts_submitted
from registry.work.assess import assess_firm
from registry.work.case_bars import procedure_of, seats_at, state_of
from registry.work.case_guards import GUARDS, Attempt, Given, title_held, windows_of
from registry.work.judge_case import JUDGED, without_claims
from registry.work.return_case import facts_read

# What is not known before there is a draft, or told in words of its own.
_ASKED_APART = frozenset({Guard.DECLARATION_SIGNED, Guard.WINDOW_OPEN})
_ALL_BUT_THE_TITLE = frozenset(Guard) - {Guard.HOLDS_TITLE}


@dataclass(frozen=True, slots=True)
class Outlook:
    """A draft, or a correction, by the rules that will judge it.

    Attributes:
        document: the assessment (contract §2) of what is typed so far, without what only reviewers judge.
        asked: paths of the facts that the rules read.
        asked_by: the same, by criterion.
        judged: those of them that a reviewer judges.
    """

    document: dict[str, Any]
    asked: tuple[str, ...]
    asked_by: Mapping[str, tuple[str, ...]]
    judged: tuple[str, ...]

    @property
    def missing(self) -> frozenset[str]:
        """Return the paths of unknown facts that would settle a criterion, those that reviewers judge left out."""
        found = {path for one in self.document["criteria"] for path in one["missing"]}
        return frozenset(found - set(self.judged))


def outlook(
    session: Session,
    case: Application,
    typed: StatedFirm,
    *,
    on: date,
    known: FirmRecord | None = None,
    lang: str = "zh",
    options: Options = DEFAULTS,
) -> Outlook:
    """Return how a draft stands when it is submitted on a day; of a correction the rules are those fixed before.

    Args:
        known: what the register knows of the firm, where it was read already.

    Raises:
        Refused: no rule set applies to such a case on the day.
    """
    firm = session.get_one(Firm, case.firm_id)
    stated, incomplete = facts_submitted(session, firm, typed, on, known)
    chosen = choose(case.tier, case.kind, on, options)
    rule_set = load(case.rule_set_id, case.kind, options) if case.rule_set_id else chosen.rule_set
    document = document_of(
        explain(rule_set, sheet_of(without_claims(stated), on, incomplete)),
        why=chosen.why_en if lang == "en" else chosen.why,
        warnings=contradictions(stated),
        lang="en" if lang == "en" else "zh",
        with_tree=True,
    )
    asked_by = {one.key: tuple(facts_read(rule_set, one, on)) for one in rule_set.criteria}
    asked = tuple(dict.fromkeys(path for paths in asked_by.values() for path in paths))
    judged = tuple(path for path in asked if path.removeprefix("facts.") in JUDGED)
    return Outlook(document, asked, asked_by, judged)


@dataclass(frozen=True, slots=True)
class Chance:
    """A kind of application that a firm may think of.

    Attributes:
        under_way: the application of this tier that is not ended.
        opens: when it may be submitted, in both languages.
        is_open: it may be submitted today.
        against: what stands against its submission today beside the window, in both languages.
        held_until: the last valid day of the tier's title, where the firm holds it.
        document: what the rules say of what the register knows of the firm; None where no rules apply yet, and for the
            re-review of a title that the firm does not hold.
    """

    tier: str
    kind: str
    under_way: Application | None
    opens: Words
    is_open: bool
    against: tuple[str, ...]
    held_until: date | None
    document: dict[str, Any] | None

    @property
    def may_begin(self) -> bool:
        """Say whether a draft can be begun: of a title that is held its re-review, of another a new application."""
        is_held = self.held_until is not None and self.tier in LADDER
        return self.under_way is None and is_held == (self.kind == "re_review")


def chances(
    session: Session,
    actor: Actor,
    seat: Seat,
    firm: Firm,
    *,
    now: datetime,
    lang: str = "zh",
    options: Options = DEFAULTS,
) -> list[Chance]:
    """Return what a firm may apply for, tier by tier; of a tier that the seat's role does not file, nothing."""
    thinking = _Thinking(session, actor, seat, firm, record_of(session, firm), now, lang, options)
    found: list[Chance] = []
    for tier in TIERS:
        try:
            handled = procedure(tier, now.date())
        except Refused:
            continue
        filings = {kind: filing for kind in KIND_WORDS if (filing := handled.filing(kind)) is not None}
        if filings and seat.role in handled.filed_by:
            found += _chances_of(thinking, tier, filings)
    return found


@dataclass(frozen=True, slots=True)
class _Thinking:
    """Who thinks of applying for which firm, and what is known of it."""

    session: Session
    actor: Actor
    seat: Seat
    firm: Firm
    known: FirmRecord
    now: datetime
    lang: str
    options: Options


def _chances_of(of: _Thinking, tier: str, filings: Mapping[str, Filing]) -> Iterator[Chance]:
    """Yield the chances of a tier, by the kinds in which it can be filed."""
    on = of.now.date()
    title, under_way = title_held(of.session, of.firm.id, tier, on), application_under_way(of.session, of.firm.id, tier)
    held_until = title.valid_until if title else None
    for kind, filing in filings.items():
        # Without a title there is nothing to re-review: nothing else about it is asked.
        is_moot = kind == "re_review" and title is None
        spans = [(one.opens_on, one.closes_on) for one in windows_of(of.session, tier, kind)]
        # A case that nobody keeps: the guards are asked as they will be when it is submitted.
        thought = Application(
            firm_id=of.firm.id,
            uscc=of.firm.uscc,
            tier=tier,
            kind=kind,
            state=str(DRAFT),
            filed_role=of.seat.role,
            opened_at=of.now,
        )
        but = _ALL_BUT_THE_TITLE if is_moot else _ASKED_APART
        yield Chance(
            tier,
            kind,
            under_way,
            opens_words(filing, spans, held_until, on),
            filing.is_open(on, spans, held_until),
            tuple(_lacking(of.session, of.actor, of.seat, thought, of.now, but)),
            held_until,
            None if is_moot else _assessed(of, tier, kind),
        )


def _assessed(of: _Thinking, tier: str, kind: str) -> dict[str, Any] | None:
    lists = of.known.incomplete_lists
    try:
        return assess_firm(of.known.firm, tier, kind, of.now.date(), lang=of.lang, options=of.options, incomplete=lists)
    except Refused:
        return None


def opens_words(filing: Filing, spans: Iterable[tuple[date, date]], held_until: date | None, on: date) -> Words:
    """Say when a kind of case may be submitted, seen from a day.

    Args:
        spans: the first and last days of the batches.
        held_until: the last valid day of the title that is to be re-reviewed.
    """
    if filing.opens is Opens.ANY_TIME:
        return "随时可以提交", "Can be submitted at any time"
    if filing.opens is Opens.BEFORE_EXPIRY:
        if held_until is None:
            return "持有称号的企业在到期前申报复核", "For holders of the title, before it expires"
        first = held_until - timedelta(days=filing.days_before_expiry or 0)
        return f"{first} 至 {held_until} 可以提交", f"Can be submitted from {first} to {held_until}"
    days = sorted(spans)
    last = max((last for first, last in days if first <= on <= last), default=None)
    if last is not None:
        return f"本批次开放中，{last} 截止", f"This batch is open and closes on {last}"
    coming = next(((first, last) for first, last in days if first > on), None)
    if coming is not None:
        return (
            f"现在不在申报期内，下一批 {coming[0]} 至 {coming[1]}",
            f"No batch is open; the next is from {coming[0]} to {coming[1]}",
        )
    return "现在不在申报期内，下一批时间尚未公布", "No batch is open, and the next is not announced yet"


def filing_words(session: Session, case: Application, on: date) -> Words:
    """Say when a draft may be submitted."""
    filing = procedure_of(case).filing(case.kind)
    if filing is None:
        return "这一类不办理复核", "This tier knows no re-review"
    title = title_held(session, case.firm_id, case.tier, on)
    spans = [(one.opens_on, one.closes_on) for one in windows_of(session, case.tier, case.kind)]
    return opens_words(filing, spans, title.valid_until if title else None, on)


def stands_against(
    session: Session, actor: Actor, seats: Iterable[Seat], case: Application, *, now: datetime
) -> list[str]:
    """Return what stands against submitting a draft or a correction now, but for the signature; in both languages."""
    for seat in seats:
        if seat in actor.seats and seats_at(case, seat):
            return _lacking(session, actor, seat, case, now, frozenset({Guard.DECLARATION_SIGNED}))
    return []


def _lacking(
    session: Session, actor: Actor, seat: Seat, case: Application, now: datetime, but: Collection[Guard]
) -> list[str]:
    handled, state = procedure_of(case), state_of(case)
    action = Action.RESUBMIT if state.phase is Phase.RETURNED else Action.SUBMIT
    try:
        move = find_move(handled, state, action, seat.role)
    except MoveNotAllowed as refused:
        return [str(refused)]
    attempt = Attempt(session, case, handled, move, actor, seat, Given(), now)
    guards = [guard for guard in move.needs(case.kind) if guard not in but]
    return [told for guard in guards if (told := GUARDS[guard](attempt))]
