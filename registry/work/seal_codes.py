"""The secrets of one-time codes, encrypted under keys that are derived from those of confidential fields."""

import base64
import hashlib
import json

from passlib.totp import TOTP, AppWallet

from registry.work.seal import Keys, SealBroken


def wallet(keys: Keys) -> AppWallet:
    """Return what encrypts the secrets of one-time codes: under the current key, and opens those of every other."""
    return AppWallet({one: _derived(key) for one, key in keys.by_id.items()}, default_tag=keys.current_id)


def sealed_anew(keys: Keys, secret: str) -> str | None:
    """Return a secret encrypted under the current key; None when it is so already.

    Raises:
        SealBroken: its key is not among these, or it is no whole secret.
    """
    try:
        opened = TOTP.using(wallet=wallet(keys)).from_json(secret)
    except (ValueError, LookupError, TypeError, AssertionError):
        reason, reason_en = "一次性验证码的密钥打不开", "the secret of one-time codes cannot be opened"
        raise SealBroken(reason, reason_en, _key_of(secret)) from None
    return str(opened.to_json(encrypt=True)) if opened.changed else None


def _key_of(secret: str) -> str | None:
    """Return the id of the key that a secret names, when it says one."""
    try:
        return str(json.loads(secret)["enckey"]["t"])
    except (ValueError, LookupError, TypeError):
        return None


def _derived(key: bytes) -> str:
    return base64.b64encode(hashlib.sha256(b"one-time codes:" + key).digest()).decode("ascii")
