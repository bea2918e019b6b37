"""What a new password must be: two profiles as data, and the faults of a password. Hashes nothing, keeps nothing.

Two authorities contradict each other, so a city chooses between two profiles:

- `djbh`, 等保: GB/T 22239-2019, 8.1.4.1 a) wants authentication data of some complexity, changed at intervals. Its
  assessors look for classes of characters, an age and a memory of earlier passwords.
- `asvs`: OWASP ASVS 5.0 forbids just that: no least number of upper or lower case letters, digits or special
  characters (6.2.5), and a password stays good until it is compromised or its owner changes it (6.2.10). It asks for
  length instead (6.2.1 recommends 15).

A register graded under 等保 departs from 6.2.5 and 6.2.10 by `djbh`; one under `asvs` departs from 8.1.4.1 a). What
both want holds in both: at least 64 characters allowed (6.2.9) and any of them, nothing trimmed or cut off, common
passwords (6.2.4) and words about the person (6.2.11) refused. NFKC, which NIST SP 800-63B advises before hashing, is
the one change made to what was typed (6.2.8): else two keyboards would write one password in two ways.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

# Shorter words about a person stand in too many passwords by chance.
_SHORTEST_WORD = 4
# A password of fewer different characters, such as Aaaaaaaaaaa1, is guessed like one on the list.
_FEWEST_CHARACTERS = 5
_CHINESE = "\u3400-\u9fff\U00020000-\U0003ffff"
_CHINESE_RUN = re.compile(f"[{_CHINESE}]+")
_OTHER_RUN = re.compile(rf"[^\W_{_CHINESE}]+")
_LETTERS = re.compile(rf"[^\W\d_{_CHINESE}]+")


@dataclass(frozen=True, slots=True)
class Profile:
    """What one authority asks of passwords.

    Attributes:
        least: characters, counted both as typed and as hashed.
        most: characters as typed.
        classes_wanted: of lower case, upper case, digits and all else; 0 for none.
        max_age_days: by `staff` and `firm`; None when a password does not age.
        remembered: how many earlier passwords may not come back.
        checks_common: whether a list of common passwords is asked.
    """

    key: str
    least: int
    most: int
    classes_wanted: int
    max_age_days: Mapping[str, int] | None
    remembered: int
    checks_common: bool


PROFILES: Mapping[str, Profile] = {
    profile.key: profile
    for profile in (
        Profile("djbh", 12, 128, 3, {"staff": 90, "firm": 180}, remembered=5, checks_common=True),
        Profile("asvs", 15, 128, 0, None, remembered=0, checks_common=True),
    )
}


def normal(text: str) -> str:
    """Return a password as it is hashed and compared: in NFKC, and nothing else changed."""
    return unicodedata.normalize("NFKC", text)


def common_from(text: str) -> frozenset[str]:
    """Return the common passwords that a file lists: one a line; lines that begin with `#` are comments."""
    lines = (line.strip() for line in text.splitlines())
    return frozenset(normal(line).lower() for line in lines if line and not line.startswith("#"))


def faults_of(password: str, profile: Profile, *, about: Iterable[str], common: frozenset[str]) -> list[str]:
    """Say everything that is wrong with a new password; empty when it may be used.

    No fault repeats the password or the word found in it: faults reach logs.

    Args:
        password: as typed.
        about: the person's name, e-mail address, firm and the like (see `words_about`).
        common: as `common_from` gives it.
    """
    if len(password) > profile.most:
        # Not looked at further, so that a very long one costs nothing.
        return [f"密码不得多于 {profile.most} 个字符，现为 {len(password)} 个 (too long)"]
    if any(unicodedata.category(character) == "Cs" for character in password):
        return ["密码含有不成字符的编码，请重新输入 (holds half a character: type it again)"]
    hashed = normal(password)
    # One sign may stand for many letters or many for one, and neither may make a short password long.
    length = min(len(password), len(hashed))
    faults = []
    if length < profile.least:
        faults.append(
            f"密码不得少于 {profile.least} 个字符，现为 {length} 个 (at least {profile.least} characters expected)"
        )
    if len(_classes_in(hashed)) < profile.classes_wanted:
        faults.append(
            f"密码应含小写字母、大写字母、数字、其他字符中的至少 {profile.classes_wanted} 类"
            f" (at least {profile.classes_wanted} of lower case, upper case, digits and other characters expected)"
        )
    folded = hashed.casefold()
    if any(word in folded for word in words_about(about)):
        faults.append("密码不得包含本人姓名、邮箱或企业名称 (must not hold your name, e-mail or firm)")
    if profile.checks_common and _is_common(hashed.lower(), common):
        faults.append("密码过于常见或单调，极易被猜中，请另选一个 (too common: choose another)")
    return faults


def words_about(about: Iterable[str]) -> frozenset[str]:
    """Return the words about a person that a password must not hold, case-folded, of at least four characters.

    Of an e-mail address only the part before the @ counts. Latin names count word by word, and whole; Chinese is
    written without spaces, so that every four characters in a row of a firm's name are a word.
    """
    words: set[str] = set()
    for text in about:
        whole = normal(text).casefold().strip()
        if "@" in whole:
            whole = whole.rpartition("@")[0]
        pieces = _OTHER_RUN.findall(whole)
        words.update((whole, "".join(pieces), *pieces, *_LETTERS.findall(whole)))
        for run in _CHINESE_RUN.findall(whole):
            words.update(run[start : start + _SHORTEST_WORD] for start in range(len(run)))
    return frozenset(word for word in words if len(word) >= _SHORTEST_WORD)


def expires_at(set_at: datetime, profile: Profile, is_staff: bool) -> datetime | None:
    """Return the moment from which a password must be changed, itself included; None when it does not age."""
    if profile.max_age_days is None:
        return None
    return set_at + timedelta(days=profile.max_age_days["staff" if is_staff else "firm"])


def _classes_in(text: str) -> set[str]:
    """Return the classes of characters in a text; letters without case, as Chinese ones, are `other`."""
    return {
        "lower" if one.islower() else "upper" if one.isupper() else "digit" if one.isdecimal() else "other"
        for one in text
    }


def _is_common(text: str, common: frozenset[str]) -> bool:
    """Say whether a lower-cased password is on the list, extends or repeats what is, or knows few characters."""
    if len(set(text)) < min(_FEWEST_CHARACTERS, len(text)):
        return True
    # A text stands again within its own double just where its smallest piece ends.
    piece = text[: (text + text).find(text, 1)]
    return piece in common or any(begun in common for begun in _without_tails(text))


def _without_tails(text: str) -> Iterator[str]:
    """Give a text, then the text without its last character, as long as that is a digit or no letter at all."""
    yield text
    while text and not text[-1].isalpha():
        text = text[:-1]
        yield text
