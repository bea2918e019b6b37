"""What waits for whoever signed in beside the cases on his desk: answers, audits, letters, samples, lists, titles."""

from flask import url_for

from registry.domain.roles import DEPARTMENT_WORDS, Role
from registry.store.cases import Application
from registry.store.examination_lists import count_audits, count_to_ask_about, inquiries_counted
from registry.store.recognition_lists import counts_in
from registry.web import db
from registry.web.access import admitted, visible
from registry.web.asking import today
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.work.ask_departments import inquiry_states
from registry.work.draw_sample import count_waiting, sampling_stages
from registry.work.publicise import waiting
from registry.work.weigh_recognition import announced_tiers, waiting_states

Waits = tuple[str, str, int]


def work_waiting() -> list[Waits]:
    """Return the address, the words and the number of each kind of work; what one is there for also where it is 0."""
    own = [*_answers(), *_audits()]
    others = [*_letters(), *_samples(), *_lists(), *_announcements()]
    return own + [line for line in others if line[2]]


def _answers() -> list[Waits]:
    if not admitted("answer_inquiries"):
        return []
    held = {seat.department for seat in actor().seats if seat.role is Role.DEPARTMENT_OFFICER}
    mine = [one for one in DEPARTMENT_WORDS if one in held]
    counts = inquiries_counted(db.session(), mine, states=inquiry_states(), today=today())
    return [
        (url_for("inquiries.mine"), _("征求意见：等待我部门答复"), counts["waiting"]),
        (url_for("inquiries.mine", tab="overdue"), _("征求意见：已过答复期限"), counts["overdue"]),
    ]


def _audits() -> list[Waits]:
    if not admitted("report_audits"):
        return []
    offices = {seat.office_id for seat in actor().seats if seat.role is Role.AUDITOR and seat.office_id is not None}
    return [(url_for("samples.audits"), _("审计任务：等待报告结果"), count_audits(db.session(), offices))]


def _letters() -> list[Waits]:
    if not any(seat.role is Role.DISTRICT_REVIEWER for seat in actor().seats):
        return []
    count = count_to_ask_about(db.session(), visible(Application, "review_cases"), inquiry_states())
    return [(url_for("inquiries.ask_form"), _("初审通过，待发函征求部门意见"), count)]


def _samples() -> list[Waits]:
    if not admitted("run_samples"):
        return []
    count = sum(count_waiting(db.session(), tier, stage) for tier, stage in sampling_stages(today()))
    return [(url_for("samples.samples"), _("等待抽样"), count)]


def _lists() -> list[Waits]:
    if not admitted("review_cases"):
        return []
    found = waiting(db.session(), actor().seats, visible(Application, "review_cases"))
    return [(url_for("publicities.lists"), _("等待列入公示名单"), sum(len(one.cases) for one in found))]


def _announcements() -> list[Waits]:
    if not admitted("announce"):
        return []
    tiers = announced_tiers()
    states = {state for tier in tiers for state in waiting_states(tier)}
    counts = counts_in(db.session(), visible(Application, "announce"), states, tiers)
    return [(url_for("announcements.announcements"), _("等待认定公告"), sum(counts.values()))]
