"""Many cases at once on the pages: shown first, then done, each for itself; what changed meanwhile is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from case_crowd import another, tie
from case_desk import Built, CaseDesk, build_case_desk, whole
from casework import Hall
from desk import counted_queries
from page_reader import Page
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from registry.domain.trail import Tag
from registry.store.cases import Application
from registry.web import bulk, db
from registry.work.bulk_case import MOST

PASS = "stage:district_review/recommend"
OPINION = "材料齐全，同意"


def fill(hall: Hall) -> None:
    """Cases 1–3 are examined in the district, which is tied to the third; 4 waits there, 5 is of another district."""
    cases = [another(hall, number) for number in (2, 3, 4, 5)]
    for case in cases[:3]:
        hall.act("district", case, "take_up")
    tie(hall, "district", cases[2].uscc)
    another(hall, 6, district="370214")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build_case_desk(tmp_path_factory.mktemp("desk"), fill)


@pytest.fixture
def desk(built: Built, tmp_path: Path) -> Iterator[CaseDesk]:
    with built.opened(tmp_path) as made:
        yield made


def preview(desk: CaseDesk, who: str = "district", status: int = 200, **boxes: object) -> Page:
    told = {"case": ["1", "2", "3", "4", "5"], "action": PASS, "opinion": OPINION} | boxes
    answer = desk.sit(who).post("/cases/bulk/preview?tab=waiting", **told)
    assert answer.status_code == status, answer.text
    return whole(answer)


def confirmed(desk: CaseDesk, page: Page, who: str = "district", **changes: object) -> Page:
    """Send the form of a preview as it stands there."""
    names = ("action", "opinion", "handler")
    boxes: dict[str, object] = {name: page.value_of(name) for name in names}
    boxes["seen"] = [one["value"] for one in page.all("input", name="seen")]
    answer = desk.sit(who).post("/cases/bulk?tab=waiting", **(boxes | changes))
    assert answer.status_code == 200, answer.text
    return whole(answer)


def states(desk: CaseDesk) -> list[str]:
    return [desk.case(number).state for number in range(1, 6)]


def test_a_preview_says_what_comes_of_each_and_does_nothing(desk: CaseDesk) -> None:
    before, newest = states(desk), desk.entries(limit=1)[0].tag
    page = preview(desk)

    assert "将办理 2 件，2 件不能办理。" in page.text
    assert "→ 市级实地抽查" in page.text
    assert "有利害关系" in page.text and "本案现处于“待受理”" in page.text
    # What lies elsewhere is neither named nor told apart from what is not there.
    assert "有 1 件已不在您可以查看的范围内" in page.text and "CX20260000005" not in page.text
    assert [one["value"] for one in page.all("input", name="seen")] == ["1:2", "2:2"]
    assert "确认办理 2 件" in page.text
    # That somebody signed in is the only thing the trail tells of since.
    assert states(desk) == before
    assert [one.tag for one in desk.entries(limit=1000)][:2] == [Tag.SESSION_SIGNED_IN, newest]


def test_who_passes_on_what_the_rules_do_not_find_met_is_told(desk: CaseDesk) -> None:
    assert "系统核对的结果不是" not in preview(desk).text
    with desk.rows() as session:
        session.get_one(Application, 2).verdict = "undetermined"
        session.get_one(Application, 4).verdict = "not_met"

    assert "其中 1 件系统核对的结果不是“满足”" in preview(desk).text
    # Neither refusing nor taking up speaks for the firm.
    for action in ("stage:district_review/refuse", "submitted/take_up", "remind"):
        assert "系统核对的结果不是" not in preview(desk, action=action).text


def test_what_was_shown_is_what_is_done(desk: CaseDesk) -> None:
    page = confirmed(desk, preview(desk))

    assert "已办理 2 件，0 件没有办理。" in page.text
    assert states(desk)[:4] == ["stage:city_sample"] * 2 + ["stage:district_review", "submitted"]
    moved = desk.entries(tag=Tag.CASE_MOVED, limit=2)
    assert {one.subject for one in moved} == {"application:1", "application:2"}
    assert all(OPINION in one.after for one in moved)
    assert page.links.count("/cases?tab=waiting") == 2


def test_what_changed_between_is_refused_and_the_rest_done(desk: CaseDesk) -> None:
    page = preview(desk)
    desk.sit("second_district").post("/cases/2/remind")
    page = confirmed(desk, page)

    assert "已办理 1 件，1 件没有办理。" in page.text and "本案刚有变动" in page.text
    assert states(desk)[:2] == ["stage:city_sample", "stage:district_review"]


def test_a_confirmation_sent_twice_is_done_once(desk: CaseDesk) -> None:
    page = preview(desk)
    confirmed(desk, page)
    again = confirmed(desk, page)

    assert "已办理 0 件，2 件没有办理。" in again.text
    assert len([one for one in desk.entries(tag=Tag.CASE_MOVED, limit=100) if "recommend" in one.after]) == 2


def test_what_is_sent_beside_the_preview_is_asked_for_itself(desk: CaseDesk) -> None:
    page = confirmed(desk, preview(desk), seen=["3:2", "4:1", "5:1", "99:1", "1:x", "x", "2:2"])

    assert "已办理 1 件，4 件没有办理。" in page.text
    assert "有利害关系" in page.text and page.text.count("没有这份申报") == 2 and "CX20260000005" not in page.text
    examined, passed = "stage:district_review", "stage:city_sample"
    assert states(desk) == [examined, passed, examined, "submitted", "submitted"]
    (barred,) = desk.entries(tag=Tag.DECISION_BARRED)
    assert barred.subject == "application:3"


@pytest.mark.parametrize(
    "action", ["stage:district_review/return", "submitted/withdraw", "draft/submit", "nonsense", ""]
)
def test_what_is_not_offered_is_refused(desk: CaseDesk, action: str) -> None:
    before = states(desk)
    preview(desk, status=422, action=action)
    answer = desk.sit("district").post("/cases/bulk", action=action, opinion=OPINION, seen=["1:2"])

    assert answer.status_code == 422 and states(desk) == before


def test_an_opinion_is_asked_for_where_it_is_needed(desk: CaseDesk) -> None:
    page = preview(desk, status=422, opinion=" ")
    assert "请填写意见，它会写入每一件" in page.text
    assert [one["value"] for one in page.all("input", name="case")] == ["1", "2", "3", "4"]
    page = preview(desk, action="submitted/take_up", opinion="")
    assert "将办理 1 件，3 件不能办理。" in page.text


def test_none_and_too_many_are_refused_and_as_many_as_may_be_are_not(desk: CaseDesk) -> None:
    assert "请至少勾选一件" in preview(desk, status=422, case=[]).text
    # Its boxes are not shown without a case, so no fault leads to one.
    nothing = preview(desk, status=422, case=[], action="", opinion="").text
    assert "请至少勾选一件" in nothing and "请选择要办理的事项" in nothing
    many = [str(number) for number in range(1, MOST + 2)]
    assert f"一次最多办理 {MOST} 件" in preview(desk, status=422, case=many).text
    preview(desk, case=many[:MOST])
    seen = [f"{number}:1" for number in many]
    answer = desk.sit("district").post("/cases/bulk", action="submitted/take_up", opinion="", seen=seen)
    assert answer.status_code == 422 and states(desk)[3] == "submitted"


def test_the_whole_page_is_taken_at_once(desk: CaseDesk) -> None:
    page = preview(desk, case=[], whole="1", listed=["1", "4"])

    assert "将办理 1 件，1 件不能办理。" in page.text


def test_many_are_assigned_and_reminded(desk: CaseDesk) -> None:
    colleague = str(desk.people["second_district"])
    page = preview(desk, action="assign", handler=colleague, opinion="")
    # Also the one he is tied to: handing it on is what he should do with it.
    assert "将办理 4 件" in page.text and "预览：分派：测试second_district" in page.text
    confirmed(desk, page)
    assert [desk.case(number).handler_id for number in (1, 2, 3, 4)] == [int(colleague)] * 4

    page = preview(desk, action="remind", opinion="")
    assert "提醒：测试second_district" in page.text
    assert "已办理 4 件，0 件没有办理。" in confirmed(desk, page).text
    preview(desk, status=422, action="assign", handler=str(desk.people["city"]))


@pytest.mark.parametrize("who", ["statistician", "tax", "auditor", "applicant"])
def test_only_reviewers_do_it(desk: CaseDesk, who: str) -> None:
    browser = desk.sit(who)
    token = Page(browser.get("/check").text).value_of("csrf_token")
    for address in ("/cases/bulk/preview", "/cases/bulk"):
        answer = browser.client.post(address, data={"csrf_token": token, "case": "1", "action": "remind"})
        assert answer.status_code == 403


def test_the_pages_speak_english(desk: CaseDesk) -> None:
    answer = desk.sit("district", "en").post(
        "/cases/bulk/preview", case=["1", "3", "4"], action=PASS, opinion="All in order"
    )
    page = whole(answer)

    assert "→ City on-site sample" in page.text
    assert "The case is at “Submitted”, where this cannot be done" in page.text
    assert "不在所选事项" not in page.text and "You are tied to this firm" in page.text


def test_a_preview_asks_little_for_a_case_more(desk: CaseDesk) -> None:
    asked = []
    for numbers in (["1"], ["1", "2"]):
        reviewer = desk.sit("district")
        with counted_queries(desk.app) as queries:
            reviewer.post("/cases/bulk/preview", case=numbers, action=PASS, opinion=OPINION)
        asked.append(len(queries))

    assert asked[1] - asked[0] <= 5


def test_a_database_that_cannot_be_written_leaves_the_rest_told(
    desk: CaseDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = preview(desk)

    def locked(session: object, actor: object, seats: object, case: Application, *rest: object, **told: object) -> None:
        if case.id == 1:
            raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(bulk, "carry_out", locked)
    page = confirmed(desk, page)

    assert "已办理 1 件，1 件没有办理。" in page.text and "暂时无法写入，没有办理" in page.text


def test_a_commit_that_failed_half_way_is_told_as_perhaps_done(desk: CaseDesk) -> None:
    page = preview(desk)
    said = Exception("disk I/O error")
    said.sqlite_errorname = "SQLITE_IOERR_DIR_FSYNC"  # type: ignore[attr-defined]

    def fails(_connection: object) -> None:
        raise OperationalError(None, {}, said)

    with desk.app.app_context():
        engine = db.engine
    event.listen(engine, "commit", fails, once=True)
    page = confirmed(desk, page)

    assert "写入时中断，可能已办理" in page.text
