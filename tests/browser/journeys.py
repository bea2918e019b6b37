"""What the journeys share: somebody at a keyboard, one page after the other; each page that is met is looked at.

Nothing here is clicked. Who comes back another day signs in anew, for the clock of the hall has moved.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from casework import Hall
from playwright.sync_api import Browser, Download, Page, TimeoutError, expect
from served_city import picture_folder
from served_hall import ServedHall, served_hall
from watched import LOCALES, Watch, faults_of, focused, tab_to

# A case page with a long list of criteria has some hundred stops.
_MOST_STOPS = 400
_DOORS, _BOXES = ("A", "BUTTON", "SUMMARY"), ("INPUT", "TEXTAREA", "SELECT")
_STOP = """
() => {
  const one = document.activeElement;
  const group = one.closest("fieldset");
  const asked = group && group.querySelector("legend") ? group.querySelector("legend").innerText : "";
  return [one.name || "", one.type || "", one.tagName, one.value || "", asked];
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
        self._reaches(words, _DOORS)
        self._enters()
        self._look(words)
        return self

    def unfolds(self, words: str) -> "Typist":
        """Open a fold of the page."""
        self._reaches(words, _DOORS)
        self.page.keyboard.press("Enter")
        return self

    def writes(self, words: str, text: str) -> "Typist":
        """Write into a box instead of what stands in it."""
        self._reaches(words, _BOXES)
        self._type(text)
        return self

    def writes_day(self, words: str, text: str) -> "Typist":
        """Write a day into a box of the browser's own."""
        self._reaches(words, _BOXES)
        self._type_day(text)
        return self

    def chooses(self, words: str, value: str) -> "Typist":
        """Choose of a list by the arrows."""
        self._reaches(words, _BOXES)
        self._arrow_to(value, "ArrowDown")
        return self

    def chooses_first(self, words: str) -> "Typist":
        """Choose the first of a list that is not the question itself."""
        self._reaches(words, _BOXES)
        self.page.keyboard.press("ArrowDown")
        return self

    def ticks(self, words: str) -> "Typist":
        """Tick a box, or choose one of several."""
        self._reaches(words, _BOXES)
        self.page.keyboard.press("Space")
        return self

    def picks(self, words: str, of: str = "") -> "Typist":
        """Pick one of several that exclude each other: Tab leads to the group, the arrows lead on.

        Args:
            of: what the group asks, where the page has more than one.
        """
        for _ in range(_MOST_STOPS):
            self.page.keyboard.press("Tab")
            _name, kind, _tag, _value, asked = self.page.evaluate(_STOP)
            if kind == "radio" and of in asked:
                break
        for _ in range(10):
            if words in focused(self.page):
                self.page.keyboard.press("Space")
                return self
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{words} is not to be picked at {self.page.url}")

    def fills_in(self, answers: Mapping[str, str], then: str) -> "Typist":
        """Answer what the page asks for, box after box, and press a button."""
        done: set[str] = set()
        for _ in range(_MOST_STOPS):
            self.page.keyboard.press("Tab")
            if focused(self.page) == then:
                break
            name, kind, tag, *_more = self.page.evaluate(_STOP)
            if name in answers and name not in done:
                self._answer(kind, tag, answers[name])
                done.add(name)
        self._enters()
        self._look(then)
        return self

    def sees(self, *words: str) -> "Typist":
        """Hold the page to its words."""
        for word in words:
            expect(self.page.locator("main")).to_contain_text(word)
        return self

    def attaches(self, words: str, name: str, data: bytes) -> "Typist":
        """Press a box of files and choose one in the dialogue that the browser opens."""
        self._reaches(words, _BOXES)
        # On a busy machine the browser now and then does not hear the key.
        for _press in range(3):
            try:
                with self.page.expect_file_chooser(timeout=10_000) as waiting:
                    self.page.keyboard.press("Space")
                break
            except TimeoutError:
                continue
        waiting.value.set_files([{"name": name, "mimeType": "application/octet-stream", "buffer": data}])
        return self

    def downloads(self, words: str) -> bytes:
        """Press what hands out a file and return what came."""
        self._reaches(words, _DOORS)
        with self.page.expect_download() as waiting:
            self.page.keyboard.press("Enter")
        file: Download = waiting.value
        return Path(file.path()).read_bytes()

    def _enters(self) -> None:
        stands = focused(self.page)
        try:
            with self.page.expect_navigation():
                self.page.keyboard.press("Enter")
        except TimeoutError as missed:
            raise AssertionError(f"{self._who} at {self.page.url}: nothing comes of {stands!r}") from missed

    def _reaches(self, words: str, tags: Sequence[str]) -> None:
        try:
            tab_to(self.page, words, _MOST_STOPS, tags)
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
        """A browser's own box of a day takes its parts one after the other, in the order of the browser's language."""
        year, month, day = text.split("-")
        for parts in ((month, day, year), (year, month, day)):
            for part in parts:
                self.page.keyboard.type(part)
                if part == year and parts[0] == year:
                    self.page.keyboard.press("ArrowRight")
            if self.page.evaluate(_STOP)[3] == text:
                return
            for _ in parts:
                self.page.keyboard.press("ArrowLeft")
        raise AssertionError(f"{text} cannot be typed at {focused(self.page)}")

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
        context.set_default_timeout(30_000)
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
