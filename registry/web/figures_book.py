"""A firm's yearly figures as a workbook: the template to fill in, and reading one that was; kept by the profile's page.

Reading writes nothing: it shows what would change, and the form of the figures keeps it.
"""

from io import BytesIO
from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, render_template, request, send_file

from registry.domain.errors import Refused
from registry.domain.facts import YEAR_FACTS
from registry.evidence.kinds import MEBIBYTE
from registry.sheets.figures_rows import figures_layout, read_figures
from registry.sheets.layout import CoverLine
from registry.sheets.reading import Reading
from registry.sheets.table import table_of
from registry.sheets.writing import write_table
from registry.web import db
from registry.web.access import may
from registry.web.application_form import YEARS
from registry.web.exported import note_export
from registry.web.labels import path_label, shown
from registry.web.language import current, of_both
from registry.web.language import say as _
from registry.web.profile_sheet import Sheet, firm_acted_for, sheet_here, sheet_of_firm
from registry.web.typed import text_of
from registry.web.unread_forms import answer_unread
from registry.web.uploads import takes_files

blueprint = Blueprint("figures_book", __name__)
MOST_BYTES = 5 * MEBIBYTE
_MOST_FAULTS = 100


@blueprint.get("/firms/<uscc>/profile/figures")
@may("keep_papers")
def figures(uscc: str) -> str:
    """Ask for a filled-in workbook, and offer the template."""
    return _page(sheet_here(uscc))


@blueprint.get("/firms/<uscc>/profile/figures.xlsx")
@may("keep_papers")
def template(uscc: str) -> Response:
    """Hand out the template, filled in with what is known."""
    sheet = sheet_here(uscc)
    years = sheet.paper.form.years
    english = current() == "en"
    columns, rows = figures_layout(sheet.firm.uscc, years, sheet.paper.firm.years, english)
    out = BytesIO()
    write_table(out, "xlsx", _("年度数据"), columns, rows, _cover(sheet))
    code = sheet.firm.uscc
    note_export(f"firms/{code}/profile/figures.xlsx", out, years=years)
    out.seek(0)
    return send_file(
        out,
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        as_attachment=True,
        download_name=f"figures-{code}.xlsx",
    )


@blueprint.post("/firms/<uscc>/profile/figures")
@may("keep_papers")
@takes_files(MOST_BYTES)
def read(uscc: str) -> str | tuple[str, int]:
    """Read a filled-in template and show what it would change; a fault at any cell, and nothing is taken."""
    sheet = sheet_here(uscc)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(sheet, [_("请选择要上传的工作簿")]), 422
    if not sent.filename.lower().endswith(".xlsx"):
        return _page(sheet, [_("只接受 .xlsx 工作簿，请下载模板填写后上传")]), 422
    code, years = sheet.firm.uscc, list(sheet.paper.form.years)
    # On SQLite nobody could write as long as the workbook is looked at.
    db.session.expunge_all()
    db.session.rollback()
    try:
        reading = read_figures(table_of(_("所选文件"), "xlsx", cast(BinaryIO, sent.stream)), code, years)
    except Refused as refused:
        return _page(sheet_here(uscc), [of_both(fault.message) for fault in refused.faults]), 422
    if reading.faults:
        return _page(sheet_here(uscc), reading=reading), 422
    return _preview(sheet_here(uscc), reading)


def _too_large() -> str:
    return _("文件不能超过 %(size)s MB", size=MOST_BYTES // MEBIBYTE)


def _again(fault: str) -> str:
    session = db.session()
    return _page(sheet_of_firm(session, firm_acted_for(session, str((request.view_args or {}).get("uscc")))), [fault])


answer_unread(blueprint, _too_large, _again)


def _page(sheet: Sheet, faults: list[str] | None = None, reading: Reading[Any] | None = None) -> str:
    return render_template(
        "profile/figures.html",
        here="home.home",
        firm=sheet.firm,
        years=sheet.paper.form.years,
        faults=faults or [],
        cells=[(one, of_both(one.message)) for one in reading.faults[:_MOST_FAULTS]] if reading else [],
        count=len(reading.faults) if reading else 0,
        most=MOST_BYTES // MEBIBYTE,
    )


def _preview(sheet: Sheet, reading: Reading[Any]) -> str:
    """Show what a workbook would change, with a form that keeps all figures as the page of figures would."""
    typed = {name: sheet.paper.form[name].typed for name in sheet.paper.names(YEARS)}
    changes = []
    for _number, (key, figures_of_key) in reading.rows:
        fact = YEAR_FACTS[key]
        for year, value in figures_of_key.items():
            before = sheet.paper.firm.years.get(year, {}).get(key)
            if before != value:
                path = f"years.{year}.{key}"
                typed[path] = text_of(fact, value)
                changes.append((path_label(path), shown(before, fact), shown(value, fact)))
    after = sheet_of_firm(db.session(), sheet.firm, sheet.day, typed)
    return render_template(
        "profile/figures_preview.html",
        here="home.home",
        firm=sheet.firm,
        sheet=sheet,
        changes=changes,
        typed=typed,
        part=YEARS,
        warnings=after.warnings_by_place(YEARS),
    )


def _cover(sheet: Sheet) -> list[CoverLine]:
    years = sheet.paper.form.years
    notes = (
        ("firm", _("企业"), f"{sheet.firm.name} {sheet.firm.uscc}"),
        ("fill", _("填写"), _("只填年份列（%(first)s–%(last)s 年）；空白表示不修改", first=years[-1], last=years[0])),
        ("unit", _("单位"), _("金额默认万元，可把单位一列改为 元 或 亿元；人数填整数；得分 0–100；是否填 是 或 否")),
        ("keep", _("不要改动"), _("不要改动指标、统一社会信用代码两列和表头")),
        ("formula", _("公式"), _("可以用公式，读取的是保存时算出的结果")),
        ("then", _("之后"), _("填好后在“年度数据—用工作簿填写”上传，核对后保存")),
    )
    return [CoverLine(*one) for one in notes]
