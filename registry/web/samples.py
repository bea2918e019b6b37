"""Pages of samples: the city draws, shows how it was drawn, commissions audits, and enters what it found itself."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from registry.domain.codes import TIERS
from registry.domain.errors import NotFound, Refused
from registry.domain.procedure import StageKind
from registry.store.examination_lists import (
    auditors_open,
    audits_page,
    count_audits,
    draw_by_number,
    draws_page,
    members_of,
)
from registry.store.examinations import SampleDraw
from registry.store.offices import OfficeRow
from registry.web import db
from registry.web.access import acting_seats, may
from registry.web.asking import now, text_asked, today, word_asked
from registry.web.case_words import acting_on, case_found, post
from registry.web.deeds import deed
from registry.web.desk import chosen, in_words, init_blueprint, number_asked, page_links, told
from registry.web.forms import EntryForm, choice
from registry.web.inquiries import numbers_of
from registry.web.labels import N_
from registry.web.language import say as _
from registry.web.sample_results import ResultForm, result_page
from registry.web.signed_in import actor
from registry.work.draw_sample import (
    MOST_CASES,
    assign_auditor,
    count_waiting,
    draw_sample,
    drawn_again,
    pool_of,
    sample_at,
    sampling_stage,
    sampling_stages,
)
from registry.work.notify import OFFICE_CASE
from registry.work.report_sample import RESULT_WORDS, report_sample

blueprint = Blueprint("samples", __name__)
init_blueprint(blueprint)
_SAMPLES = "samples.samples"
TABS = {"waiting": N_("待报告"), "reported": N_("已报告")}


class AuditorForm(EntryForm):
    """To which auditor what is given."""

    office = choice(N_("第三方审计机构"), chosen(N_("请选择第三方审计机构")))

    def offer(self) -> "AuditorForm":
        """Give the list its choices."""
        rows = auditors_open(db.session())
        named = (SelectChoice(str(row.id), in_words((row.name, row.name_en))) for row in rows)
        self.office.choices = [SelectChoice("", _("请选择")), *named]
        return self


@blueprint.get("/samples")
@may("run_samples")
def samples() -> str:
    """Show how many cases wait to be drawn at each stage, and the draws there were."""
    stages = sampling_stages(today())
    lines, after = draws_page(db.session(), after=number_asked("after"))
    return render_template(
        "samples/list.html",
        here="samples.samples",
        waiting=[(tier, stage, count_waiting(db.session(), tier, stage)) for tier, stage in stages],
        lines=lines,
        name_in=_name_in,
        stage_words={(tier, stage.key): in_words(stage.words) for tier, stage in stages},
        **page_links(".samples", after),
    )


@blueprint.get("/samples/draw")
@may("run_samples")
def preview() -> str:
    """Show of which cases a sample would be drawn, how many, and who is spared; draws nothing."""
    tier = word_asked("tier", TIERS) or ""
    stage = sampling_stage(tier, text_asked("stage"), today())
    pool = pool_of(db.session(), tier, stage)
    return render_template(
        "samples/preview.html",
        here="samples.samples",
        pool=pool,
        word=in_words(stage.words),
        sample=sample_at(stage),
        more=count_waiting(db.session(), tier, stage) - len(pool.cases),
        most=MOST_CASES,
    )


@blueprint.post("/samples/draw")
@may("run_samples")
def draw() -> Response:
    """Draw the sample of all cases that wait at a stage."""
    form = request.form
    seen = form.get("seen", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) <= len(str(MOST_CASES))):
        raise Refused.at("seen", "请从核对页抽取 (draw from the page that shows the list)")
    with deed() as session:
        row = draw_sample(
            session,
            actor(),
            acting_seats(),
            tier=form.get("tier", ""),
            stage=form.get("stage", ""),
            seen=int(seen),
            now=now(),
            post=post(),
        )
        number, drawn = row.id, sum(one.member.is_drawn for one in members_of(session, row.id))
    message = _("已从 %(cases)s 件中抽取 %(drawn)s 件", cases=int(seen), drawn=drawn)
    return told(message, url_for(".sample", number=number))


@blueprint.get("/samples/<int:number>")
@may("run_samples")
def sample(number: int) -> str:
    """Show a draw: who was in it and was drawn, the seed, and that it comes out the same when drawn again."""
    return _page(_found(number), AuditorForm().offer())


@blueprint.post("/samples/<int:number>/auditor")
@may("run_samples")
def assign(number: int) -> Response | tuple[str, int]:
    """Give drawn cases to an auditor."""
    form = AuditorForm().offer()
    if form.validate():
        try:
            with deed() as session:
                row = draw_by_number(session, number)
                if row is None:
                    raise NotFound(_("没有这次抽样"))
                office = session.get(OfficeRow, int(form.office.data))
                numbers = numbers_of(request.form.getlist("case"), MOST_CASES)
                given = assign_auditor(session, actor(), acting_seats(), row, office, numbers, now=now(), post=post())
                count, name = len(given), in_words((office.name, office.name_en)) if office else ""
            message = _("已委托%(office)s审计 %(count)s 家企业", office=name, count=count)
            return told(message, url_for(".sample", number=number))
        except Refused as refused:
            form.blame_for(refused)
    return _page(_found(number), form), 422


@blueprint.get("/inspections/<int:number>")
@may("run_samples")
def member(number: int) -> str:
    """Show a drawn case at which the city looks itself, with the form for what it found."""
    return result_page(case_found(db.session(), number), ResultForm().offer())


@blueprint.post("/inspections/<int:number>")
@may("run_samples")
def enter(number: int) -> Response | tuple[str, int]:
    """Enter what the city found."""
    return _report(number)


@blueprint.get("/audits")
@may("report_audits")
def audits() -> str:
    """List the cases that the own firm of auditors was given, a tab and a page at a time."""
    tab = word_asked("tab", tuple(TABS)) or "waiting"
    offices = [seat.office_id for seat in acting_seats() if seat.office_id is not None]
    lines, after = audits_page(db.session(), offices, tab, after=number_asked("after"))
    return render_template(
        "samples/audits.html",
        here="samples.audits",
        lines=lines,
        tab=tab,
        tabs=TABS,
        waiting=count_audits(db.session(), offices),
        results=RESULT_WORDS,
        today=today(),
        **page_links(".audits", after),
    )


@blueprint.get("/audits/<int:number>")
@may("report_audits")
def audit(number: int) -> str:
    """Show a case that the own firm of auditors was given, with the form for what it found."""
    return result_page(case_found(db.session(), number), ResultForm().offer())


@blueprint.post("/audits/<int:number>")
@may("report_audits")
def report(number: int) -> Response | tuple[str, int]:
    """Report what the auditors found."""
    return _report(number)


def _report(number: int) -> Response | tuple[str, int]:
    form = ResultForm().offer()
    if form.validate():
        try:
            with acting_on(number) as at:
                given = {"result": form.result.data, "finding": form.finding.data}
                row = report_sample(at.session, actor(), at.seats, at.case, **given, now=now(), post=post())
                draw_id, name = row.draw_id, at.case.firm_name
            message = _("已录入 %(firm)s 的检查结果", firm=name)
            is_audit = request.endpoint == "samples.report"
            return told(message, url_for(".audits") if is_audit else url_for(".sample", number=draw_id))
        except Refused as refused:
            form.blame_for(refused)
    return result_page(case_found(db.session(), number), form), 422


def _name_in(signature: str) -> str:
    """Return the name of whoever signed, without the seat, which is written for programs."""
    name, _blank, seat = signature.rpartition(" ")
    return name if name and "@" in seat else signature


def _found(number: int) -> SampleDraw:
    row = draw_by_number(db.session(), number)
    if row is None:
        raise NotFound(_("没有这次抽样"))
    return row


def _page(row: SampleDraw, form: AuditorForm) -> str:
    stage = next((one for tier, one in sampling_stages(today()) if (tier, one.key) == (row.tier, row.stage)), None)
    members = members_of(db.session(), row.id)
    again = drawn_again(row, members)
    return render_template(
        "samples/sample.html",
        here=_SAMPLES,
        row=row,
        drawn_by=_name_in(row.drawn_by),
        word=in_words(stage.words) if stage else row.stage,
        members=members,
        again=again,
        is_audit=stage is not None and stage.kind is StageKind.AUDIT,
        at_stage=f"stage:{row.stage}",
        form=form,
        results=RESULT_WORDS,
        case_page=OFFICE_CASE.format,
    )
