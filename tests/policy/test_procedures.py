"""The procedures as data: the four of policy §9 stage for stage, files broken by hand, and the document of them."""

import re
import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from registry.domain.codes import TIER_WORDS
from registry.domain.errors import Refused, RuleError
from registry.domain.procedure import Level, Opens, Procedure, Unit
from registry.domain.roles import DEPARTMENT_WORDS, Role
from registry.policy.procedure_diagram import FILE, diagram, procedure_document
from registry.policy.procedures import build, ordered, procedure, procedures

DAY = date(2025, 3, 20)
SHIPPED = {one.tier: one for one in procedures()}
TEXTS = {tier: files("registry.policy").joinpath(f"procedures/{tier}.toml").read_text("utf-8") for tier in TIER_WORDS}
FILE_NAME = "procedures/broken.toml"

# policy.md §9, arrow for arrow: key, kind, who works there, who leads.
COURSES = {
    "innovative": [
        ("district_review", "review", "district", "district"),
        ("city_sample", "inspection", "city", "city"),
        ("city_review", "review", "city", "city"),
        ("publicity", "publicity", "city", "city"),
        ("announcement", "decision", "city", "city"),
    ],
    "specialized": [
        ("district_review", "review", "district", "district"),
        ("inquiries", "inquiry", "departments", "district"),
        ("district_publicity", "publicity", "district", "district"),
        ("city_audit", "audit", "auditor", "city"),
        ("city_review", "review", "city", "city"),
        ("city_publicity", "publicity", "city", "city"),
        ("announcement", "decision", "city", "city"),
    ],
    "little_giant": [
        ("district_review", "review", "district", "district"),
        ("city_review", "review", "city", "city"),
        ("outside_decision", "outside", "outside", "outside"),
    ],
    "above_scale": [
        ("district_check", "review", "district", "district"),
        ("city_check", "review", "city", "city"),
        ("outside_decision", "outside", "outside", "outside"),
    ],
}
# What follows when everything goes well.
STRAIGHT = {
    "innovative": ["recommend", "settle", "propose", "close", "recognise"],
    "specialized": ["pass", "clear", "recommend", "settle", "propose", "close", "recognise"],
    "little_giant": ["recommend", "recommend", "listed"],
    "above_scale": ["pass", "pass", "entered"],
}
DIGESTS = {
    "innovative-2022": "sha256:eb2d55b1e8da1e2a02fa88b41dfc0de09a003ba3db4ebbbb04d161820815e8d6",
    "specialized-2022": "sha256:c8692842519a37f3693345270bfc17964187dd9a582d655ba4fc732b8b13fa3e",
    "little_giant-2022": "sha256:e3cac4a3768bece61b65c116dd132cf65dfa610b83633d87eeace55d53fd914a",
    "above_scale-2011": "sha256:42391a65228826a05bce6e5f4e877b603939a4e6b2b00b4d5d7dbca837828cdc",
}


@pytest.mark.parametrize("tier", COURSES)
def test_the_stages_of_a_tier_stand_in_the_order_of_the_policy(tier: str) -> None:
    told = [(one.key, one.kind, one.level, one.desk) for one in SHIPPED[tier].stages]

    assert told == COURSES[tier]


@pytest.mark.parametrize("tier", COURSES)
def test_when_all_goes_well_a_case_passes_every_stage_once(tier: str) -> None:
    stages = SHIPPED[tier].stages
    leads = [
        next(out.to for out in one.outcomes if out.key == key) for one, key in zip(stages, STRAIGHT[tier], strict=True)
    ]

    assert leads == [*(one.key for one in stages[1:]), "entered" if tier == "above_scale" else "recognised"]


def test_every_publicity_lasts_five_working_days_and_is_closed_after_its_objections() -> None:
    found = {
        f"{tier}.{one.key}": one.publicity for tier, told in SHIPPED.items() for one in told.stages if one.publicity
    }

    assert list(found) == ["innovative.publicity", "specialized.district_publicity", "specialized.city_publicity"]
    for one in found.values():
        assert (one.days, one.unit, one.objections_answered_first) == (5, Unit.WORKING_DAYS, True)


def test_a_tenth_is_drawn_and_never_the_firms_of_the_district() -> None:
    found = {f"{tier}.{one.key}": one.sample for tier, told in SHIPPED.items() for one in told.stages if one.sample}

    assert list(found) == ["innovative.city_sample", "specialized.city_audit"]
    for one in found.values():
        assert (one.share_percent, one.never_after) == (10, (Level.DISTRICT,))
        assert [one.size(cases) for cases in (0, 1, 10, 11, 53, 503)] == [0, 1, 1, 2, 6, 51]


def test_the_five_departments_are_asked_in_the_order_of_the_policy() -> None:
    asked = SHIPPED["specialized"].stage("inquiries").departments

    assert [DEPARTMENT_WORDS[one][0] for one in asked] == ["生态环境", "市场监管", "应急管理", "税务", "宣传"]
    assert [one.key for told in SHIPPED.values() for one in told.stages if one.departments] == ["inquiries"]


def test_cases_are_submitted_any_time_or_in_a_batch_as_the_policy_says() -> None:
    told = {tier: {one.kind: one.opens for one in SHIPPED[tier].filings} for tier in SHIPPED}

    assert told == {
        "innovative": {"new": Opens.ANY_TIME, "re_review": Opens.BEFORE_EXPIRY},
        "specialized": {"new": Opens.BATCH, "re_review": Opens.BATCH},
        "little_giant": {"new": Opens.BATCH, "re_review": Opens.BATCH},
        "above_scale": {"new": Opens.ANY_TIME},
    }


def test_only_above_scale_may_be_filed_by_the_district_and_knows_no_ban() -> None:
    assert {tier: told.filed_by for tier, told in SHIPPED.items()} == {
        **dict.fromkeys(COURSES, (Role.APPLICANT,)),
        "above_scale": (Role.APPLICANT, Role.DISTRICT_REVIEWER),
    }
    assert {tier: told.ban_years for tier, told in SHIPPED.items()} == {
        **dict.fromkeys(COURSES, 3),
        "above_scale": None,
    }


def test_what_is_decided_outside_is_recorded_by_the_city_or_imported_by_statistics() -> None:
    assert SHIPPED["little_giant"].stages[-1].roles == (Role.CITY_REVIEWER,)
    assert SHIPPED["above_scale"].stages[-1].roles == (Role.STATISTICIAN,)


def test_every_stage_cites_the_policy_and_every_limit_is_marked_as_decided_here() -> None:
    for tier, told in SHIPPED.items():
        assert told.source == f"policy.md §9 {tier}"
        for one in told.stages:
            assert one.source.startswith(f"policy.md §9 {tier}: ")
            assert all("[D]" in text for text in one.decided)
            assert one.limit is None or any(f"{one.limit} 个工作日" in text for text in one.decided), one.key


def test_every_time_limit_is_what_it_was_set_to() -> None:
    assert {tier: [one.limit for one in told.stages] for tier, told in SHIPPED.items()} == {
        "innovative": [10, 15, 20, None, 5],
        "specialized": [10, 10, None, 30, 20, None, 5],
        "little_giant": [10, 20, None],
        "above_scale": [10, 10, None],
    }
    assert {told.correction_limit for told in SHIPPED.values()} == {10}


@pytest.mark.parametrize("told", procedures(), ids=lambda told: told.id)
def test_a_shipped_procedure_is_unchanged(told: Procedure) -> None:
    assert told.digest == DIGESTS[told.id]


def test_every_procedure_is_pinned_and_no_two_are_the_same() -> None:
    assert [one.id for one in procedures()] == list(DIGESTS)
    assert len(set(DIGESTS.values())) == len(DIGESTS)


def test_the_day_of_submission_chooses_the_version() -> None:
    assert procedure("specialized", date(2022, 8, 1)) is SHIPPED["specialized"]
    assert procedure("above_scale", date(2011, 1, 1)).id == "above_scale-2011"
    with pytest.raises(Refused, match="on: 2022-07-31 尚无专精特新中小企业的办理程序，最早自 2022-08-01 起"):
        procedure("specialized", date(2022, 7, 31))
    with pytest.raises(Refused, match="tier: 应为 innovative、"):
        procedure("champion", DAY)


def test_a_later_version_takes_over_on_its_day() -> None:
    until = TEXTS["little_giant"].replace(
        "in_force_from = 2022-08-01", "in_force_from = 2022-08-01\nin_force_until = 2026-12-31"
    )
    later = TEXTS["little_giant"].replace("2022-08-01", "2027-01-01").replace('"2022"', '"2027"')
    old, new = ordered([build(later, "later"), build(until, "until")])

    assert [old.is_in_force(date(2026, 12, 31)), new.is_in_force(date(2026, 12, 31))] == [True, False]
    assert [old.is_in_force(date(2027, 1, 1)), new.is_in_force(date(2027, 1, 1))] == [False, True]
    with pytest.raises(RuleError, match="little_giant-2022 and little_giant-2027 are both in force on 2027-01-01"):
        ordered([SHIPPED["little_giant"], new])


PUBLIC = 'publicity = { days = 5, unit = "working_days", objections_answered_first = true }'
BROKEN = tomllib.loads(Path(__file__).with_name("broken_procedures.toml").read_text("utf-8"))["broken"]


@pytest.mark.parametrize("broken", BROKEN, ids=[one["name"] for one in BROKEN])
def test_a_broken_file_is_refused_where_it_is_broken(broken: dict[str, str]) -> None:
    assert broken["old"] in TEXTS[broken["tier"]]
    text = TEXTS[broken["tier"]].replace(broken["old"], broken["new"], 1)
    with pytest.raises(RuleError, match=broken["message"]) as refused:
        build(text, FILE_NAME)

    said = re.match(rf"{re.escape(FILE_NAME)}(?::(\d+))?: ", str(refused.value))
    assert said, str(refused.value)
    if "line" in broken:
        assert broken["line"] in text.splitlines()[int(said[1]) - 1]


def test_a_stage_may_not_be_called_like_an_end() -> None:
    for word in ("returned", "refused", "lapsed"):
        with pytest.raises(RuleError, match=f"stage {word}: this word is kept"):
            build(TEXTS["innovative"].replace('key = "district_review"', f'key = "{word}"'), FILE_NAME)


def test_somebody_has_the_last_word() -> None:
    text = TEXTS["innovative"].replace('kind = "decision"', 'kind = "publicity"').replace("limit = 5\n", f"{PUBLIC}\n")
    with pytest.raises(RuleError, match="stage announcement: nobody has the last word"):
        build(text.replace('to = "recognised"', 'to = "refused"'), FILE_NAME)


def test_stages_are_tables_and_outcomes_have_keys() -> None:
    with pytest.raises(RuleError, match="stages is a list of tables"):
        build(
            TEXTS["innovative"].partition("[document]")[0]
            + 'stages = "none"\n[document]\nnumber="1"\ntitle="一"\ntitle_en="1"',
            FILE_NAME,
        )
    with pytest.raises(RuleError, match="stage publicity: an outcome has a key"):
        build(TEXTS["innovative"].replace('{ key = "close", ', "{ "), FILE_NAME)
    with pytest.raises(RuleError, match="no stages"):
        build(TEXTS["innovative"].partition("[[stages]]")[0], FILE_NAME)


@pytest.mark.parametrize("tier", TEXTS)
def test_the_sound_files_that_the_others_are_broken_from_are_accepted(tier: str) -> None:
    assert build(TEXTS[tier], FILE_NAME) == SHIPPED[tier]


def test_the_document_is_what_the_program_makes() -> None:
    assert FILE.read_text("utf-8") == procedure_document(procedures()), (
        "run: python -m registry.policy.procedure_diagram"
    )


def test_another_procedure_makes_another_document() -> None:
    for old, new in (("days = 5", "days = 7"), ("limit = 20", "limit = 21"), ("拟认定，公示", "公示去")):
        other = build(TEXTS["innovative"].replace(old, new, 1), FILE_NAME)

        assert procedure_document([other]) != procedure_document([SHIPPED["innovative"]])


@pytest.mark.parametrize("tier", SHIPPED)
def test_the_diagram_draws_every_stage_and_every_arrow_between_them(tier: str) -> None:
    told, drawn = SHIPPED[tier], diagram(SHIPPED[tier])
    for one in told.stages:
        assert f"    stage_{one.key} : {one.words[0]}" in drawn.splitlines()
        for outcome in one.outcomes:
            to = f"stage_{outcome.to}" if outcome.to in [other.key for other in told.stages] else f"ended_{outcome.to}"
            to = f"returned_{one.key}" if outcome.to == "returned" else to
            assert any(
                line.startswith(f"    stage_{one.key} --> {to} : ") and outcome.words[0] in line
                for line in drawn.splitlines()
            )


def test_no_cell_of_the_document_breaks_its_row() -> None:
    lines = [line for line in FILE.read_text("utf-8").splitlines() if line.startswith("|")]

    assert {line.count("|") for line in lines} == {9, 7, 3}


def test_the_document_is_in_the_checkout_only() -> None:
    assert Path(__file__).parents[2] / "docs" / "procedures.md" == FILE
