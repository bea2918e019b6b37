"""The handbook of every rule set as files, and the page that says which applies when; made of the rule data alone.

`python -m registry.policy.handbook_folder` writes docs/handbook; a test holds the files to what is made here.
"""

from collections.abc import Iterator
from pathlib import Path

from registry.domain.codes import KIND_WORDS, TIER_WORDS, TIER_WORDS_EN
from registry.policy.assembly import load, rule_set_ids
from registry.policy.choice import spans
from registry.policy.compare import differences
from registry.policy.handbook import handbook
from registry.rules.ruleset import RuleSet
from registry.rules.wording import rule_text

FOLDER = Path(__file__).parents[2] / "docs" / "handbook"
INTRODUCTION = """# 标准手册 · Rule handbook

本手册由 `registry/policy/` 的标准数据自动生成，与系统判定所用的是同一份数据：每条写明原文出处、规则、算例
（算例也是测试）。手册按程序自带的设置生成；本地换用了地方评分表的，用 `registry rules handbook` 打印。

Made from the rule data that the program judges by: each criterion with its citation, its rule and its cases, which
are tests as well. Printed with the settings that come with the program; a city with a table of its own prints its own.

## 何时用哪一套 · Which applies when
"""


def handbook_files() -> dict[str, str]:
    """Return every file of the folder by its name."""
    files = {f"{name}.md": whole_handbook(name) for name in rule_set_ids()}
    return {"README.md": INTRODUCTION + "\n".join(_index()) + "\n", **files}


def whole_handbook(name: str) -> str:
    """Return a rule set's handbook for first applications, and what is otherwise at a re-review."""
    new, again = load(name), load(name, "re_review")
    return handbook(new) + "\n" + "\n".join(_otherwise(new, again)) + "\n"


def _index() -> Iterator[str]:
    yield "| 梯度 Tier | 申报 Kind | 提交日 Submitted | 标准 Rule set | 依据 Why |"
    yield "|---|---|---|---|---|"
    for row in spans():
        kinds = "、".join(KIND_WORDS[kind] for kind in row.kinds)
        days = f"{row.first} – {row.last or '今 now'}"
        tier = f"{TIER_WORDS[row.tier]} {TIER_WORDS_EN[row.tier]}"
        yield f"| {tier} | {kinds} | {days} | [{row.rule_set}]({row.rule_set}.md) | {row.why}<br>{row.why_en} |"


def _otherwise(new: RuleSet, again: RuleSet) -> Iterator[str]:
    yield "## 复核时的不同 At a re-review"
    yield ""
    changed = list(differences(new, again))
    if not changed:
        yield "条款与首次相同。The criteria are the same."
    for one in changed:
        if one.before is not None and (one.after is None or (one.before.required and not one.after.required)):
            yield f"- {one.before.label}：复核不考察 not asked at a re-review"
        elif one.after is not None:
            word = "复核为 at a re-review" if one.before else "仅复核 only at a re-review"
            yield f"- {one.after.label}：{word}：{rule_text(again, one.after.rule)}（{one.after.source}）"
    if new.max != again.max:
        yield f"- 满分 Max：{new.max} → {again.max}"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in handbook_files().items():
        (FOLDER / name).write_text(text, "utf-8")
