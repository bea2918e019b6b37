"""Registration: an account and a request to represent a firm, or neither; then the district, then exactly this firm."""

import re

import pytest
from make import code
from small_city import NOW
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from towns import APPLICANT, PASSWORD, REVIEWER, Browser, Town, person_of

from registry.domain.uscc import check_character
from registry.store.claims import Claim
from registry.store.firms import Firm
from registry.store.letters import Letter
from registry.store.offices import SeatRow
from registry.store.people import KeptPassword, Person
from registry.store.sign_ins import FailedTries, SignIn
from registry.work.seal import open_sealed
from registry.work.sign_in import REGISTRATIONS, Door, count_try

NEW = "sun@example.com"
KNOWN, UNKNOWN = code(1), code(7)
GOOD = {
    "uscc": UNKNOWN,
    "firm_name": "青岛未在库有限公司",
    "district": "370285",
    "position": "财务主管",
    "email": NEW,
    "name": "孙经办",
    "phone": "13800138000",
    "password": PASSWORD,
    "again": PASSWORD,
}
# The field, what is typed there, and what is said of it in both languages.
FAULTS = [
    ("uscc", "", "请填写统一社会信用代码", ""),
    ("uscc", UNKNOWN[:17] + ("1" if UNKNOWN[17] != "1" else "2"), "校验位不符", "Check character"),
    ("uscc", UNKNOWN[:16], "应为 18 位", "18 characters"),
    ("uscc", UNKNOWN[:-1] + "I", "不含字符", "not in the alphabet"),
    ("uscc", "9" * 501, "不超过 500 个字符", "500"),
    ("uscc", UNKNOWN + "\0", "不超过 500 个字符", "500"),
    ("firm_name", "", "请填写企业名称", ""),
    ("firm_name", " \u3000\t", "请填写企业名称", ""),
    ("firm_name", "长" * 61, "1–60 个可见字符", "1 to 60"),
    ("firm_name", "青岛\u202e有限公司", "1–60 个可见字符", "1 to 60"),
    ("district", "", "请选择所在区市", ""),
    ("district", "110101", "请从列出的选项中选择", "Choose one of the options"),
    ("position", "", "请填写职务", ""),
    ("position", "经\x07理", "1–60 个可见字符", "1 to 60"),
    ("email", "", "请填写邮箱", ""),
    ("email", "no address", "", ""),
    ("email", "sun@localhost", "", ""),
    ("email", "孙@example.com", "", ""),
    ("email", "a@example.com\r\nBcc: b@example.com", "", ""),
    ("email", APPLICANT, "这个邮箱已有账户", "There is an account"),
    ("email", f" {APPLICANT.upper()} ", "这个邮箱已有账户", "There is an account"),
    ("name", "", "请填写姓名", ""),
    ("name", "名" * 61, "1–60 个可见字符", "1 to 60"),
    ("name", "孙\x00经办", "", ""),
    ("phone", "", "请填写手机号码", ""),
    ("phone", "12345678901", "11 位大陆手机号码", "11 digits"),
    ("phone", "0532-8888888", "11 位大陆手机号码", "11 digits"),
    ("password", "", "请填写新密码", ""),
    ("password", "Ab1!", "不得少于 12 个字符", "At least 12"),
    ("password", "quietharbourtown", "至少 3 类", "At least 3"),
    ("password", "Qingdao2024!!!!", "过于常见", "Too common"),
    ("password", "青岛未在库有限公司-Aa1", "不得包含本人姓名、邮箱或企业名称", "Must not hold"),
    ("again", "", "请再填一次新密码", ""),
    ("again", PASSWORD + " ", "两次填写的密码不一样", "differ"),
]


def counted(session: Session) -> dict[str, int]:
    """Count every row that a registration makes."""
    models = (Person, KeptPassword, Claim, SignIn, SeatRow, Firm, Letter)
    return {one.__name__: session.scalar(select(func.count()).select_from(one)) or 0 for one in models}


def faults_in(page: str) -> dict[str, str]:
    """Return what is said by which box."""
    return dict(re.findall(r'id="(\w+)-fault">.*?</span>([^<]+)</p>', page))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("field", "typed", "zh", "en"), FAULTS)
def test_what_is_wrong_stands_by_its_box_and_nothing_is_kept(
    town: Town, lang: str, field: str, typed: str, zh: str, en: str
) -> None:
    with town.rows() as session:
        before = counted(session)
    browser = town.browser(lang=lang)
    boxes = GOOD | ({"password": typed, "again": typed} if field == "password" else {field: typed})
    answer = browser.post("/register", "/register", **boxes)
    told = faults_in(answer.text)

    assert answer.status_code == 422, answer.location
    assert set(told) - ({"again"} if field == "password" and not typed else set()) == {field}
    assert (en if lang == "en" else zh) in told[field]
    assert lang == "zh" or not re.search("[\u4e00-\u9fff]", told[field].replace(typed, ""))
    assert lang == "en" or re.search("[\u4e00-\u9fff]", told[field])
    assert PASSWORD not in answer.text
    assert field == "phone" or 'value="13800138000"' in answer.text
    with town.rows() as session:
        assert counted(session) == before
    assert not browser.is_in


def test_every_empty_box_is_named_at_once(town: Town) -> None:
    answer = town.browser().post("/register", "/register")

    assert answer.status_code == 422
    assert set(faults_in(answer.text)) == set(GOOD)


@pytest.mark.parametrize("write", [str.lower, lambda text: f"  {text}\t", lambda text: f"\u3000{text}\u3000"])
@pytest.mark.parametrize("wide", [False, True])
def test_a_code_is_taken_in_lower_case_full_width_and_between_blanks(town: Town, write: object, wide: bool) -> None:
    text = write(UNKNOWN)  # type: ignore[operator]
    if wide:
        text = "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)
    assert town.browser().post("/register", "/register", **GOOD | {"uscc": text}).location == "/home"

    with town.rows() as session:
        assert session.scalars(select(Claim.uscc)).one() == UNKNOWN


def test_who_registers_is_in_at_once_and_keeps_his_number_sealed(town: Town) -> None:
    browser = town.browser(lang="en")
    answer = browser.post(
        "/register", "/register", **GOOD | {"phone": "+86 138-0013-8000", "email": f" {NEW.upper()} "}
    )
    assert (answer.status_code, answer.location) == (303, "/home")
    page = browser.get("/home").text
    assert GOOD["firm_name"] in page and "孙经办" in page
    assert browser.get("/register").location == "/represent"
    keys = town.apps[0].extensions["field_keys"]
    with town.rows() as session:
        row = person_of(session, NEW)
        assert row.language == "en" and row.phone_sealed is not None and "13800138000" not in row.phone_sealed
        assert open_sealed(keys, row.phone_sealed, about=f"person:{row.id}:phone") == "13800138000"
        claim = session.scalars(select(Claim)).one()
        assert (claim.person_id, claim.uscc, claim.district, claim.state) == (row.id, UNKNOWN, "370285", "open")
    assert not any("13800138000" in f"{entry.before}{entry.after}" for entry in town.entries())
    assert not any(PASSWORD in f"{entry.before}{entry.after}{entry.name}" for entry in town.entries())


def test_a_firm_in_the_register_keeps_its_name_and_district_whatever_is_typed(town: Town) -> None:
    typed = {"uscc": KNOWN, "firm_name": "冒名有限公司", "district": "370202"}
    assert town.browser().post("/register", "/register", **GOOD | typed).status_code == 303
    with town.rows() as session:
        claim = session.scalars(select(Claim)).one()
        assert (claim.firm_name, claim.district) == ("青岛示例轴承有限公司", "370285")
    page = town.browser().sign_in(NOW).get("/claims").text

    assert "青岛示例轴承有限公司" in page and "冒名有限公司" not in page


def test_the_district_confirms_and_the_applicant_sees_exactly_his_firm(town: Town) -> None:
    applicant, reviewer = town.browser(), town.browser().sign_in(NOW)
    applicant.post("/register", "/register", **GOOD)
    with town.rows() as session:
        number = session.scalars(select(Claim.id)).one()
    assert applicant.get(f"/firms/{UNKNOWN}").status_code in (403, 404)
    assert applicant.get(f"/claims/{number}").status_code == 403
    page = reviewer.get(f"/claims/{number}").text
    assert all(word in page for word in ("孙经办", "财务主管", UNKNOWN, GOOD["firm_name"]))
    assert "13800138000" not in page and "138****8000" in page
    assert "13800138000" in reviewer.post(f"/claims/{number}/reveal").text
    assert town.entries()[0].tag == "confidential.revealed"
    assert reviewer.post(f"/claims/{number}/confirm").location == f"/claims/{number}"
    again = reviewer.post(f"/claims/{number}/refuse", reason="点错了")
    assert again.status_code == 409 and "已确认" in again.text

    assert applicant.get(f"/firms/{UNKNOWN}").status_code == 200
    assert [applicant.get(f"/firms/{code(one)}").status_code for one in (1, 2, 3)] == [404] * 3
    home = applicant.get("/home").text
    assert f"/firms/{UNKNOWN}" in home and re.findall(r'href="/firms/(\w+)"', home) == [UNKNOWN]
    listed = applicant.get("/firms")
    assert listed.status_code == 200 and KNOWN not in listed.text and UNKNOWN in listed.text
    assert [applicant.get(one).status_code for one in ("/claims", "/dashboard", "/watch", "/counts")] == [403] * 4
    assert "已确认" in town.letters(NEW)[0]


def test_a_refused_applicant_reads_why_and_may_ask_again(town: Town) -> None:
    applicant, reviewer = town.browser(), town.browser().sign_in(NOW)
    applicant.post("/register", "/register", **GOOD)
    with town.rows() as session:
        number = session.scalars(select(Claim.id)).one()
    for reason in ("", " \n ", "长" * 501):
        assert reviewer.post(f"/claims/{number}/refuse", reason=reason).status_code == 422
    assert reviewer.post(f"/claims/{number}/refuse", reason="<b>电话</b>无人接听").status_code == 303

    home = applicant.get("/home").text
    assert "&lt;b&gt;电话&lt;/b&gt;无人接听" in home
    assert "<b>电话</b>无人接听" in town.letters(NEW)[0]
    asks = {name: GOOD[name] for name in ("uscc", "firm_name", "district", "position")}
    assert applicant.post("/represent", **asks).status_code == 303
    assert applicant.post("/represent", **asks).status_code == 409
    assert reviewer.get(f"/claims/{number + 1}").status_code == 200


def test_another_district_and_another_person_see_nothing_of_a_request(town: Town) -> None:
    town.browser().post("/register", "/register", **GOOD | {"district": "370202"})
    with town.rows() as session:
        number = session.scalars(select(Claim.id)).one()
    reviewer, other = town.browser().sign_in(NOW), town.browser().sign_in(NOW, APPLICANT)

    assert "孙经办" not in reviewer.get("/claims?state=all").text
    for address in ("", "/confirm", "/reveal"):
        answer = reviewer.post(f"/claims/{number}{address}") if address else reviewer.get(f"/claims/{number}")
        assert answer.status_code == 404
    assert other.post(f"/represent/{number}/withdraw").status_code == 404
    assert other.post("/represent", uscc=code(2), firm_name="x", district="370202", position="经理").status_code == 303


def test_staff_do_not_represent_firms(town: Town) -> None:
    asks = {name: GOOD[name] for name in ("uscc", "firm_name", "district", "position")}
    answer = town.browser().sign_in(NOW, REVIEWER).post("/represent", **asks)

    assert answer.status_code == 422
    assert "不能代表企业" in faults_in(answer.text)["uscc"]


def test_one_address_that_tries_many_accounts_is_stopped(town: Town) -> None:
    browser: Browser = town.browser("10.9.9.9")
    for number in range(50):
        taken = GOOD | {"email": APPLICANT, "uscc": _valid(number)}
        assert browser.post("/register", "/register", **taken).status_code == 422
    stopped = browser.post("/register", "/register", **GOOD)
    assert stopped.status_code == 422 and "次数过多" in stopped.text
    assert town.browser("10.9.9.10").post("/register", "/register", **GOOD).status_code == 303
    town.clock.move(minutes=15)

    assert browser.post("/register", "/register", **GOOD | {"email": "two@example.com"}).status_code == 303
    with town.rows() as session:
        # What succeeded counts as well, at the door of each of the two networks.
        assert session.scalar(select(func.count()).select_from(FailedTries)) == 2


def test_one_address_that_registers_many_accounts_is_stopped(town: Town) -> None:
    with town.rows() as session:
        for _ in range(REGISTRATIONS - 1):
            count_try(session, [Door.registration("10.9.9.9")], NOW)
    assert town.browser("10.9.9.9").post("/register", "/register", **GOOD).status_code == 303
    stopped = town.browser("10.9.9.9").post("/register", "/register", **GOOD | {"email": "two@example.com"})

    assert stopped.status_code == 422 and "次数过多" in stopped.text


def _valid(number: int) -> str:
    first = f"91370285MB{number:07d}"
    return first + check_character(first)
