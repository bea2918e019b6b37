"""The words of notices on titles and on the papers of firms: updates, changes, reports, revocations. Only words."""

from registry.domain.revocations import GROUNDS, Cause
from registry.work.notice_phrases import Notice, Told, due_words, given, lines, of_title, pair, said, worded


def title_expiring(told: Told) -> Notice:
    """Say until when a title lasts, and when its re-review may be applied for."""
    until, days = said(told, "valid_until"), said(told, "days")
    opens, closes = said(told, "opens_on"), said(told, "closes_on")
    if told.get("opens") == "batch" and not opens:
        apply = (
            "复核按批次受理，现在没有已公布的申报期；请留意通知，须在到期前提交。",
            "Re-reviews are taken in batches; none is laid down now. Watch for it and submit before the title ends.",
        )
    elif opens and closes:
        apply = (
            f"复核申报期：{opens} 至 {closes}（含首尾两日）。逾期未复核的，称号到期失效。",
            f"Apply for the re-review from {opens} to {closes}, both days included; else the title ends.",
        )
    else:
        apply = ("需要延续的，请在到期前申报复核。", "To keep it, apply for the re-review before it ends.")
    left = (
        f"有效期至 {until}，还有 {days} 天。" if until else "",
        f"It is valid to {until}; days left: {days}." if until else "",
    )
    return worded(("称号即将到期", "A title is about to end"), of_title(told), left, apply)


def update_due(told: Told) -> Notice:
    """Say by when the yearly update is to be filed."""
    year, due, firm = said(told, "year"), said(told, "due_on"), said(told, "firm")
    source = pair(told, "source")
    return (
        (f"{firm}：请在 {due} 前更新年度信息", f"{firm}: the yearly update is due by {due}"),
        (
            lines(
                f"{firm} 持有有效称号，{year} 年的信息更新须在 {due} 前（含当日）提交，尚未提交。",
                given(source[0], "依据：{}。"),
            ),
            lines(
                f"{firm} holds a title: its update of {year} is due by the end of {due} and was not filed yet.",
                given(source[1], "By {}."),
            ),
        ),
    )


def revocation(told: Told) -> Notice:
    """Say what became of a revocation, and why."""
    state = said(told, "outcome") or "proposed"
    subject = {
        "proposed": ("拟撤销称号，请陈述申辩", "A revocation is proposed: you may be heard"),
        "revoked": ("称号已撤销", "A title was revoked"),
        "dropped": ("不予撤销称号", "A title is not revoked"),
    }.get(state, ("撤销称号事项有进展", "A revocation went on"))
    key = said(told, "cause")
    cause = GROUNDS[Cause(key)].words if key in set(Cause) else ("", "")
    facts, hearing, document = said(told, "facts"), said(told, "hearing"), said(told, "document")
    day, banned = said(told, "on"), said(told, "banned_until")
    return worded(
        subject,
        of_title(told),
        (given(cause[0], "原因：{}。"), given(cause[1], "Cause: {}.")),
        (given(facts, "事实：{}"), given(facts, "Facts: {}")),
        (given(hearing, "陈述申辩情况：{}"), given(hearing, "The hearing: {}")),
        (given(document, "文号：{}。"), given(document, "Document {}.")),
        (given(day, "自 {} 起不再持有该称号。"), given(day, "It is held no more from {} on.")),
        (given(banned, "{} 起方可再次申报。"), given(banned, "You may apply again from {} on.")),
    )


def report_made(told: Told) -> Notice:
    """Tell the bureau of a report."""
    firm = said(told, "firm")
    more = (
        "请核实：必要时向企业发问，再作出处理。不得向企业透露举报人。",
        "Look into it: ask the firm where needed, then settle it. The firm must not learn who reported.",
    )
    return worded(("收到实名举报", "A report came in"), (firm, firm), more)


def report_question(told: Told) -> Notice:
    """Tell the firm what the bureau asks; the reporter is never named."""
    firm, question, due = said(told, "firm"), said(told, "question"), due_words(told)
    return worded(
        ("主管部门请企业核实说明情况", "The bureau asks your firm"),
        (firm, firm),
        (given(question, "问题：{}"), given(question, "It asks: {}")),
        (given(due[0], "{}。"), given(due[1], "{}.")),
    )


def question_due(told: Told) -> Notice:
    """Remind the firm that the bureau waits for its answer."""
    firm, last = said(told, "firm"), due_words(told)
    return worded(("请尽快答复主管部门的核实", "An answer to the bureau is due"), (firm, firm), last)


def report_replied(told: Told) -> Notice:
    """Tell the bureau that the firm has answered."""
    firm = said(told, "firm")
    return worded(("企业已答复举报核实", "A firm has answered on a report"), (firm, firm))


def report_settled(told: Told) -> Notice:
    """Tell the firm what was found."""
    firm, finding = said(told, "firm"), said(told, "finding")
    upheld = told.get("is_upheld")
    found = ("反映的情况属实", "found true") if upheld else ("反映的情况不属实", "found not true")
    return worded(
        ("核实事项已办结", "The matter is settled"),
        (firm, firm),
        (f"结论：{found[0]}。", f"It was {found[1]}."),
        (finding, finding),
    )


def change_reported(told: Told) -> Notice:
    """Tell the bureau of a major change."""
    firm, kind = said(told, "firm"), pair(told, "kind")
    day = said(told, "happened_on")
    late = ("报告已超过三个月期限。", "It was reported late.") if told.get("is_late") else ("", "")
    return worded(
        ("企业报告重大变更", "A firm reports a major change"),
        (firm, firm),
        (given(kind[0], "变更：{}。"), given(kind[1], "Change: {}.")),
        (given(day, "发生于 {}。"), given(day, "It happened on {}.")),
        late,
    )


def change_settled(told: Told) -> Notice:
    """Tell the firm what the bureau says to a change."""
    firm, kind, reply = said(told, "firm"), pair(told, "kind"), said(told, "reply")
    outcome = {
        "still_qualified": ("仍符合条件，称号和有效期不变", "still qualified: title and validity stay"),
        "not_qualified": ("不再符合条件，将按程序撤销称号", "no longer qualified: a revocation follows"),
        "refused": ("报告不予受理", "the report was not taken"),
    }.get(said(told, "outcome"), ("已办结", "settled"))
    return worded(
        ("重大变更报告已处理", "Your report of a change was settled"),
        (firm, firm),
        (given(kind[0], "变更：{}。"), given(kind[1], "Change: {}.")),
        (f"结果：{outcome[0]}。", f"Outcome: {outcome[1]}."),
        (reply, reply),
    )
