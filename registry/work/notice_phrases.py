"""The phrases that notices are made of: what a notice keeps, each in both languages, Chinese first. Only words.

What is not kept is left out of its sentence, never shown as a gap.
"""

from collections.abc import Mapping
from typing import Any

from registry.domain.codes import TIER_WORDS, TIER_WORDS_EN
from registry.domain.facts import FIRM_FACTS, YEAR_FACTS

Words = tuple[str, str]
Told = Mapping[str, Any]
Notice = tuple[Words, Words]
_KINDS: Mapping[str, Words] = {"new": ("", ""), "re_review": ("复核", "re-review")}
_MOST_PARTS = 12


def said(told: Told, key: str) -> str:
    value = told.get(key)
    return "" if value is None else str(value).replace("⏎", "\n").strip()


def pair(told: Told, key: str) -> Words:
    """Return what is kept in both languages, or in one that serves for both."""
    value = told.get(key)
    if isinstance(value, list | tuple) and len(value) == 2:
        return str(value[0]), str(value[1])
    return (said(told, key), said(told, key))


def lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def given(given: str, words: str) -> str:
    """Return words with what is given, nothing without it."""
    return words.format(given) if given else ""


def of_case(told: Told) -> Words:
    """Return of which case a notice speaks."""
    tier, kind = said(told, "tier"), _KINDS.get(said(told, "kind"), ("", ""))
    chinese = f"{said(told, 'firm')} {TIER_WORDS.get(tier, '')}{kind[0]}申报".strip()
    english = " ".join(one for one in (TIER_WORDS_EN.get(tier, ""), kind[1] or "application") if one)
    english += given(said(told, "firm"), " of {}")
    reference = said(told, "reference")
    return chinese + given(reference, "（{}）"), english + given(reference, " ({})")


def due_words(told: Told) -> Words:
    """Return by when something is to be done."""
    day = said(told, "due_on")
    hint = ("（暂定）", " (provisional)") if told.get("is_provisional") and day else ("", "")
    return given(day, "请在 {} 前办理（含当日）") + hint[0], given(day, "Due by the end of {}") + hint[1]


def part_words(path: str) -> Words:
    """Return what a part of an application is called, as `years.2025.revenue`."""
    if path == "evidence":
        return "证明材料", "evidence"
    where, _, rest = path.partition(".")
    if where == "years":
        year, _, key = rest.partition(".")
        fact = YEAR_FACTS.get(key)
        return (f"{year} 年{fact.label}", f"{fact.label_en} of {year}") if fact else (path, path)
    known = FIRM_FACTS.get(rest or where)
    return (known.label, known.label_en or known.label) if known else (path, path)


def part_lines(told: Told) -> Words:
    """Return what is to be corrected, each with the reviewer's words."""
    rows = [one for one in told.get("parts") or [] if isinstance(one, Mapping)]
    if not rows:
        return "", ""
    chinese, english = ["需要补正："], ["To be corrected:"]
    for row in rows[:_MOST_PARTS]:
        comment, (part, part_en) = said(row, "comment"), part_words(said(row, "part"))
        chinese.append(f"· {part}{given(comment, '：{}')}")
        english.append(f"· {part_en}{given(comment, ': {}')}")
    if len(rows) > _MOST_PARTS:
        chinese.append(f"· 等共 {len(rows)} 项")
        english.append(f"· and others, {len(rows)} in all")
    return "\n".join(chinese), "\n".join(english)


def worded(subject: Words, which: Words, *rest: Words) -> Notice:
    """Return a notice that names a thing in its subject and says the rest line by line."""
    return (
        (f"{subject[0]}：{which[0]}", f"{subject[1]}: {which[1]}"),
        (
            lines(f"{subject[0]}：{which[0]}。", *(one[0] for one in rest)),
            lines(f"{subject[1]}: {which[1]}.", *(one[1] for one in rest)),
        ),
    )


def of_title(told: Told) -> Words:
    """Return of whose title a notice speaks."""
    tier, firm = said(told, "tier"), said(told, "firm")
    return (
        f"{firm} {TIER_WORDS.get(tier, '称号')}".strip(),
        f"{TIER_WORDS_EN.get(tier, 'title')}{given(firm, ' of {}')}",
    )
