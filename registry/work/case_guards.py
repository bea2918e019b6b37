"""What a move of a case needs (`Guard`), found out in the database. Each says, in both languages, what is missing.

A guard that nobody answers for is a defect: the table below is held to the words of casework by a test.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import Guard
from registry.domain.casework import Move
from registry.domain.codes import TIER_WORDS
from registry.domain.errors import MoveNotAllowed
from registry.domain.procedure import Procedure, Stage
from registry.domain.roles import DEPARTMENT_WORDS, Role
from registry.store.books import as_known, stands
from registry.store.cases import Application, ApplicationRound, FilingWindow, ReturnedPart
from registry.store.recognitions import Ban
from registry.store.standing import StandingSpan
from registry.store.statements import Title
from registry.work.case_findings import has_upheld, inquiries_of, objections_open, publicity_of, sample_of
from registry.work.keep_updates import updates_missing

LONGEST_OPINION = 2_000


@dataclass(frozen=True, slots=True)
class Given:
    """What whoever makes a move brings with it.

    Attributes:
        opinion: in his own words; the reason of what he does.
        details: what else belongs to the step, for the record.
        signed_as: the name under the declaration of truth.
        version: of the case, as it was looked at; None: whatever it is.
        real_name: the objector's name, contact and grounds are there.
        source: the document and the day of a decision taken outside.
    """

    opinion: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    signed_as: str = ""
    version: int | None = None
    real_name: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A move that is about to be made."""

    session: Session
    case: Application
    procedure: Procedure
    move: Move
    actor: Actor
    seat: Seat
    given: Given
    now: datetime

    @property
    def today(self) -> date:
        """Return the day, in the zone of the office."""
        return self.now.date()

    @property
    def stage(self) -> Stage:
        """Return the stage the case is at, or was returned from."""
        return self.procedure.stage(self.move.state.at)


def ensure_guarded(attempt: Attempt) -> None:
    """Refuse a move that lacks something it needs; all that is lacking is told at once.

    Raises:
        MoveNotAllowed: says what.
    """
    lacking = [told for guard in attempt.move.needs(attempt.case.kind) if (told := GUARDS[guard](attempt))]
    if lacking:
        raise MoveNotAllowed(in_one(lacking))


def in_one(messages: Iterable[str]) -> str:
    """Return several messages, each 中文 (english), as one of the same form."""
    halves = [one.removesuffix(")").rpartition(" (") for one in messages]
    return f"{'；'.join(half[0] for half in halves)} ({'; '.join(half[2] for half in halves)})"


def _signed(attempt: Attempt) -> str:
    return "" if attempt.given.signed_as.strip() else "请签署真实性声明 (sign the declaration of truth)"


def windows_of(session: Session, tier: str, kind: str) -> list[FilingWindow]:
    """Return the batches of a tier and kind that were not taken back, the newest first."""
    query = select(FilingWindow).where(
        FilingWindow.tier == tier,
        FilingWindow.withdrawn_at.is_(None),
        (FilingWindow.kind == kind) | FilingWindow.kind.is_(None),
    )
    return list(session.scalars(query.order_by(FilingWindow.opens_on.desc(), FilingWindow.id.desc())))


def title_held(session: Session, firm_id: int, tier: str, on: date) -> Title | None:
    """Return the title of a tier that a firm holds on a day by the books, the one that ends last."""
    held = exists().where(
        StandingSpan.firm_id == firm_id, StandingSpan.tier == tier, stands(on), as_known(StandingSpan, None)
    )
    query = select(Title).where(
        Title.firm_id == firm_id,
        Title.tier == tier,
        Title.superseded_at.is_(None),
        Title.recognised_on <= on,
        Title.valid_until >= on,
        held,
    )
    return session.scalars(query.order_by(Title.valid_until.desc()).limit(1)).first()


def _window(attempt: Attempt) -> str:
    case, today = attempt.case, attempt.today
    filing = attempt.procedure.filing(case.kind)
    if filing is None:
        return "这一类不办理复核 (this tier knows no re-review)"
    windows = windows_of(attempt.session, case.tier, case.kind)
    title = title_held(attempt.session, case.firm_id, case.tier, today)
    spans = [(one.opens_on, one.closes_on) for one in windows]
    if filing.is_open(today, spans, title.valid_until if title else None):
        return ""
    coming = min((first for first, _last in spans if first > today), default=None)
    if coming:
        return f"尚未到申报期，{coming} 开始 (the window opens on {coming})"
    return "现在不在申报期内，开放后可提交，草稿会保留 (no window is open now; the draft is kept)"


def ban_of(session: Session, firm_id: int, on: date) -> Ban | None:
    """Return the ban that binds a firm on a day, the one that lasts longest."""
    query = select(Ban).where(Ban.firm_id == firm_id, Ban.first_day <= on, Ban.last_day >= on, Ban.lifted_at.is_(None))
    return session.scalars(query.order_by(Ban.last_day.desc()).limit(1)).first()


def _no_ban(attempt: Attempt) -> str:
    ban = ban_of(attempt.session, attempt.case.firm_id, attempt.today)
    return f"禁止申报至 {ban.last_day} (no application up to {ban.last_day})" if ban else ""


def _holds_title(attempt: Attempt) -> str:
    if title_held(attempt.session, attempt.case.firm_id, attempt.case.tier, attempt.today):
        return ""
    return f"台账上没有在有效期内的{TIER_WORDS[attempt.case.tier]}称号，不能申报复核 (no valid title to be re-reviewed)"


def _updates(attempt: Attempt) -> str:
    title = title_held(attempt.session, attempt.case.firm_id, attempt.case.tier, attempt.today)
    if title is None:
        return ""
    zone = attempt.now.tzinfo
    years = updates_missing(attempt.session, attempt.case.firm_id, title.recognised_on, attempt.today, zone)
    if not years:
        return ""
    listed = "、".join(map(str, years))
    return f"{listed} 年未按期更新年度信息，不能申报复核 (the yearly updates of {listed} were not made in time)"


def _own_filing(attempt: Attempt) -> str:
    if attempt.case.filed_role == Role.DISTRICT_REVIEWER:
        return ""
    return "本案由企业填报，区市不能代办 (the firm filed it itself)"


def _by_another(attempt: Attempt) -> str:
    if attempt.case.filed_by != attempt.actor.person_id:
        return ""
    return "本案由您填报，须由他人核查 (you filed it: somebody else checks it)"


def parts_returned(session: Session, case: Application) -> dict[str, ReturnedPart]:
    """Return what the last return asked to have corrected, by part."""
    query = select(ReturnedPart).where(ReturnedPart.application_id == case.id, ReturnedPart.round == case.round)
    return {row.part: row for row in session.scalars(query.order_by(ReturnedPart.part))}


def answers_changed(session: Session, case: Application) -> set[str]:
    """Return the fields in which the answers typed so far differ from what was submitted last."""
    submitted = session.get(ApplicationRound, (case.id, case.round))
    before = json.loads(submitted.answers) if submitted else {}
    after = json.loads(case.answers)
    return {name for name in before.keys() | after.keys() if before.get(name, "") != after.get(name, "")}


def is_open_for(part: str, returned: Mapping[str, object]) -> bool:
    """Say whether a field may be corrected: itself, or the list or day it belongs to, was returned."""
    if part in returned:
        return True
    # The rows of a list, `facts.awards-0.level`, belong to `facts.awards`; a box `….none` to its own fact.
    owner = part.split("-")[0] if "-" in part else part.removesuffix(".none")
    return owner in returned


def _only_returned(attempt: Attempt) -> str:
    returned = parts_returned(attempt.session, attempt.case)
    strange = sorted(one for one in answers_changed(attempt.session, attempt.case) if not is_open_for(one, returned))
    if not strange:
        return ""
    listed = "、".join(strange[:5])
    return f"只能修改退回的内容，以下未被退回：{listed} (only what was returned may be changed)"


def _overdue(attempt: Attempt) -> str:
    due = attempt.case.due_on
    if due is not None and due < attempt.today and not attempt.case.due_is_provisional:
        return ""
    return f"补正期限至 {due}，尚未逾期 (the firm has until {due} to correct it)"


def _opinion(attempt: Attempt) -> str:
    words = attempt.given.opinion.strip()
    if not words:
        return "请填写意见 (give an opinion)"
    return "" if len(words) <= LONGEST_OPINION else f"意见不超过 {LONGEST_OPINION} 字 (the opinion is too long)"


def _one_answer(attempt: Attempt) -> str:
    department = attempt.seat.department or ""
    asked = inquiries_of(attempt.session, attempt.case.id).get(department)
    if asked is None:
        return "没有向您的部门征求意见 (your department was not asked)"
    return "您的部门已经答复过 (your department has answered)" if asked.answer else ""


def _all_answered(attempt: Attempt) -> str:
    asked = inquiries_of(attempt.session, attempt.case.id)
    open_ones = [one for one in attempt.stage.departments if one not in asked or asked[one].answer is None]
    if not open_ones:
        return ""
    chinese = "、".join(DEPARTMENT_WORDS[one][0] for one in open_ones)
    english = ", ".join(DEPARTMENT_WORDS[one][1] for one in open_ones)
    return f"还有部门未答复：{chinese} (not answered yet: {english})"


def _adverse_given(attempt: Attempt) -> str:
    return "" if _adverse(attempt) else "没有部门提出否定意见 (no department's answer is adverse)"


def _adverse_weighed(attempt: Attempt) -> str:
    if attempt.given.opinion.strip() or not _adverse(attempt):
        return ""
    return "有部门提出否定意见，仍予通过的请写明理由 (an answer is adverse: say why it passes all the same)"


def _adverse(attempt: Attempt) -> bool:
    return any(row.answer == "adverse" for row in inquiries_of(attempt.session, attempt.case.id).values())


def _not_sampled(attempt: Attempt) -> str:
    # Whom the level below sampled is set aside by the draw itself (`registry.work.draw_sample`).
    drawn = sample_of(attempt.session, attempt.case.id, attempt.stage.key)
    return "本案已参加过本环节的抽取 (it has been in a draw at this stage)" if drawn else ""


def _results_in(attempt: Attempt) -> str:
    drawn = sample_of(attempt.session, attempt.case.id, attempt.stage.key)
    if drawn is None:
        return "尚未抽取样本 (the sample is not drawn yet)"
    return "已被抽中，结果尚未录入 (drawn, and its result is not in)" if drawn.is_drawn and not drawn.result else ""


def _drawn(attempt: Attempt) -> str:
    drawn = sample_of(attempt.session, attempt.case.id, attempt.stage.key)
    if drawn is None or not drawn.is_drawn:
        return "本案未被抽中，没有结果可录入 (it was not drawn: there is no result to enter)"
    return "本案的结果已经录入，不能重复录入 (the result is in already)" if drawn.result else ""


def _real_name(attempt: Attempt) -> str:
    if attempt.given.real_name:
        return ""
    return "异议须实名并附联系方式与依据 (an objection needs a real name, a contact and its grounds)"


def _publicity_over(attempt: Attempt) -> str:
    listed = publicity_of(attempt.session, attempt.case.id, attempt.stage.key)
    if listed is None:
        return "尚未列入公示名单 (it is on no list yet)"
    if listed.last_day < attempt.today:
        return ""
    return f"公示至 {listed.last_day}，次日起可办结 (the publicity lasts to the end of {listed.last_day})"


def _publicity_certain(attempt: Attempt) -> str:
    listed = publicity_of(attempt.session, attempt.case.id, attempt.stage.key)
    if listed is None or not listed.is_provisional:
        return ""
    return "公示截止日为暂定，须先导入该年度的放假安排 (its last day is provisional: import that year's holidays first)"


def _objections(attempt: Attempt) -> str:
    count = objections_open(attempt.session, attempt.case.id)
    return f"还有 {count} 条异议未答复 ({count} objections are not answered)" if count else ""


def _none_upheld(attempt: Attempt) -> str:
    if not has_upheld(attempt.session, attempt.case.id):
        return ""
    return "有成立的异议，应不予通过 (an objection was upheld: it is to be refused)"


def _one_upheld(attempt: Attempt) -> str:
    if has_upheld(attempt.session, attempt.case.id):
        return ""
    return "没有成立的异议，不能以此不予通过 (no objection was upheld)"


def _source(attempt: Attempt) -> str:
    return "" if attempt.given.source.strip() else "请注明来源文件与日期 (say the document and its day)"


GUARDS: Mapping[Guard, Callable[[Attempt], str]] = {
    Guard.DECLARATION_SIGNED: _signed,
    Guard.WINDOW_OPEN: _window,
    Guard.NO_BAN: _no_ban,
    Guard.HOLDS_TITLE: _holds_title,
    Guard.UPDATES_MADE: _updates,
    Guard.OWN_FILING: _own_filing,
    Guard.FILED_BY_ANOTHER: _by_another,
    Guard.ONLY_RETURNED_CHANGED: _only_returned,
    Guard.CORRECTION_OVERDUE: _overdue,
    Guard.OPINION_GIVEN: _opinion,
    Guard.ONE_ANSWER_EACH: _one_answer,
    Guard.ALL_ANSWERED: _all_answered,
    Guard.NOT_SAMPLED_BEFORE: _not_sampled,
    Guard.ADVERSE_GIVEN: _adverse_given,
    Guard.ADVERSE_WEIGHED: _adverse_weighed,
    Guard.RESULTS_IN: _results_in,
    Guard.DRAWN: _drawn,
    Guard.REAL_NAME_GIVEN: _real_name,
    Guard.PUBLICITY_OVER: _publicity_over,
    Guard.PUBLICITY_CERTAIN: _publicity_certain,
    Guard.OBJECTIONS_ANSWERED: _objections,
    Guard.NONE_UPHELD: _none_upheld,
    Guard.ONE_UPHELD: _one_upheld,
    Guard.SOURCE_GIVEN: _source,
}
