"""The words of notices in both languages: a subject and a body a template, made of what the notice keeps of its act.

Only words; who is told, and when, is said in `registry.work.notify` and by whoever calls it. What a template does not
find is left out of its sentence, never shown as a gap.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from registry.domain.roles import DEPARTMENT_WORDS
from registry.work import notice_paper_words as papers
from registry.work.notice_phrases import (
    Notice,
    Told,
    Words,
    due_words,
    given,
    lines,
    of_case,
    pair,
    part_lines,
    said,
    worded,
)


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A notice in both languages, Chinese first; the lines of a body are parted by line breaks."""

    subject: Words
    body: Words


def words_of(template: str, told: Told) -> NoticeText:
    """Return a notice in words; one whose template is no longer known says at least that there was one."""
    subject, body = TEMPLATES.get(template, _unknown)(told)
    return NoticeText(subject, (body[0].strip("\n"), body[1].strip("\n")))


def _of_case(told: Told) -> Notice:
    (title, title_en), (advice, advice_en), which = pair(told, "title"), pair(told, "advice"), of_case(told)
    title, title_en = title or "申报有进展", title_en or "Your application went on"
    parts, opinion = part_lines(told), said(told, "opinion")
    is_returned = said(told, "seen") == "correct"
    due = due_words(told) if is_returned else ("", "")
    chinese = lines(f"{which[0]}：{title}。", given(opinion, "意见：{}"), parts[0], due[0], given(advice, "{}。"))
    english = lines(
        f"{which[1]}: {title_en}.",
        given(opinion, "In the reviewer's words: {}"),
        parts[1],
        due[1],
        given(advice_en, "{}."),
    )
    return (f"{title}：{which[0]}", f"{title_en}: {which[1]}"), (chinese, english)


def _came_back(told: Told) -> Notice:
    done = {
        "resubmit": ("企业已补正并重新提交", "The firm has corrected it and submitted again"),
        "withdraw": ("企业已撤回申报", "The firm has withdrawn it"),
    }.get(said(told, "action"), ("案件有变动", "The case has changed"))
    which, due = of_case(told), due_words(told)
    reason = said(told, "opinion")
    return worded(done, which, (given(reason, "说明：{}"), given(reason, "In its words: {}")), due)


def _note(told: Told) -> Words:
    words = said(told, "note") or said(told, "opinion")
    by = said(told, "by")
    if not words:
        return given(by, "经办：{}"), given(by, "By {}")
    return f"{by or '附言'}：{words}", f"{by or 'Note'}: {words}"


def _assigned(told: Told) -> Notice:
    return worded(("有案件分派给您", "A case was assigned to you"), of_case(told), _note(told), due_words(told))


def _reminder(told: Told) -> Notice:
    return worded(("催办", "Reminder"), of_case(told), _note(told), due_words(told))


def _overdue(told: Told) -> Notice:
    day = said(told, "due_on")
    late = (given(day, "办理期限为 {}，已超过。"), given(day, "It was due on {} and is overdue."))
    state = pair(told, "title")
    return worded(
        ("案件超期", "A case is overdue"),
        of_case(told),
        late,
        (given(state[0], "现在：{}。"), given(state[1], "Now: {}.")),
    )


def _several(told: Told) -> Words:
    """Return of which case a notice speaks, or of how many firms where it speaks of several at once."""
    count = said(told, "count")
    return (f"{count} 家企业", f"{count} firms") if count else of_case(told)


def _inquiry(told: Told) -> Notice:
    asked = ("征求部门意见，请答复", "Your department is asked")
    name = DEPARTMENT_WORDS.get(said(told, "department"), ("", ""))
    once = (
        "每个部门对每家企业答复一次，提交后不能更改。",
        "One answer a department and firm; it cannot be changed.",
    )
    to = (given(name[0], "征求：{}。"), given(name[1], "Asked: {}."))
    return worded(asked, _several(told), to, due_words(told), once)


def _inquiry_due(told: Told) -> Notice:
    late = told.get("is_late")
    subject = (
        ("征求意见已超期，请尽快答复", "An answer is overdue") if late else ("征求意见即将到期", "An answer is due")
    )
    day = said(told, "due_on")
    return worded(subject, of_case(told), (given(day, "答复期限：{}（含当日）。"), given(day, "Last day: {}.")))


def _audit(told: Told) -> Notice:
    return worded(("委托审计", "An audit was commissioned"), _several(told), _note(told), due_words(told))


def _audit_due(told: Told) -> Notice:
    late = told.get("is_late")
    subject = ("审计结果已超期", "An audit is overdue") if late else ("审计结果即将到期", "An audit is due")
    day = said(told, "due_on")
    return worded(subject, of_case(told), (given(day, "期限：{}（含当日）。"), given(day, "Last day: {}.")))


def _publicity(told: Told) -> Notice:
    first, last = said(told, "first_day"), said(told, "last_day")
    hint = ("（暂定）", " (provisional)") if told.get("is_provisional") else ("", "")
    span = (
        f"公示期：{first} 至 {last}{hint[0]}，首尾两日包括在内。" if first and last else "",
        f"From {first} to {last}{hint[1]}, both days included." if first and last else "",
    )
    listed = pair(told, "title")
    name = (given(listed[0], "名单：{}。"), given(listed[1], "List: {}."))
    more = ("公示期内可能有人提出异议，将先核实答复。", "Objections may be raised; each is answered first.")
    return worded(("列入公示", "Made public"), of_case(told), name, span, more)


def _objection(told: Told) -> Notice:
    return worded(
        ("公示收到异议，请核实答复", "An objection is to be answered"),
        of_case(told),
        (
            "作出决定前须逐条答复。异议人的姓名和联系方式不得告知企业。",
            "Each is answered before the decision. The firm must not learn who objected.",
        ),
    )


def _objection_noted(told: Told) -> Notice:
    return worded(
        ("公示期内收到异议", "An objection was raised"),
        of_case(told),
        (
            "主管部门将核实并答复，答复前不作决定。",
            "The bureau looks into it and answers it before anything is decided.",
        ),
    )


def _objection_answered(told: Told) -> Notice:
    upheld, found = told.get("is_upheld"), ("", "")
    if upheld is not None:
        found = ("异议成立。", "It was upheld.") if upheld else ("异议不成立。", "It was not upheld.")
    reply = said(told, "reply")
    return worded(("公示异议已答复", "An objection was answered"), of_case(told), found, (reply, reply))


def _recognised(told: Told) -> Notice:
    number, since, until = said(told, "certificate"), said(told, "valid_from"), said(told, "valid_until")
    document = said(told, "announcement") or said(told, "number")
    return worded(
        ("认定公告", "Recognised"),
        of_case(told),
        (given(document, "公告文号：{}。"), given(document, "By announcement {}.")),
        (given(number, "证书编号：{}。"), given(number, "Certificate {}.")),
        (
            f"有效期：{since} 至 {until}。" if since and until else "",
            f"Valid from {since} to {until}." if since and until else "",
        ),
        (
            "有效期内请每年更新信息，发生重大变更须在三个月内报告。",
            "Update every year; report a major change in 3 months.",
        ),
    )


def _correction_due(told: Told) -> Notice:
    last = told.get("is_last_day")
    subject = ("今天是补正期限的最后一天", "Last day to correct") if last else ("补正期限将至", "A correction is due")
    due = due_words(told)
    more = ("逾期未补正的，申报将被终止。", "What is not corrected in time may be closed.")
    return worded(subject, of_case(told), due, more)


def _unknown(told: Told) -> Notice:
    which = of_case(told) if told.get("tier") else (said(told, "firm"), said(told, "firm"))
    return worded(("有一条通知", "There is news"), which)


TEMPLATES: Mapping[str, Callable[[Told], tuple[Words, Words]]] = {
    "case": _of_case,
    "came_back": _came_back,
    "assigned": _assigned,
    "reminder": _reminder,
    "overdue": _overdue,
    "inquiry": _inquiry,
    "inquiry_due": _inquiry_due,
    "audit": _audit,
    "audit_due": _audit_due,
    "publicity": _publicity,
    "objection": _objection,
    "objection_noted": _objection_noted,
    "objection_answered": _objection_answered,
    "recognised": _recognised,
    "title_expiring": papers.title_expiring,
    "correction_due": _correction_due,
    "update_due": papers.update_due,
    "revocation": papers.revocation,
    "report_made": papers.report_made,
    "report_question": papers.report_question,
    "question_due": papers.question_due,
    "report_replied": papers.report_replied,
    "report_settled": papers.report_settled,
    "change_reported": papers.change_reported,
    "change_settled": papers.change_settled,
}
