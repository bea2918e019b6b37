"""Charts: a table says every number once and leads to its firms; the plot is drawn from it by a script of our own."""

import re
from configparser import ConfigParser
from glob import glob
from hashlib import sha256

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from page_reader import Page

from registry.web import assets

IMPORT = '{% import "macros/charts.html" as charts %}'
LINE = """{{ charts.line_chart('m', '逐月累计', [
  {'name': '2026年', 'role': 'actual', 'values': [(1201, '/firms?m=1'), (1302, '/firms?m=2&new=1'), none]},
  {'name': '进度', 'role': 'goal', 'values': [1403, 1504, 1605]},
  {'name': '2025年', 'role': 'previous', 'values': [0, 1706, 1807]},
], ['1月', ('2月', '至20日'), '3月'], '家', '口径', partial=1, goal=('目标', 1908)) }}"""
BARS = """{{ charts.bars_chart('d', '各区市', ['今年', '去年'], [
  (('市南区', '/districts/1'), [(2101, '/firms?d=1'), 2202]), ('市北区', [none, (2303, '/firms?d=2')]),
], '家', '区市', goal=('平均', 2404)) }}"""
FUNNEL = """{{ charts.funnel_chart('f', '梯度', [
  (('创新型', '/l/1'), (4000, '/firms?t=1')), ('专精特新', (1000, '/firms?t=2')), ('小巨人', none),
], '家', '称号', '梯度', share='占下一级') }}"""
SANKEY = """{{ charts.sankey_chart('s', '变化', [
  (('小巨人', '/f/3'), [(3101, '/m?a=3&b=3'), (7, '/m?a=3&b=2')]), ('专精特新', [(28, '/m?a=2&b=3'), 3202]),
], [('小巨人', '/t/3'), '专精特新'], '家', '合计', ('上升', '不变', '下降'), '年初') }}"""
MULTIPLES = """{{ charts.multiples('t', '历年', [
  (('市南区', '/districts/1'), [(5101, '/q?y=1'), none, 5202]), ('市北区', [none, none]), ('李沧区', [0, 0]),
], ['2024', '2025', '2026'], '走势', '区市') }}"""
ALL = LINE + BARS + FUNNEL + SANKEY + MULTIPLES
SCRIPTS = ("charts.js", "echarts/echarts.min.js")


def drawn(app: Flask, template: str, address: str = "/?lang=zh") -> Page:
    """Return what a page with this template says."""
    page = '{% extends "base.html" %}' + IMPORT
    page += (
        "{% block head %}{{ charts.files() }}{% endblock %}{% block main %}<h1>表</h1>" + template + "{% endblock %}"
    )
    with app.test_request_context(address):
        return Page(render_template_string(page))


def test_a_page_of_charts_keeps_the_house_rules_for_markup(app: Flask) -> None:
    page = drawn(app, ALL)

    assert not page.faults()
    assert [one["src"].rsplit("/", 1)[1] for one in page.all("script")] == ["echarts.min.js", "charts.js"]
    assert [one["data-chart"] for one in page.all("figure")] == ["line", "bars", "funnel", "sankey", "multiples"]


@pytest.mark.parametrize(
    ("template", "values"),
    [
        (LINE, [1201, 1302, 1403, 1504, 1605, 0, 1706, 1807, 1908]),
        (BARS, [2101, 2202, 2303, 2404]),
        (FUNNEL, [4000, 1000]),
        (SANKEY, [3101, 7, 28, 3202]),
        (MULTIPLES, [5101, 5202, 0, 0]),
    ],
)
def test_every_number_stands_once_in_the_table(app: Flask, template: str, values: list[int]) -> None:
    page = drawn(app, template)

    assert [int(one["data-value"]) for one in page.all("td") if "data-value" in one] == values
    words = [word.strip() for word in page.words]
    for value in values:
        assert words.count(f"{value:,}") == values.count(value)


def test_a_number_leads_to_its_firms_where_it_was_given_an_address(app: Flask) -> None:
    source = drawn(app, ALL).source

    for linked in (
        '<td class="num" data-value="1302"><a href="/firms?m=2&amp;new=1">1,302</a></td>',
        '<td class="num" data-value="2303"><a href="/firms?d=2">2,303</a></td>',
        '<td class="num" data-value="4000"><a href="/firms?t=1">4,000</a></td>',
        '<td class="num" data-value="28"><a href="/m?a=2&amp;b=3">28</a></td>',
        '<td class="num" data-value="5101"><a href="/q?y=1">5,101</a></td>',
        '<th scope="row"><a href="/districts/1">市南区</a></th>',
    ):
        assert linked in source
    assert '<td class="num" data-value="2202">2,202</td>' in source


def test_the_unknown_is_a_dash_without_a_value_and_never_a_zero(app: Flask) -> None:
    assert drawn(app, LINE).source.count('<td class="num">—</td>') == 1
    assert drawn(app, BARS).source.count('<td class="num">—</td>') == 1
    assert '<td class="num" data-value="0">0</td>' in drawn(app, LINE).source


def test_the_running_month_is_marked_and_says_until_when(app: Flask) -> None:
    page = drawn(app, LINE)

    assert '<th scope="col" class="num" data-role="partial">2月<small>至20日</small></th>' in page.source
    assert [one["data-role"] for one in page.all("th", scope="row") if "data-role" in one] == [
        "actual",
        "goal",
        "previous",
    ]


def test_a_share_of_the_step_below_stands_beside_the_plot_only(app: Flask) -> None:
    page = drawn(app, FUNNEL)

    assert "25.0%" in page.text
    assert len(page.all("th", data_role="aside")) == 1


def test_sums_of_a_matrix_add_up_and_lead_where_their_rung_leads(app: Flask) -> None:
    source = drawn(app, SANKEY).source

    assert '<td class="num"><a href="/f/3">3,108</a></td>' in source
    assert '<td class="num"><a href="/t/3">3,129</a></td>' in source
    assert '<td class="num">3,230</td>' in source
    assert '<td class="num">3,209</td>' in source
    assert '<td class="num">6,338</td>' in source


def test_without_a_script_the_table_alone_shows_and_it_is_named_by_the_caption(app: Flask) -> None:
    page = drawn(app, LINE)

    (plot,) = page.all("div", class_="plot")
    assert plot == {"class": "plot", "role": "img", "aria-label": "逐月累计", "hidden": ""}
    assert page.all("figure")[0]["aria-labelledby"] == page.all("table")[0]["aria-labelledby"] == "m-caption"
    assert page.all("figcaption") == [{"id": "m-caption"}]
    assert page.all("div", role="region", tabindex="0")
    assert not page.all("noscript")


def test_what_a_name_says_stays_text(app: Flask) -> None:
    hostile = '"><script>alert(1)</script>'
    page = drawn(
        app,
        "{{ charts.bars_chart('d', text, [text], [((text, text), [(1, text)])], text, text) }}".replace(
            "text", repr(hostile)
        ),
    )

    assert not page.faults()
    assert "<script>" not in page.source


@pytest.mark.parametrize(
    ("call", "words", "fill"),
    [
        ("(263, '/firms?new=2026'), 300", "还差 37 家", "bar-fill"),
        ("300, 300", "✓ 恰好达到目标值", "bar-fill-good"),
        ("5000, 5000, strict=true", "还差 1 家", "bar-fill"),
        ("5001, 5000, strict=true", "✓ 超过目标值 1 家", "bar-fill-good"),
        ("9000, 5000, strict=true", "✓ 超过目标值 4,000 家", "bar-fill-good"),
        ("0, 300", "还差 300 家", "bar-fill"),
    ],
)
def test_a_bullet_says_in_words_what_its_bar_shows(app: Flask, call: str, words: str, fill: str) -> None:
    page = drawn(app, "{{ charts.bullet(" + call + ") }}")

    assert words in page.text
    assert page.all("rect", class_=fill)
    assert float(page.all("rect", class_=fill)[0]["width"]) <= 120


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ("[10, 20]", "M3.0 12.0h0L93.0 3.0"),
        ("[(10, '/x'), none, 20]", "M3.0 12.0h0M93.0 3.0h0"),
        ("[0, 0]", "M3.0 21.0h0L93.0 21.0"),
        ("[5], 10", "M3.0 12.0h0"),
    ],
)
def test_a_sparkline_runs_from_zero_to_its_top_and_leaves_gaps(app: Flask, values: str, path: str) -> None:
    page = drawn(app, "{{ charts.sparkline(" + values + ") }}")

    assert path in [one["d"] for one in page.all("path")]
    assert len(page.all("circle")) == 1


def test_a_sparkline_of_the_unknown_draws_nothing(app: Flask) -> None:
    page = drawn(app, "{{ charts.sparkline([none, none]) }}{{ charts.sparkline([]) }}")

    assert not page.all("circle")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("charts.js", "text/javascript"), ("echarts/echarts.min.js", "text/javascript"), ("charts.css", "text/css")],
)
def test_the_files_are_served_under_their_own_digest(app: Flask, client: FlaskClient, name: str, kind: str) -> None:
    with app.test_request_context():
        address = assets.address(name)
    answer = client.get(address, buffered=True)

    assert answer.mimetype == kind
    assert sha256(answer.data).hexdigest()[:12] in address
    assert "immutable" in answer.headers["Cache-Control"]


def test_a_wheel_takes_them_along() -> None:
    settings = ConfigParser()
    settings.read(assets.FOLDER.parents[2] / "setup.cfg")
    patterns = settings["options.package_data"]["registry.web"].split(", ")
    packed = {name for one in patterns for name in glob(one, root_dir=assets.FOLDER.parent, recursive=True)}

    assert {"static/charts.css", "static/echarts/LICENSE", *(f"static/{name}" for name in SCRIPTS)} <= packed


def test_pages_without_charts_load_no_script(client: FlaskClient) -> None:
    assert "<script" not in client.get("/").text


def test_our_script_builds_no_markup_and_runs_no_text() -> None:
    script = (assets.FOLDER / "charts.js").read_text(encoding="utf-8")

    for word in ("eval", "Function(", "innerHTML", "outerHTML", "insertAdjacent", "document.write", "fetch(", "http"):
        assert word not in script
    assert 'renderMode: "richText"' in script
    assert 'renderer: "svg"' in script
    assert "animation: false" in script
    assert not re.search("[\u4e00-\u9fff]", script), "words belong to the page"


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_names_no_map_and_no_place_elsewhere(name: str) -> None:
    script = (assets.FOLDER / name).read_text(encoding="utf-8")

    assert "sourceMappingURL" not in script
    assert "eval(" not in script
    assert "new Function" not in script
    assert set(re.findall(r"https?://([\w.]+)", script)) <= {"www.w3.org"}


def test_the_vendored_library_is_what_its_readme_says_and_has_its_licences_beside_it() -> None:
    folder = assets.FOLDER / "echarts"
    readme = (folder / "README").read_text(encoding="utf-8")

    assert sha256((folder / "echarts.min.js").read_bytes()).hexdigest() in readme
    assert "Apache License" in (folder / "LICENSE").read_text(encoding="utf-8")
    assert "Apache Software Foundation" in (folder / "NOTICE").read_text(encoding="utf-8")
    assert "Baidu" in (folder / "LICENSE-PARTS").read_text(encoding="utf-8")
