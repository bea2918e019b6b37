"""The page on which a drawn case is reported on: what the firm stated, the names of its evidence, the form, the result.

Shared by auditors, who see nothing else of the case, and by the bureau where it looks itself.
"""

import json

from flask import render_template

from registry.domain.case_states import Action, Phase
from registry.domain.casework import allowed
from registry.domain.errors import NotFound
from registry.domain.facts import YEAR_FACTS
from registry.domain.firm_text import firm_of
from registry.domain.procedure import Level
from registry.domain.roles import Role
from registry.store.cases import Application
from registry.store.examination_lists import drawn_member
from registry.web import db
from registry.web.access import acting_seats
from registry.web.asking import now, today
from registry.web.desk import chosen, options
from registry.web.forms import EntryForm, choice, lines, wanted
from registry.web.labels import N_
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.work.case_bars import bar_of, procedure_of, state_of
from registry.work.case_guards import LONGEST_OPINION
from registry.work.judge_case import round_of
from registry.work.report_sample import RESULT_WORDS


class ResultForm(EntryForm):
    """What was found of a case that was drawn."""

    result = choice(N_("结果"), chosen(N_("请选择结果")))
    finding = lines(N_("检查情况"), wanted(N_("请写明检查情况")), longest=LONGEST_OPINION, render_kw={"rows": 6})

    def offer(self) -> "ResultForm":
        """Give the list its choices."""
        self.result.choices = options(RESULT_WORDS)
        return self


def result_page(case: Application, form: ResultForm) -> str:
    """Return the page of a drawn case, for the auditor it was given to or for the bureau.

    Raises:
        NotFound: it was not drawn, or not given to the auditor who asks.
    """
    offices = {seat.office_id for seat in acting_seats() if seat.role is Role.AUDITOR}
    found = drawn_member(db.session(), case.id, offices or None)
    if found is None:
        raise NotFound(_("没有这项抽查任务"))
    member, row = found
    state = state_of(case)
    waits = member.result is None and state.phase is Phase.STAGE and state.at == row.stage
    reporting = {one.role for one in allowed(procedure_of(case), state) if one.action == Action.REPORT}
    may_report = any(seat.role in reporting for seat in acting_seats())
    against = bar_of(db.session(), actor(), case, Level.AUDITOR if offices else Level.CITY, now()) if waits else None
    submitted = round_of(db.session(), case)
    firm = firm_of(submitted.firm) if submitted else None
    return render_template(
        "samples/result.html",
        here="samples.audits" if offices else "samples.samples",
        case=case,
        member=member,
        row=row,
        is_audit=bool(offices),
        waits=waits,
        is_anothers=waits and not may_report,
        against=of_both(against) if against else None,
        firm=firm,
        years=sorted(firm.years, reverse=True) if firm else [],
        stated=[key for key in YEAR_FACTS if any(key in year for year in firm.years.values())] if firm else [],
        files=json.loads(submitted.evidence) if submitted else [],
        results=RESULT_WORDS,
        today=today(),
        form=form,
    )
