"""The menu of the pages: what is open to whoever reads, in the order of use; the seldom used stands behind “more”."""

from dataclasses import dataclass
from functools import lru_cache

from flask import Flask, g
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from registry.domain.actors import Actor, Seat, Standing
from registry.domain.permissions import permission
from registry.domain.roles import ROLE_WORDS, Role
from registry.web.kept import kept
from registry.web.labels import N_
from registry.web.language import current
from registry.web.signed_in import actor

# The row that is always in sight; then the headings of what is found behind “more”.
FIRST = ""
WORK, BOOKS, SYSTEM, PUBLIC = N_("案件与名单"), N_("数据与统计"), N_("系统管理"), N_("公开查询")
# So many pages stand in one row, without “more”.
_MOST_IN_ROW = 6
# From here on the number of unread notices is not told any more.
_MANY_UNREAD = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the menu.

    Attributes:
        asks: the permission of the page.
        place: the row that is always in sight, or the heading under which it is found behind “more”.
    """

    endpoint: str
    word: str
    asks: str
    place: str = FIRST


MENU = (
    Entry("public.front", N_("培育进度"), "public", PUBLIC),
    Entry("home.home", N_("我的工作"), "own_account"),
    Entry("notices.mine", N_("通知"), "own_account"),
    Entry("applications.mine", N_("我的申报"), "see_own_cases"),
    Entry("desk_cases.cases", N_("案件办理"), "see_cases"),
    Entry("inquiries.mine", N_("征求意见"), "answer_inquiries"),
    Entry("samples.samples", N_("抽样"), "run_samples", WORK),
    Entry("samples.audits", N_("审计任务"), "report_audits"),
    Entry("windows.windows", N_("申报期"), "run_windows", WORK),
    Entry("claims.waiting", N_("经办人确认"), "see_claims"),
    Entry("publicities.lists", N_("公示名单"), "review_cases"),
    Entry("announcements.announcements", N_("认定公告"), "announce"),
    Entry("outcomes.outcomes", N_("外部决定"), "import_outcomes", WORK),
    Entry("papers_desk.papers", N_("年度更新与举报"), "see_papers", WORK),
    Entry("revocations.revocations", N_("撤销与禁止申报"), "see_revocations", WORK),
    Entry("books.dashboard", N_("工作看板"), "see_books"),
    Entry("books.counts", N_("年度统计"), "see_books", BOOKS),
    Entry("books.targets", N_("目标看板"), "see_books", BOOKS),
    Entry("watching.lists", N_("关注清单"), "see_watch", BOOKS),
    Entry("screenings.screenings", N_("筛查"), "see_watch", BOOKS),
    Entry("imports_desk.imports", N_("导入"), "import_lists", WORK),
    Entry("filings.mine", N_("代企业填报"), "file_for_firm", WORK),
    Entry("bureau.firms", N_("企业名录"), "see_firms"),
    Entry("people.people", N_("人员与席位"), "see_people"),
    Entry("offices.offices", N_("机构"), "see_people", SYSTEM),
    Entry("tokens.tokens", N_("接口令牌"), "run_accounts", SYSTEM),
    Entry("jobs.jobs", N_("任务与下载"), "own_account", WORK),
    Entry("trail.search", N_("操作留痕"), "see_trail"),
    Entry("register.titles", N_("称号名录"), "public", PUBLIC),
    Entry("tiers.tiers", N_("标准"), "public", PUBLIC),
    Entry("public_lists.lists", N_("公示公告"), "public", PUBLIC),
    Entry("verify.form", N_("证书查验"), "public", PUBLIC),
    Entry("public.check", N_("企业自评"), "public", PUBLIC),
)


def init_app(app: Flask) -> None:
    """Give the templates the menu."""
    app.jinja_env.globals.update(menu=menu, navigation=navigation, reader=reader, role_word=role_word)


def reader() -> Actor:
    """Return who reads the page; nobody where the database may be what failed."""
    if not g.get("quiet"):
        try:
            return actor()
        except SQLAlchemyError:
            g.quiet = True
    return Actor()


def menu() -> tuple[Entry, ...]:
    """Return the pages that are open to the reader."""
    who = reader()
    return _open_to(who.standing, who.seats)


def navigation(here: str, unread: int) -> Markup:
    """Return the menu as every page shows it; the same for all who may open the same pages.

    Args:
        here: the endpoint in the menu to which the page belongs; empty for none.
        unread: how many notices the reader has not opened.
    """
    return _navigation(*_rows(menu()), here, min(unread, _MANY_UNREAD))


@lru_cache(maxsize=512)
def _open_to(standing: Standing, seats: tuple[Seat, ...]) -> tuple[Entry, ...]:
    if standing is not Standing.FULL:
        return tuple(entry for entry in MENU if entry.asks == "public")
    who = Actor(standing=standing, seats=seats)
    return tuple(entry for entry in MENU if permission(entry.asks).admits(who))


_navigation = kept("macros/menu.html", "navigation")
Under = tuple[tuple[str, tuple[Entry, ...]], ...]


@lru_cache(maxsize=512)
def _rows(pages: tuple[Entry, ...]) -> tuple[tuple[Entry, ...], Under]:
    """Return the pages of the row that is always in sight, and the others under their headings; few are one row."""
    if len(pages) <= _MOST_IN_ROW:
        return pages, ()
    folded = ((place, _at(place, pages)) for place in (WORK, BOOKS, SYSTEM, PUBLIC))
    return _at(FIRST, pages), tuple((place, found) for place, found in folded if found)


def _at(place: str, pages: tuple[Entry, ...]) -> tuple[Entry, ...]:
    return tuple(entry for entry in pages if entry.place == place)


def role_word(role: str) -> str:
    """Return the word of a role in the reader's language."""
    chinese, english = ROLE_WORDS[Role(role)]
    return english if current() == "en" else chinese
