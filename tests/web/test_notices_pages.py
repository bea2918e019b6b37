"""The page of notices: one's own only, the newest first, marked as read by a post, with the state of each mail."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import counted_queries
from make import code
from paper_town import PaperTown, paper_town
from sqlalchemy import select

import registry
from registry.store.letters import Letter
from registry.store.notices import Notice
from registry.work.notify import tell
from registry.work.post import Post


@pytest.fixture
def town(city_file: Path, tmp_path: Path) -> Iterator[PaperTown]:
    with paper_town(city_file, tmp_path) as made:
        yield made


def say(town: PaperTown, who: str = "applicant", once: str = "a:1", **more: Any) -> Notice:
    """Tell one of the cast that a case was returned."""
    told = {"firm": "青岛示例轴承有限公司", "tier": "innovative", "kind": "new", "reference": "CX20270000001"}
    told |= {"title": ["退回补正", "Returned for correction"], "seen": "correct", "due_on": "2027-06-03"}
    post = Post(town.app.extensions["field_keys"], "https://registry.example") if more.pop("by_mail", True) else None
    person = town.person(who)
    with town.rows() as session:
        about: dict[str, Any] = {"address": "/applications/1", "now": town.at, "post": post} | more
        (row,) = tell(session, [person], "case", told, once=once, **about)
        return row


def test_notices_are_read_in_the_readers_language_the_newest_first(town: PaperTown) -> None:
    for number in range(3):
        say(town, once=f"a:{number}")
    page = town.sit("applicant").ask("/notices")
    assert "3 条未读" in page.text and page.text.count("退回补正：") >= 3
    assert "请在 2027-06-03 前办理" in page.text and "待发送" in page.text
    english = town.sit("applicant", "en").ask("/notices")
    assert "Returned for correction: Innovative SME application of" in english.text
    assert "Due by the end of 2027-06-03" in english.text
    addresses = [one["action"] for one in page.all("form", method="post") if "/open" in one["action"]]
    assert addresses == sorted(addresses, reverse=True)


def test_opening_one_marks_it_as_read_and_leads_on_and_looking_marks_nothing(town: PaperTown) -> None:
    row = say(town)
    client = town.sit("applicant")
    client.ask("/notices")
    assert client.client.get(f"/notices/{row.id}/open").status_code == 405
    answer = client.send(f"/notices/{row.id}/open")

    assert (answer.status_code, answer.location) == (303, "/applications/1")
    assert "没有未读的通知" in client.ask("/notices").text
    assert "没有通知" in client.ask("/notices?state=unread").text
    with town.rows() as session:
        assert session.get_one(Notice, row.id).read_at == town.at


@pytest.mark.parametrize("address", ["", "//evil.example/x", "https://evil.example/x"])
def test_a_notice_leads_nowhere_outside(town: PaperTown, address: str) -> None:
    row = say(town, address=address)
    assert town.sit("applicant").send(f"/notices/{row.id}/open").location == "/notices"


def test_nobody_opens_anothers(town: PaperTown) -> None:
    row = say(town)
    other = town.sit("other_applicant")
    assert other.send(f"/notices/{row.id}/open").status_code == 404
    other.does("/notices/read-all")
    assert "青岛示例轴承" not in other.ask("/notices").text
    with town.rows() as session:
        assert session.get_one(Notice, row.id).read_at is None
    for address in ("/notices", f"/notices/{row.id}/open"):
        assert town.sit("anonymous").client.get(address).status_code in (303, 405)


def test_all_are_marked_as_read_at_once(town: PaperTown) -> None:
    for number in range(3):
        say(town, once=f"a:{number}")
    page = town.sit("applicant").does("/notices/read-all", seen="/notices")
    assert "全部标为已读" in page.text and "没有未读的通知" in page.text


@pytest.mark.parametrize(
    ("state", "fault", "words"),
    [
        ("waiting", "", "邮件：待发送"),
        ("sending", "", "邮件：待发送"),
        ("sent", "", "邮件：已发送"),
        ("failed", "550 no such user", "邮件：发送失败 · 原因：550 no such user"),
        (None, "", "邮件：未发邮件"),
    ],
)
def test_how_far_the_mail_got_is_said(town: PaperTown, state: str | None, fault: str, words: str) -> None:
    row = say(town, by_mail=state is not None)
    if state:
        with town.rows() as session:
            letter = session.get_one(Letter, row.letter_id)
            letter.state, letter.fault = state, fault
    assert words in town.sit("applicant").ask("/notices").text


def test_many_are_paged(town: PaperTown) -> None:
    for number in range(31):
        say(town, once=f"a:{number}", by_mail=False)
    client = town.sit("applicant")
    (following,) = {link for link in client.ask("/notices").links if "after=" in link}
    assert len(client.ask(following).all("h2", class_="notice-subject")) == 1
    assert client.client.get("/notices?after=x").status_code == 400
    with town.rows() as session:
        assert len(session.scalars(select(Notice.id)).all()) == 31


def test_what_is_unread_is_counted_with_one_question_a_page(town: PaperTown) -> None:
    say(town)
    client = town.sit("applicant")
    with counted_queries(town.app) as asked:
        client.ask("/notices")
    assert len([one for one in asked if "count(*)" in one and "notice" in one]) == 1


def test_every_address_that_a_notice_names_is_a_page_of_the_program(town: PaperTown) -> None:
    """What the floors below write as a path must be a way in here: they cannot ask for it."""
    found = set()
    for file in (Path(registry.__file__).parent / "work").glob("*.py"):
        found |= set(re.findall(r'"(/[a-z]+(?:/(?:\{[^}]*\}|[a-z-]+))+)"', file.read_text("utf-8")))
    matcher = town.app.url_map.bind("registry.example")
    assert {"/applications/{}", "/cases/{}"} <= found
    for path in sorted(found):
        address = path.replace("{firm.uscc}", code(1)).replace("{row.uscc}", code(1)).replace("{one.uscc}", code(1))
        address = re.sub(r"\{[^}]*\}", "1", address)
        assert matcher.match(address, method="GET"), path
