"""Pages of the windows 申报期 in which applications may be submitted: listing, laying down, taking back."""

from datetime import date

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from registry.domain.codes import KIND_WORDS
from registry.domain.errors import NotFound, Refused
from registry.store.cases import FilingWindow
from registry.web import db
from registry.web.access import acting_seats, may
from registry.web.asking import now, today
from registry.web.deeds import deed
from registry.web.desk import chosen, init_blueprint, told
from registry.web.forms import EntryForm, choice, day, text, wanted
from registry.web.labels import N_, tier
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.work.keep_windows import open_window, submissions_in, tiers_in_batches, windows, withdraw_window

blueprint = Blueprint("windows", __name__)
init_blueprint(blueprint)


class WindowForm(EntryForm):
    """A window to be laid down."""

    tier = choice(N_("申报梯度"), chosen(N_("请选择申报梯度")))
    kind = choice(N_("申报类型"))
    batch = text(N_("批次名称"), wanted(N_("请填写批次名称")))
    opens_on = day(N_("开始日期"))
    closes_on = day(N_("截止日期"))
    source = text(N_("依据文件"), wanted(N_("请填写通知文件的名称或文号")))

    def offer(self) -> "WindowForm":
        """Give the lists their choices."""
        self.tier.choices = [
            SelectChoice("", _("请选择")),
            *(SelectChoice(key, tier(key)) for key in tiers_in_batches(today())),
        ]
        self.kind.choices = [
            SelectChoice("", _("首次和复核")),
            *(SelectChoice(key, _(word)) for key, word in KIND_WORDS.items()),
        ]
        return self


@blueprint.get("/windows", endpoint="windows")
@may("run_windows")
def show() -> str:
    """List the windows: open, coming, past, and taken back."""
    rows = windows(db.session())
    return render_template(
        "windows/list.html",
        here="windows.windows",
        groups=_grouped(rows, today()),
        counts=submissions_in(db.session(), [row.id for row in rows]),
        standing=standing,
        today=today(),
    )


@blueprint.get("/windows/new")
@may("run_windows")
def form() -> str:
    """Show the form of a window."""
    return _page(WindowForm().offer())


@blueprint.post("/windows/new")
@may("run_windows")
def lay_down() -> Response | tuple[str, int]:
    """Lay a window down."""
    form = WindowForm().offer()
    if form.validate():
        try:
            with deed() as session:
                row = open_window(
                    session,
                    actor(),
                    acting_seats()[0],
                    tier=form.tier.data,
                    kind=form.kind.data or None,
                    batch=form.batch.data,
                    opens_on=form.opens_on.data,
                    closes_on=form.closes_on.data,
                    source=form.source.data,
                    now=now(),
                )
                name = row.batch
            return told(_("已设定申报期：%(batch)s", batch=name), url_for(".windows"))
        except Refused as refused:
            form.blame_for(refused)
    return _page(form), 422


@blueprint.post("/windows/<int:number>/withdraw")
@may("run_windows")
def withdraw(number: int) -> Response:
    """Take a window back in which nothing was submitted."""
    with deed() as session:
        row = session.get(FilingWindow, number)
        if row is None:
            raise NotFound(_("没有这个申报期"))
        withdraw_window(session, actor(), acting_seats()[0], row, now=now())
        name = row.batch
    return told(_("已撤回申报期：%(batch)s", batch=name), url_for(".windows"))


def standing(row: FilingWindow, on: date) -> str:
    """Return how a window stands on a day, in words."""
    if row.withdrawn_at is not None:
        return _("已撤回")
    if row.closes_on < on:
        return _("已截止")
    if row.opens_on > on:
        return _("还有 %(days)s 天开始", days=(row.opens_on - on).days)
    if row.closes_on == on:
        return _("今天截止")
    return _("还有 %(days)s 天截止", days=(row.closes_on - on).days)


def _grouped(rows: list[FilingWindow], on: date) -> list[tuple[str, list[FilingWindow]]]:
    """Return windows by how they stand, those without any left out."""
    alive = [row for row in rows if row.withdrawn_at is None]
    groups = [
        (_("正在申报"), [row for row in reversed(alive) if row.opens_on <= on <= row.closes_on]),
        (_("即将开始"), [row for row in reversed(alive) if row.opens_on > on]),
        (_("已截止"), [row for row in alive if row.closes_on < on]),
        (_("已撤回"), [row for row in rows if row.withdrawn_at is not None]),
    ]
    return [(word, some) for word, some in groups if some]


def _page(form: WindowForm) -> str:
    return render_template("windows/form.html", here="windows.windows", form=form)
