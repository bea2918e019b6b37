"""Who may do what: one table of permissions, each with the roles it is given to, how far each reaches, and when.

Every route declares one of them; `docs/permissions.md` is generated from both. Nothing here decides a case: whether
a certain person may decide a certain case is asked of `registry.domain.conflicts` as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from registry.domain.actors import Actor, Seat, Standing
from registry.domain.roles import OFFICIALS, Role


class Reach(StrEnum):
    """How far a permission reaches for a role."""

    CITY = "city"
    DISTRICT = "district"
    FIRM = "firm"
    # A firm in which the person has a seat of his own; an intermediary's delegation is not enough.
    OWN_FIRM = "own_firm"
    SELF = "self"


REACH_WORDS: Mapping[Reach, tuple[str, str]] = {
    Reach.CITY: ("全市", "whole city"),
    Reach.DISTRICT: ("本区市", "own district"),
    Reach.FIRM: ("本企业或受托企业", "own firm, or one that delegated"),
    Reach.OWN_FIRM: ("本企业", "own firm"),
    Reach.SELF: ("本人", "oneself"),
}


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing that may be done.

    Attributes:
        needs: how far one must have signed in. HALF is asked for exactly, the others as a least.
        grants: the roles that may, with their reach; None: everybody with that standing, within himself.
        state: the state that what is acted on must be in, in both languages; asked below the web as well.
    """

    key: str
    words: tuple[str, str]
    needs: Standing = Standing.FULL
    grants: Mapping[Role, Reach] | None = field(default_factory=dict)
    state: tuple[str, str] = ("", "")

    def seats_for(self, actor: Actor) -> tuple[Seat, ...]:
        """Return the seats in which an actor may, the farthest-reaching first."""
        grants = self.grants or {}
        order = list(Reach)
        seats = [seat for seat in actor.seats if seat.role in grants]
        if grants and Reach.OWN_FIRM in grants.values():
            seats = [seat for seat in seats if grants[seat.role] is not Reach.OWN_FIRM or seat.is_own]
        return tuple(sorted(seats, key=lambda seat: (order.index(grants[seat.role]), seat.id)))

    def admits(self, actor: Actor) -> bool:
        """Say whether an actor may at all; how far he reaches is for the scoped query to say."""
        if self.needs is Standing.HALF:
            return actor.standing is Standing.HALF
        if actor.standing < self.needs:
            return False
        return self.grants is None or bool(self.seats_for(actor))


_REVIEWERS = {
    Role.CITY_REVIEWER: Reach.CITY,
    Role.STATISTICIAN: Reach.CITY,
    Role.DISTRICT_REVIEWER: Reach.DISTRICT,
}
_OPEN = ("待确认", "open")

PERMISSIONS: tuple[Permission, ...] = (
    Permission("public", ("查看公开内容", "Look at what is public"), Standing.NOBODY, None),
    Permission("sign_in", ("登录、注册、找回密码", "Sign in, register, reset a password"), Standing.NOBODY, None),
    Permission("second_step", ("完成第二步验证", "Give the second factor"), Standing.HALF, None),
    Permission(
        "settle", ("处理登录后必办事项、退出", "Settle what signing in requires; sign out"), Standing.BOUND, None
    ),
    Permission("own_account", ("管理本人账户", "Look after one's own account"), Standing.FULL, None),
    Permission(
        "declare_ties",
        ("申报本人利害关系", "Declare one's own ties"),
        grants=dict.fromkeys(OFFICIALS | {Role.AUDITOR}, Reach.SELF),
    ),
    Permission(
        "see_books",
        ("查看、下载统计与目标（汇总数）", "See and download counts and targets (sums)"),
        grants=dict.fromkeys(_REVIEWERS, Reach.CITY),
    ),
    Permission(
        "see_firms",
        ("查看企业及评价", "See firms and their assessments"),
        grants={**_REVIEWERS, Role.APPLICANT: Reach.FIRM},
    ),
    Permission("see_watch", ("查看、下载关注清单", "See and download watch-lists"), grants=_REVIEWERS),
    Permission(
        "see_evidence",
        ("查看、下载企业的证明材料", "See and download a firm's evidence"),
        grants={
            Role.CITY_REVIEWER: Reach.CITY,
            Role.DISTRICT_REVIEWER: Reach.DISTRICT,
            Role.APPLICANT: Reach.FIRM,
        },
    ),
    Permission(
        "keep_evidence",
        ("上传、移除企业的证明材料", "Upload and remove a firm's evidence"),
        grants={Role.APPLICANT: Reach.FIRM},
    ),
    Permission("represent", ("申请代表企业", "Ask to represent a firm"), grants=None),
    Permission(
        "run_firm",
        ("管理本企业经办人与委托", "Look after the firm's people and delegations"),
        grants={Role.APPLICANT: Reach.OWN_FIRM},
    ),
    Permission(
        "see_claims",
        ("查看代表企业的申请", "See requests to represent a firm"),
        grants={Role.DISTRICT_REVIEWER: Reach.DISTRICT},
    ),
    Permission(
        "decide_claims",
        ("确认或拒绝代表企业的申请", "Confirm or refuse a request to represent a firm"),
        grants={Role.DISTRICT_REVIEWER: Reach.DISTRICT},
        state=_OPEN,
    ),
    Permission(
        "see_people",
        ("查看账户、席位与机构", "See accounts, seats and offices"),
        grants={Role.SYSTEM_ADMIN: Reach.CITY, Role.SECURITY_ADMIN: Reach.CITY},
    ),
    Permission(
        "run_accounts",
        ("开立、停用账户与机构", "Open and close accounts and offices"),
        grants={Role.SYSTEM_ADMIN: Reach.CITY},
    ),
    Permission(
        "run_seats",
        ("授予、收回席位，结束会话", "Grant and end seats, end sessions"),
        grants={Role.SECURITY_ADMIN: Reach.CITY},
    ),
    Permission(
        "see_trail", ("检索、导出操作留痕", "Search and export the trail"), grants={Role.AUDIT_ADMIN: Reach.CITY}
    ),
)
BY_KEY: Mapping[str, Permission] = {one.key: one for one in PERMISSIONS}


def permission(key: str) -> Permission:
    """Return a permission; KeyError is a slip of the caller."""
    return BY_KEY[key]
