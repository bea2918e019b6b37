"""Pages for everyone: whole years in numbers, and the data behind them and the register as files, with definitions.

Only what is public: titles of the ladder firm by firm, everything else in sums.
"""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, current_app, render_template, send_file

from registry.domain.codes import DISTRICTS, KIND_WORDS, LADDER, TIER_WORDS
from registry.domain.errors import NotFound, Refused
from registry.policy import load, rule_set_ids
from registry.policy.rule_data import told_of
from registry.sheets.layout import CoverLine, ListColumn, Style, Written
from registry.sheets.writing import write_table
from registry.store.books import last_moment
from registry.store.title_history import RegisterLine, register_lines
from registry.store.yearly import CAME_AND_WENT, Yearly, city_by_year, districts_in, whole_years
from registry.web import db
from registry.web.access import may
from registry.web.asking import day_asked, now, today, word_asked, year_asked
from registry.web.deeds import stop_reading
from registry.web.labels import N_
from registry.web.language import say as _
from registry.web.pace import slowly

blueprint = Blueprint("open_data", __name__)
_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
# A longer register is handed out a district at a time.
MOST_LINES = 100_000
# Of the register, from one network address: it is read anew each time.
_PACE = "30 per minute"
_YEARS_DRAWN = 10
_LICENCE = (
    "政府公开数据，可以免费使用、转载和再加工，请注明出处和截至日期 "
    "(public data, free to use and to build upon; name the source and the day)"
)

# Of each file its columns: key, heading, and what it means.
FILES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "register": (
        ("uscc", "统一社会信用代码", N_("GB 32100 的 18 位代码，是企业的唯一标识")),
        ("name", "企业名称", N_("培育库当前登记的名称")),
        ("tier", "称号代码", N_("innovative 创新型、specialized 专精特新、little_giant 小巨人")),
        ("tier_name", "称号", N_("称号的中文全称")),
        ("district", "区市代码", N_("那一天企业所在区市的 GB/T 2260 代码，未登记的为空")),
        ("district_name", "区市", N_("区市的名称")),
        ("recognised_on", "认定日期", N_("截至那一天最近一次认定或复核通过的公告日期")),
        ("valid_until", "有效期至", N_("最后一个有效日，包括在内")),
        ("source", "认定文件", N_("认定所依据的文件，未记载的为空")),
    ),
    "yearly-counts": (
        ("year", "年度", N_("公历年度，只含已经结束的年度")),
        ("tier", "梯度代码", N_("称号代码，以及 above_scale 规模以上工业企业")),
        ("tier_name", "梯度", N_("梯度的中文全称")),
        ("district", "区市代码", N_("city 为全市合计；unknown 为未登记区市")),
        ("district_name", "区市", N_("区市的名称")),
        ("stock", "年末数", N_("12月31日终了时有效（在册）的数量")),
        ("new", "新增", N_("当年首次认定（入库）的数量，复核不计")),
        ("renewed", "复核延续", N_("当年复核通过、有效期延续的数量")),
        ("reinstated", "恢复", N_("曾经失效、当年重新有效的数量")),
        ("expired", "到期", N_("当年有效期届满未延续的数量")),
        ("revoked", "撤销", N_("当年被撤销的数量")),
        ("exited", "退出", N_("当年退出规模以上工业统计范围的数量")),
    ),
    "rule-sets": (
        ("id", "标准代号", N_("本系统中标准的代号")),
        ("tier", "梯度代码", N_("标准适用的梯度")),
        ("document", "文件", N_("标准所依据的文件")),
        ("title", "标题", N_("标准的标题")),
        ("kinds", "申报类型", N_("首次申报、复核")),
        ("first_day", "起始提交日", N_("从这一天起提交的申报适用")),
        ("last_day", "最后提交日", N_("到这一天为止提交的申报适用，空为至今")),
        ("digest", "摘要", N_("标准内容的 SHA-256；摘要不变，内容即不变")),
    ),
}
TITLES = {"register": N_("有效称号名录"), "yearly-counts": N_("年度统计"), "rule-sets": N_("认定标准清单")}
_NUMBERS = ("year", "stock", *CAME_AND_WENT)


@blueprint.get("/statistics")
@may("public")
def statistics() -> str:
    """Show whole years: every tier by year, and a year by district."""
    last = today().year - 1
    sums = whole_years(db.session(), last)
    city = city_by_year(sums, last)
    years = sorted({one.year for one in city})
    year = max(min(year_asked("year", last), last), min(years, default=last))
    return render_template(
        "open_data/statistics.html",
        here="open_data.statistics",
        years=years[-_YEARS_DRAWN:],
        year=year,
        city={(one.year, one.tier): one for one in city},
        of_district={(one.district, one.tier): one for one in districts_in(sums, year, DISTRICTS)},
        came_and_went=CAME_AND_WENT,
    )


@blueprint.get("/open-data")
@may("public")
def about() -> str:
    """Show which files there are, what stands in them and how they may be used."""
    moment = last_moment(db.session())
    return render_template(
        "open_data/about.html",
        here="open_data.statistics",
        files=FILES,
        titles=TITLES,
        forms=_TYPES,
        most=MOST_LINES,
        known_at=moment.astimezone(now().tzinfo) if moment else None,
        today=today(),
        last_year=today().year - 1,
    )


@blueprint.get("/open-data/<name>.<form>")
@may("public")
def file(name: str, form: str) -> Response:
    """Hand out a file, made of what the books say now."""
    if name not in FILES or form not in _TYPES:
        raise NotFound(_("没有这个文件：%(name)s", name=f"{name}.{form}"[:60]))
    rows, told = _made(name)
    out = BytesIO()
    columns = [
        ListColumn(key, heading, Style.INTEGER) if key in _NUMBERS else ListColumn(key, heading)
        for key, heading, _meaning in FILES[name]
    ]
    moment = last_moment(db.session())
    cover = [
        CoverLine("title", "名称", TITLES[name]),
        *told,
        CoverLine("known_at", "账面时刻", moment.astimezone(now().tzinfo).isoformat() if moment else ""),
        CoverLine("licence", "使用许可", _LICENCE),
    ]
    stop_reading()
    write_table(out, "csv" if form == "csv" else "json", name, columns, rows, cover)
    out.seek(0)
    return send_file(out, mimetype=_TYPES[form], as_attachment=True, download_name=f"{name}.{form}")


def _made(name: str) -> tuple[list[list[Written]], list[CoverLine]]:
    if name == "rule-sets":
        return list(_rule_sets()), [CoverLine("as_of", "截至", today())]
    if name == "yearly-counts":
        last = today().year - 1
        return list(_counts(last)), [CoverLine("as_of", "截至", date(last, 12, 31))]
    day, district = day_asked(today()), word_asked("district", tuple(DISTRICTS))
    rows: list[list[Written]] = []
    tier = word_asked("tier", LADDER)
    with slowly(_PACE):
        for line in register_lines(db.session(), day, tier=tier, district=district):
            if len(rows) == MOST_LINES:
                raise Refused.at("district", f"超过 {MOST_LINES} 行，请按区市分别下载 (ask for one district at a time)")
            rows.append(_register_row(line))
    return rows, [CoverLine("as_of", "截至", day)]


def _register_row(line: RegisterLine) -> list[Written]:
    held = line.title
    return [
        line.uscc,
        line.name,
        held.tier,
        TIER_WORDS[held.tier],
        held.district,
        DISTRICTS.get(held.district or "", held.district),
        held.recognised_on,
        held.valid_until,
        held.source or None,
    ]


def _counts(last: int) -> Iterator[list[Written]]:
    sums = whole_years(db.session(), last)
    for one in city_by_year(sums, last):
        yield _count_row(one, "city", "全市")
        if one.tier == "above_scale":
            for part in districts_in(sums, one.year, DISTRICTS):
                place = part.district or "unknown"
                yield _count_row(part, place, DISTRICTS.get(place, "未登记"))


def _count_row(one: Yearly, place: str, word: str) -> list[Written]:
    numbers = [one.stock, *(one.counts[kind] for kind in CAME_AND_WENT)]
    return [one.year, one.tier, TIER_WORDS[one.tier], place, word, *numbers]


def _rule_sets() -> Iterator[list[Written]]:
    for rule_set_id in rule_set_ids():
        told: dict[str, Any] = told_of(load(rule_set_id, options=current_app.config["POLICY_OPTIONS"]))
        for row in told["applies"]:
            kinds = "、".join(KIND_WORDS[kind] for kind in row["kinds"])
            yield [
                *(told[key] for key in ("id", "tier", "document", "title")),
                kinds,
                row["first_day"],
                row["last_day"],
                told["digest"],
            ]
