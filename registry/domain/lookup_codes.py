"""Codes that nobody guesses: whoever holds one looks up by it a certificate, or the answer to an objection.

26 characters of Crockford's base32, 130 bits: no I, L, O or U, so that a code read off paper is typed as it was meant.
"""

import secrets

LENGTH = 26
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BETWEEN = str.maketrans(dict.fromkeys(" \t\r\n\u00a0\u3000-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d", None))
# Far more than a code with a blank after each character; longer text is no code and is not worked through.
_LONGEST = 200


def new_code() -> str:
    """Return a code that was not given before."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def canonical(text: str) -> str | None:
    """Return the code that a text writes, whatever its case, blanks and hyphens, O for 0 and I or L for 1; or None."""
    if len(text) > _LONGEST:
        return None
    code = _full_width(text).translate(_BETWEEN).upper().translate(_MEANT)
    return code if len(code) == LENGTH and all(one in ALPHABET for one in code) else None


def spaced(code: str) -> str:
    """Return a code in groups, to be read and typed off paper."""
    return "-".join(code[start : start + 6] for start in range(0, len(code), 6))


def _full_width(text: str) -> str:
    """Return letters and digits as a Chinese keyboard may write them, in their common form."""
    return "".join(chr(ord(one) - 0xFEE0) if "\uff01" <= one <= "\uff5e" else one for one in text)
