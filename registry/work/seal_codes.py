"""The secrets of one-time codes, encrypted under keys that are derived from those of confidential fields."""

import base64
import hashlib

from passlib.totp import TOTP, AppWallet

from registry.work.seal import Keys


def wallet(keys: Keys) -> AppWallet:
    """Return what encrypts the secrets of one-time codes: under the current key, and opens those of every other."""
    return AppWallet({one: _derived(key) for one, key in keys.by_id.items()}, default_tag=keys.current_id)


def sealed_anew(keys: Keys, secret: str) -> str | None:
    """Return a secret encrypted under the current key; None when it is so already.

    Raises:
        KeyError: its key is not among these.
        ValueError: it cannot be opened.
    """
    opened = TOTP.using(wallet=wallet(keys)).from_json(secret)
    return str(opened.to_json(encrypt=True)) if opened.changed else None


def _derived(key: bytes) -> str:
    return base64.b64encode(hashlib.sha256(b"one-time codes:" + key).digest()).decode("ascii")
