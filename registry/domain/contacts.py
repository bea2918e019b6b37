"""How a person is reached and identified: phone, identity number, e-mail; each in one canonical form, or masked.

No refusal repeats what was entered: these are personal data, and refusals reach logs.
"""

import re
import unicodedata
from datetime import date

from registry.domain.errors import Refused

LONGEST_EMAIL = 254
_LONGEST_LOCAL_PART = 64
# What is longer is refused unread, spaces and all.
_LONGEST_ENTERED = 300
_EARLIEST_BIRTH = date(1900, 1, 1)
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212]")
_PHONE = re.compile(r"(?:\+86)?(1[3-9][0-9]{9})")
_ID = re.compile(r"[1-9][0-9]{16}[0-9X]")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@((?:{_LABEL}\.)+(?=[a-z]){_LABEL})")


def phone(text: str, path: str = "phone") -> str:
    """Return a mobile number of the mainland as 11 digits; full width, spaces, hyphens and +86 are taken away.

    Raises:
        Refused: at the path.
    """
    found = _PHONE.fullmatch(_narrowed(text))
    if found is None:
        raise Refused.at(path, "应为 11 位大陆手机号码，以 1 开头 (a mainland mobile number of 11 digits expected)")
    return found[1]


def id_number(text: str, path: str = "id_number", *, today: date | None = None) -> str:
    """Return a citizen's identity number as 18 characters, the last a digit or X.

    Args:
        today: when given, nobody is born after it.

    Raises:
        Refused: at the path.

    Source:
        GB 11643-1999: birth date in places 7 to 14, check character by ISO 7064 MOD 11-2.
    """
    number = _narrowed(text).upper()
    if not _ID.fullmatch(number):
        raise Refused.at(path, "应为 18 位公民身份号码，末位可为 X (an identity number of 18 characters expected)")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        born = date.min
    if born < _EARLIEST_BIRTH or (today is not None and born > today):
        raise Refused.at(path, "身份号码中的出生日期不存在 (its birth date does not exist)")
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True))
    if number[17] != _ID_CHECKS[total % 11]:
        raise Refused.at(path, "身份号码校验位不符，请核对 (check character does not match)")
    return number


def email(text: str, path: str = "email") -> str:
    """Return an e-mail address in lower case, without the blanks around it.

    Strict where the standards are wide: ASCII only (an international domain in its xn-- form), no quotes, no comments,
    no address of a machine without a domain. Local parts that differ in case alone are taken for one.

    Raises:
        Refused: at the path.
    """
    address = text.strip(" \t\r\n\u3000")
    # Asked before lower-casing, which turns some signs into ASCII letters, as the Kelvin sign into k.
    is_plain = len(address) <= LONGEST_EMAIL and address.isascii()
    found = _EMAIL.fullmatch(address.lower()) if is_plain else None
    if found is None or len(found[1]) > _LONGEST_LOCAL_PART:
        raise Refused.at(
            path, f"应为电子邮箱地址，如 name@example.com，不超过 {LONGEST_EMAIL} 个字符 (an e-mail address expected)"
        )
    return found[0]


def masked_phone(number: str) -> str:
    """Return a phone number as it may be shown: 138****5678."""
    return _masked(number, first=3, last=4)


def masked_id(number: str) -> str:
    """Return an identity number as it may be shown: its first and last four characters."""
    return _masked(number, first=4, last=4)


def _masked(text: str, first: int, last: int) -> str:
    hidden = len(text) - first - last
    # Something too short for its kind would show itself nearly whole.
    return f"{text[:first]}{'*' * hidden}{text[-last:]}" if hidden >= last else "*" * len(text)


def _narrowed(text: str) -> str:
    """Return a text in half width without spaces, hyphens and the invisible marks that telephones copy along."""
    if len(text) > _LONGEST_ENTERED:
        return ""
    kept = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", kept))
