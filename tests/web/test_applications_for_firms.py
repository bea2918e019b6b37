"""A district files above-scale papers for a firm: its own ones only, and the firm reads them without touching them."""

from application_town import SIGNED, Bureau, fixture_built, fixture_bureau, fixture_filer, good_answers, hidden_of  # noqa: F401
from make import code

from registry.store.cases import Application

ROOM = "/cases/filings"


def begin(bureau: Bureau, who: str = "district", uscc: str = code(1), tier: str = "above_scale") -> str:
    """Begin papers as a district does; return where they are."""
    district = bureau.filer(who)
    answer = district.send(f"{ROOM}/new", f"{ROOM}/new", firm=uscc, tier=tier, kind="new")
    assert answer.status_code == 303, answer.status_code
    return str(answer.location)


def test_a_district_files_for_a_firm_and_the_firm_reads_it(bureau: Bureau) -> None:
    district, firm = bureau.filer("district"), bureau.filer()
    page = district.get(f"{ROOM}/new?firm={code(1)}")
    assert "规模以上工业企业" in page.text and "创新型中小企业" not in page.text
    address = begin(bureau)
    number = int(address.rsplit("/", 1)[1])
    assert "代企业填报" in district.get(address).text
    years = hidden_of(district.get(f"{address}/part/years"))
    assert district.send_as(f"{address}/part/years", years, **good_answers()).status_code == 303
    assert "填报人声明" in district.get(f"{address}/check").text
    answer = district.send(f"{address}/submit", f"{address}/check", **SIGNED)
    assert (answer.status_code, answer.location) == (303, f"{address}/submitted")
    reference = f"GS2026{number:07}"
    assert reference in district.get(f"{address}/submitted").text and reference in district.get(ROOM).text

    case = bureau.case(number)
    assert (case.state, case.filed_role) == ("submitted", "district_reviewer")
    page = firm.get(f"/applications/{number}")
    assert "由区市主管部门代为填报" in page.text and reference in page.text
    assert f"/applications/{number}/withdraw" not in page.links
    assert firm.client.get(f"/applications/{number}/withdraw").status_code == 303
    assert "由区市主管部门代为填报" in firm.get("/applications").text


def test_the_draft_of_a_district_is_closed_to_the_firm(bureau: Bureau) -> None:
    number = int(begin(bureau).rsplit("/", 1)[1])
    firm = bureau.filer()

    for page in ("part/basic", "check"):
        assert firm.client.get(f"/applications/{number}/{page}").location == f"/applications/{number}"
    assert "由区市主管部门代为填报" in firm.get(f"/applications/{number}").text
    hidden = hidden_of(firm.get("/applications/new")) | {"version": "0"}
    assert firm.send_as(f"/applications/{number}/part/basic", hidden).status_code == 409
    answer = firm.send("/applications/new", "/applications/new", firm=code(1), tier="above_scale", kind="new")
    assert answer.status_code == 409


def test_what_a_firm_files_itself_is_no_filing_of_the_district(bureau: Bureau) -> None:
    number = bureau.filer().begin(code(1), "above_scale")
    district = bureau.filer("district")

    for page in ("", "/part/basic", "/check", "/print", "/withdraw", "/submitted"):
        assert district.get(f"{ROOM}/{number}{page}", 404)
    assert f"{ROOM}/{number}" not in district.get(ROOM).links
    answer = district.send(f"{ROOM}/new", f"{ROOM}/new", firm=code(1), tier="above_scale", kind="new")
    assert answer.status_code == 409


def test_another_district_and_another_tier_are_refused(bureau: Bureau) -> None:
    address = begin(bureau)
    other, district = bureau.filer("other_district"), bureau.filer("district")

    assert other.get(address, 404)
    assert other.get(f"{ROOM}/new?firm={code(1)}", 404)
    answer = district.send(f"{ROOM}/new", f"{ROOM}/new", firm=code(1), tier="innovative", kind="new")
    assert answer.status_code == 409 and "不能填报这一类申报" in answer.text
    assert bureau.filer("city").client.get(ROOM).status_code == 403
    assert bureau.count(Application) == 1


def test_papers_are_taken_back(bureau: Bureau) -> None:
    address, district = begin(bureau), bureau.filer("district")
    answer = district.send(f"{address}/withdraw", f"{address}/withdraw", reason="")

    assert answer.status_code == 303
    assert bureau.case(int(address.rsplit("/", 1)[1])).state == "ended:withdrawn"
