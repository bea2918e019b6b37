"""Codes that are looked up by: none like another, and each found however it was typed."""

import pytest

from registry.domain.lookup_codes import ALPHABET, LENGTH, canonical, new_code, spaced


def test_codes_are_of_one_form_and_none_comes_twice() -> None:
    made = {new_code() for _ in range(2_000)}

    assert len(made) == 2_000
    assert {len(one) for one in made} == {26} == {LENGTH}
    assert set("".join(made)) == set(ALPHABET)
    assert len(set(ALPHABET)) == 32 and not set("ILOU") & set(ALPHABET)


@pytest.mark.parametrize(
    "typed",
    [
        "0123456789ABCDEFGHJKMNPQRS",
        "0123456789abcdefghjkmnpqrs",
        " 012345-6789AB-CDEFGH-JKMNPQ-RS ",
        "O123456789ABCDEFGHJKMNPQRS",
        "oI23456789ABCDEFGHJKMNPQRS",
        "0l23456789ABCDEFGHJKMNPQRS",
        "０１２３４５６７８９ＡＢＣＤＥＦＧＨＪＫＭＮＰＱＲＳ",
        "012345—6789AB–CDEFGH－JKMNPQ　RS\n",
    ],
)
def test_a_code_is_found_however_it_was_typed(typed: str) -> None:
    assert canonical(typed) == "0123456789ABCDEFGHJKMNPQRS"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "0123456789ABCDEFGHJKMNPQR",
        "0123456789ABCDEFGHJKMNPQRST",
        "U123456789ABCDEFGHJKMNPQRS",
        "0123456789ABCDEFGHJKMNPQR*",
        "0123456789ABCDEFGHJKMNPQR中",
        "٠123456789ABCDEFGHJKMNPQRS",
        "0" * 100_000,
        "-" * 201,
    ],
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert canonical(typed) is None


def test_a_code_shown_in_groups_is_the_same_code() -> None:
    code = new_code()

    assert canonical(spaced(code)) == code
    assert [len(part) for part in spaced(code).split("-")] == [6, 6, 6, 6, 2]
