"""The handbook that the bureau prints: every criterion with its citation, its rule in words and its cases."""

import pytest

from registry.policy import load, rule_set_ids
from registry.policy.cases import cases_of
from registry.policy.choice import spans
from registry.policy.handbook import handbook
from registry.policy.handbook_folder import FOLDER, handbook_files
from registry.rules.wording import rule_text

ALL = [(name, kind) for name in rule_set_ids() for kind in ("new", "re_review")]


@pytest.mark.parametrize(("name", "kind"), ALL)
def test_a_handbook_prints_every_criterion_and_every_case(name: str, kind: str) -> None:
    rule_set = load(name, kind)
    text = handbook(rule_set)

    assert text.startswith(f"# {rule_set.title} ")
    assert rule_set.document in text
    assert rule_set.digest in text
    for one in rule_set.criteria:
        assert f"## {one.label}\n" in text
        assert one.label_en in text
        assert f"：{one.source}\n" in text
        assert rule_text(rule_set, one.rule) in text
        assert one.note in text
    for case in cases_of(rule_set):
        assert f"| {case.name} | {case.on} |" in text


@pytest.mark.parametrize(("name", "kind"), ALL)
def test_every_row_of_a_table_has_as_many_cells_as_its_head(name: str, kind: str) -> None:
    head = 0
    for line in handbook(load(name, kind)).splitlines():
        if line.startswith("|"):
            cells = line.replace("\\|", "").count("|")
            head = head or cells

            assert cells == head, line
        else:
            head = 0


def test_a_case_says_in_chinese_what_is_given_and_what_comes_of_it() -> None:
    text = handbook(load("innovative-2022"))

    assert "2023年研发费用 201万元；2023年营业收入 6700万元 | 15 分 |" in text
    assert "| 待定 undetermined |" in text
    assert "（`general.sme`） |" in text
    assert "基准企业；未知：行业代码" in text


def test_a_handbook_says_when_and_why_it_applies() -> None:
    text = handbook(load("little_giant-2022+2025"))

    assert "2025-01-01 至 2025-12-31 提交" in text
    assert "190号" in text


def test_the_size_table_stands_at_the_end_where_size_matters() -> None:
    assert "| 工业 | 0600–4699 | 从业人员 ≥ 1000 人 且 营业收入 ≥ 40000 万元 |" in handbook(load("specialized-2026"))
    assert "划型" not in handbook(load("above_scale-2011"))


def test_the_folder_of_handbooks_is_what_the_program_makes() -> None:
    made = handbook_files()

    assert {file.name for file in FOLDER.iterdir()} == set(made)
    for name, text in made.items():
        assert (FOLDER / name).read_text("utf-8") == text, "run: python -m registry.policy.handbook_folder"


def test_the_folder_says_of_every_span_which_handbook_applies() -> None:
    index = handbook_files()["README.md"]

    assert {row.rule_set for row in spans()} == set(rule_set_ids())
    for row in spans():
        assert f"| {row.first} – {row.last or '今 now'} | [{row.rule_set}]({row.rule_set}.md) | {row.why}<br>" in index


def test_what_is_otherwise_at_a_re_review_is_told() -> None:
    files = handbook_files()

    told = files["little_giant-2026.md"].rpartition("## 复核时的不同")[2]
    assert "近 2 年营业收入复合增长率不低于 5%（复核不考察）：复核不考察" in told
    assert "条款与首次相同" in files["innovative-2022.md"].rpartition("## 复核时的不同")[2]
