"""Seals what a certificate says: a keyed digest that only the registry can make, by a key that serves nothing else.

Whoever changes a certificate in the database without the keys is found out where it is verified. A seal made under an
older key holds as long as that key is kept (see `registry.work.seal_keys`).
"""

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import date

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from registry.store.recognitions import Certificate
from registry.work.seal import Keys

_PURPOSE = b"registry certificate seal v1"
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Said:
    """What is printed on a certificate.

    Attributes:
        code: of its public page, as the QR has it.
        document: the number of the announcement; empty where there is none.
    """

    number: str
    code: str
    uscc: str
    name: str
    tier: str
    valid_from: date
    valid_until: date
    document: str


def said_by(certificate: Certificate, document: str) -> Said:
    """Return what a certificate says."""
    one = certificate
    return Said(one.number, one.code, one.uscc, one.name, one.tier, one.valid_from, one.valid_until, document)


def seal_of(keys: Keys, said: Said) -> str:
    """Return the seal of what a certificate says, by the current key."""
    return _digest(keys.by_id[keys.current_id], said)


def is_genuine(keys: Keys, certificate: Certificate, document: str) -> bool:
    """Say whether a certificate still says what was sealed."""
    said = said_by(certificate, document)
    return any(hmac.compare_digest(_digest(key, said), certificate.seal) for key in keys.by_id.values())


def _digest(key: bytes, said: Said) -> str:
    own = HKDF(SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE).derive(key)
    text = json.dumps(asdict(said), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=date.isoformat)
    return hmac.new(own, text.encode("utf-8"), hashlib.sha256).hexdigest()
