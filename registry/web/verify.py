"""Pages on which everybody verifies a certificate: by the code of its QR, or by number. Only what is public is told."""

from flask import Blueprint, abort, render_template, request

from registry.domain.lookup_codes import canonical
from registry.store.recognition_lists import certificate_of_code, certificate_of_number
from registry.store.recognitions import Certificate
from registry.web import db
from registry.web.access import may
from registry.web.asking import now, text_asked, today
from registry.web.deeds import deed
from registry.web.language import say as _
from registry.web.pace import slowly
from registry.web.security import keys
from registry.work.verify_certificate import Answer, Verified, note_look, verify

blueprint = Blueprint("verify", __name__)
# From one network address; a code is long enough that nobody guesses one in any number of tries.
PACE = "60 per minute"


@blueprint.get("/verify")
@may("public")
def form() -> str | tuple[str, int]:
    """Ask for a number or a code; show what was asked for."""
    asked = text_asked()
    if not asked:
        return render_template("verify/form.html", here="verify.form", asked="", unknown=False)
    return _answer(asked)


@blueprint.get("/verify/<code>")
@may("public")
def certificate(code: str) -> str | tuple[str, int]:
    """Say whether the certificate of a code holds."""
    return _answer(code, by_code_only=True)


def answer_words() -> dict[Answer, str]:
    """Return what is told of a certificate, in a word."""
    return {
        Answer.VALID: _("有效"),
        Answer.EXPIRED: _("已过期"),
        Answer.REVOKED: _("已撤销"),
        Answer.ENDED: _("已失效"),
        Answer.BROKEN: _("无法证实"),
    }


def _answer(asked: str, *, by_code_only: bool = False) -> str | tuple[str, int]:
    with slowly(PACE):
        found = _verified(asked, by_code_only)
    if found is None:
        shown = "" if by_code_only else asked[:60]
        return render_template("verify/form.html", here="verify.form", asked=shown, unknown=True), 404
    # Whoever asks for the headers alone has not looked.
    if request.method == "GET":
        with deed() as session:
            row = session.get(Certificate, found.certificate.id)
            if row is None:
                abort(404)
            note_look(session, row, found.answer, now=now())
    return render_template("verify/certificate.html", here="verify.form", found=found, words=answer_words(), on=today())


def _verified(asked: str, by_code_only: bool) -> Verified | None:
    code = canonical(asked)
    found = certificate_of_code(db.session(), code) if code else None
    if found is None and not by_code_only:
        found = certificate_of_number(db.session(), asked.strip().upper())
    if found is None:
        return None
    certificate, announced = found
    return verify(db.session(), certificate, announced, keys=keys(), on=today())
