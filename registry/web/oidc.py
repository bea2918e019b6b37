"""Pages of the single sign-on: out to the issuer, back with a code, and a button that begins the session.

It is the first factor only: whoever has a second one shows it next, staff without one enrol it. Nobody gets an account
by it. The protocol comes back with a GET, which writes nothing: what the issuer said waits in the signed cookie for the
press of a button, for a few minutes and once.
"""

import hmac
import importlib.util
import secrets
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Blueprint, Flask, current_app, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from registry.config import Settings
from registry.domain.actors import Standing
from registry.domain.errors import Refused
from registry.domain.trail import Tag
from registry.store.people import Person
from registry.store.sign_ins import Factor
from registry.web import db
from registry.web.access import may
from registry.web.asking import now
from registry.web.deeds import deed
from registry.web.issuer import Issuer, IssuerFailed
from registry.web.language import say as _
from registry.web.redirects import safe_next
from registry.web.sign_in import begin_here, end_here
from registry.web.signed_in import actor, enter, enter_half, settings, visitor
from registry.work.secure_account import account_of, bind_subject
from registry.work.sign_in import has_second_factor, note_failure

blueprint = Blueprint("oidc", __name__)
_BEGUN, _SHOWN = "oidc_begun", "oidc_shown"
# How long one may take at the issuer, and before the button.
AWAY = timedelta(minutes=10)
WAITING = timedelta(minutes=5)
# A cookie holds about 4,000 characters in all.
_LONGEST_NEXT = 1000
_LONGEST_CODE = 4000
_log = structlog.get_logger(__name__)


def init_app(app: Flask, settings: Settings) -> None:
    """Open the pages of the single sign-on.

    Raises:
        Refused: at REGISTRY_OIDC_ISSUER, when the extra is not installed; at REGISTRY_OIDC_CLIENT_ID without one.
    """
    if not all(importlib.util.find_spec(name) for name in ("authlib", "requests")):
        raise Refused.at(
            "REGISTRY_OIDC_ISSUER",
            "统一身份认证所需的组件没有安装，请运行 pip install '.[oidc]' (the extra [oidc] is not installed)",
        )
    if not settings.oidc_client_id:
        raise Refused.at("REGISTRY_OIDC_CLIENT_ID", "使用统一身份认证时必填 (needed with REGISTRY_OIDC_ISSUER)")
    app.extensions["oidc"] = Issuer(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)
    app.register_blueprint(blueprint)


@blueprint.get("/sign-in/oidc")
@may("sign_in")
def start() -> Response:
    """Send the browser to the issuer."""
    following = safe_next(request.args.get("next"))
    if actor().standing >= Standing.BOUND:
        return redirect(following, 303)
    begun = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    try:
        door = _issuer().door(**begun, back=_back(), now=now())
    except IssuerFailed as failed:
        return _not_answered(failed)
    session[_BEGUN] = {**begun, "next": _short(following), "until": _in(AWAY)}
    return _unkept(redirect(door, 303))


@blueprint.get("/sign-in/oidc/back")
@may("sign_in")
def back() -> Response:
    """Take the code that the issuer sent the browser back with; then, at the bare address, ask to go on."""
    if "state" not in request.args:
        return _ask_to_go_on()
    begun = _awaited()
    if begun is None:
        return _failed(_("登录请求已失效，或不是从本浏览器发起的。请重新登录。"), 400)
    if "error" in request.args or request.args.get("iss", _issuer().address) != _issuer().address:
        return _failed(_("统一身份认证没有完成。请重试，或改用密码登录。"), 400)
    code = request.args.get("code", "")
    if not code or len(code) > _LONGEST_CODE:
        return _failed(_("登录请求已失效，或不是从本浏览器发起的。请重新登录。"), 400)
    told = {"nonce": begun["nonce"], "verifier": begun["verifier"]}
    try:
        shown = _issuer().redeem(code, **told, back=_back(), now=now())
    except IssuerFailed as failed:
        return _not_answered(failed)
    session[_SHOWN] = {
        "subject": shown.subject,
        "email": shown.email,
        "at": now().isoformat(),
        "until": _in(WAITING),
        "next": begun["next"],
    }
    # The code leaves the address bar, and looking at the page again asks the issuer nothing.
    return _unkept(redirect(url_for(".back"), 303))


@blueprint.post("/sign-in/oidc/finish")
@may("sign_in")
def finish() -> Response:
    """Begin the session, or go on to the second factor."""
    shown = _taken()
    if shown is None:
        return _failed(_("等待时间过长或已登录过，请重新登录。"), 400)
    following, token, handle = safe_next(shown["next"]), "", ""
    with deed() as writing:
        row = account_of(writing, shown["subject"], shown["email"])
        if row is None or _was_used(row, shown["at"]):
            doer = visitor(shown["email"] or shown["subject"])
            subject = f"person:{row.id if row else ''}"
            note_failure(writing, (), tag=Tag.SESSION_REFUSED, subject=subject, doer=doer, now=now())
        else:
            if row.oidc_subject is None:
                bind_subject(writing, row, shown["subject"], doer=visitor(known=row), now=now())
            if has_second_factor(writing, row):
                handle = row.fs_uniquifier
                end_here(writing)
            else:
                token = begin_here(writing, row.id, Factor.OIDC)
    if handle:
        enter_half(handle, "oidc")
        return redirect(url_for("sign_in.second_step", next=following), 303)
    if token:
        enter(token)
        return redirect(following, 303)
    return _no_account() if row is None else _failed(_("等待时间过长或已登录过，请重新登录。"), 400)


def _ask_to_go_on() -> Response:
    """Show who the issuer says it is, with the button."""
    shown = _alive(_SHOWN)
    if shown is None:
        return _failed(_("登录请求已失效，或不是从本浏览器发起的。请重新登录。"), 400)
    row = account_of(db.session(), shown["subject"], shown["email"])
    if row is None:
        session.pop(_SHOWN)
        _log.warning("oidc.refused", reason="no account")
        return _no_account()
    return _page(200, person=row)


def _awaited() -> dict[str, Any] | None:
    """Take what was begun in this browser, when it is what the issuer answers to."""
    begun = _alive(_BEGUN)
    state = request.args["state"].encode("utf-8", "replace")
    if begun is None or not hmac.compare_digest(begun["state"].encode(), state):
        return None
    session.pop(_BEGUN)
    return begun


def _taken() -> dict[str, Any] | None:
    shown = _alive(_SHOWN)
    session.pop(_SHOWN, None)
    return shown


def _alive(name: str) -> dict[str, Any] | None:
    kept: dict[str, Any] | None = session.get(name)
    return kept if kept and now().timestamp() < kept["until"] else None


def _was_used(row: Person, shown_at: str) -> bool:
    """Say whether the person came in since the issuer named him: a cookie that was copied brings nobody in twice."""
    return row.last_signed_in_at is not None and row.last_signed_in_at >= datetime.fromisoformat(shown_at)


def _in(time: timedelta) -> int:
    return int((now() + time).timestamp())


def _short(following: str) -> str:
    return following if len(following) <= _LONGEST_NEXT else safe_next(None)


def _issuer() -> Issuer:
    found: Issuer = current_app.extensions["oidc"]
    return found


def _back() -> str:
    return f"{settings().public_url}{url_for('oidc.back')}"


def _not_answered(failed: IssuerFailed) -> Response:
    _log.warning("oidc.failed", reason=str(failed))
    return _failed(_("统一身份认证没有应答，或答复不可信。请稍后重试，或改用密码登录。"), 502)


def _no_account() -> Response:
    told = _("这个身份在本系统没有可用的账户。企业请先注册；工作人员请联系管理员开立账户，并使用同一邮箱。")
    return _failed(told, 403)


def _failed(fault: str, status: int) -> Response:
    return _page(status, fault=fault)


def _page(status: int, person: Person | None = None, fault: str = "") -> Response:
    return _unkept(make_response(render_template("account/oidc.html", person=person, fault=fault), status))


def _unkept(answer: Response) -> Response:
    """Let nobody keep a page that is for one person and one moment."""
    answer.headers["Cache-Control"] = "no-store"
    return answer
