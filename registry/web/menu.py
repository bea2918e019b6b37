"""The menu of the pages: what is open to whoever reads, in the order in which it is used."""

from dataclasses import dataclass

from flask import Flask, g
from sqlalchemy.exc import SQLAlchemyError

from registry.domain.actors import Actor, Standing
from registry.domain.permissions import permission
from registry.domain.roles import ROLE_WORDS, Role
from registry.web.labels import N_
from registry.web.language import current
from registry.web.signed_in import actor


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the menu.

    Attributes:
        asks: the permission of the page.
    """

    endpoint: str
    word: str
    asks: str


MENU = (
    Entry("public.front", N_("培育进度"), "public"),
    Entry("home.home", N_("我的工作"), "own_account"),
    Entry("notices.mine", N_("通知"), "own_account"),
    Entry("applications.mine", N_("我的申报"), "see_own_cases"),
    Entry("desk_cases.cases", N_("案件办理"), "see_cases"),
    Entry("inquiries.mine", N_("征求意见"), "answer_inquiries"),
    Entry("samples.samples", N_("抽样"), "run_samples"),
    Entry("samples.audits", N_("审计任务"), "report_audits"),
    Entry("windows.windows", N_("申报期"), "run_windows"),
    Entry("claims.waiting", N_("经办人确认"), "see_claims"),
    Entry("publicities.lists", N_("公示"), "review_cases"),
    Entry("announcements.announcements", N_("认定公告"), "announce"),
    Entry("outcomes.outcomes", N_("外部决定"), "import_outcomes"),
    Entry("papers_desk.papers", N_("年度更新与举报"), "see_papers"),
    Entry("revocations.revocations", N_("撤销"), "see_revocations"),
    Entry("books.dashboard", N_("工作看板"), "see_books"),
    Entry("books.counts", N_("年度统计"), "see_books"),
    Entry("books.targets", N_("目标看板"), "see_books"),
    Entry("watching.lists", N_("关注清单"), "see_watch"),
    Entry("filings.mine", N_("代企业填报"), "file_for_firm"),
    Entry("bureau.firms", N_("企业名录"), "see_firms"),
    Entry("people.people", N_("人员与席位"), "see_people"),
    Entry("offices.offices", N_("机构"), "see_people"),
    Entry("trail.search", N_("操作留痕"), "see_trail"),
    Entry("public_lists.lists", N_("公示公告"), "public"),
    Entry("verify.form", N_("证书查验"), "public"),
    Entry("public.check", N_("企业自评"), "public"),
)


def init_app(app: Flask) -> None:
    """Give the templates the menu."""
    app.jinja_env.globals.update(menu=menu, reader=reader, role_word=role_word)


def reader() -> Actor:
    """Return who reads the page; nobody where the database may be what failed."""
    if not g.get("quiet"):
        try:
            return actor()
        except SQLAlchemyError:
            g.quiet = True
    return Actor()


def menu() -> list[Entry]:
    """Return the pages that are open to the reader."""
    who = reader()
    if who.standing is not Standing.FULL:
        return [entry for entry in MENU if entry.asks == "public"]
    return [entry for entry in MENU if permission(entry.asks).admits(who)]


def role_word(role: str) -> str:
    """Return the word of a role in the reader's language."""
    chinese, english = ROLE_WORDS[Role(role)]
    return english if current() == "en" else chinese
