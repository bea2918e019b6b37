"""Prints a certificate as PDF/A: one sheet, typeset in a process of its own (`registry.work.typeset`). Keeps nothing.

The same certificate gives the same bytes each time, so that none is stored: it is made when somebody asks for it.
"""

import base64
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from threading import BoundedSemaphore

import segno

import registry
from registry.domain.codes import TIER_WORDS, TIER_WORDS_EN
from registry.domain.errors import MoveNotAllowed, Refused
from registry.sheets.jail import Child, JailedLines
from registry.store.recognitions import Certificate
from registry.work.glyphs import FOLDER, lacking, runs_of

TEMPLATE = "certificate/certificate.typ"
WALL_SECONDS = 20.0
# How many sheets this process has typeset at once.
_AT_ONCE = 2
_room = BoundedSemaphore(_AT_ONCE)
_STOPPED = "证书生成被中止，请稍后重试 (making the certificate was stopped: try again later)"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The office that recognises, in both languages; the English is empty where there is none."""

    name: str
    name_en: str = ""


def print_certificate(
    certificate: Certificate, *, issuer: Issuer, document: str, announced_on: date, public_url: str
) -> bytes:
    """Return a certificate as PDF/A-2b.

    Args:
        document: the number of the announcement.
        public_url: what its address begins with, without a slash at its end.

    Raises:
        MoveNotAllowed: it could not be typeset in its time or memory.
    """
    address = f"{public_url}/verify/{certificate.code}"
    content = {
        "document_title": f"{certificate.number} {certificate.name}",
        "name": runs_of(certificate.name),
        "lacking": lacking(certificate.name),
        "uscc": certificate.uscc,
        "title": f"青岛市{TIER_WORDS[certificate.tier]}",
        "title_en": f"{TIER_WORDS_EN[certificate.tier]} of Qingdao · {_valid_en(certificate)}",
        "number": certificate.number,
        "document": runs_of(document),
        "valid": f"{_day(certificate.valid_from)} 至 {_day(certificate.valid_until)}",
        "issuer": issuer.name,
        "issuer_en": issuer.name_en,
        "announced_on": _day(announced_on),
        "address": address,
        "qr": qr_of(address),
    }
    return _typeset(content, certificate.issued_at)


def qr_of(address: str) -> str:
    """Return the QR of an address as SVG."""
    out = BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=2, dark="#000", light="#fff")
    return out.getvalue().decode("utf-8")


def _typeset(content: Mapping[str, object], made_at: datetime) -> bytes:
    place = template_file(TEMPLATE)
    asked = {
        "template": place.read_text("utf-8"),
        "root": str(place.parent),
        "fonts": str(FOLDER),
        "input": "certificate",
        "content": content,
        # The typesetter knows whole seconds only.
        "made_at": made_at.replace(microsecond=0).isoformat(),
    }
    with tempfile.TemporaryFile() as told, _room:
        told.write(json.dumps(asked, ensure_ascii=False).encode("utf-8"))
        told.seek(0)
        child = Child(("registry.work.typeset",), stopped=_STOPPED, seconds=WALL_SECONDS)
        try:
            about = JailedLines("", told, child).about()
        except Refused as refused:
            raise MoveNotAllowed(refused.faults[0].message) from None
    return base64.b64decode(about["pdf"])


def template_file(name: str) -> Path:
    """Return a template of printed papers: inside the package of a wheel, beside it in a checkout."""
    package = Path(registry.__file__).parent
    inside = package / "templates"
    return (inside if inside.is_dir() else package.parent / "templates") / name


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _valid_en(certificate: Certificate) -> str:
    return f"valid {certificate.valid_from} to {certificate.valid_until}"
