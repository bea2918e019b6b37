"""Lays an announcement out as an Excel workbook: its list with the certificates, what it is on the cover."""

from collections.abc import Sequence
from typing import BinaryIO

from registry.domain.codes import DISTRICTS, KIND_WORDS, TIER_WORDS
from registry.sheets.layout import CoverLine, ListColumn, Style
from registry.sheets.writing import write_table
from registry.store.recognition_lists import Listed
from registry.store.recognitions import Announcement

_COLUMNS = (
    ListColumn("position", "序号", Style.INTEGER, 8),
    ListColumn("name", "企业名称", width=40),
    ListColumn("uscc", "统一社会信用代码", width=22),
    ListColumn("district", "区市", width=14),
    ListColumn("tier", "梯度", width=22),
    ListColumn("kind", "类型", width=10),
    ListColumn("certificate", "证书编号", width=20),
    ListColumn("valid_from", "有效期自", Style.DATE, 14),
    ListColumn("valid_until", "有效期至", Style.DATE, 14),
)


def write_announcement(target: BinaryIO, row: Announcement, listed: Sequence[Listed]) -> None:
    """Write an announcement as .xlsx."""
    rows = [
        [
            one.entry.position,
            one.entry.name,
            one.entry.uscc,
            DISTRICTS.get(one.entry.district or "", one.entry.district or "未登记"),
            TIER_WORDS[row.tier],
            KIND_WORDS[one.entry.kind],
            one.certificate.number if one.certificate else None,
            one.certificate.valid_from if one.certificate else None,
            one.certificate.valid_until if one.certificate else None,
        ]
        for one in listed
    ]
    cover = (
        CoverLine("number", "认定文号", row.number),
        CoverLine("announced_on", "公告日期", row.announced_on),
        CoverLine("tier", "梯度", TIER_WORDS[row.tier]),
        CoverLine("count", "企业数", len(rows)),
        CoverLine("digest", "名单摘要（SHA-256）", row.digest),
    )
    write_table(target, "xlsx", row.title[:31], _COLUMNS, rows, cover)
