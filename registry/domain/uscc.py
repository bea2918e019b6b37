"""The unified social credit code (统一社会信用代码): its canonical form and its check character."""

import unicodedata

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


def canonical(text: str) -> str:
    """Return a code trimmed, narrowed to half width and in upper case; says nothing of its validity."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def check_character(first17: str) -> str:
    """Return the character that closes the first 17 of a code.

    Raises:
        KeyError: a character outside the alphabet.

    Source:
        GB 32100-2015: weights 3^i mod 31.
    """
    total = sum(_VALUE[character] * weight for character, weight in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def fault_of(code: str) -> str | None:
    """Say what is wrong with a canonical code, or None when it holds."""
    if len(code) != 18:
        return f"统一社会信用代码应为 18 位，现为 {len(code)} 位 (18 characters expected)"
    strange = next((character for character in code if character not in _VALUE), None)
    if strange is not None:
        return (
            f"统一社会信用代码不含字符 {strange!r}，只用数字和除 I O S V Z 外的大写字母 (character not in the alphabet)"
        )
    expected = check_character(code[:17])
    if code[17] != expected:
        return f"统一社会信用代码校验位不符：末位应为 {expected}，现为 {code[17]} (check character)"
    return None
