"""The API as a client sees it: open to all what is public, the same answers as the commands, every error a problem."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from api_town import ApiTown, api_town
from make import code, title
from openapi_spec_validator import validate
from small_city import NOW, settings
from sqlalchemy import select

from registry.app import create_app
from registry.domain.json_text import read_json
from registry.store.recognitions import Certificate, CertificateLook
from registry.web import db
from registry.web.api.case_shape import EXAMPLE
from registry.work.file_books import file_titles
from registry.work.seal import new_key_text

EN = {"Accept_Language": "en"}


@pytest.fixture(scope="module")
def api(city_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiTown]:
    with api_town(city_file, tmp_path_factory.mktemp("api")) as town:
        yield town


def command(api: ApiTown, *words: str) -> Any:
    """Return what a command prints on the same database, with the clock of the tests."""
    program = (
        "import sys, datetime, registry.cli.main as m\n"
        "real = datetime.datetime\n"
        "class Fixed(real):\n"
        f"    now = classmethod(lambda cls, tz=None: real.fromisoformat({NOW.isoformat()!r}).astimezone(tz))\n"
        "datetime.datetime = Fixed\n"
        "m.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        capture_output=True,
        check=True,
        env={"REGISTRY_DATABASE_URL": f"sqlite:///{api.town.file}", "PATH": "/usr/bin:/bin"},
    )
    return read_json(done.stdout)


def test_an_assessment_is_the_one_of_the_command(api: ApiTown, tmp_path: Path) -> None:
    file = tmp_path / "firm.json"
    file.write_text(json.dumps(EXAMPLE["firm"]), "utf-8")
    words = [f"--{name}={EXAMPLE[name]}" for name in ("tier", "kind", "on")]

    answer = api.post("/assessments", EXAMPLE)

    assert answer.status_code == 200
    assert read_json(answer.data) == command(api, "assess", str(file), *words)


@pytest.mark.parametrize("tier", ["innovative", "little_giant", "above_scale"])
@pytest.mark.parametrize("kind", ["new", "re_review"])
def test_every_tier_and_kind_is_assessed(api: ApiTown, tier: str, kind: str) -> None:
    answer = api.post("/assessments", EXAMPLE | {"tier": tier, "kind": kind})

    assert answer.status_code == 200, answer.text
    assert (answer.json["tier"], answer.json["kind"]) == (tier, kind)
    assert (answer.json["score"] is None) == (tier == "above_scale" or tier == "little_giant")


def test_an_assessment_speaks_the_language_that_is_asked_for(api: ApiTown) -> None:
    title_of = {"zh": "专精特新中小企业认定标准", "en": "Recognition standard of specialized SMEs"}
    for answer in (api.post("/assessments", EXAMPLE, **EN), api.post("/assessments?lang=en", EXAMPLE)):
        assert answer.json["rule_set"]["title"] == title_of["en"]
    assert api.post("/assessments", EXAMPLE).json["rule_set"]["title"] == title_of["zh"]


def test_an_assessment_keeps_decimals_as_they_were_written(api: ApiTown) -> None:
    case = json.dumps(EXAMPLE).replace("3100000.0", "0.001")

    answer = api.post("/assessments", case.encode())

    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json["faults"]] == ["years.2023.rd_expense"]


def test_counts_are_those_of_the_command(api: ApiTown) -> None:
    for query, words in {
        "year=2025": [],
        "year=2025&by=district,size": ["--by=district,size"],
        "year=2025&as_of=2025-06-30": ["--as-of=2025-06-30"],
        "year=2025&known_at=2025-11-25T09:30:00%2B08:00&by=industry": [
            "--known-at=2025-11-25T09:30:00+08:00",
            "--by=industry",
        ],
        "year=2024": [],
    }.items():
        answer = api.get(f"/counts?{query}", "books")

        assert answer.status_code == 200, answer.text
        assert answer.json == command(api, "counts", query[:9].replace("year=", "--year="), *words), query


def test_targets_are_those_of_the_command_to_the_last_digit(api: ApiTown) -> None:
    answer = api.get("/targets?year=2025", "books")

    assert answer.status_code == 200, answer.text
    assert read_json(answer.data) == command(api, "targets", "--year=2025")


def test_the_register_names_whoever_holds_a_title_with_its_days(api: ApiTown) -> None:
    answer = api.get(f"/register?uscc={code(1)}&on=2025-11-24")

    assert answer.json["items"] == [
        {
            "uscc": code(1),
            "name": "青岛示例轴承有限公司",
            "titles": [
                {
                    "tier": "innovative",
                    "district": "370285",
                    "recognised_on": "2025-10-17",
                    "valid_until": "2028-10-16",
                },
                {
                    "tier": "specialized",
                    "district": "370285",
                    "recognised_on": "2025-04-10",
                    "valid_until": "2028-04-09",
                },
            ],
        }
    ]


@pytest.mark.parametrize(
    ("on", "tiers"),
    [
        ("2022-10-27", []),
        ("2022-10-28", ["innovative"]),
        ("2025-04-09", ["innovative"]),
        ("2025-04-10", ["innovative", "specialized"]),
        ("2028-04-09", ["innovative", "specialized"]),
    ],
)
def test_a_title_stands_on_its_first_and_its_last_day(api: ApiTown, on: str, tiers: list[str]) -> None:
    found = api.get(f"/register?uscc={code(1)}&on={on}").json["items"]

    assert [held["tier"] for firm in found for held in firm["titles"]] == tiers


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("tier=innovative", 1),
        ("q=示例第1", 10),
        (f"q={code(1)[:12]}&tier=innovative", 1),
        ("district=370202", 1),
        ("district=370285&tier=little_giant", 0),
        ("q=没有", 0),
        ("q=slzc", 1),
        (f"q=示例&uscc={code(10)}", 1),
    ],
)
def test_the_register_is_narrowed(api: ApiTown, query: str, count: int) -> None:
    answer = api.get(f"/register?{query}&limit=200&on=2025-11-24")

    assert len(answer.json["items"]) == count, answer.text
    assert answer.json["next"] is None


def test_pages_of_the_register_hold_everything_once_though_firms_come_between(city_file: Path, tmp_path: Path) -> None:
    with api_town(city_file, tmp_path) as api:
        whole = [one["uscc"] for one in api.get("/register?limit=200").json["items"]]
        seen, path = [], "/register?limit=7"
        while path:
            page = api.get(path).json
            seen += [one["uscc"] for one in page["items"]]
            if len(seen) == 14:
                # One before the place that was reached, one after it.
                with api.town.rows() as session:
                    for number in (4, 900):
                        row = title(number, name=f"新来{number}", recognised_on=date(2025, 11, 1))
                        file_titles(session, [row], now=NOW, source="test")
            path = (page["next"] or "").removeprefix("/api/v1")

    assert len(whole) > 60
    assert [one for one in seen if one != code(900)] == whole
    assert code(900) in seen


def test_pages_of_what_a_name_finds_hold_everything_once(api: ApiTown) -> None:
    whole = [one["uscc"] for one in api.get("/register?q=有限公司&limit=200").json["items"]]
    seen, path = [], "/register?q=有限公司&limit=9"
    while path:
        page = api.get(path).json
        seen += [one["uscc"] for one in page["items"]]
        path = (page["next"] or "").removeprefix("/api/v1")

    assert len(whole) > 60
    assert seen == whole


def test_a_standing_tells_titles_and_the_stay_of_a_day(api: ApiTown) -> None:
    answer = api.get(f"/firms/{code(1)}/standing?on=2024-05-10", "firms")

    assert answer.status_code == 200
    assert answer.json["above_scale"] == {"district": "370285", "entered_on": "2022-12-31"}
    assert [one["tier"] for one in answer.json["titles"]] == ["innovative"]
    assert answer.json["known_at"].startswith("2025-11-25T09:30:00") and answer.json["known_at"].endswith("+08:00")
    gap = api.get(f"/firms/{code(1)}/standing?on=2020-01-01", "firms")
    assert (gap.json["above_scale"], gap.json["titles"]) == (None, [])


def test_no_firm_and_no_code_are_told_apart(api: ApiTown) -> None:
    assert api.get(f"/firms/{code(777)}/standing", "firms").status_code == 404
    wrong = api.get("/firms/91370285MA0000001X/standing", "firms")
    assert wrong.status_code == 422
    assert [fault["path"] for fault in wrong.json["faults"]] == ["uscc"]


def test_rule_sets_come_with_digests_texts_and_sources(api: ApiTown) -> None:
    listed = api.get("/rule-sets").json["items"]
    whole = api.get("/rule-sets/specialized-2022?kind=re_review").json

    assert "little_giant-2022+2025" in [one["id"] for one in listed]
    assert whole["digest"] == next(one["digest"] for one in listed if one["id"] == "specialized-2022")
    assert whole["kind"] == "re_review"
    assert sum(part["max"] for part in whole["parts"]) == 100
    assert all(one["source"] and one["rule"] and one["rule_en"] for one in whole["criteria"])
    assert api.get("/rule-sets/nothing").status_code == 404
    assert api.get("/rule-sets/little_giant-2022%2B2025").status_code == 200


@pytest.mark.parametrize("path", ["/rule-sets", "/rule-sets/specialized-2026", "/procedures", "/openapi.json"])
def test_what_seldom_changes_is_not_sent_twice(api: ApiTown, path: str) -> None:
    first = api.get(path)
    again = api.get(path, If_None_Match=first.headers["ETag"])

    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert api.get(path, If_None_Match='"other"').status_code == 200


def test_procedures_are_told_with_their_stages(api: ApiTown) -> None:
    items = api.get("/procedures").json["items"]

    assert {one["tier"] for one in items} == {"innovative", "specialized", "little_giant", "above_scale"}
    assert all(one["stages"] for one in items)


def test_only_lists_whose_first_day_has_come_are_told(api: ApiTown) -> None:
    listed = api.get("/publicities").json["items"]
    number = listed[0]["id"]
    firms = api.get(f"/publicities/{number}/firms?limit=1").json

    assert [one["title"] for one in listed] == ["拟认定名单公示"]
    assert (listed[0]["firms"], listed[0]["is_running"]) == (2, False)
    assert api.get(f"/publicities/{number}").json == listed[0]
    assert [one["uscc"] for one in firms["items"]] == [code(1)]
    rest = api.get(firms["next"].removeprefix("/api/v1")).json
    assert ([one["uscc"] for one in rest["items"]], rest["next"]) == ([code(2)], None)
    assert api.get("/publicities/999").status_code == 404
    assert api.get("/publicities/999/firms").status_code == 404


def test_a_certificate_is_verified_and_each_look_is_noted(api: ApiTown) -> None:
    with api.town.rows() as session:
        row = session.scalars(select(Certificate).where(Certificate.code == api.code)).one()
    before = api.town.count(CertificateLook)
    answer = api.get(f"/verify/{api.code.lower()[:6]}-{api.code[6:]}")

    assert answer.json["answer"] == "valid"
    assert answer.json["certificate"]["number"] == row.number
    assert set(answer.json["certificate"]) == {
        *("number", "uscc", "name", "name_now", "tier", "valid_from", "valid_until", "revoked_on", "document", "newer")
    }
    assert api.town.count(CertificateLook) == before + 1
    assert api.get("/verify/7ZZZZZZZZZZZZZZZZZZZZZZZZZ").status_code == 404
    assert api.get("/verify/%2F").status_code == 404


def test_of_a_broken_certificate_nothing_is_told(api: ApiTown) -> None:
    # Sealed with other keys than those in force, which is what a forged row is.
    app = create_app(settings(api.town.file, field_keys=new_key_text("other")), clock=lambda: NOW)
    answer = app.test_client().get(f"/api/v1/verify/{api.code}")

    assert (answer.status_code, answer.json["answer"], answer.json["certificate"]) == (200, "broken", None)
    assert code(1) not in answer.text
    with app.app_context():
        db.engine.dispose()


def test_the_document_is_valid_and_names_every_view(api: ApiTown) -> None:
    document = json.loads(api.get("/openapi.json").data)
    validate(document)
    told = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
        if method != "parameters"
    }
    rules = {
        (method, rule.rule.replace("<int(min=1,max=999999999):", "{").replace("<", "{").replace(">", "}"))
        for rule in api.town.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    operations = [one for all_ in document["paths"].values() for name, one in all_.items() if name != "parameters"]

    assert told == rules
    assert len({one["operationId"] for one in operations}) == len(operations)
    assert document["openapi"].startswith("3.1")
    # What asks for a token says so, and nothing else does.
    secured = {one["operationId"] for one in operations if "security" in one}
    assert secured == {"get_counts", "get_targets", "get_standing"}


def test_an_app_without_a_database_tells_its_document(tmp_path: Path) -> None:
    app = create_app(settings(tmp_path / "none" / "none.sqlite"), clock=lambda: NOW)
    assert app.test_client().get("/api/v1/openapi.json").status_code == 200
