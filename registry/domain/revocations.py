"""Why a title is revoked 撤销, in words, and which causes forbid to apply for some years afterwards. Pure.

Source: policy §8. A serious accident, serious dishonesty, tax evasion or false data: cancelled at once, and no
application for at least three years. The other causes cancel a title and bar from nothing [D].
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """Why a title is revoked."""

    INCIDENT = "incident"
    DISHONESTY = "dishonesty"
    TAX_EVASION = "tax_evasion"
    FALSE_DATA = "false_data"
    NO_UPDATE = "no_update"
    UNREPORTED_CHANGE = "unreported_change"
    UNQUALIFIED = "unqualified"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Ground:
    """A cause in both languages, and whether it forbids to apply."""

    words: tuple[str, str]
    bans: bool


GROUNDS: Mapping[Cause, Ground] = {
    Cause.INCIDENT: Ground(
        (
            "发生重大安全、网络安全、数据安全、质量或环境污染事故",
            "Serious accident: safety, cyber, data, quality, pollution",
        ),
        True,
    ),
    Cause.DISHONESTY: Ground(("严重失信", "Serious dishonesty"), True),
    Cause.TAX_EVASION: Ground(("偷漏税等违法违规", "Tax evasion or a like violation"), True),
    Cause.FALSE_DATA: Ground(("数据造假、提供虚假材料", "False data"), True),
    Cause.NO_UPDATE: Ground(
        ("有效期内两次未按期更新年度信息", "Yearly update missed twice within one validity"), False
    ),
    Cause.UNREPORTED_CHANGE: Ground(("发生重大变更未按期报告", "Major change not reported in time"), False),
    Cause.UNQUALIFIED: Ground(("重大变更后不再符合认定条件", "No longer qualified after a major change"), False),
    Cause.OTHER: Ground(("其他", "Other"), False),
}
if GROUNDS.keys() != set(Cause):
    raise TypeError("a cause without its ground")
