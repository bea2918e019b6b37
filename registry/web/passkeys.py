"""Passkeys (WebAuthn): enrolled by whoever is signed in, used as the second factor or as both at once.

The challenge lies in the signed cookie for a few minutes; a browser gives it up with the first answer, right or wrong.
A copy of the whole request would still have it: there it is the device's own count that lets no answer in twice.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import urlsplit

import webauthn
from flask import Blueprint, Response, redirect, request, session, url_for
from webauthn.helpers import (
    options_to_json,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from werkzeug.wrappers import Response as AnyResponse

from registry.domain.actors import Standing
from registry.domain.errors import Refused
from registry.domain.trail import Tag
from registry.store.people import Passkey, Person
from registry.store.persons import passkey_by_credential, passkeys_of
from registry.store.sign_ins import Factor
from registry.web import db
from registry.web.access import may
from registry.web.asking import now
from registry.web.deeds import deed
from registry.web.redirects import safe_next
from registry.web.security import ISSUER
from registry.web.sign_in import begin_here
from registry.web.signed_in import actor, address, enter, must_prove, person, settings, visitor
from registry.work.secure_account import add_passkey, use_passkey
from registry.work.sign_in import Door, note_failure

blueprint = Blueprint("passkeys", __name__)
_CHALLENGE = "challenge"
_MINUTES = 5
_LONGEST_ANSWER = 20_000


@blueprint.post("/account/passkeys/options")
@may("settle")
def registration_options() -> Response:
    """Give the browser what it needs to make a new passkey."""
    row = person()
    if must_prove():
        raise Refused.at("", "请先重新验证密码：刷新页面后再试 (prove your password again: reload the page)")
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=ISSUER,
        user_id=row.fs_uniquifier.encode("ascii"),
        user_name=row.email,
        user_display_name=row.name,
        exclude_credentials=[_named(one) for one in passkeys_of(db.session(), row.id)],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return _asked(options_to_json(options), options.challenge, "create")


@blueprint.post("/account/passkeys")
@may("settle")
def register() -> AnyResponse:
    """Enrol the passkey that the browser made."""
    who, challenge = actor(), _challenge("create")
    try:
        made = webauthn.verify_registration_response(
            credential=parse_registration_credential_json(_answer()),
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=settings().public_url,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise _not_taken() from None
    with deed() as writing:
        add_passkey(
            writing,
            writing.get_one(Person, who.person_id),
            name=request.form.get("name", ""),
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            doer=who.doer(),
            now=now(),
            but=who.sign_in_id,
        )
    return redirect(url_for("factors.factors"), 303)


@blueprint.post("/sign-in/passkey/options")
@may("sign_in")
def sign_in_options() -> Response:
    """Give the browser what it needs to sign in; of whom is not asked unless the password was given already."""
    who = actor()
    known = passkeys_of(db.session(), who.person_id) if who.standing is Standing.HALF and who.person_id else []
    options = webauthn.generate_authentication_options(
        rp_id=_host(),
        allow_credentials=[_named(one) for one in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _asked(options_to_json(options), options.challenge, "get")


@blueprint.post("/sign-in/passkey")
@may("sign_in")
def sign_in() -> AnyResponse:
    """Sign in with a passkey: it shows the device and the person at once."""
    challenge = _challenge("get")
    half = actor().person_id if actor().standing is Standing.HALF else None
    try:
        answer = parse_authentication_credential_json(_answer())
        kept = passkey_by_credential(db.session(), answer.raw_id)
        if kept is None or (half is not None and kept.person_id != half):
            raise ValueError("none of ours, or another's")
        shown = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=settings().public_url,
            credential_public_key=kept.public_key,
            credential_current_sign_count=kept.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        _note_refusal()
        raise _not_taken() from None
    kept_id, person_id, following = kept.id, kept.person_id, safe_next(request.args.get("next"))
    with deed() as writing:
        row = writing.get(Person, person_id)
        if row is None or not row.active:
            raise _not_taken()
        use_passkey(writing, writing.get_one(Passkey, kept_id), shown.new_sign_count, now())
        token = begin_here(writing, person_id, Factor.PASSKEY)
    enter(token)
    return redirect(following, 303)


def _note_refusal() -> None:
    with deed() as writing:
        doors = (Door.address(address()),)
        note_failure(writing, doors, tag=Tag.FACTOR_REFUSED, subject="person:", doer=visitor(), now=now())


def _asked(options: str, challenge: bytes, use: str) -> Response:
    """Keep the challenge in the cookie, with what it was given for, and give the options to the script."""
    session[_CHALLENGE] = {
        "use": use,
        "value": urlsafe_b64encode(challenge).decode("ascii"),
        "until": int(now().timestamp()) + _MINUTES * 60,
    }
    return Response(options, mimetype="application/json", headers={"Cache-Control": "no-store"})


def _challenge(use: str) -> bytes:
    """Return the challenge that was given for this use: one of signing in enrols nothing, since nobody proved himself.

    Raises:
        Refused: there is none, or it is too old.
    """
    kept = session.pop(_CHALLENGE, None)
    if not kept or kept.get("use") != use or now().timestamp() >= kept["until"]:
        raise Refused.at("", "验证已超时，请返回重试 (it took too long: go back and try again)")
    return urlsafe_b64decode(kept["value"])


def _answer() -> str:
    answer = request.form.get("credential", "")
    if len(answer) > _LONGEST_ANSWER:
        raise _not_taken()
    return answer


def _named(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=passkey.credential_id)


def _host() -> str:
    return urlsplit(settings().public_url).hostname or "localhost"


def _not_taken() -> Refused:
    return Refused.at(
        "", "通行密钥未通过验证，请重试，或改用其他方式登录 (the passkey was not accepted: try again or another way)"
    )
