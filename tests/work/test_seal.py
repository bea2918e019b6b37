"""Sealed fields: what was sealed opens, what was changed does not, and keys follow one another."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.errors import Refused, RegistryError
from registry.work.seal import Keys, SealBroken, needs_new_seal, new_key_text, open_sealed, seal

ABOUT = "person:12:phone"
SUITES = ["aesgcm", "sm4gcm"]


def key_text(key_id: str, byte: int) -> str:
    return f"{key_id}:{base64.b64encode(bytes([byte]) * 32).decode()}"


ONE, TWO = key_text("one", 1), key_text("two-2026", 2)


@settings(derandomize=True, deadline=None, database=None)
@given(st.text(max_size=200), st.text(max_size=40), st.sampled_from(SUITES))
def test_what_was_sealed_opens_about_the_same_field(text: str, about: str, suite: str) -> None:
    keys = Keys.parse(ONE, suite)
    sealed = seal(keys, text, about=about)

    assert sealed.isascii() and sealed.startswith(f"v1.{suite}.one.")
    assert open_sealed(keys, sealed, about=about) == text
    assert not needs_new_seal(keys, sealed)


@pytest.mark.parametrize("suite", SUITES)
def test_no_text_is_sealed_the_same_way_twice(suite: str) -> None:
    keys = Keys.parse(ONE, suite)

    assert len({seal(keys, "13812345678", about=ABOUT) for _ in range(50)}) == 50


@pytest.mark.parametrize("suite", SUITES)
def test_any_flipped_bit_is_found_wherever_it_lies(suite: str) -> None:
    keys = Keys.parse(f"{ONE},{TWO}", suite)
    # A text of each length modulo 3: base64 pads in three ways, and its last character has bits to spare in two.
    for text in ("1381234567", "13812345678", "138123456789"):
        sealed = seal(keys, text, about=ABOUT)
        for place in range(len(sealed)):
            for bit in range(8):
                flipped = sealed[:place] + chr(ord(sealed[place]) ^ 1 << bit) + sealed[place + 1 :]
                with pytest.raises(SealBroken):
                    open_sealed(keys, flipped, about=ABOUT)


@pytest.mark.parametrize("suite", SUITES)
def test_any_flipped_byte_of_the_content_is_found(suite: str) -> None:
    keys = Keys.parse(ONE, suite)
    head, _, encoded = seal(keys, "13812345678", about=ABOUT).rpartition(".")
    content = base64.b64decode(encoded)
    for place in range(len(content)):
        flipped = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
        with pytest.raises(SealBroken):
            open_sealed(keys, f"{head}.{base64.b64encode(flipped).decode()}", about=ABOUT)


@settings(derandomize=True, deadline=None, database=None)
@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(SUITES))
def test_a_sealed_field_does_not_open_as_another(about: str, other: str, suite: str) -> None:
    keys = Keys.parse(ONE, suite)
    sealed = seal(keys, "13812345678", about=about)
    if other != about:
        with pytest.raises(SealBroken):
            open_sealed(keys, sealed, about=other)


@pytest.mark.parametrize(
    "sealed",
    [
        "",
        "13812345678",
        "v1.aesgcm.one",
        "v1.aesgcm.one.",
        "v1.aesgcm.one.AAAA",
        "v1.aesgcm.one." + "A" * 36,
        "v1.aesgcm.one." + "A" * 36 + "\n",
        "v1.aesgcm.one." + "A" * 37,
        "v1.aesgcm.ONE." + "A" * 40,
        "v1.rot13.one." + "A" * 40,
        "v2.aesgcm.one." + "A" * 40,
        "v1.aesgcm.one." + "A" * 40,
        "v1.aesgcm.one." + "密" * 40,
    ],
)
def test_what_is_no_sealed_field_is_told_from_a_fault_of_the_program(sealed: str) -> None:
    with pytest.raises(SealBroken):
        open_sealed(Keys.parse(ONE), sealed, about=ABOUT)


def test_a_suite_that_was_rewritten_does_not_open() -> None:
    keys = Keys.parse(ONE)
    for made, claimed in (SUITES, SUITES[::-1]):
        sealed = seal(keys.using(made), "13812345678", about=ABOUT)
        with pytest.raises(SealBroken):
            open_sealed(keys, sealed.replace(made, claimed), about=ABOUT)


def test_a_key_id_that_was_rewritten_does_not_open_though_both_stand_for_one_key() -> None:
    keys = Keys.parse(f"{key_text('one', 1)},{key_text('two', 1)}")
    sealed = seal(keys, "13812345678", about=ABOUT)
    with pytest.raises(SealBroken):
        open_sealed(keys, sealed.replace(".one.", ".two."), about=ABOUT)


def test_an_old_key_still_opens_and_asks_for_a_new_seal() -> None:
    sealed = seal(Keys.parse(ONE), "13812345678", about=ABOUT)
    rotated = Keys.parse(f"{TWO},{ONE}")

    assert rotated.current_id == "two-2026"
    assert open_sealed(rotated, sealed, about=ABOUT) == "13812345678"
    assert needs_new_seal(rotated, sealed)

    anew = seal(rotated, open_sealed(rotated, sealed, about=ABOUT), about=ABOUT)
    assert not needs_new_seal(rotated, anew)
    assert open_sealed(Keys.parse(TWO), anew, about=ABOUT) == "13812345678"


def test_another_suite_opens_what_the_first_sealed_and_asks_for_a_new_seal() -> None:
    sealed = seal(Keys.parse(ONE), "13812345678", about=ABOUT)
    guomi = Keys.parse(ONE, "sm4gcm")

    assert open_sealed(guomi, sealed, about=ABOUT) == "13812345678"
    assert needs_new_seal(guomi, sealed)
    assert not needs_new_seal(guomi, seal(guomi, "13812345678", about=ABOUT))


def test_only_a_sealed_field_can_be_asked_whether_it_needs_a_new_seal() -> None:
    with pytest.raises(SealBroken):
        needs_new_seal(Keys.parse(ONE), "13812345678")


def test_a_missing_key_is_named_and_nothing_of_the_content_is_told() -> None:
    sealed = seal(Keys.parse(TWO), "13812345678", about=ABOUT)
    with pytest.raises(SealBroken) as broken:
        open_sealed(Keys.parse(ONE), sealed, about=ABOUT)

    assert isinstance(broken.value, RegistryError)
    assert (broken.value.key_id, broken.value.about) == ("two-2026", ABOUT)
    assert "所需密钥 two-2026" in str(broken.value)
    assert "13812345678" not in str(broken.value) and sealed.rpartition(".")[2] not in str(broken.value)


def test_the_wrong_key_of_the_right_name_is_told_from_a_missing_one() -> None:
    sealed = seal(Keys.parse(ONE), "13812345678", about=ABOUT)
    with pytest.raises(SealBroken, match="another key") as broken:
        open_sealed(Keys.parse(key_text("one", 2)), sealed, about=ABOUT)

    assert broken.value.key_id == "one"
    assert broken.value.__cause__ is None


def test_fields_sealed_today_open_for_ever() -> None:
    kept = {
        "aesgcm": "v1.aesgcm.one.sHrSD9hTlRIbJA9tGDon9+FHNeVz1Jq+bAseROTQwocTH0Hnp1E6",
        "sm4gcm": "v1.sm4gcm.one.QuxSe9ioNcNybXP7hXZ5K2OZudHzfy/7Po4mZlhXkVKmsmal2O3G",
    }
    for sealed in kept.values():
        assert open_sealed(Keys.parse(ONE), sealed, about=ABOUT) == "13812345678"


@pytest.mark.parametrize("key_id", ["a", "a" * 20, "2026-11", "0"])
def test_a_new_key_is_read_as_it_is_written(key_id: str) -> None:
    keys = Keys.parse(new_key_text(key_id))

    assert keys.current_id == key_id
    assert len(keys.by_id[key_id]) == 32
    assert new_key_text(key_id) != new_key_text(key_id)


@pytest.mark.parametrize("key_id", ["", "a" * 21, "A", "a b", "a:b", "a,b", "a.b", "钥", "a\n"])
def test_a_name_that_is_no_key_id_is_refused(key_id: str) -> None:
    for attempt in (lambda: new_key_text(key_id), lambda: Keys.parse(key_text(key_id, 1).replace("\n", "\n\n"))):
        with pytest.raises(Refused) as refused:
            attempt()
        assert [fault.path for fault in refused.value.faults] == ["REGISTRY_FIELD_KEYS"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "entry 1"),
        (" ", "entry 1"),
        ("one", "entry 1"),
        (ONE.partition(":")[2], "entry 1"),
        (f"{ONE},", "entry 2"),
        (f"{ONE};{TWO}", "32 bytes"),
        (f"{ONE},{ONE}", "twice"),
        ("one:", "32 bytes"),
        ("one:" + base64.b64encode(bytes(31)).decode(), "32 bytes"),
        ("one:" + base64.b64encode(bytes(33)).decode(), "32 bytes"),
        ("one:" + bytes(32).hex(), "32 bytes"),
        (ONE.rstrip("="), "32 bytes"),
        (ONE.replace("E=", "F="), "32 bytes"),
        (ONE + "密", "32 bytes"),
    ],
)
def test_keys_that_cannot_be_used_are_refused_without_showing_them(text: str, word: str) -> None:
    with pytest.raises(Refused, match=word) as refused:
        Keys.parse(text)

    assert [fault.path for fault in refused.value.faults] == ["REGISTRY_FIELD_KEYS"]
    assert "AQEBAQEB" not in str(refused.value)


def test_blanks_around_an_entry_are_no_part_of_it() -> None:
    assert Keys.parse(f" {ONE} ,\n{TWO}\n") == Keys.parse(f"{ONE},{TWO}")


def test_keys_never_show_themselves() -> None:
    assert "x01" not in repr(Keys.parse(ONE)) and "AQEB" not in repr(Keys.parse(ONE))


def test_a_suite_nobody_knows_is_refused() -> None:
    with pytest.raises(Refused, match="rot13"):
        Keys.parse(ONE, "rot13")
