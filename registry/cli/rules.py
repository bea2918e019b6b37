"""`registry rules`: list, show, check, diff, and the handbook that the bureau prints."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from registry.cli.options import policy_options
from registry.domain.codes import KIND_WORDS, TIER_WORDS
from registry.domain.errors import RuleError
from registry.policy import load, rule_set_ids
from registry.policy.choice import spans
from registry.policy.compare import differences
from registry.policy.files import file_names
from registry.policy.handbook import handbook
from registry.policy.rule_data import laid_out
from registry.rules.ruleset import Criterion, RuleSet
from registry.rules.wording import rule_text

_KIND = click.option("--kind", type=click.Choice(list(KIND_WORDS)), default="new", help="首次或复核 new or re-review")


class _RuleSetId(click.ParamType[Any]):
    name = "RULE_SET"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in rule_set_ids():
            self.fail(f"没有 {value!r}；现有 {'、'.join(rule_set_ids())} (no such rule set)", param, ctx)
        return str(value)


_ID = _RuleSetId()


@click.group("rules")
def rules_group() -> None:
    """认定标准。The rule sets."""


@rules_group.command("list")
def list_() -> None:
    """列出各标准、适用期与摘要。List the rule sets, when each applies, and its digest."""
    for name in rule_set_ids():
        rule_set = load(name, options=policy_options())
        click.echo(f"{name}\t{rule_set.document}\t{rule_set.digest}")
        for row in spans():
            if row.rule_set == name:
                kinds = "、".join(KIND_WORDS[kind] for kind in row.kinds)
                click.echo(f"\t{TIER_WORDS[row.tier]} {kinds} {row.first} … {row.last or ''}\t{row.why}")


@rules_group.command()
@click.argument("rule_set_id", type=_ID, metavar="RULE_SET")
@_KIND
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def show(rule_set_id: str, kind: str, form: str) -> None:
    """显示一套标准的全部条款。Show every criterion of a rule set."""
    rule_set = load(rule_set_id, kind, policy_options())
    if form == "json":
        click.echo(json.dumps(laid_out(rule_set), ensure_ascii=False, indent=2))
        return
    click.echo(f"{rule_set.id}  {rule_set.title}  {rule_set.document}\n{rule_set.digest}\n")
    for one in rule_set.criteria:
        click.echo(f"[{one.key}] {one.source}{_role(rule_set, one)}\n  {one.label}\n  {one.label_en}")
        click.echo(f"  {rule_text(rule_set, one.rule)}" + (f"\n  注 {one.note}" if one.note else ""))


def _role(rule_set: RuleSet, one: Criterion) -> str:
    if one.part:
        part = next(part for part in rule_set.parts if part.key == one.part)
        return f"  · {part.label} {one.max} 分"
    return "" if one.required else "  · 供其他条款引用"


@rules_group.command()
def check() -> None:
    """检查全部标准文件。Check every file of the law; the first fault ends it with its place."""
    from registry.rules.columns import frames_of, judge

    tables = file_names("local")
    for name in rule_set_ids():
        for kind in KIND_WORDS:
            # Both readings: a product too large for columns shows only when they are emitted.
            judge(load(name, kind, policy_options()), frames_of((), date.today().year - 1), date.today())
    for row in spans():
        if row.rule_set not in rule_set_ids():
            raise RuleError(f"the table of choice names {row.rule_set!r}, which is not there", file="choice.toml")
    click.echo(f"{len(rule_set_ids())} 套标准、{len(tables)} 张地方表，均无误 (all good) · {date.today()}")


@rules_group.command()
@click.argument("old", type=_ID)
@click.argument("new", type=_ID)
@_KIND
def diff(old: str, new: str, kind: str) -> None:
    """比较两套标准。Compare two rule sets, criterion by criterion."""
    before, after = load(old, kind, policy_options()), load(new, kind, policy_options())
    for one in differences(before, after):
        if one.before and one.after:
            click.echo(f"~ {one.key}:\n    - {rule_text(before, one.before.rule)}  [{one.before.source}]")
            click.echo(f"    + {rule_text(after, one.after.rule)}  [{one.after.source}]")
        elif one.before:
            click.echo(f"- {one.key}: {rule_text(before, one.before.rule)}  [{one.before.source}]")
        elif one.after:
            click.echo(f"+ {one.key}: {rule_text(after, one.after.rule)}  [{one.after.source}]")


@rules_group.command("handbook")
@click.argument("rule_set_id", type=_ID, metavar="RULE_SET")
@_KIND
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="写入文件 write to a file")
def handbook_(rule_set_id: str, kind: str, out: Path | None) -> None:
    """打印标准手册（Markdown）：条款、依据、算例。Print a rule set with criteria, citations and cases."""
    text = handbook(load(rule_set_id, kind, policy_options()))
    if out:
        out.write_text(text, "utf-8")
    else:
        click.echo(text, nl=False)
