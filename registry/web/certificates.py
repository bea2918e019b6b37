"""Pages of a firm's certificates: which it has, whether they hold, each as a PDF made when asked for."""

from io import BytesIO

from flask import Blueprint, Response, render_template

from registry.domain.errors import NotFound
from registry.store.firms import Firm
from registry.store.recognition_lists import certificate_visible, certificates_of, city_office
from registry.store.waiting import firm_visible
from registry.web import db
from registry.web.access import may, visible
from registry.web.asking import today
from registry.web.exported import note_export
from registry.web.language import say as _
from registry.web.security import keys
from registry.web.signed_in import settings
from registry.web.uploads import as_download
from registry.web.verify import answer_words
from registry.work.glyphs import lacking
from registry.work.print_certificate import Issuer, print_certificate
from registry.work.verify_certificate import verify

blueprint = Blueprint("certificates", __name__)


@blueprint.get("/firms/<uscc>/certificates")
@may("see_firms")
def certificates(uscc: str) -> str:
    """List the certificates of a firm, each with what verification says of it today."""
    firm = firm_visible(db.session(), visible(Firm), uscc)
    if firm is None:
        raise NotFound(_("没有这家企业"))
    rows = [
        verify(db.session(), one, announced, keys=keys(), on=today())
        for one, announced in certificates_of(db.session(), firm.id)
    ]
    return render_template(
        "certificates/list.html",
        here="bureau.firms",
        firm=firm,
        rows=rows,
        words=answer_words(),
        lacking={one.certificate.id: lacking(one.certificate.name) for one in rows},
    )


@blueprint.get("/certificates/<int:number>.pdf")
@may("see_firms")
def file(number: int) -> Response:
    """Hand out a certificate as PDF/A."""
    found = certificate_visible(db.session(), visible(Firm), number)
    if found is None:
        raise NotFound(_("没有这份证书"))
    certificate, announced = found
    office = city_office(db.session())
    pdf = print_certificate(
        certificate,
        issuer=Issuer(office.name, office.name_en) if office else Issuer(""),
        document=announced.number if announced else "",
        announced_on=announced.announced_on if announced else certificate.valid_from,
        public_url=settings().public_url.rstrip("/"),
    )
    name = f"{certificate.number} {certificate.name[:60]}.pdf"
    note_export(f"certificates/{number}.pdf", BytesIO(pdf), number=certificate.number)
    return as_download(pdf, name, "application/pdf")
