"""What is looked at on a page in a browser: axe, edges, what is cut, the keyboard, the script switched off, words."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Response
from watched import LOCALES, Watch, faults_of

from proof.page_visits import Visit

LANGUAGES = ("zh", "en")
# A phone, or a page of paper at 400 %; a screen of 1280 px at 200 %; that screen.
WIDTHS = (320, 640, 1280)
# What axe says does not change in between.
AXE_WIDTHS = (320, 1280)
_MOST_STOPS = 700
_SEND = """
([address, fields]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = address;
  for (const [name, text] of fields) {
    const box = document.createElement("textarea");
    box.name = name;
    box.value = text;
    form.append(box);
  }
  document.body.append(form);
  form.submit();
}
"""
# Folds are opened, so that what lies in them is looked at too; the menu would cover the page.
_UNFOLD = 'document.querySelectorAll("main details").forEach((one) => { one.open = true; })'
_OPEN_MENU = 'document.querySelectorAll("details.nav-more").forEach((one) => { one.open = true; })'
_CUT = """
() => [...document.querySelectorAll("body *")].filter((one) => {
  if (!one.innerText || one.closest(".visually-hidden, .skip, svg, noscript")) return false;
  const style = getComputedStyle(one);
  // For readers of the screen alone.
  if (style.clipPath !== "none") return false;
  const hides = (value) => value === "hidden" || value === "clip";
  return (hides(style.overflowX) && one.scrollWidth > one.clientWidth + 1)
    || (hides(style.overflowY) && one.scrollHeight > one.clientHeight + 1);
}).map((one) => `${one.tagName}.${one.className}: ${one.innerText.slice(0, 40)}`)
"""
_STOPS = """
() => {
  const open = (one) => !one.closest("details:not([open])") || (one.tagName === "SUMMARY"
    && !one.parentElement.parentElement.closest("details:not([open])"));
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter((one) => !one.disabled && one.type !== "hidden" && one.tabIndex >= 0 && open(one)
      && one.getClientRects().length);
  // Of the answers to one question one is a stop.
  const groups = new Set();
  const stops = all.filter((one) => {
    if (one.type !== "radio") return true;
    const key = `${one.form && [...document.forms].indexOf(one.form)} ${one.name}`;
    return groups.has(key) ? false : groups.add(key);
  });
  return stops.length;
}
"""
_AT = """
() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return null;
  if (!window.seen) window.seen = new Set();
  // A box of a day has several stops of its own.
  const stays = window.last === one, again = !stays && window.seen.has(one);
  window.seen.add(one);
  window.last = one;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const marked = style.outlineStyle !== "none" || style.boxShadow !== "none";
  // A word alone in a row may be broken over two lines: then the first of its boxes counts.
  const first = one.getClientRects()[0] || box;
  // Of what is larger than the window the middle of what is in sight counts.
  const x = (Math.max(first.left, 0) + Math.min(first.right, innerWidth)) / 2;
  const y = (Math.max(first.top, 0) + Math.min(first.bottom, innerHeight)) / 2;
  const top = document.elementFromPoint(x, y);
  const hit = top !== null && (one.contains(top) || top.contains(one));
  return [again, stays, marked, hit, `${one.tagName} ${(one.innerText || one.name || one.className).slice(0, 40)}`];
}
"""
# Charts are drawn by a script, from the table below each.
_LINES = """
() => {
  const drawn = [...document.querySelectorAll("main svg")];
  drawn.forEach((one) => { one.style.visibility = "hidden"; });
  const text = document.querySelector("main").innerText;
  drawn.forEach((one) => { one.style.removeProperty("visibility"); });
  return text;
}
"""


@dataclass
class Looked:
    """What was seen.

    Attributes:
        pages: pages in a language at a width.
        markup: the text of each page in each language, by a name.
        lines: what each page says, by visit and language.
    """

    faults: list[str] = field(default_factory=list)
    pages: int = 0
    stops: int = 0
    markup: dict[str, str] = field(default_factory=dict)
    lines: dict[tuple[str, str], str] = field(default_factory=dict)


class Looker:
    """A browser that goes from page to page as one person, in one language."""

    def __init__(self, browser: Browser, url: str, cookie: str, lang: str, looked: Looked) -> None:
        self._browser, self._url, self._cookie, self._lang = browser, url, cookie, lang
        self._looked = looked
        self._context = self._open(script=True)
        self.page = self._context.new_page()
        self._watch = Watch(self.page)

    def close(self) -> None:
        """Close the browser; what it complained of is a fault."""
        self._looked.faults += [f"console ({self._lang}): {one}" for one in self._watch.complaints()]
        self._context.close()

    def look(self, visit: Visit, *, token: str = "", menu: bool = False) -> None:
        """Look at a page at every width.

        Args:
            token: the anti-forgery token for a form that is sent.
            menu: look at the opened menu as well.
        """
        answer = self._go(visit, token)
        name = f"{visit.told()} in {self._lang}"
        wanted = {200} if visit.form is None else {200, 201, 400, 401, 403, 404, 409, 413, 422}
        if answer.status not in wanted:
            self._looked.faults.append(f"{name}: answered {answer.status}")
            return
        self._looked.markup[name] = answer.text()
        self._looked.lines[visit.told(), self._lang] = self.page.evaluate(_LINES)
        for width in WIDTHS:
            self._look_at(name, width)
        if menu:
            self.page.evaluate(_OPEN_MENU)
            for width in WIDTHS:
                self._look_at(f"{name}, menu open", width)

    def walk(self, visit: Visit) -> None:
        """Go through a page by Tab alone: every stop is reached, in sight and marked, and none holds the focus."""
        self.page.goto(visit.address)
        self.page.set_viewport_size({"width": 1280, "height": 900})
        stops = self.page.evaluate(_STOPS)
        reached = 0
        for _ in range(_MOST_STOPS):
            self.page.keyboard.press("Tab")
            at = self.page.evaluate(_AT)
            if at is None or at[0]:
                break
            _again, stays, marked, hit, what = at
            reached += not stays
            if not marked:
                self._looked.faults.append(f"{visit.told()}: no mark of focus at {what}")
            if not hit:
                self._looked.faults.append(f"{visit.told()}: the focus is out of sight at {what}")
        self._looked.stops += reached
        if reached < min(stops, _MOST_STOPS):
            self._looked.faults.append(f"{visit.told()}: Tab reaches {reached} of {stops}")

    def without_script(self, visits: list[Visit], extra: re.Pattern[str]) -> None:
        """Look at pages with the script switched off: they say the same, and every form can be sent.

        Args:
            extra: lines that only a script adds.
        """
        context = self._open(script=False)
        page = context.new_page()
        for visit in visits:
            page.goto(visit.address)
            with_script = self._looked.lines[visit.told(), self._lang]
            here = {line.strip() for line in page.evaluate(_LINES).splitlines()}
            gone = [one for one in with_script.splitlines() if one.strip() not in here and not extra.search(one)]
            if gone:
                self._looked.faults.append(f"{visit.told()}: without script these lines are missing: {gone[:5]}")
            stuck = page.evaluate(
                '[...document.querySelectorAll("form")].filter((one) => !one.querySelector("button, [type=submit]")'
                ' && !document.querySelector(`button[form="${one.id}"]`)).map((one) => one.action)'
            )
            if stuck:
                self._looked.faults.append(f"{visit.told()}: a form without a button: {stuck}")
        context.close()

    def _open(self, *, script: bool) -> BrowserContext:
        context = self._browser.new_context(
            base_url=self._url,
            locale=LOCALES[self._lang],
            timezone_id="Asia/Shanghai",
            viewport={"width": 1280, "height": 900},
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        context.set_default_timeout(60_000)
        context.add_cookies([{"name": "registry", "value": self._cookie, "url": self._url}])
        return context

    def _go(self, visit: Visit, token: str) -> Response:
        if visit.form is None:
            answer = self.page.goto(visit.address)
        else:
            self.page.goto("/tiers")
            with self.page.expect_navigation() as going:
                self.page.evaluate(_SEND, [visit.address, [["csrf_token", token], *map(list, visit.form)]])
            answer = going.value
        assert answer
        return answer

    def _look_at(self, name: str, width: int) -> None:
        self._looked.pages += 1
        page, faults = self.page, self._looked.faults
        page.set_viewport_size({"width": width, "height": 900})
        folded = page.evaluate("(width) => document.documentElement.scrollWidth - width", width)
        if folded > 0:
            faults.append(f"{name} at {width} px: scrolls sideways by {folded} px")
        page.evaluate(_UNFOLD)
        sideways = page.evaluate("(width) => document.documentElement.scrollWidth - width", width)
        if sideways > 0:
            faults.append(f"{name} at {width} px: scrolls sideways by {sideways} px with its folds open")
        if width in AXE_WIDTHS:
            faults += [f"{name} at {width} px: {one}" for one in faults_of(page, width)]
        faults += [f"{name} at {width} px: cut: {one}" for one in page.evaluate(_CUT)]
