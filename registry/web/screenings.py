"""Pages of screening: who is nearest to a tier on a day and why not there yet; the whole list, and lists to call up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.domain.codes import DISTRICTS, KIND_WORDS, TIER_WORDS
from registry.domain.errors import NotFound, Refused
from registry.policy import Chosen, choose
from registry.policy.choice import rule_sets_of
from registry.store.firms import Firm
from registry.store.queries import firm_count
from registry.store.waiting import codes_visible
from registry.web import db
from registry.web.access import acting_seats, may, visible
from registry.web.asking import day_from, now, today
from registry.web.deeds import deed
from registry.web.desk import init_blueprint, told
from registry.web.labels import N_
from registry.web.language import current
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.work.job_screening import SHOWN, as_row, first
from registry.work.queue_job import queue
from registry.work.screen import screen

blueprint = Blueprint("screenings", __name__)
init_blueprint(blueprint)
# So many firms are judged while the reader waits; more are judged by a job.
AT_ONCE = 50_000
SHOWS = {"": N_("全部"), "not_yet": N_("尚未满足"), "met": N_("已满足")}
_VERDICTS = {"met": N_("满足"), "not_met": N_("不满足"), "undetermined": N_("待定")}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be screened for, where."""

    tier: str
    kind: str
    on: date
    district: str | None
    show: str = ""
    # None: the one that applies on the day.
    rule_set: str | None = None

    def as_told(self) -> dict[str, Any]:
        """Return it as a job is told."""
        return {
            "tier": self.tier,
            "kind": self.kind,
            "on": self.on.isoformat(),
            "district": self.district,
            "show": self.show,
            "rule_set": self.rule_set,
        }


@blueprint.app_context_processor
def words() -> dict[str, Any]:
    """Give the templates the words of a criterion; the page of a job shows a screening as well."""
    return {"criteria_words": criteria_words, "screened_verdict": lambda verdict: _(_VERDICTS[verdict])}


@blueprint.get("/screenings")
@may("see_watch")
def screenings() -> str:
    """Ask what to screen for; of a register that is not too large show the nearest at once."""
    if "tier" not in request.args:
        asked = Asked("specialized", "new", today(), _district(request.args))
        return _page(asked)
    return _screened(_asked(request.args))


def _screened(asked: Asked, fault: str = "") -> str:
    chosen = _chosen(asked)
    if firm_count(db.session()) > AT_ONCE:
        return _page(asked, chosen=chosen, is_large=True, fault=fault)
    found = screen(
        db.session(),
        asked.tier,
        asked.kind,
        asked.on,
        district=asked.district,
        rule_set=asked.rule_set,
        options=_options(),
    )
    rows = [as_row(one) for one in first(found, asked.show)]
    return _page(asked, chosen=chosen, counts=found.counts(), rows=rows, total=found.firms.height, fault=fault)


@blueprint.post("/screenings")
@may("see_watch")
def start() -> Response:
    """Have the whole register screened and the list written as a workbook, as a job."""
    asked = _asked(request.form)
    _chosen(asked)
    with deed() as session:
        number = queue(session, "screen", asked.as_told(), actor=actor(), seat=acting_seats()[0], now=now()).id
    return told(_("已开始筛查，完成后在此下载"), url_for("jobs.job", number=number))


@blueprint.post("/screenings/call-up")
@may("see_watch")
def call_up() -> Response | tuple[str, int]:
    """Have what some firms lack written down for their districts, as a job.

    Raises:
        NotFound: one of them is out of reach.
    """
    asked = _asked(request.form)
    _chosen(asked)
    codes = list(dict.fromkeys(request.form.getlist("firm")))
    if not 1 <= len(codes) <= SHOWN:
        return _screened(asked, _("请勾选 1 至 %(most)s 家企业", most=SHOWN)), 422
    with deed() as session:
        if codes_visible(session, visible(Firm), codes) != set(codes):
            raise NotFound(_("没有这家企业"))
        what = {**asked.as_told(), "firms": codes}
        number = queue(session, "call_up", what, actor=actor(), seat=acting_seats()[0], now=now()).id
    return told(_("正在生成提升清单，完成后在此下载"), url_for("jobs.job", number=number))


def criteria_words(asked: Mapping[str, Any], keys: list[str]) -> list[str]:
    """Return the criteria by which was screened, as they are called in the reader's language.

    Args:
        asked: what a job of screening is told.
    """
    day = date.fromisoformat(asked["on"])
    rule_set = choose(asked["tier"], asked["kind"], day, _options(), rule_set=asked.get("rule_set")).rule_set
    labels = {one.key: (one.label, one.label_en) for one in rule_set.criteria}
    place = 1 if current() == "en" else 0
    return [labels[key][place] or labels[key][0] for key in keys if key in labels]


def _asked(given: Mapping[str, str]) -> Asked:
    """Read what is to be screened for.

    Raises:
        Refused: at `tier`, `kind`, `on`, `district`, `show`.
        NotFound: a district that is not the reader's.
    """
    tier, kind = given.get("tier", "").strip(), given.get("kind", "new").strip() or "new"
    if tier not in TIER_WORDS:
        raise Refused.at("tier", "请选择梯度 (choose a tier)")
    if kind not in KIND_WORDS:
        raise Refused.at("kind", "请选择类型 (choose a kind of application)")
    day, show = given.get("on", "").strip(), given.get("show", "").strip()
    if show not in SHOWS:
        raise Refused.at("show", "请选择显示哪些企业 (choose which firms to show)")
    rule_set: str | None = given.get("rule_set", "").strip()
    # Another tier may have been chosen beside the rule set of the last one; which one judged is said on the page.
    if rule_set not in rule_sets_of(tier, kind):
        rule_set = None
    return Asked(tier, kind, day_from(day, "on") if day else today(), _district(given), show, rule_set)


def _district(given: Mapping[str, str]) -> str | None:
    """Return the district that is asked for, or the reader's own; NotFound for another's."""
    asked = given.get("district", "").strip() or None
    if asked is not None and asked not in DISTRICTS:
        raise Refused.at("district", "请选择区市 (choose a district)")
    own = [seat.district for seat in acting_seats()]
    if None in own:
        return asked
    if asked is not None and asked not in own:
        raise NotFound(_("这不是您所在的区市"))
    return asked or own[0]


def _chosen(asked: Asked) -> Chosen:
    return choose(asked.tier, asked.kind, asked.on, _options(), rule_set=asked.rule_set)


def _options() -> Any:
    return current_app.config["POLICY_OPTIONS"]


def _page(
    asked: Asked,
    *,
    chosen: Chosen | None = None,
    counts: Mapping[str, int] | None = None,
    rows: list[dict[str, Any]] | None = None,
    total: int = 0,
    is_large: bool = False,
    fault: str = "",
) -> str:
    own = [seat.district for seat in acting_seats()]
    return render_template(
        "screenings/screening.html",
        here="screenings.screenings",
        asked=asked.as_told(),
        chosen=chosen,
        counts=counts,
        rows=rows,
        total=total,
        is_large=is_large,
        fault=fault,
        shows=SHOWS,
        rule_sets=rule_sets_of(asked.tier, asked.kind),
        at_once=AT_ONCE,
        places=[one for one in DISTRICTS if None in own or one in own],
        all_districts=None in own,
    )
