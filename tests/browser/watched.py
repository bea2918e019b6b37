"""What a browser says of a page: its console, refused resources, axe, and whether the page scrolls sideways."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Response

LOCALES = {"zh": "zh-CN", "en": "en-GB"}
# A page of paper held upright at 400 %, and a screen of an office.
WIDTHS = (1280, 320)
AXE = Path(__file__).with_name("axe.min.js").read_text("utf-8")
# What the browser notes of its own accord when it does as it was told.
NOTES = ("Clear-Site-Data header on",)
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
_RUN = """
async (tags) => {
  const found = await axe.run(document, {
    runOnly: { type: "tag", values: tags }, resultTypes: ["violations"], preload: false, iframes: false,
  });
  return found.violations.map((one) => [one.id, one.nodes.map((node) => [node.target.join(" "), node.failureSummary])]);
}
"""
_SIDEWAYS = """
(width) => {
  const root = document.documentElement;
  if (root.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > width + 0.5 && !one.closest(".scroll, .skip"))
    .map((one) => `${one.tagName}.${one.className} ${Math.round(one.getBoundingClientRect().right)}`)
    .concat([`scrollWidth ${root.scrollWidth}`]);
}
"""


class Watch:
    """Keeps what a page complained of."""

    def __init__(self, page: Page) -> None:
        self._said: list[tuple[str, str]] = []
        self._documents: set[str] = set()
        self._refused: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._said.append((str(error), "")))
        page.on("response", self._see)

    def complaints(self) -> list[str]:
        """Return each message of the console and each refused resource; that a page is an error page is none."""
        said = [
            text
            for text, address in self._said
            if not text.startswith(NOTES)
            and not (text.startswith("Failed to load resource") and address in self._documents)
        ]
        return said + self._refused

    def _hear(self, message: ConsoleMessage) -> None:
        self._said.append((message.text, str(message.location.get("url", ""))))

    def _see(self, answer: Response) -> None:
        if answer.request.is_navigation_request():
            self._documents.add(answer.url)
        elif answer.status >= 400:
            self._refused.append(f"{answer.status} {answer.url}")


def faults_of(page: Page, width: int) -> list[str]:
    """Return what is wrong with the page at a width, by axe and by its own edges."""
    page.set_viewport_size({"width": width, "height": 900})
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    found: Sequence[Any] = page.evaluate(_RUN, list(TAGS))
    faults = [f"{rule}: {place}: {told}" for rule, places in found for place, told in places]
    return faults + [f"sideways: {one}" for one in page.evaluate(_SIDEWAYS, width)]


def focused(page: Page) -> str:
    """Return the words of what has the focus."""
    return _focus(page)[0]


def tab_to(page: Page, words: str, most: int = 80, tags: Sequence[str] = ()) -> None:
    """Press Tab until what bears these words has the focus, seen in the window and marked as focused.

    Args:
        tags: it is one of these elements; of any kind if there are none. A table that scrolls takes the focus too.
    """
    for _ in range(most):
        page.keyboard.press("Tab")
        found, tag = _focus(page)
        if words in found and (not tags or tag in tags):
            _assert_seen(page, words)
            return
    raise AssertionError(f"{words} is out of reach of the keyboard; the focus is at {focused(page)!r}")


def _focus(page: Page) -> tuple[str, str]:
    told, tag = page.evaluate(
        """() => {
          const one = document.activeElement;
          if (!one || one === document.body) return ["", ""];
          const label = one.labels && one.labels.length ? one.labels[0].innerText : "";
          const words = one.getAttribute("aria-label") || label || one.innerText || one.className || one.tagName;
          return [words.trim().replace(/\\s*\\n\\s*/g, ""), one.tagName];
        }"""
    )
    return told, tag


def _assert_seen(page: Page, words: str) -> None:
    box, outline, hit = page.evaluate(
        """() => {
          const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
          const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
          const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
          const top = document.elementFromPoint(x, y);
          const isHit = top !== null && (one.contains(top) || top.contains(one));
          return [[box.x, box.y, box.width, box.height], style.outlineStyle, isHit];
        }"""
    )

    assert box[2] > 0 and box[3] > 0 and hit, f"the focus at {words} is covered or out of sight: {box}"
    assert outline != "none", f"the focus at {words} is not to be seen"
