"""The trail as the audit administrator sees it: searched, taken away, proved."""

import csv
import io
import json
import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from desk import Sit, counted_queries, entries, number_of, rows
from flask import Flask
from page_reader import Page
from small_city import NOW
from sqlalchemy import text

from registry.domain.trail import TAG_WORDS, Doer, Tag
from registry.web import trail as pages
from registry.work.open_account import open_account
from registry.work.trace import record

WU = Doer(4, "吴区审", "district_reviewer@370214", "10.0.0.7", "req-1")


def note(desk_app: Flask, tag: Tag = Tag.PERSON_CHANGED, doer: Doer = WU, **told: object) -> int:
    with rows(desk_app) as session:
        return record(session, tag, doer, now=told.pop("now", NOW), **told)  # type: ignore[arg-type]


def numbers(page: Page) -> list[int]:
    return [int(one) for one in re.findall(r'<td class="num"[^>]*>([0-9]+)</td>', page.source)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_entry_is_told_in_words(desk_app: Flask, sit: Sit, lang: str) -> None:
    person = number_of(desk_app, "nobody")
    note(desk_app, Tag.PERSON_DISABLED, subject=f"person:{person}", before={"active": True}, after={"active": False})
    page = sit("audit").ask("/trail?tag=person.disabled", lang=lang)

    wanted = {
        "zh": ("停用账户", "区市审核员 · 城阳区", f"人员 {person} 赵无席", "启用： 是 → 否", "2025-11-25 09:30:00"),
        "en": ("account disabled", "District reviewer · Chengyang", "2025-11-25 09:30:00"),
    }
    for word in (*wanted[lang], "10.0.0.7", "req-1"):
        assert word in page.text.replace("： ", "： ").replace("：是", "： 是"), word


def test_every_tag_is_shown_and_can_be_asked_for(desk_app: Flask, sit: Sit) -> None:
    for tag in Tag:
        note(
            desk_app,
            tag,
            subject="person:4",
            after={"role": "auditor", "until": NOW, "list": ["a", 1, None], "more": {}},
        )
    page = sit("audit").ask("/trail?person=4&subject=person:4&q=more")
    # There are more of them than a page holds.
    shown, links = page.source, page.all("a", rel="next")
    while links:
        after = sit("audit").ask(links[0]["href"])
        shown, links = shown + after.source, after.all("a", rel="next")

    assert [words for words, _english in TAG_WORDS.values() if f'<th scope="row">{words}</th>' not in shown] == []
    assert {one["value"] for one in page.all("option")} >= set(Tag)
    assert "角色：第三方审计" in page.text


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("tag=decision", True),
        ("tag=decision.made", True),
        ("tag=decision.barred", False),
        ("person=4", True),
        ("person=5", False),
        ("person=吴区审", True),
        ("person=REVIEWER@example.com", True),
        ("subject=firm:9137", True),
        ("subject=firm:913", False),
        ("q=10.0.0", True),
        ("q=%25", False),
        ("since=2025-11-25&until=2025-11-25", True),
        ("since=2025-11-26", False),
        ("until=2025-11-24", False),
    ],
)
def test_the_trail_is_narrowed(desk_app: Flask, sit: Sit, query: str, is_found: bool) -> None:
    seq = note(desk_app, Tag.DECISION_MADE, subject="firm:9137")

    assert is_found == (seq in numbers(sit("audit").ask(f"/trail?{query}")))


def test_exports_take_along_what_the_boxes_ask_and_nothing_else(desk_app: Flask, sit: Sit) -> None:
    note(desk_app)

    page = sit("audit").ask("/trail?q=req-1&form=x&_external=1&_scheme=javascript")

    files = [link for link in page.links if "/trail." in link]
    assert files == ["/trail.csv?q=req-1", "/trail.jsonl?q=req-1"]


def test_a_day_is_one_of_the_office(desk_app: Flask, sit: Sit) -> None:
    # Half past one in the morning of the 26th in Qingdao.
    seq = note(desk_app, now=NOW + timedelta(hours=16))

    assert seq in numbers(sit("audit").ask("/trail?since=2025-11-26&until=2025-11-26"))
    assert seq not in numbers(sit("audit").ask("/trail?until=2025-11-25"))


@pytest.mark.parametrize("query", ["tag=x", "since=x", "until=2025-02-30", "after=x", "person=" + "9" * 40])
def test_what_cannot_be_meant_is_refused(sit: Sit, query: str) -> None:
    sit("audit").ask(f"/trail?{query}", 400)


def test_a_name_that_nobody_or_that_several_bear_is_asked_again(desk_app: Flask, sit: Sit) -> None:
    with rows(desk_app) as session:
        twins = [
            open_account(session, email=f"twin{number}@example.com", name="双生", doer=WU, now=NOW).id
            for number in range(2)
        ]
    desk = sit("audit")
    page = desk.ask("/trail?person=双生&tag=session")

    links = [dict(parse_qsl(urlsplit(link).query)) for link in page.links]
    assert all({"tag": "session", "person": str(twin)} in links for twin in twins)
    assert numbers(page) == []
    assert "没有人叫这个名字" in desk.ask("/trail?person=谁也不是").text
    for form in ("csv", "jsonl"):
        desk.ask(f"/trail.{form}?person=双生", 400)


def test_every_entry_is_on_one_page_and_a_page_costs_the_same(desk_app: Flask, sit: Sit) -> None:
    with rows(desk_app) as session:
        for number in range(120):
            record(session, Tag.MAIL_SENT, WU, now=NOW, subject=f"person:{number % 5 + 1}", after={"count": number})
    desk, address, seen = sit("audit"), "/trail?q=count", []
    while address:
        with counted_queries(desk_app) as asked:
            page = desk.ask(address)
        assert len(asked) <= 8
        seen += numbers(page)
        following = page.all("a", rel="next")
        address = following[0]["href"] if following else ""

    assert len(seen) == 120
    assert seen == sorted(set(seen), reverse=True)


def test_nothing_that_somebody_typed_breaks_the_page(desk_app: Flask, sit: Sit) -> None:
    hostile = '<script>alert("1")</script>\x1b[31m\u202e'
    doer = Doer(None, hostile, "king@nowhere", hostile, hostile)
    note(desk_app, Tag.SESSION_REFUSED, doer, subject=f"office:{hostile}", after={hostile: hostile, "kind": hostile})
    page = sit("audit").ask("/trail")

    assert not page.all("script")
    assert "\x1b" not in page.source


def test_a_value_that_is_long_is_cut_on_the_page_and_whole_in_the_file(desk_app: Flask, sit: Sit) -> None:
    note(desk_app, after={"note": "长" * 1000})
    desk = sit("audit")

    assert "长" * 300 + "…" in desk.ask("/trail").text
    assert "长" * 1000 in desk.client.get("/trail.csv").text


def test_a_file_holds_what_was_searched_and_the_trail_tells_of_it(desk_app: Flask, sit: Sit) -> None:
    note(desk_app, Tag.DECISION_MADE, subject="firm:9137", after={"outcome": "确认"})
    desk = sit("audit")
    answer = desk.client.get("/trail.csv?tag=decision&person=4", headers={"Accept-Language": "zh"})
    (head, *rows_) = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))

    assert answer.headers["Content-Disposition"] == "attachment; filename=trail-2025-11-25.csv"
    assert head[:4] == ["编号", "时刻", "事项代号", "事项"]
    assert [row[2:6] for row in rows_] == [["decision.made", "作出决定", "4", "吴区审"]]
    told = entries(desk_app, limit=1)[0]
    assert (told.tag, told.name, told.seat) == (Tag.DATA_EXPORTED, "孙审计", "audit_admin@office:1")
    assert json.loads(told.after or "") == {"form": "csv", "asked": {"tag": "decision", "person": "4"}}


def test_a_file_of_lines_has_every_entry_in_order(desk_app: Flask, sit: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_CHUNK", 3)
    for _ in range(7):
        note(desk_app)
    last = entries(desk_app, limit=1)[0].seq
    told = [json.loads(line) for line in sit("audit").client.get("/trail.jsonl").text.splitlines()]

    # The sign-in came after the last entry; what tells of the file itself does not belong to it.
    assert [one["seq"] for one in told] == list(range(last + 1, 0, -1))
    assert told[0]["tag"] == Tag.SESSION_SIGNED_IN


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "＝1", " =1", "'=1"])
def test_no_spreadsheet_runs_what_somebody_typed(desk_app: Flask, sit: Sit, name: str) -> None:
    note(desk_app, Tag.SESSION_REFUSED, Doer(None, name), subject=f'{name},"')
    answer = sit("audit").client.get("/trail.csv?tag=session.refused").data.decode("utf-8-sig")
    (_head, row) = csv.reader(io.StringIO(answer))

    assert row[5] == f"'{name}"
    assert row[9] == f"'{name},\""


def test_a_file_is_written_while_others_write(desk_app: Flask, sit: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_CHUNK", 2)
    for _ in range(6):
        note(desk_app)
    answer = sit("audit").client.get("/trail.jsonl", buffered=False)
    stream = iter(answer.response)
    next(stream)
    # Would wait half a minute and be refused, if the reader kept its transaction.
    note(desk_app)

    assert len(list(stream)) >= 5
    answer.close()


def test_asking_for_the_headers_alone_is_no_export(desk_app: Flask, sit: Sit) -> None:
    desk = sit("audit")
    before = entries(desk_app, limit=1)[0].seq

    assert desk.client.head("/trail.csv").status_code == 200
    assert entries(desk_app, limit=1)[0].seq == before
    desk.ask("/trail.xlsx", 404)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_trail_is_proved(desk_app: Flask, sit: Sit, lang: str) -> None:
    desk = sit("audit")
    assert "✓" in desk.is_refused("/trail/verify", "/trail", 200).text
    desk.ask("/trail", lang=lang)
    with rows(desk_app) as session:
        session.execute(text("DROP TRIGGER IF EXISTS trail_unchanged"))
        for (name,) in session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            session.execute(text(f'DROP TRIGGER "{name}"'))
        session.execute(text("UPDATE trail SET name = 'x' WHERE seq = 2"))
    page = desk.is_refused("/trail/verify", "/trail", 200)

    assert "有不符之处" in page.text
    assert "trail 2" in page.text
    assert "内容与其校验值不符" in page.text


@pytest.mark.parametrize("handle", ["system", "security", "reviewer", "nobody"])
def test_the_trail_is_for_the_audit_administrator_alone(sit: Sit, handle: str) -> None:
    desk = sit(handle)

    for address in ("/trail", "/trail.csv", "/trail.jsonl"):
        assert desk.client.get(address).status_code == 403
