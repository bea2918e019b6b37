"""`python -m tests.pictures [NAME …]`: takes the pictures of the guides from the demo city, all or those named.

The city is founded in a temporary folder, with the same seed each time; `--city FILE` looks at one that is there. With
Debian's pngquant a picture takes a third of the room.
"""

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Thread

# The tests are imported flat, as pytest does.
sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "web")]

from deciders import SECRET, signed  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402
from small_city import settings  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402
from waitress import create_server  # noqa: E402

from pictures.album import ALBUM, Picture, found_in  # noqa: E402
from registry.app import create_app  # noqa: E402
from registry.domain.trail import Doer  # noqa: E402
from registry.policy import DEFAULTS  # noqa: E402
from registry.store.engine import open_ready, writing  # noqa: E402
from registry.store.persons import person_by_email  # noqa: E402
from registry.store.sign_ins import Factor  # noqa: E402
from registry.web.typed import typed_of  # noqa: E402
from registry.work.found_casework import found_casework  # noqa: E402
from registry.work.found_city import found_city  # noqa: E402
from registry.work.found_people import DOER, found_people  # noqa: E402
from registry.work.keep_calendar import ensure_calendar  # noqa: E402
from registry.work.seal_keys import field_keys  # noqa: E402
from registry.work.sign_in import begin  # noqa: E402

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
FIRMS = 20_000
WIDTH = 1280
# As the public pages say it, and short enough for the certificate's code.
PUBLIC_URL = "http://127.0.0.1:8000"


def main(asked: list[str]) -> int:
    """Take the pictures and say how large each is."""
    city = Path(asked[asked.index("--city") + 1]).resolve() if "--city" in asked else None
    names = [one for one in asked if not one.startswith("--") and (city is None or Path(one).resolve() != city)]
    wanted = [one for one in ALBUM if not names or one.name in names]
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        place = Path(folder) / (city.name if city else "registry.sqlite")
        if city is None:
            found(place)
        else:
            # What is done for a picture is not done to somebody's city.
            for file in (city, city.with_name("field-keys")):
                shutil.copy(file, folder)
        with served(place) as url, sync_playwright() as playwright:
            program = shutil.which("chromium")
            # Root may not use the browser's own sandbox, and it looks at nothing but our pages.
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
            engine = open_ready(f"sqlite:///{place}")
            with Session(engine) as session:
                things = found_in(session)
            for one in wanted:
                file = take(browser, url, one, place, things)
                print(f"{file.name}: {file.stat().st_size // 1024} kB", flush=True)
            browser.close()
            engine.dispose()
    return 0


def found(place: Path) -> None:
    """Found the demo city as `registry demo` does."""
    now = datetime.now(UTC).astimezone()
    engine = open_ready(f"sqlite:///{place}")
    with writing(engine) as session:
        found_city(session, seed=1, firms=FIRMS, now=now)
        ensure_calendar(session, now, DOER)
    with writing(engine) as session:
        found_people(session, now=now)
        found_casework(session, field_keys(None, f"sqlite:///{place}"), DEFAULTS, typed_of, now=now)
    engine.dispose()


@contextmanager
def served(place: Path) -> Iterator[str]:
    """Serve the city until the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    told = {"secret_key": SECRET, "public_url": PUBLIC_URL, "rate_limit": "100000 per minute"}
    app = create_app(settings(place, **told))
    server = create_server(app, host="127.0.0.1", port=port, threads=4, ident="")
    serving = Thread(target=server.run, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.close()
        serving.join(10)


def take(browser: Browser, url: str, wanted: Picture, place: Path, things: dict[str, str]) -> Path:
    """Take one picture; return its file."""
    context = browser.new_context(
        base_url=url,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": WIDTH, "height": wanted.height},
        reduced_motion="reduce",
    )
    context.set_default_timeout(60_000)
    if wanted.who:
        context.add_cookies([{"name": "registry", "value": cookie(place, wanted.who), "url": url}])
    page = context.new_page()
    answer = page.goto(wanted.path.format(**things))
    assert answer is not None and answer.status == 200, (wanted.name, answer and answer.status)
    wanted.before(page)
    if wanted.top:
        page.evaluate("(where) => document.querySelector(where).scrollIntoView()", wanted.top)
    file = FOLDER / f"{wanted.name}.png"
    page.screenshot(path=file)
    context.close()
    small = shutil.which("pngquant")
    if small:
        subprocess.run([small, "--force", "--strip", "--quality", "70-95", "--output", file, file], check=False)
    return file


@cache
def cookie(place: Path, who: str) -> str:
    """Return the cookie of somebody of the demo city who signs in now."""
    now = datetime.now(UTC)
    engine = open_ready(f"sqlite:///{place}")
    with writing(engine) as session:
        person = person_by_email(session, f"{who}@demo.example")
        assert person is not None, who
        doer = Doer(person.id, person.name, "", "127.0.0.1", "5f3a9c0d2b7e4a61")
        token = begin(session, person, Factor.TOTP, doer=doer, agent="pictures", hours=8, now=now)
    engine.dispose()
    at = int(now.timestamp())
    return signed({"sid": token, "seen": at, "proved": at})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
