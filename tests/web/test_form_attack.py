"""The shortest slice of the proof of forms (`make proof PROOFS=forms`): some forms, a few times each."""

from collections.abc import Iterator

import pytest
from form_attack import Attacked, attack, send, unsound
from form_pages import FOR_PROGRAMS, PAGES, UNSEEN, target_of
from form_reader import forms_of
from form_sendings import TYPES, Sent, filled_in
from matrix_build import build
from matrix_city import City
from test_matrix import routes

from registry.web import db

pytestmark = pytest.mark.slow

# One of each sort: a desk's, a firm's, a stranger's, an administrator's; with files, with many boxes, with two pages.
SLICE = (
    *("ties.declare_tie", "windows.lay_down", "cases.move", "cases.send_back", "bulk.preview", "evidence.upload"),
    *("applications.save", "papers.report", "public_report.send", "people.open_new", "publicities.make"),
)


@pytest.fixture(scope="module", name="city")
def fixture_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    made = build(tmp_path_factory.mktemp("forms"), is_planted=False)
    yield made
    with made.app.app_context():
        db.engine.dispose()


def test_every_endpoint_that_takes_a_form_has_its_page_or_a_reason(city: City) -> None:
    posted = {rule.endpoint for rule, method, _asked in routes(city) if method == "POST"}

    assert posted == PAGES.keys() | UNSEEN.keys() | FOR_PROGRAMS.keys()


def test_the_city_is_sound_before_anything_is_sent(city: City) -> None:
    city.restore()

    assert unsound(city) == []


@pytest.mark.parametrize("endpoint", SLICE)
def test_what_nobody_meant_is_refused_or_taken_and_never_fails(city: City, endpoint: str) -> None:
    found = Attacked()
    city.restore()
    attack(city, target_of(city, endpoint), examples=5, number=1, found=found)

    assert found.failures == []
    assert found.posts[endpoint] >= 5


def test_a_view_that_fails_is_found_and_so_is_one_that_loses_what_was_typed(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.restore()
    target, found = target_of(city, "ties.declare_tie"), Attacked()
    whole = city.app.view_functions["ties.declare_tie"]

    def fails() -> str:
        raise ValueError("inside")

    fails.permission = whole.permission  # type: ignore[attr-defined]
    monkeypatch.setitem(city.app.view_functions, "ties.declare_tie", fails)
    attack(city, target, examples=3, number=1, found=found)
    assert "came 500" in found.failures[0] and "inside" in found.failures[0]

    def loses() -> tuple[str, int]:
        form = f'<form method="post" action="{target.form.action}"><textarea name="note"></textarea></form>'
        return f"<html><head><title>x</title></head><body><main><h1>x</h1>{form}</main></body></html>", 422

    loses.permission = whole.permission  # type: ignore[attr-defined]
    monkeypatch.setitem(city.app.view_functions, "ties.declare_tie", loses)
    lost = Attacked()
    attack(city, target, examples=3, number=1, found=lost)
    assert "note: '表兄' was typed, [''] stands there" in lost.failures[0]


def test_a_form_is_read_as_a_browser_sends_it() -> None:
    (form,) = forms_of(
        '<textarea form="f" name="far">said</textarea><form id="f" method="POST" action="/x">'
        '<input name="a" value="1"><input type="checkbox" name="b" value="2" checked>'
        '<input type="radio" name="c" value="3"><input type="file" name="e">'
        '<select name="d"><option value="4">4</option><option value="5">5</option></select>'
        "<button name=g value=6>go</button></form>"
    )
    shown = {name: (box.kind, box.shown, box.offered) for name, box in form.boxes.items()}

    assert (form.action, form.method) == ("/x", "post")
    assert shown == {
        "a": ("text", ["1"], []),
        "b": ("checkbox", ["2"], ["2"]),
        "c": ("radio", [], ["3"]),
        "d": ("select", ["4"], ["4", "5"]),
        "e": ("file", [], []),
        "g": ("submit", [], ["6"]),
        "far": ("textarea", ["said"], []),
    }


def test_the_form_as_its_example_fills_it_in_is_taken(city: City) -> None:
    for endpoint in ("ties.declare_tie", "evidence.upload", "publicities.make"):
        city.restore()
        target = target_of(city, endpoint)
        assert send(city, target, Sent(filled_in(target), content_type=TYPES[1])).status_code == 303, endpoint
