"""The trail: who did what, when and from where, as entries that are linked like those of the ledger. Pure.

It holds deeds, the ledger what became known of firms; the two chains are apart. Nothing that a person typed can
forge or break a line of it (see `plain`). A secret is never handed to it: it does not know one when it sees one.
"""

import enum
import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from registry.domain.chain import BEGINNING, Break, Head, derive_again

LONGEST_TEXT = 2_000
# A name, an address, a subject: what an index holds must be short on PostgreSQL.
LONGEST_WORD = 200
LONGEST_VALUES = 20_000
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
_LINE_BREAK = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Controls, what is not seen or turns the direction of writing, and halves of characters.
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


class Tag(StrEnum):
    """What was done, as `subject.verb` in the past tense. Stable for ever: the database lists them in a CHECK."""

    SESSION_SIGNED_IN = "session.signed_in"
    SESSION_REFUSED = "session.refused"
    SESSION_LOCKED = "session.locked"
    SESSION_SIGNED_OUT = "session.signed_out"
    SESSION_ENDED = "session.ended"
    SESSION_EXPIRED = "session.expired"
    PASSWORD_SET = "password.set"  # noqa: S105
    PASSWORD_RESET_ASKED = "password.reset_asked"  # noqa: S105
    FACTOR_ENROLLED = "factor.enrolled"
    FACTOR_REMOVED = "factor.removed"
    FACTOR_REFUSED = "factor.refused"
    RECOVERY_MADE = "recovery.made"
    RECOVERY_USED = "recovery.used"
    PERSON_CREATED = "person.created"
    PERSON_DISABLED = "person.disabled"
    PERSON_ENABLED = "person.enabled"
    PERSON_RENAMED = "person.renamed"
    PERSON_CHANGED = "person.changed"
    LINK_MADE = "link.made"
    LINK_USED = "link.used"
    SEAT_GRANTED = "seat.granted"
    SEAT_ENDED = "seat.ended"
    CLAIM_MADE = "claim.made"
    CLAIM_CONFIRMED = "claim.confirmed"
    CLAIM_REFUSED = "claim.refused"
    CLAIM_WITHDRAWN = "claim.withdrawn"
    INVITATION_MADE = "invitation.made"
    INVITATION_ACCEPTED = "invitation.accepted"
    INVITATION_REVOKED = "invitation.revoked"
    DELEGATION_GRANTED = "delegation.granted"
    DELEGATION_REVOKED = "delegation.revoked"
    TIE_DECLARED = "tie.declared"
    TIE_WITHDRAWN = "tie.withdrawn"
    DECISION_MADE = "decision.made"
    DECISION_BARRED = "decision.barred"
    CONFIDENTIAL_REVEALED = "confidential.revealed"
    DATA_EXPORTED = "data.exported"
    KEYS_ROTATED = "keys.rotated"
    TRAIL_ARCHIVED = "trail.archived"
    OFFICE_OPENED = "office.opened"
    OFFICE_CLOSED = "office.closed"
    BOOKS_FILED = "books.filed"
    TARGET_ENTERED = "target.entered"
    MAIL_SENT = "mail.sent"
    MAIL_FAILED = "mail.failed"
    EVIDENCE_ADDED = "evidence.added"
    EVIDENCE_REMOVED = "evidence.removed"
    EVIDENCE_REFUSED = "evidence.refused"
    EVIDENCE_SEEN = "evidence.seen"


# Chinese and English of every tag.
TAG_WORDS: Mapping[str, tuple[str, str]] = {
    Tag.SESSION_SIGNED_IN: ("登录", "signed in"),
    Tag.SESSION_REFUSED: ("登录被拒", "sign-in refused"),
    Tag.SESSION_LOCKED: ("登录被锁定", "sign-in locked"),
    Tag.SESSION_SIGNED_OUT: ("退出", "signed out"),
    Tag.SESSION_ENDED: ("会话被终止", "session ended"),
    Tag.SESSION_EXPIRED: ("会话过期", "session expired"),
    Tag.PASSWORD_SET: ("设置密码", "password set"),
    Tag.PASSWORD_RESET_ASKED: ("申请重设密码", "password reset asked for"),
    Tag.FACTOR_ENROLLED: ("登记第二步验证", "second factor enrolled"),
    Tag.FACTOR_REMOVED: ("移除第二步验证", "second factor removed"),
    Tag.FACTOR_REFUSED: ("第二步验证未通过", "second factor refused"),
    Tag.RECOVERY_MADE: ("生成恢复码", "recovery codes made"),
    Tag.RECOVERY_USED: ("使用恢复码", "recovery code used"),
    Tag.PERSON_CREATED: ("建立账户", "account created"),
    Tag.PERSON_DISABLED: ("停用账户", "account disabled"),
    Tag.PERSON_ENABLED: ("启用账户", "account enabled"),
    Tag.PERSON_RENAMED: ("账户改名", "account renamed"),
    Tag.PERSON_CHANGED: ("修改账户", "account changed"),
    Tag.LINK_MADE: ("生成一次性链接", "one-time link made"),
    Tag.LINK_USED: ("使用一次性链接", "one-time link used"),
    Tag.SEAT_GRANTED: ("授予席位", "seat granted"),
    Tag.SEAT_ENDED: ("终止席位", "seat ended"),
    Tag.CLAIM_MADE: ("申请代表企业", "claim to a firm made"),
    Tag.CLAIM_CONFIRMED: ("确认代表企业", "claim confirmed"),
    Tag.CLAIM_REFUSED: ("驳回代表企业", "claim refused"),
    Tag.CLAIM_WITHDRAWN: ("撤回代表企业", "claim withdrawn"),
    Tag.INVITATION_MADE: ("发出邀请", "invitation made"),
    Tag.INVITATION_ACCEPTED: ("接受邀请", "invitation accepted"),
    Tag.INVITATION_REVOKED: ("撤销邀请", "invitation revoked"),
    Tag.DELEGATION_GRANTED: ("委托代办", "delegation granted"),
    Tag.DELEGATION_REVOKED: ("撤销代办", "delegation revoked"),
    Tag.TIE_DECLARED: ("申报利害关系", "tie declared"),
    Tag.TIE_WITHDRAWN: ("撤回利害关系", "tie withdrawn"),
    Tag.DECISION_MADE: ("作出决定", "decision made"),
    Tag.DECISION_BARRED: ("决定被回避规则阻止", "decision barred"),
    Tag.CONFIDENTIAL_REVEALED: ("查看保密内容", "confidential data revealed"),
    Tag.DATA_EXPORTED: ("导出数据", "data exported"),
    Tag.KEYS_ROTATED: ("更换密钥", "keys rotated"),
    Tag.TRAIL_ARCHIVED: ("归档留痕", "trail archived"),
    Tag.OFFICE_OPENED: ("设立机构", "office opened"),
    Tag.OFFICE_CLOSED: ("撤销机构", "office closed"),
    Tag.BOOKS_FILED: ("入账", "books filed"),
    Tag.TARGET_ENTERED: ("填报目标", "target entered"),
    Tag.MAIL_SENT: ("发出邮件", "mail sent"),
    Tag.MAIL_FAILED: ("邮件未发出", "mail failed"),
    Tag.EVIDENCE_ADDED: ("上传证明材料", "evidence added"),
    Tag.EVIDENCE_REMOVED: ("移除证明材料", "evidence removed"),
    Tag.EVIDENCE_REFUSED: ("证明材料被拒收", "evidence refused"),
    Tag.EVIDENCE_SEEN: ("下载证明材料", "evidence downloaded"),
}
if TAG_WORDS.keys() != set(Tag):
    raise TypeError(f"tags without words, or words without a tag: {TAG_WORDS.keys() ^ set(Tag)}")


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does something, in which capacity and from where; as known at that moment.

    Attributes:
        person_id: None for the program's own commands, and for a visitor who is not known.
        seat: the office held while doing it, as `district_reviewer@370214`; empty outside any.
        address: the network address the request came from.
        request_id: ties the entries of one request together, and to the log of the server.
    """

    person_id: int | None
    name: str
    seat: str = ""
    address: str = ""
    request_id: str = ""

    @classmethod
    def program(cls, command: str, name: str = "") -> "Doer":
        """Return the program itself, run from the command line.

        Args:
            command: what was run, as `trail archive`.
            name: of whoever ran it, where that is said.
        """
        return cls(None, name or f"registry {command}", seat="program")

    @property
    def signature(self) -> str:
        """Return name and seat in one, as a row keeps whose deed it was."""
        return f"{self.name} {self.seat}".strip()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the trail (see `registry.store.trail.TrailEntry`).

    Attributes:
        subject: what it was done to, as `person:12`.
        before: the values that were replaced, as canonical JSON.
        after: the values that hold since.
    """

    seq: int
    at: datetime
    tag: str
    person_id: int | None
    name: str
    seat: str
    address: str
    request_id: str
    subject: str
    before: str | None
    after: str | None


def plain(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text that stays within one line and shows everything it holds.

    A line break becomes ⏎, a tab a blank, every other character that is not seen �: controls such as ESC, marks that
    turn the direction of writing, halves of characters. Applied again it changes nothing.

    Args:
        longest: characters; what is longer is cut there and ends with ….
    """
    if len(text) > longest:
        text = f"{text[: longest - 1]}…"
    if text.isascii() and text.isprintable():
        return text
    text = _LINE_BREAK.sub("⏎", text).replace("\t", " ")
    return "".join("�" if unicodedata.category(one) in _UNSEEN else one for one in text)


def values_as_text(values: Mapping[str, Any] | None) -> str | None:
    """Return values as canonical JSON: sorted keys, no blanks, days and moments in ISO 8601, each text `plain`.

    Values of more than LONGEST_VALUES characters in all are kept as the beginning of their text, under the key `…`.

    Raises:
        TypeError: a value that is neither text, number, day, moment nor made of those.
    """
    if values is None:
        return None
    text = _ENCODER.encode(_safe(values))
    return text if len(text) <= LONGEST_VALUES else _ENCODER.encode({"…": plain(text)})


def _safe(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if isinstance(value, enum.Enum):
        value = value.value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {plain(str(key), LONGEST_WORD): _safe(one) for key, one in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(_safe, value), key=_ENCODER.encode)
    if isinstance(value, list | tuple):
        return [_safe(one) for one in value]
    raise TypeError(f"the trail cannot hold a {type(value).__name__}")


def link(before_hash: str, entry: Entry) -> str:
    """Return the hash of an entry after the hash before it, 64 hexadecimal digits."""
    told = [getattr(entry, name) for name in Entry.__slots__]
    told[1] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(_ENCODER.encode([before_hash, *told]).encode("utf-8")).hexdigest()


def verify(
    entries: Iterable[tuple[Entry, str]], start: Head = BEGINNING, kept: Iterable[Head] = ()
) -> tuple[Head, Break | None]:
    """Derive the chain of the trail again (see `registry.domain.chain.derive_again`).

    Args:
        start: the head up to which it was archived, unless the entries begin with the first one ever.
    """
    return derive_again(entries, link, start=start, kept=kept)
