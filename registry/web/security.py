"""Flask-Security on our own tables: hashes of passwords, one-time codes with their encrypted secrets, recovery codes.

Its views stay switched off: what signing in changes is a deed of the work floor, in one transaction with its entry
in the trail, which the extension's own views, committing after the request, could not promise. In its own eyes nobody
is ever signed in: who is, our session says (`registry.web.signed_in.actor`).
"""

import unicodedata
from functools import cache
from typing import Any

from flask import Flask, current_app
from flask_security import RoleMixin, Security, UserDatastore, UserMixin
from flask_security import hash_password as hash_by_argon2
from flask_security import verify_password as verify_by_argon2
from flask_security.totp import Totp
from passlib.exc import TokenError
from passlib.totp import TOTP
from sqlalchemy.orm import Session

from registry.city.parameters import seed_file
from registry.config import Settings
from registry.domain.passwords import Profile, common_from, faults_of, normal
from registry.store.people import Person
from registry.web.asking import now
from registry.web.signed_in import profile
from registry.work.seal import Keys
from registry.work.seal_codes import wallet
from registry.work.seal_keys import field_keys
from registry.work.secure_account import remembered_passwords

ISSUER = "青岛梯度培育库"
CODES = 10
# Seconds by which a clock may be wrong, either way.
_SKEW = 30
# OWASP's figures for argon2id: 19 MiB, two passes, one lane.
_ARGON2 = {"argon2__memory_cost": 19_456, "argon2__time_cost": 2, "argon2__parallelism": 1}


class _User(UserMixin):
    """What Flask-Security looks for in a table of users; the rows themselves are `Person`, which knows no Flask."""

    fs_uniquifier = email = password = ""
    active = False
    tf_totp_secret = username = mf_recovery_codes = tf_primary_method = tf_phone_number = us_totp_secrets = None


class _Store(UserDatastore):
    """Finds nobody."""

    def __init__(self) -> None:
        super().__init__(_User, RoleMixin)

    def find_user(self, *_args: Any, **_wanted: Any) -> None:
        return None


class _Codes(Totp):
    """One-time codes by the registry's own clock, each good once; their secrets under our own keys."""

    def use(self, keys: Keys, issuer: str) -> None:
        """Encrypt secrets under the current one of these keys."""
        self._totp = TOTP.using(issuer=issuer, wallet=wallet(keys))

    def step_of(self, secret: str, code: str) -> int | None:
        """Return the step whose code this is, within half a minute of now; None when it is none.

        That no step is taken twice is for the database to say (`registry.work.sign_in.take_step`).
        """
        digits = unicodedata.normalize("NFKC", code).replace(" ", "").replace("-", "")
        if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
            return None
        try:
            return int(self._totp.verify(digits, secret, time=now(), window=_SKEW).counter)
        except TokenError:
            return None


def init_app(app: Flask, settings: Settings) -> None:
    """Set the extension up with its views switched off, and keep the keys of confidential fields."""
    keys = field_keys(settings.field_keys, settings.database_url)
    app.extensions["field_keys"] = keys
    app.config.update(
        # Passwords are hashed alone: argon2id salts each by itself.
        SECURITY_PASSWORD_SALT=app.config["SECRET_KEY"],
        SECURITY_PASSWORD_SINGLE_HASH=True,
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - names of ways, no secrets
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=_ARGON2,
        SECURITY_PASSWORD_NORMALIZE_FORM="NFKC",  # noqa: S106
        SECURITY_TWO_FACTOR=True,
        # Only says which packages it looks for; with `authenticator` it wants one to draw codes, which segno does here.
        SECURITY_TWO_FACTOR_ENABLED_METHODS=["email"],
        # It wants one; ours are in the wallet of `_Codes`.
        SECURITY_TOTP_SECRETS={"unused": app.config["SECRET_KEY"]},
        SECURITY_TOTP_ISSUER=ISSUER,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_N=CODES,
    )
    security = Security(app, _Store(), register_blueprint=False, totp_cls=_Codes)
    made: Any = security.totp_factory
    made.use(keys, ISSUER)
    # It asks before every request, files of the pages too; its own answer would read tokens from headers.
    security.login_manager.request_loader(lambda _request: None)


def keys() -> Keys:
    """Return the keys of confidential fields."""
    found: Keys = current_app.extensions["field_keys"]
    return found


def codes() -> _Codes:
    """Return the maker and reader of one-time codes."""
    found: _Codes = current_app.extensions["security"].totp_factory
    return found


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    return str(hash_by_argon2(normal(password)))


def is_password(password: str, hashed: str | None) -> bool:
    """Say whether a password belongs to a hash; takes as long where there is none, so that nobody learns of it."""
    right = verify_by_argon2(normal(password), hashed or _nobodys_hash())
    return bool(right) and hashed is not None


def password_faults(session: Session, row: Person, password: str, about: tuple[str, ...] = ()) -> list[str]:
    """Return what is wrong with a new password of a person, in both languages."""
    rules: Profile = profile()
    told = faults_of(password, rules, about=(row.email, row.name, *about), common=_common())
    if not told and any(is_password(password, kept) for kept in remembered_passwords(session, row, rules)):
        told = ["不能与近期用过的密码相同 (it was used before: choose another)"]
    return told


def new_password_faults(email: str, name: str, password: str, about: tuple[str, ...] = ()) -> list[str]:
    """Return what is wrong with the first password of somebody who has no account yet."""
    return faults_of(password, profile(), about=(email, name, *about), common=_common())


@cache
def _common() -> frozenset[str]:
    return common_from(seed_file("common-passwords.txt").read_text("utf-8"))


@cache
def _nobodys_hash() -> str:
    return hash_password("the password of nobody")
