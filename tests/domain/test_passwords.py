"""New passwords: the line of each profile, what is common, what speaks of its owner, and when one ages."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.passwords import PROFILES, Profile, common_from, expires_at, faults_of, normal, words_about

DJBH, ASVS = PROFILES["djbh"], PROFILES["asvs"]
COMMON = common_from((Path(__file__).parents[2] / "seeds" / "common-passwords.txt").read_text("utf-8"))
BOTH = pytest.mark.parametrize("profile", [DJBH, ASVS], ids=lambda profile: profile.key)
# Sound under both profiles.
GOOD = "Kiefer-Ufer 70 Boot"


def faults(password: str, profile: Profile, *about: str) -> str:
    return "\n".join(faults_of(password, profile, about=about, common=COMMON))


def test_the_profiles_are_those_of_the_two_authorities() -> None:
    assert (DJBH.least, DJBH.classes_wanted, DJBH.max_age_days, DJBH.remembered) == (
        12,
        3,
        {"staff": 90, "firm": 180},
        5,
    )
    assert (ASVS.least, ASVS.classes_wanted, ASVS.max_age_days, ASVS.remembered) == (15, 0, None, 0)
    assert all(profile.checks_common and profile.most >= 128 for profile in PROFILES.values())
    assert [key for key, profile in PROFILES.items() if key != profile.key] == []


@pytest.mark.parametrize(
    ("profile", "password", "is_long_enough"),
    [
        (DJBH, "Kiefer-Uf70", False),
        (DJBH, "Kiefer-Ufe70", True),
        (DJBH, "Kiefer-Ufer70", True),
        (ASVS, "kiefer ufer bo", False),
        (ASVS, "kiefer ufer boo", True),
        (ASVS, "kiefer ufer boot", True),
    ],
)
def test_a_password_of_just_the_least_length_passes(profile: Profile, password: str, is_long_enough: bool) -> None:
    assert (faults(password, profile) == "") == is_long_enough
    assert (f"{profile.least - 1} 个" in faults(password, profile)) == (not is_long_enough)


@BOTH
def test_a_hundred_and_twenty_eight_characters_pass_and_one_more_does_not(profile: Profile) -> None:
    longest = (GOOD * 7)[:128]

    assert faults(longest, profile) == ""
    assert "现为 129 个" in faults(longest + "x", profile)


@BOTH
def test_a_sign_that_stands_for_many_letters_makes_no_password_longer(profile: Profile) -> None:
    assert len(normal("\ufdfa")) == 18
    assert "too long" not in faults("\ufdfa", profile)
    assert "现为 1 个" in faults("\ufdfa", profile)
    # A letter and its accent are one character once normalised.
    assert "现为 8 个" in faults("Ke\u0301i-f7re\u0301"[:10], profile)


@pytest.mark.parametrize(
    ("password", "is_mixed"),
    [
        ("kieferuferboot", False),
        ("Kieferuferboot", False),
        ("Kieferuferboo7", True),
        ("kieferufer-oot", False),
        ("kieferufer-oo7", True),
        ("KIEFERUFER-OO7", True),
        ("松木码头的小船七八九十百千", False),
        ("松木码头的小船七八九十百千a", False),
        ("松木码头的小船七八九十百千a7", True),
        ("松木码头的小船七八九十百千a７", True),
        ("Kiefer uferboot", True),
    ],
)
def test_three_classes_of_four_are_wanted_by_djbh_alone(password: str, is_mixed: bool) -> None:
    assert ("至少 3 类" in faults(password, DJBH)) == (not is_mixed)
    assert "至少" not in faults(password + " und", ASVS)


@BOTH
@pytest.mark.parametrize(
    "password",
    [
        "Qingdao20242024",
        "Qingdao2024!!!!",
        "Qingdao!2024@2025",
        "Woaini1314!!!!!!",
        "WoAiNi@5201314520",
        "A123456@20242024",
        "Qwer1234!@#$2024",
        "1QAZ2wsx20242024",
        "1qaz@WSX3edc 2024",
        "Admin123Admin123",
        "Admin@123Admin@123",
        "Password@20242024",
        "Ｐassword@20242024",
        "12345678901234567890",
        "5201314 5201314!",
        "Aaaaaaaaaaaaaaa1",
        "abcdabcdabcdabcd",
        "哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈",
    ],
)
def test_what_is_common_is_refused_with_whatever_figures_behind(profile: Profile, password: str) -> None:
    assert "too common" in faults(password, profile)


@BOTH
@pytest.mark.parametrize(
    "password", [GOOD, "Qingdao-Kiefer-2024", "1qaz2wsx-Ufer-Boot", "kJ8#vTq2_mZ5xW9d", "X7-28 19 40 55 61 03"]
)
def test_what_only_begins_like_a_common_one_passes(profile: Profile, password: str) -> None:
    assert faults(password, profile) == ""


def test_a_profile_that_does_not_ask_the_list_takes_what_is_on_it() -> None:
    lenient = Profile("lenient", 6, 128, 0, None, remembered=0, checks_common=False)

    assert faults("123456", lenient) == ""


def test_the_list_is_long_lower_case_and_holds_no_short_figures() -> None:
    assert len(COMMON) > 500
    assert [word for word in COMMON if word != word.lower() or word.startswith("#")] == []
    # Shorter ones would forbid every password of figures that happens to begin so.
    assert [word for word in COMMON if len(word) < (5 if word.isdecimal() else 4)] == []
    assert {"woaini1314", "a123456", "qwer1234", "1qaz2wsx", "5201314", "admin123", "qingdao2024"} <= COMMON


def test_comments_and_empty_lines_are_no_passwords() -> None:
    assert common_from("# words\n\n Secret \r\nＡbc１23\n") == {"secret", "abc123"}


@BOTH
@pytest.mark.parametrize(
    ("about", "password"),
    [
        ("zhangwei", "Kiefer-ZhangWei-70"),
        ("zhangwei1985@example.com", "zhangwei-Ufer-70x"),
        ("zhang.wei@example.com", "Kiefer-zhang-Ufer70"),
        ("li.na@example.com", "Kiefer-li.na-Ufer70"),
        ("li.na@example.com", "Kiefer-lina-Ufer70"),
        ("Ling Bearings Ltd", "Kiefer-BEARINGS-70"),
        ("Ｌing Bearings", "Kiefer-bearings-70"),
        ("青岛凌云轴承有限公司", "Kiefer70凌云轴承Ufer"),
        ("青岛凌云轴承有限公司", "Kiefer70岛凌云轴Ufer"),
        ("欧阳建国", "Kiefer70欧阳建国Ufer"),
        ("91370200264574251E", "K-91370200264574251e"),
    ],
)
def test_a_password_about_its_owner_is_refused(profile: Profile, about: str, password: str) -> None:
    assert "must not hold" in faults(password, profile, "", about)
    assert "must not hold" not in faults(password, profile)


@BOTH
@pytest.mark.parametrize(
    ("about", "password"),
    [
        ("wei", "Kiefer-wei-Ufer-70"),
        ("张建国", "Kiefer70张建国Ufer张"),
        ("青岛凌云轴承有限公司", "Kiefer70凌云轴Ufer承"),
        ("zhangwei@kiefer.example", "Kiefer-Ufer-70 Boot"),
        ("", GOOD),
        ("@", GOOD),
        ("   ", "Kiefer    Ufer 70"),
    ],
)
def test_words_of_fewer_than_four_characters_and_the_domain_do_not_count(
    profile: Profile, about: str, password: str
) -> None:
    assert faults(password, profile, about) == ""


def test_no_fault_repeats_the_password_or_the_word_found_in_it() -> None:
    said = faults("zhangwei", DJBH, "zhangwei") + faults("Woaini1314", ASVS)

    assert said
    assert "zhangwei" not in said.lower() and "woaini" not in said.lower()


def test_every_fault_is_named_at_once_in_both_languages() -> None:
    said = faults_of("zhang", DJBH, about=["Zhang"], common=frozenset({"zhang"}))

    assert len(said) == 4
    assert all(one.endswith(")") and " (" in one and not one.isascii() for one in said)


@BOTH
@pytest.mark.parametrize("password", [f" {GOOD} ", f"\u3000{GOOD}\t", GOOD + "\0", GOOD + "😀", "密" * 2 + GOOD])
def test_any_character_is_allowed_and_blanks_at_the_ends_stay(profile: Profile, password: str) -> None:
    assert faults(password, profile) == ""
    assert len(normal(password)) == len(password)


@BOTH
def test_half_a_character_is_refused_since_it_cannot_be_hashed(profile: Profile) -> None:
    assert "half a character" in faults(GOOD + "\ud800", profile)


def test_two_keyboards_write_one_password_in_one_way() -> None:
    assert normal("Ｋｉｅｆｅｒ　７０") == normal("Kiefer 70") == "Kiefer 70"
    assert normal("e\u0301") == normal("\u00e9")


@settings(derandomize=True, deadline=None, database=None)
@given(st.text(max_size=200), st.sampled_from([DJBH, ASVS]), st.lists(st.text(max_size=20), max_size=3))
def test_a_password_that_passes_still_passes_as_it_is_hashed(text: str, profile: Profile, about: list[str]) -> None:
    assert normal(normal(text)) == normal(text)
    if not faults(text, profile, *about) and len(normal(text)) <= profile.most:
        assert faults(normal(text), profile, *about) == ""


@settings(derandomize=True, deadline=None, database=None)
@given(st.text(min_size=4, max_size=30))
def test_a_word_about_somebody_is_never_shorter_than_four(text: str) -> None:
    assert all(len(word) >= 4 for word in words_about([text]))


@pytest.mark.parametrize(
    ("profile", "is_staff", "days"), [(DJBH, True, 90), (DJBH, False, 180), (ASVS, True, None), (ASVS, False, None)]
)
def test_passwords_age_by_who_holds_them(profile: Profile, is_staff: bool, days: int | None) -> None:
    set_at = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
    expected = None if days is None else set_at + timedelta(days=days)

    assert expires_at(set_at, profile, is_staff) == expected
