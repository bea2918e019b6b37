"""Every page, in both languages, on a phone, at 200 % and on a screen: axe, Nu, keyboard, no script, words, Lighthouse.

Every endpoint that is asked by GET is visited as somebody who may see it, in the city of the hostile tests, in which
everything is there; then every form is sent, empty and filled in, and the page that answers is looked at likewise.
"""

import logging
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from matrix_build import build
from matrix_city import City
from playwright.sync_api import Browser, sync_playwright
from waitress import create_server

from proof.page_looks import LANGUAGES, WIDTHS, Looked, Looker
from proof.page_markup import check_markup
from proof.page_speed import measure_speed
from proof.page_visits import Visit, answers_of, visits_of
from proof.page_words import chinese_on, listened

# What only a script adds to a page: passkeys, and the key to the colours of a plot, whose numbers stand in the table.
_BY_SCRIPT = re.compile("钥匙|通行密钥|[Pp]asskey|^(上升|不变|下降或到期)$")
# Data of the city that happen to be messages of the program as well: a title, an opinion, what a file is about.
_DATA = {"认定公告", "意见", "说明"}
_SMALL = 12


def prove(folder: Path, small: bool) -> str:
    """Look at all pages; `small` takes every so many, and one for Lighthouse."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    (folder / "city").mkdir()
    city = build(folder / "city")
    found = visits_of(city)
    visits, answers = found.visits, answers_of(city)
    if small:
        visits, answers = visits[:: len(visits) // _SMALL], answers[:: len(answers) // 4]
    looked = Looked()
    with listened() as missing, served(city) as url, chromium() as browser:
        _look_at_pages(browser, url, city, visits, looked)
        _look_at_answers(browser, url, city, answers, looked)
    for (name, lang), text in looked.lines.items():
        if lang == "en":
            looked.faults += [f"{name}: says in Chinese {one!r}" for one in chinese_on(text, _DATA)]
    looked.faults += [f"no English for {one!r}" for one in sorted(missing)]
    errors = check_markup(looked.markup, folder / "markup")
    looked.faults += [f"Nu: {one}" for one in errors]
    speed = measure_speed(folder / "speed", small)
    report = [*looked.faults, *speed.faults()]
    assert not report, f"{len(report)} faults\n" + "\n".join(report[:400])
    no_pages = ", ".join(f"{one} ({why})" for one, why in sorted(found.no_pages.items()))
    return (
        f"{len({one.endpoint for one in visits})} of {found.endpoints} endpoints of GET are pages: {len(visits)} "
        f"visits and {len(answers)} answers to forms, in {len(LANGUAGES)} languages at {WIDTHS} px: {looked.pages} "
        f"looks, 0 faults by axe, nothing sideways or cut; {len(looked.markup)} texts, 0 errors by Nu; {looked.stops} "
        f"stops of the keyboard; no message missing; {speed.told()}\nno pages: {no_pages}"
    )


@contextmanager
def served(city: City) -> Iterator[str]:
    """Serve the city on a port of its own."""
    server = create_server(city.app, host="127.0.0.1", port=0, threads=4, ident="")
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    try:
        yield f"http://localhost:{server.effective_port}"
    finally:
        server.close()
        serving.join(10)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give Debian's browser, as the tests of pages do."""
    program = shutil.which("chromium")
    assert program, "chromium is missing: .ci/browser installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def cookie_of(city: City, held: dict[str, object]) -> str:
    """Return the signed cookie of what somebody holds."""
    signer = city.app.session_interface.get_signing_serializer(city.app)  # type: ignore[attr-defined]
    return str(signer.dumps(held))


def _look_at_pages(browser: Browser, url: str, city: City, visits: list[Visit], looked: Looked) -> None:
    for who in dict.fromkeys(one.who for one in visits):
        own = [one for one in visits if one.who == who]
        for lang in LANGUAGES:
            looker = Looker(browser, url, cookie_of(city, city.cookie(who)), lang, looked)
            for number, visit in enumerate(own):
                looker.look(visit, menu=not number)
            if lang == LANGUAGES[0]:
                for visit in own:
                    looker.walk(visit)
                looker.without_script(own, _BY_SCRIPT)
            looker.close()


def _look_at_answers(browser: Browser, url: str, city: City, answers: list[Visit], looked: Looked) -> None:
    from matrix_examples import examples

    valid = examples(city)
    for visit in answers:
        held = city.cookie(visit.who, **valid[visit.endpoint].cookie)
        for lang in LANGUAGES:
            city.restore()
            looker = Looker(browser, url, cookie_of(city, held), lang, looked)
            looker.look(visit, token=city.token(held))
            looker.close()
    city.restore()
