"""The trail's own words and hashes: nothing typed by anybody forges or breaks a line, and every edit shows."""

import json
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.domain.chain import GENESIS, Head
from registry.domain.trail import (
    LONGEST_TEXT,
    LONGEST_VALUES,
    TAG_WORDS,
    Doer,
    Entry,
    Tag,
    link,
    plain,
    values_as_text,
    verify,
)

AT = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
FIRST = Entry(1, AT, "seat.granted", 12, "陈主任", "city_head@3702", "10.0.0.7", "r-1", "person:14", None, '{"a":1}')
OTHER: dict[str, Any] = {
    "seq": 2,
    "at": AT + timedelta(microseconds=1),
    "tag": "seat.ended",
    "person_id": 13,
    "name": "陈主任 ",
    "seat": "",
    "address": "10.0.0.8",
    "request_id": "r-2",
    "subject": "person:15",
    "before": "null",
    "after": None,
}


def a_chain(count: int = 5) -> list[tuple[Entry, str]]:
    chain, head = [], GENESIS
    for seq in range(1, count + 1):
        entry = replace(FIRST, seq=seq, subject=f"person:{seq}")
        head = link(head, entry)
        chain.append((entry, head))
    return chain


def test_tags_are_a_subject_and_a_verb_and_have_words_in_both_languages() -> None:
    assert [tag for tag in Tag if not re.fullmatch(r"[a-z]+\.[a-z_]+", tag)] == []
    assert all(chinese and english for chinese, english in TAG_WORDS.values())
    assert len(set(TAG_WORDS.values())) == len(Tag)


def test_every_tag_stands_in_the_rule_of_the_database() -> None:
    versions = Path(__file__).parents[2] / "migrations" / "versions"
    stated = "".join((versions / name).read_text("utf-8") for name in ("0008_trail.py", "0017_trail_tags.py"))

    assert set(re.findall(r"'([a-z]+\.[a-z_]+)'", stated)) == set(Tag)


def test_a_command_is_its_own_doer() -> None:
    assert Doer.program("trail archive") == Doer(None, "registry trail archive", seat="program")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王\r\n2025-11-25 signed in", "王⏎2025-11-25 signed in"),
        ("a\nb\rc\u2028d\u2029e\x85f\vg\fh", "a⏎b⏎c⏎d⏎e⏎f⏎g⏎h"),
        ("\x1b[2J\x1b]0;x\x07", "�[2J�]0;x�"),
        ("\x00nul", "�nul"),
        ("abc\u202efdp.exe", "abc�fdp.exe"),
        ("\u2066\u2069\u200e\u200f\u061c\u200b\u00ad\ufeff", "�" * 8),
        ("half \ud800", "half �"),
        ("tab\there", "tab here"),
        ("青岛示例轴承有限公司 & Sons, “A” 𠮷", "青岛示例轴承有限公司 & Sons, “A” 𠮷"),
        ("", ""),
    ],
)
def test_what_would_forge_a_line_is_shown_instead(typed: str, kept: str) -> None:
    assert plain(typed) == kept


def test_a_text_of_a_hundred_kilobytes_is_cut() -> None:
    kept = plain("甲" * 100_000)

    assert len(kept) == LONGEST_TEXT and kept.endswith("甲…")
    assert plain("甲" * LONGEST_TEXT) == "甲" * LONGEST_TEXT
    assert plain("x" * 201, 200) == "x" * 199 + "…"


@given(st.text(st.characters()), st.integers(1, 50))
def test_a_plain_text_is_one_line_of_visible_characters(text: str, longest: int) -> None:
    kept = plain(text, longest)

    assert len(kept) <= longest and plain(kept, longest) == kept
    assert len(kept.splitlines()) <= 1
    assert not {unicodedata.category(one) for one in kept} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    kept.encode("utf-8")


def test_values_are_canonical_json_of_safe_values() -> None:
    values = {
        "until": date(2026, 1, 31),
        "at": datetime(2026, 1, 31, 8, tzinfo=timezone(timedelta(hours=8))),
        "share": Decimal("0.30"),
        "tag": Tag.SEAT_GRANTED,
        "name": "王\r\n{}",
        "is_open": True,
        "nothing": None,
        "odd": float("nan"),
        "districts": {"370214", "370202"},
        "rows": ({"b": 1, "a": 2.5},),
    }

    assert values_as_text(values) == (
        '{"at":"2026-01-31T00:00:00+00:00","districts":["370202","370214"],"is_open":true,"name":"王⏎{}","nothing":null,'
        '"odd":"nan","rows":[{"a":2.5,"b":1}],"share":"0.30","tag":"seat.granted","until":"2026-01-31"}'
    )
    assert values_as_text(None) is None and values_as_text({}) == "{}"


def test_values_that_json_cannot_hold_are_a_defect_of_the_caller() -> None:
    with pytest.raises(TypeError, match="cannot hold a bytes"):
        values_as_text({"key": b"\0"})


def test_values_beyond_all_bounds_keep_their_beginning() -> None:
    text = values_as_text({f"key {number}": "乙" * 100_000 for number in range(100)})

    assert text is not None and len(text) < LONGEST_VALUES
    assert json.loads(text)["…"].startswith('{"key 0":"乙乙')


@pytest.mark.parametrize("name", Entry.__slots__)
def test_every_part_of_an_entry_is_in_its_hash(name: str) -> None:
    assert link(GENESIS, replace(FIRST, **{name: OTHER[name]})) != link(GENESIS, FIRST)


def test_a_hash_is_the_same_for_ever() -> None:
    there = replace(FIRST, at=AT.astimezone(timezone(timedelta(hours=8))))

    assert link(GENESIS, there) == link(GENESIS, FIRST)
    assert link(GENESIS, FIRST) == "c26e7f2fe8e2dc373cb30a18ee06c0f6e91547f553cc1ab6d5dfcbccf9d25cb1"
    assert link("f" * 64, FIRST) != link(GENESIS, FIRST)


def test_what_stands_in_one_part_cannot_stand_for_another() -> None:
    one, two = replace(FIRST, name='a","b', seat=""), replace(FIRST, name="a", seat="b")

    assert link(GENESIS, one) != link(GENESIS, two)


def test_a_chain_holds_from_its_beginning_and_from_where_it_was_cut() -> None:
    chain = a_chain()
    head = Head(5, chain[-1][1])

    assert verify(chain) == (head, None)
    assert verify(chain[2:], Head(2, chain[1][1]), [Head(0, GENESIS), Head(2, chain[1][1]), head]) == (head, None)
    assert verify([]) == (Head(0, GENESIS), None)


@pytest.mark.parametrize(
    ("change", "seq", "said"),
    [
        (lambda chain: chain[:1] + chain[2:], 2, "missing or moved"),
        (lambda chain: [chain[1], chain[0], *chain[2:]], 1, "missing or moved"),
        (lambda chain: [*chain[:3], chain[2], *chain[3:]], 4, "missing or moved"),
        (lambda chain: [*chain[:3], (replace(chain[3][0], name="别人"), chain[3][1]), chain[4]], 4, "differ"),
        (lambda chain: chain[:3], 4, "tail was cut off"),
    ],
)
def test_a_chain_breaks_where_it_was_touched(change: Any, seq: int, said: str) -> None:
    chain = a_chain()
    head, broken = verify(change(chain), kept=[Head(5, chain[-1][1])])

    assert broken is not None and broken.seq == seq and said in broken.what
    assert head.seq == seq - 1


def test_checkpoints_that_contradict_each_other_or_the_start_are_found() -> None:
    chain = a_chain()
    good, bad = Head(3, chain[2][1]), Head(3, "f" * 64)

    for kept in ([good, bad], [bad, good], [bad]):
        _, broken = verify(chain, kept=kept)
        assert broken is not None and broken.seq == 3
    _, broken = verify(chain[3:], good, [bad])
    assert broken is not None and broken.seq == 3
