"""What the people of the load proof do: each kind a session of pages in the order in which a person opens them.

A session is a function of a browser, who uses it, and what all share; it knows addresses and boxes, nothing else.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote

_OPINION = "材料齐全，数据与佐证一致，同意。"
_ACTION = re.compile(r'name="action"[^>]* value="([a-z_]+)"')
_FACT = re.compile(r'name="fact" value="([a-z_0-9]+)"')
_HIDDEN = re.compile(r'name="(version|mark)" value="([^"]*)"')
# A job is looked at again every few seconds, as its page does by itself, and given up after so many looks.
_LOOKS_AT_JOB = 40
# The whole register is screened in so large a share of the sessions: it keeps a worker busy for seconds.
_SCREENS = 0.3
# So large a share of the cases is returned to the firm instead of passed on.
_RETURNS = 0.1


class Aside(Exception):
    """The registry answered otherwise than the session expected: somebody else was first, or a form was refused."""


class User(Protocol):
    """A browser, as far as a session uses one."""

    lot: Any
    token: str

    async def think(self, share: float = 1.0) -> None:
        """Look at a page for a while."""

    async def get(self, kind: str, address: str, *, status: int = 200) -> Any:
        """Ask for a page."""

    async def post(self, kind: str, address: str, boxes: Any, *, onto: str = "") -> Any:
        """Send a form."""

    async def upload(self, kind: str, address: str, boxes: Mapping[str, str], name: str, content: bytes) -> Any:
        """Send a file."""


async def apply(browser: User, who: Mapping[str, Any], shared: Mapping[str, Any]) -> None:
    """Sign in, begin an application, save its parts, upload a PDF, check, submit, sign out."""
    await browser.get("sign-in form", "/sign-in")
    await browser.think()
    told = [("email", who["email"]), ("password", shared["password"])]
    await browser.post("sign in", "/sign-in", told, onto="first page of a firm")
    await browser.think()
    await browser.get("choose a tier", f"/applications/new?firm={who['uscc']}")
    await browser.think()
    chosen = [("firm", who["uscc"]), ("tier", "innovative"), ("kind", "new")]
    tasks = await browser.post("begin an application", "/applications/new", chosen, onto="task list")
    (here,) = set(re.findall(r"/applications/[0-9]+(?=/part/)", tasks.text))
    for part in tasks.links(f"{here}/part/[a-z_]+"):
        await browser.think()
        page = await browser.get("part to fill in", part)
        await browser.think()
        await browser.post("save a part", part, [*page.boxes(part), ("then", "list")], onto="task list")
    files = f"/firms/{who['uscc']}/evidence"
    await browser.think()
    await browser.get("files of a firm", files)
    await browser.think()
    about, content = {"criterion": "研发费用", "year": "", "note": ""}, shared["pdf"].encode("latin-1")
    await browser.upload("upload a PDF", files, about, "专项审计报告.pdf", content)
    await browser.get("files of a firm", files)
    await browser.think()
    check = await browser.get("check an application", f"{here}/check")
    await browser.think()
    signed = [*dict(_HIDDEN.findall(check.text)).items(), ("declared", "1"), ("signed_as", "凌经办")]
    await browser.post("submit an application", f"{here}/submit", signed, onto="confirmation")
    await browser.think()
    await browser.get("own applications", "/applications")
    await browser.think()
    await browser.post("sign out", "/sign-out", [], onto="front page")


async def examine(browser: User, who: Mapping[str, Any], shared: Mapping[str, Any]) -> None:
    """Look at the desk, open one of its cases, judge what is to be judged, and return it or pass it on."""
    await browser.get("first page of staff", "/home")
    await browser.think()
    desk = await browser.get("desk", "/cases")
    cases = desk.links("/cases/[0-9]+")
    if not cases:
        await browser.think()
        cases = (await browser.get("desk, all cases", "/cases?tab=all")).links("/cases/[0-9]+")
    if not cases:
        return
    here = browser.lot.choice(cases)
    await browser.think()
    page = await browser.get("case", here)
    for _move in range(2):
        await browser.think()
        fact = _FACT.search(page.text)
        if fact is not None:
            judged = [
                ("version", _version(page)),
                ("fact", fact[1]),
                ("value", "yes"),
                ("reason", "有合同和发票。"),
            ]
            page = await browser.post("judge a fact", f"{here}/judge", judged, onto="case")
            await browser.think()
        actions = [one for one in _ACTION.findall(page.text) if one not in ("inspect", "refuse")]
        if not actions:
            break
        if f'action="{here}/return"' in page.text and browser.lot.random() < _RETURNS:
            back = [
                ("version", _version(page)),
                ("note:evidence", "请补审计报告。"),
                ("summary", "请补正后重交。"),
            ]
            await browser.post("return a case", f"{here}/return", back, onto="case")
            break
        moved = [("version", _version(page)), ("action", actions[0]), ("opinion", _OPINION)]
        page = await browser.post("pass a case on", f"{here}/move", moved, onto="case")
    await browser.think()


async def search_public(browser: User, who: Mapping[str, Any], shared: Mapping[str, Any]) -> None:
    """Look at the front page and the register, search it by name and by pinyin, look at a firm."""
    await browser.get("front page", "/")
    await browser.think()
    await browser.get("public register", "/titles")
    for word in (browser.lot.choice(shared["names"]), browser.lot.choice(shared["pinyin"])):
        await browser.think()
        page = await browser.get("public search", f"/titles?q={quote(word)}")
    firms = page.links('/titles/[0-9A-Z]{18}[^"]*')
    if firms:
        await browser.think()
        await browser.get("public page of a firm", firms[0])
    await browser.think()
    await browser.get("lists made public", "/public/lists")
    await browser.think()


async def search_staff(browser: User, who: Mapping[str, Any], shared: Mapping[str, Any]) -> None:
    """Search the firms by name and pinyin, look at one, at the dashboard and the counts."""
    await browser.get("firms", "/firms")
    for word in (browser.lot.choice(shared["names"]), browser.lot.choice(shared["pinyin"])):
        await browser.think()
        page = await browser.get("search of firms", f"/firms?q={quote(word)}")
    firms = page.links("/firms/[0-9A-Z]{18}")
    if firms:
        await browser.think()
        await browser.get("firm", firms[0])
    await browser.think()
    await browser.get("dashboard", "/dashboard")
    await browser.think()
    await browser.get("counts", "/counts?by=district")
    await browser.think()


async def export(browser: User, who: Mapping[str, Any], shared: Mapping[str, Any]) -> None:
    """Take the desk away as a workbook, the counts as a file, and now and then have the register screened by a job."""
    await browser.get("desk, all cases", "/cases?tab=all")
    await browser.think()
    await browser.get("desk as .xlsx", "/cases/export.xlsx?tab=all")
    await browser.think()
    await browser.get("counts", "/counts")
    await browser.think()
    await browser.get("counts as a file", f"/counts.{browser.lot.choice(('xlsx', 'csv'))}")
    await browser.think()
    if browser.lot.random() > _SCREENS:
        return
    await browser.get("what to screen for", "/screenings")
    await browser.think()
    asked = [("tier", browser.lot.choice(("innovative", "specialized"))), ("kind", "new"), ("on", shared["today"])]
    address = (await browser.post("begin a screening", "/screenings", asked)).location
    for _look in range(_LOOKS_AT_JOB):
        page = await browser.get("job", address)
        if f"{address}/file" in page.text:
            await browser.get("file of a screening", f"{address}/file")
            break
        await browser.think(1.5)
    await browser.think()


def _version(page: Any) -> str:
    return next(value for name, value in _HIDDEN.findall(page.text) if name == "version")


KINDS: Mapping[str, Callable[[Any, Mapping[str, Any], Mapping[str, Any]], Awaitable[None]]] = {
    "apply": apply,
    "examine": examine,
    "search_public": search_public,
    "search_staff": search_staff,
    "export": export,
}
