"""The unified social credit code: its check character by hand, its canonical form."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.uscc import ALPHABET, canonical, check_character, fault_of

GOOD = "91370200264574251E"


def by_hand(first17: str) -> str:
    """GB 32100-2015: 31 less the weighted sum modulo 31, 31 standing for 0."""
    weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    value = 31 - sum("0123456789ABCDEFGHJKLMNPQRTUWXY".index(c) * w for c, w in zip(first17, weights, strict=True)) % 31
    return "0123456789ABCDEFGHJKLMNPQRTUWXY"[value % 31]


@pytest.mark.parametrize(
    "code",
    [GOOD, "91350100M000100Y43", "00000000000000000" + "0", "10000000000000000" + "Y", "01000000000000000" + "W"],
)
def test_codes_made_by_hand_hold(code: str) -> None:
    assert by_hand(code[:17]) == code[17]
    assert fault_of(code) is None


@settings(derandomize=True, deadline=None, database=None)
@given(st.text(ALPHABET, min_size=17, max_size=17))
def test_the_check_character_is_that_of_the_standard(first17: str) -> None:
    assert check_character(first17) == by_hand(first17)


@settings(derandomize=True, deadline=None, database=None)
@given(st.text(ALPHABET, min_size=17, max_size=17), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_found(first17: str, place: int, other: str) -> None:
    code = first17 + check_character(first17)
    wrong = code[:place] + other + code[place + 1 :]

    assert (fault_of(wrong) is None) == (wrong == code)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("", "18 characters"),
        (GOOD[:-1], "18 characters"),
        (GOOD + "1", "18 characters"),
        (GOOD[:-1] + "F", "末位应为 E"),
        ("9137020026457425IE", "'I'"),
        ("9137020026457425OE", "'O'"),
        ("９" + GOOD[1:], "'９'"),
        ("91370200264574251 ", "' '"),
        ("91370200264574251e", "'e'"),
        ("統" + GOOD[1:], "'統'"),
    ],
)
def test_what_is_wrong_with_a_code_is_said(code: str, word: str) -> None:
    assert word in (fault_of(code) or "")


@pytest.mark.parametrize(
    "written", [GOOD, f" {GOOD}\n", GOOD.lower(), "９１３７０２００２６４５７４２５１Ｅ", f"\u3000{GOOD.lower()}\u3000"]
)
def test_a_code_is_trimmed_narrowed_and_upper_cased(written: str) -> None:
    assert canonical(written) == GOOD
