"""The procedures as data: the four of policy §9 stage for stage, files broken by hand, and the document of them."""

import re
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


# What is changed in a shipped file, the line it says, and the words of the refusal. One fault a file.
INQUIRY = 'kind = "inquiry"\nlevel = "departments"'
SAMPLE = 'sample = { share_percent = 10, never_after = ["district"] }'
PUBLIC = 'publicity = { days = 5, unit = "working_days", objections_answered_first = true }'
BROKEN = [
    ("not TOML", "innovative", 'tier = "innovative"', "tier = innovative", None, "not TOML"),
    ("no such tier", "innovative", 'tier = "innovative"', 'tier = "champion"', 'tier = "champion"', "tier is one of"),
    (
        "unknown entry in the head",
        "innovative",
        'version = "2022"',
        'version = "2022"\nowner = "x"',
        "owner",
        "unknown: owner",
    ),
    ("no version", "innovative", 'version = "2022"\n', "", None, "version is missing"),
    ("a day as text", "innovative", "2022-08-01\n", '"2022-08-01"\n', "in_force_from", "in_force_from is a day"),
    (
        "ends before it starts",
        "innovative",
        "in_force_from",
        "in_force_until = 2020-01-01\nin_force_from",
        "in_force_until",
        "lies before",
    ),
    ("no source", "innovative", 'source = "policy.md §9 innovative"\n', "", None, "source is missing"),
    (
        "no English title",
        "innovative",
        'title_en = "Procedure for innovative SMEs"\n',
        "",
        "[document]",
        "document: title_en is missing",
    ),
    ("decided without its mark", "innovative", "沿用 [D]", "沿用", "decided", r"what was decided is marked \[D\]"),
    (
        "filed by the city",
        "above_scale",
        '["applicant", "district_reviewer"]',
        '["city_reviewer"]',
        "filed_by",
        "filed_by is of",
    ),
    ("filed by nobody", "innovative", '["applicant"]', "[]", "filed_by", "filed_by is of"),
    ("no correction limit", "innovative", "correction_limit = 10\n", "", None, "correction_limit .* missing"),
    ("no new applications", "innovative", 'new = { opens = "any_time" }\n', "", None, "filing: new is missing"),
    ("unknown window", "innovative", '"any_time"', '"weekends"', "weekends", "new: opens is one of any_time"),
    (
        "no days before expiry",
        "innovative",
        ", days_before_expiry = 90",
        "",
        "re_review",
        "days_before_expiry .* missing",
    ),
    (
        "days with a batch",
        "specialized",
        'new = { opens = "batch" }',
        'new = { opens = "batch", days_before_expiry = 9 }',
        "new = {",
        "does not go with batch",
    ),
    (
        "a new title that expires",
        "innovative",
        'opens = "any_time"',
        'opens = "before_expiry", days_before_expiry = 9',
        "new = {",
        "no title that could expire",
    ),
    (
        "a ban without a source",
        "innovative",
        'source = "policy.md §8：至少三年内不得申报"\n',
        "",
        "[ban]",
        "ban: source is missing",
    ),
    ("no stages", "innovative", "[[stages]]", "[[stations]]", None, "unknown: stations"),
    (
        "unknown entry of a stage",
        "innovative",
        "inspects = true",
        "visits = true",
        "visits",
        "stage district_review: unknown: visits",
    ),
    (
        "stage without a word",
        "innovative",
        'label = "市级审核"\n',
        "",
        'key = "city_review"',
        "stage city_review: label is missing",
    ),
    (
        "stage without an English word",
        "innovative",
        'label_en = "City review"\n',
        "",
        'key = "city_review"',
        "stage city_review: label_en is missing",
    ),
    (
        "stage without citation",
        "innovative",
        'source = "policy.md §9 innovative: announcement"\n',
        "",
        'key = "announcement"',
        "stage announcement: source is missing",
    ),
    (
        "unknown kind",
        "innovative",
        'kind = "inspection"',
        'kind = "visit"',
        'kind = "visit"',
        "stage city_sample: kind is one of review, inquiry",
    ),
    (
        "unknown level",
        "innovative",
        'kind = "inspection"\nlevel = "city"',
        'kind = "inspection"\nlevel = "town"',
        'level = "town"',
        "level is one of firm",
    ),
    (
        "the firm decides",
        "innovative",
        'kind = "decision"\nlevel = "city"',
        'kind = "decision"\nlevel = "firm"',
        'level = "firm"',
        "decision is done at district or city, not at firm",
    ),
    (
        "unknown role",
        "innovative",
        '["district_reviewer"]',
        '["mayor"]',
        '["mayor"]',
        "stage district_review: unknown role 'mayor'",
    ),
    (
        "a role that sits elsewhere",
        "innovative",
        '["district_reviewer"]',
        '["auditor"]',
        '["auditor"]',
        "auditor does not work at district",
    ),
    (
        "an administrator decides",
        "above_scale",
        '["statistician"]',
        '["system_admin"]',
        '["system_admin"]',
        "system_admin does not work at outside",
    ),
    ("no role", "innovative", '["district_reviewer"]', "[]", "roles = []", "stage district_review: roles is missing"),
    ("missing limit", "innovative", "limit = 15\n", "", 'key = "city_sample"', "stage city_sample: limit is missing"),
    (
        "a limit of nothing",
        "innovative",
        "limit = 15\n",
        "limit = 0\n",
        "limit = 0",
        "limit is a whole number above zero",
    ),
    (
        "a limit for others",
        "little_giant",
        'level = "outside"\n',
        'level = "outside"\nlimit = 5\n',
        "limit = 5",
        "limit does not belong to a stage of kind outside",
    ),
    (
        "publicity without unit",
        "innovative",
        ', unit = "working_days"',
        "",
        "publicity = {",
        "stage publicity: publicity: unit is one of",
    ),
    (
        "publicity without length",
        "innovative",
        "days = 5, ",
        "",
        "publicity = {",
        "publicity: days is a whole number above zero: missing",
    ),
    (
        "publicity silent on objections",
        "innovative",
        ", objections_answered_first = true",
        "",
        "publicity = {",
        "objections_answered_first is true or false: missing",
    ),
    (
        "no publicity in a publicity",
        "innovative",
        PUBLIC + "\n",
        "",
        'key = "publicity"',
        "stage publicity: publicity is missing",
    ),
    (
        "no sample in an inspection",
        "innovative",
        SAMPLE + "\n",
        "",
        'key = "city_sample"',
        "stage city_sample: sample is missing",
    ),
    (
        "more than all",
        "innovative",
        "share_percent = 10,",
        "share_percent = 101,",
        "sample = {",
        "share_percent is at most 100, not 101",
    ),
    (
        "nobody's sample is spared",
        "innovative",
        "inspects = true\n",
        "",
        "sample = {",
        "never_after names district, which samples at no earlier stage",
    ),
    (
        "a sampler that is unknown",
        "innovative",
        'never_after = ["district"]',
        'never_after = ["town"]',
        "sample = {",
        "unknown level 'town'",
    ),
    (
        "no departments",
        "specialized",
        'departments = ["ecology", "market", "emergency", "tax", "publicity"]\n',
        "",
        'key = "inquiries"',
        "departments is missing",
    ),
    ("unknown department", "specialized", '"ecology"', '"weather"', "weather", "unknown department 'weather'"),
    ("a department twice", "specialized", '"market"', '"tax"', "departments = [", "a department is asked once"),
    (
        "nobody leads an inquiry",
        "specialized",
        'led_by = "district"\n',
        "",
        'key = "inquiries"',
        "stage inquiries: led_by is missing",
    ),
    (
        "an auditor leads",
        "specialized",
        'led_by = "city"',
        'led_by = "auditor"',
        'led_by = "auditor"',
        "a bureau leads",
    ),
    (
        "inspects beside a decision",
        "innovative",
        "limit = 5\n",
        "limit = 5\ninspects = true\n",
        "inspects = true",
        "only a review inspects",
    ),
    (
        "outcome to nowhere",
        "innovative",
        'to = "publicity"',
        'to = "party"',
        'to = "party"',
        "stage city_review: the outcome propose leads nowhere: there is no 'party'",
    ),
    (
        "outcome to a withdrawal",
        "innovative",
        'to = "publicity"',
        'to = "withdrawn"',
        'to = "withdrawn"',
        "leads nowhere",
    ),
    (
        "outcome backwards",
        "innovative",
        'to = "announcement"',
        'to = "city_review"',
        'key = "close"',
        "leads back to city_review",
    ),
    (
        "outcome onto itself",
        "innovative",
        'to = "announcement"',
        'to = "publicity"',
        'key = "close"',
        "leads back to publicity",
    ),
    (
        "outcome without a word",
        "innovative",
        'key = "close", label = "公示结束"',
        'key = "close"',
        'key = "close"',
        "close: label is missing",
    ),
    ("outcome without an end", "innovative", ', to = "announcement"', "", 'key = "close"', "close: to is missing"),
    ("outcome twice", "innovative", '"propose"', '"refuse"', 'key = "refuse"', "the outcome refuse stands twice"),
    (
        "outcome like an action",
        "innovative",
        '"propose"',
        '"withdraw"',
        'key = "withdraw"',
        "called like an action that every case has",
    ),
    (
        "unreachable",
        "innovative",
        'to = "city_sample"',
        'to = "city_review"',
        'key = "city_sample"',
        "stage city_sample: unreachable",
    ),
    (
        "dead end",
        "innovative",
        '    { key = "close", label = "公示结束", label_en = "Close the publicity", to = "announcement" },\n',
        "",
        "outcomes = [",
        "stage publicity: dead end",
    ),
    (
        "a stage that only returns",
        "little_giant",
        'label = "推荐上报", label_en = "Recommend", to = "outside_decision" },\n',
        'label = "推荐上报", label_en = "Recommend", to = "returned" },\n',
        None,
        "outside_decision: unreachable",
    ),
    ("a key twice", "innovative", 'key = "announcement"', 'key = "publicity"', None, "stage publicity: "),
    (
        "a publicity that returns",
        "innovative",
        'to = "announcement" }',
        'to = "announcement" },\n{ key = "back", label = "退", label_en = "Back", to = "returned" }',
        'key = "back"',
        "only a review returns",
    ),
    (
        "a review that recognises",
        "innovative",
        'to = "publicity" }',
        'to = "recognised" }',
        'key = "propose"',
        "only a decision recognises",
    ),
    (
        "a bureau that admits a firm",
        "innovative",
        'to = "recognised" }',
        'to = "entered" }',
        'key = "recognise"',
        "no bureau admits a firm by itself",
    ),
    (
        "a level that reviews twice",
        "above_scale",
        'kind = "review"\nlevel = "city"\nroles = ["city_reviewer"]',
        'kind = "review"\nlevel = "district"\nroles = ["district_reviewer"]',
        'kind = "review"',
        "stage city_check: district decides twice",
    ),
    (
        "a level that comes back",
        "specialized",
        'kind = "publicity"\nlevel = "city"\nroles = ["city_reviewer"]',
        'kind = "publicity"\nlevel = "district"\nroles = ["district_reviewer"]',
        'level = "district"',
        "stage city_publicity: district decides twice",
    ),
    (
        "a last word in the middle",
        "innovative",
        'kind = "inspection"\nlevel = "city"\nroles = ["city_reviewer"]\nlimit = 15\n' + SAMPLE,
        'kind = "decision"\nlevel = "city"\nroles = ["city_reviewer"]\nlimit = 15',
        'kind = "decision"',
        "stage city_sample: decision has the last word",
    ),
]


@pytest.mark.parametrize(
    ("tier", "old", "new", "line", "message"), [one[1:] for one in BROKEN], ids=[one[0] for one in BROKEN]
)
def test_a_broken_file_is_refused_where_it_is_broken(
    tier: str, old: str, new: str, line: str | None, message: str
) -> None:
    assert old in TEXTS[tier]
    text = TEXTS[tier].replace(old, new, 1)
    with pytest.raises(RuleError, match=message) as refused:
        build(text, FILE_NAME)

    said = re.match(rf"{re.escape(FILE_NAME)}(?::(\d+))?: ", str(refused.value))
    assert said, str(refused.value)
    if line:
        assert line in text.splitlines()[int(said[1]) - 1]


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
