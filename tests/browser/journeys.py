"""What the journeys share: somebody at a keyboard, one page after the other; each page that is met is looked at.

Nothing here is clicked. Who comes back another day signs in anew, for the clock of the hall has moved.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from casework import Hall
from playwright.sync_api import Browser, Download, Page, expect
from served_city import picture_folder
from served_hall import ServedHall, served_hall
from watched import LOCALES, Watch, faults_of, focused, tab_to

# A case page with a long list of criteria has some hundred stops.
_MOST_STOPS = 400
_STOP = """
() => {
  const one = document.activeElement;
  return [one.name || "", one.type || "", one.tagName, one.value || ""];
}
"""


class Typist:
    """Somebody who does everything by the keyboard, in a browser of his own."""

    def __init__(self, journey: "Journey", page: Page, who: str) -> None:
        self.page = page
        self._journey = journey
        self._who = who

    def goes_to(self, address: str) -> "Typist":
        """Type an address into the browser's own line."""
        self.page.goto(address)
        self._look(address)
        return self

    def presses(self, words: str) -> "Typist":
        """Go by Tab to a link or button and press Enter; a page comes."""
        self._reaches(words)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self._look(words)
        return self

    def unfolds(self, words: str) -> "Typist":
        """Open a fold of the page."""
        self._reaches(words)
        self.page.keyboard.press("Enter")
        return self

    def writes(self, words: str, text: str) -> "Typist":
        """Write into a box instead of what stands in it."""
        self._reaches(words)
        self._type(text)
        return self

    def chooses(self, words: str, value: str) -> "Typist":
        """Choose of a list by the arrows."""
        self._reaches(words)
        self._arrow_to(value, "ArrowDown")
        return self

    def ticks(self, words: str) -> "Typist":
        """Tick a box, or choose one of several."""
        self._reaches(words)
        self.page.keyboard.press("Space")
        return self

    def fills_in(self, answers: Mapping[str, str], then: str) -> set[str]:
        """Answer what the page asks for, box after box, and press a button; return the names of what was answered."""
        done: set[str] = set()
        for _ in range(_MOST_STOPS):
            self.page.keyboard.press("Tab")
            if focused(self.page) == then:
                break
            name, kind, tag, _value = self.page.evaluate(_STOP)
            if name in answers and name not in done:
                self._answer(kind, tag, answers[name])
                done.add(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self._look(then)
        return done

    def sees(self, *words: str) -> "Typist":
        """Hold the page to its words."""
        for word in words:
            expect(self.page.locator("main")).to_contain_text(word)
        return self

    def downloads(self, words: str) -> bytes:
        """Press what hands out a file and return what came."""
        self._reaches(words)
        with self.page.expect_download() as waiting:
            self.page.keyboard.press("Enter")
        file: Download = waiting.value
        return Path(file.path()).read_bytes()

    def _reaches(self, words: str) -> None:
        try:
            tab_to(self.page, words, _MOST_STOPS)
        except AssertionError as missed:
            text = self.page.locator("main").inner_text()
            raise AssertionError(f"{self._who} at {self.page.url}: {missed}\n{text[:3000]}") from missed

    def _answer(self, kind: str, tag: str, text: str) -> None:
        if tag == "SELECT":
            self._arrow_to(text, "ArrowDown")
        elif kind == "radio":
            self._arrow_to(text, "ArrowUp")
        elif kind == "checkbox":
            self.page.keyboard.press("Space")
        elif kind == "date":
            self._type_day(text)
        else:
            self._type(text)

    def _type(self, text: str) -> None:
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def _type_day(self, text: str) -> None:
        """A browser's own box of a day takes year, month and day one after the other, in the order of its language."""
        year, month, day = text.split("-")
        self.page.keyboard.type(year)
        self.page.keyboard.press("ArrowRight")
        self.page.keyboard.type(month + day)

    def _arrow_to(self, value: str, key: str) -> None:
        for _ in range(120):
            if self.page.evaluate(_STOP)[3] == value:
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"no {value} at {focused(self.page)}")

    def _look(self, step: str) -> None:
        """Look at the page that came: at its words of faults, and once for its kind by axe and at 320 px."""
        self._journey.look(self.page, self._who, step)


class Journey:
    """A hall, its people at their keyboards, and the pages they have met."""

    def __init__(self, name: str, hall: ServedHall, chromium: Browser) -> None:
        self.hall = hall
        self._name = name
        self._chromium = chromium
        self._met: set[str] = set()
        self._watches: list[Watch] = []
        self._contexts: list[Any] = []
        self._pictures = 0

    def at(self, who: str = "") -> Typist:
        """Seat somebody of the hall, who signs in now, at a keyboard; nobody in particular without a name."""
        context = self._chromium.new_context(
            base_url=self.hall.url,
            locale=LOCALES["zh"],
            timezone_id="Asia/Shanghai",
            viewport={"width": 1280, "height": 900},
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        if who:
            context.add_cookies([{"name": "registry", "value": self.hall.cookie(who), "url": self.hall.url}])
        self._contexts.append(context)
        page = context.new_page()
        self._watches.append(Watch(page))
        return Typist(self, page, who or "visitor")

    def look(self, page: Page, who: str, step: str) -> None:
        """Take a picture if pictures are wanted, and hold a page of a kind that was not met before to its standard."""
        self._take_picture(page, who, step)
        kind = f"{re.sub('[0-9]+', 'n', page.url.partition('?')[0])} {page.title()[:6]}"
        if kind in self._met:
            return
        self._met.add(kind)
        faults = [fault for width in (320, 1280) for fault in faults_of(page, width)]
        assert not faults, (page.url, faults)

    def close(self) -> None:
        """Close the browsers; what a page complained of fails the journey."""
        for context in self._contexts:
            context.close()
        complaints = [one for watch in self._watches for one in watch.complaints()]
        assert not complaints, complaints

    def _take_picture(self, page: Page, who: str, step: str) -> None:
        folder = picture_folder()
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        self._pictures += 1
        words = re.sub(r"[^\w]+", "-", step)[:30]
        page.screenshot(path=folder / f"{self._name}-{self._pictures:02}-{who}-{words}.png", full_page=True)


@contextmanager
def journey(
    name: str, folder: Path, chromium: Browser, prepare: Callable[[Hall], Any] = lambda hall: None
) -> Iterator[Journey]:
    """Give a journey over a hall of its own."""
    with served_hall(folder, prepare) as hall:
        going = Journey(name, hall, chromium)
        yield going
        going.close()
