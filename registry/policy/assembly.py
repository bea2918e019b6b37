"""Builds rule sets from the policy files: includes, overlays, the local table, the size table, and the digest."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from registry.domain.codes import LADDER, SIZE_WORDS
from registry.domain.errors import RuleError
from registry.policy.files import file_names, read_file
from registry.rules import tree
from registry.rules.check import check
from registry.rules.parse import Scope, parse_band, parse_condition, parse_number
from registry.rules.ruleset import Criterion, Part, RuleSet
from registry.rules.tree import Condition, Node, Points

# Files that no case is judged by on its own.
_TABLES = ("choice", "updates", "general-2022", "general-2026", "size-2011")


@dataclass(frozen=True, slots=True)
class Options:
    """What a city sets for itself.

    Attributes:
        local_table: the table of local features that fills 特色化, a file of `registry/policy/local/`.
        higher_title_counts: whether a higher title stands in for a missing lower one.
    """

    local_table: str = "shandong-2022"
    higher_title_counts: bool = False


DEFAULTS = Options()


def rule_set_ids() -> list[str]:
    """Return the ids of all rule sets, in the order of their names."""
    return [name for name in file_names() if name not in _TABLES]


@cache
def load(rule_set_id: str, kind: str = "new", options: Options = DEFAULTS) -> RuleSet:
    """Return a rule set for one kind of case, checked.

    Raises:
        RuleError: there is no such rule set, or something in its files is wrong.
    """
    if rule_set_id not in rule_set_ids():
        raise RuleError(f"no rule set is called {rule_set_id!r}; there are {', '.join(rule_set_ids())}")
    return build(_assembled(rule_set_id, options), kind, options)


def _assembled(name: str, options: Options) -> dict[str, Any]:
    """Return the whole content of a rule set: overlays applied, included files and the local table put in."""
    given = read_file(name)
    content: dict[str, Any] = dict(given)
    if "extends" in given:
        content = _overlaid(_assembled(given["extends"], options), given, name)
    criteria = [dict(one, file=one.get("file", name)) for one in content.get("criteria", ())]
    indicators = [dict(one, file=one.get("file", name)) for one in content.get("indicators", ())]
    for included in given.get("include", ()):
        other = _assembled(included, options)
        number = other["document"]["number"]
        criteria += [dict(one, document=number) for one in other["criteria"]]
        content["definitions"] = {**other.get("definitions", {}), **content.get("definitions", {})}
        content["size"] = other.get("size", content.get("size"))
    if given.get("local_part"):
        table = read_file(f"local/{options.local_table}")
        indicators += [
            dict(
                one, part=given["local_part"], document=table["document"]["number"], file=f"local/{options.local_table}"
            )
            for one in table["indicators"]
        ]
    if "size" in given:
        content["size"] = read_file(given["size"])
    return {**content, "id": given["id"], "criteria": criteria, "indicators": indicators}


def _overlaid(base: Mapping[str, Any], overlay: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a rule set with criteria removed, replaced by key, or added by a later document."""
    keys = {one["key"] for one in base["criteria"]}
    removed = set(overlay.get("remove", ()))
    if removed - keys:
        raise RuleError(
            f"removes {', '.join(sorted(removed - keys))}, which the base does not have", file=f"{name}.toml"
        )
    number = overlay["document"]["number"]
    changed = {
        one["key"]: dict(one, document=one.get("document", number), file=name) for one in overlay.get("criteria", ())
    }
    kept = [changed.pop(one["key"], one) for one in base["criteria"] if one["key"] not in removed]
    document = dict(overlay["document"])
    if not overlay.get("replaces_document"):
        document["number"] = f"{base['document']['number']} + {number}"
        kept = [{"document": base["document"]["number"], **one} for one in kept]
    else:
        kept = [{**one, "document": number, "article": one["article"]} for one in kept]
    return {**base, **overlay, "document": document, "criteria": [*kept, *changed.values()], "extends": None}


def build(content: Mapping[str, Any], kind: str, options: Options = DEFAULTS) -> RuleSet:
    """Return the checked rule set of an assembled content for one kind of case.

    Raises:
        RuleError: with file, criterion and column.
    """
    rows = [one for one in content["criteria"] if kind in one.get("kinds", ("new", "re_review"))]
    parts = tuple(Part(one["key"], one["label"], one["label_en"], one["max"]) for one in content.get("parts", ()))
    keys = [one["key"] for one in (*content["indicators"], *rows)]
    scope = Scope(_definitions(content, options), frozenset(keys), frozenset(part.key for part in parts))
    number = content["document"]["number"]
    criteria = tuple(
        _criterion(one, number, scope) for one in (*(one | {"scored": True} for one in content["indicators"]), *rows)
    )
    document = content["document"]
    rule_set = RuleSet(
        id=content["id"],
        tier=content["tier"],
        kind=kind,
        document=number,
        title=document["title"],
        title_en=document["title_en"],
        issued_on=document.get("issued_on"),
        digest=digest_of(content, options),
        parts=parts,
        criteria=criteria,
    )
    check(rule_set, file=f"{content['id']}.toml")
    return rule_set


def digest_of(content: Mapping[str, Any], options: Options) -> str:
    """Return `sha256:` of the canonical JSON of all a rule set is made of."""
    whole = {"content": content, "higher_title_counts": options.higher_title_counts}
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _definitions(content: Mapping[str, Any], options: Options) -> dict[str, Node]:
    """Return what rules may name beside facts: the rungs, the sizes, and the file's own definitions."""
    found: dict[str, Node] = {}
    for place, rung in enumerate(LADDER):
        kinds = LADDER[place:] if options.higher_title_counts else (rung,)
        found[f"rung.{rung}"] = parse_condition(f"holds({', '.join(kinds)})")
    if content.get("size"):
        found.update(size_conditions(content["size"]))
    for name, text in content.get("definitions", {}).items():
        found[name] = parse_number(text, Scope(dict(found)))
    return found


def size_conditions(table: Mapping[str, Any]) -> dict[str, Condition]:
    """Return `size.large`, `size.medium` and `size.small`: each "at least this size, by its trade's line"."""
    named = [row for row in table["trades"] if "codes" in row]
    rest = next(row for row in table["trades"] if "codes" not in row)
    found: dict[str, Condition] = {}
    for size in ("large", "medium", "small"):
        branches = tuple((tuple((low, high) for low, high in row["codes"]), _in_size(row, size)) for row in named)
        found[f"size.{size}"] = tree.Choose("industry", branches, _in_size(rest, size), f"{SIZE_WORDS[size]}企业", size)
    return found


def _in_size(row: Mapping[str, Any], size: str) -> Condition:
    try:
        return parse_condition(row[size])
    except RuleError as error:
        raise RuleError(
            error.message, file="size-2011.toml", criterion=f"{row['key']}.{size}", column=error.column
        ) from None


def _criterion(row: Mapping[str, Any], number: str, scope: Scope) -> Criterion:
    file = f"{row['file']}.toml"
    for needed in ("article", "label", "label_en"):
        if not row.get(needed):
            raise RuleError(f"{needed} is missing", file=file, criterion=row["key"])
    try:
        rule: Condition | Points = _points(row, scope) if row.get("scored") else parse_condition(row["rule"], scope)
    except RuleError as error:
        raise RuleError(error.message, file=file, criterion=row["key"], column=error.column) from None
    except (KeyError, TypeError, ValueError) as error:
        raise RuleError(f"ill-formed: {error!r}", file=file, criterion=row["key"]) from None
    return Criterion(
        key=row["key"],
        article=row["article"],
        source=f"{row.get('document', number)} {row['article']}",
        label=row["label"],
        label_en=row["label_en"],
        rule=rule,
        required=not row.get("scored") and row.get("required", True),
        part=row.get("part"),
        max=row.get("max", 0),
        note=row.get("note", ""),
        short=row.get("short", ""),
        short_en=row.get("short_en", ""),
        text=row.get("rule", ""),
    )


def _points(row: Mapping[str, Any], scope: Scope) -> Points:
    if "better" in row:
        return tree.Better(tuple(_points(part, scope) for part in row["better"]))
    if "items" in row:
        return tree.PerItem(row["each"], row["cap"], tuple(parse_condition(item, scope) for item in row["items"]))
    if "measure" in row:
        measure = parse_number(row["measure"], scope)
        bands = tuple((points, parse_band(measure, text, scope)) for points, text in row["bands"])
    else:
        bands = tuple((points, parse_condition(text, scope)) for points, text in row["bands"])
    return tree.Bands(bands, row["otherwise"])
