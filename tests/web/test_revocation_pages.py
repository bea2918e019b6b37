"""Revocations on the pages: proposed by a district, said to by the firm, settled by the city, in both languages."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from casework import Hall
from hall_town import HallTown, hall_town
from make import code
from sqlalchemy import select

from registry.store.recognitions import Ban, RevocationCase


def _titled(hall: Hall) -> None:
    hall.hold("innovative", date(2025, 3, 20))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[HallTown]:
    with hall_town(tmp_path, _titled) as made:
        yield made


def proposed(town: HallTown, who: str = "district") -> int:
    told = {"uscc": code(1), "tier": "innovative", "cause": "false_data", "facts": "研发费用与纳税申报不符"}
    answer = town.browser(who).post("/revocations/new", "/revocations/new", **told)

    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def test_a_revocation_goes_its_way(town: HallTown) -> None:
    number = proposed(town)
    firm = town.browser("applicant")
    own = f"/firms/{code(1)}/revocations/{number}"
    assert "研发费用与纳税申报不符" in firm.get(own)
    assert firm.post(own, own, words="<b>附审计报告</b>").status_code == 303
    city = town.browser("city")
    page = city.get(f"/revocations/{number}")
    assert "&lt;b&gt;附审计报告" in page and "三年内不得申报" in page
    settle = {"outcome": "revoked", "hearing": "已当面听取", "document": "青工信发〔2026〕9号", "revoked_on": ""}
    answer = city.post(f"/revocations/{number}/settle", f"/revocations/{number}", **settle)

    assert answer.status_code == 303
    listed = city.get("/revocations?state=settled")
    assert "已撤销" in listed and "2029-11-08" in listed
    assert "自 2026-11-09 起撤销" in firm.get(own)
    again = city.post(f"/revocations/{number}/settle", f"/revocations/{number}", **settle)
    assert again.status_code == 409


def test_faults_stand_by_their_fields_and_nothing_is_lost(town: HallTown) -> None:
    district = town.browser("district")
    answer = district.post("/revocations/new", "/revocations/new", uscc=code(2), tier="innovative", facts="事实如此")
    assert answer.status_code == 422 and "请选择撤销原因" in answer.text and "事实如此" in answer.text
    told = {"uscc": code(2), "tier": "innovative", "cause": "other", "facts": "事实如此"}
    answer = district.post("/revocations/new", "/revocations/new", **told)
    assert answer.status_code == 422 and "没有这家企业" in answer.text
    with town.rows() as session:
        assert session.scalar(select(RevocationCase.id)) is None


def test_the_proposer_is_told_that_another_decides(town: HallTown) -> None:
    number = proposed(town, "city")
    page = town.browser("city").get(f"/revocations/{number}")
    assert "须由另一位市级审核员决定" in page
    told = {"outcome": "dropped", "hearing": "证据不足"}
    assert town.browser("city").post(f"/revocations/{number}/settle", **told).status_code == 403
    assert town.browser("second_city").post(f"/revocations/{number}/settle", **told).status_code == 303


def test_others_do_not_find_it(town: HallTown) -> None:
    number = proposed(town)
    town.browser("other_district").get(f"/revocations/{number}", 404)
    town.browser("statistician").get("/revocations", 403)
    town.browser("district").get(f"/firms/{code(1)}/revocations/{number}", 403)
    town.browser("applicant").get(f"/firms/{code(2)}/revocations/{number}", 404)
    assert town.browser("district").post(f"/revocations/{number}/settle").status_code == 403


def test_a_ban_is_lifted_with_its_reason(town: HallTown) -> None:
    number = proposed(town)
    city = town.browser("city", "en")
    settle = {"outcome": "revoked", "hearing": "heard", "document": "no. 9", "revoked_on": "2026-11-09"}
    assert city.post(f"/revocations/{number}/settle", **settle).status_code == 303
    with town.rows() as session:
        ban = session.scalars(select(Ban)).one().id
    assert city.post(f"/bans/{ban}/lift", why="").status_code == 422
    assert city.post(f"/bans/{ban}/lift", why="by mistake").status_code == 303
    assert city.post(f"/bans/{ban}/lift", why="by mistake").status_code == 409
