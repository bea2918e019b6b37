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
    # What a department was asked about, and what an auditor was given to look at.
    ASKED = "asked"
    GIVEN = "given"
    SELF = "self"


REACH_WORDS: Mapping[Reach, tuple[str, str]] = {
    Reach.CITY: ("全市", "whole city"),
    Reach.DISTRICT: ("本区市", "own district"),
    Reach.FIRM: ("本企业或受托企业", "own firm, or one that delegated"),
    Reach.OWN_FIRM: ("本企业", "own firm"),
    Reach.ASKED: ("向本部门征求意见的案件", "cases the department was asked about"),
    Reach.GIVEN: ("委托本机构审计的案件", "cases the auditor was given"),
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
_DESKS = {Role.CITY_REVIEWER: Reach.CITY, Role.DISTRICT_REVIEWER: Reach.DISTRICT}
_FIRMS = {Role.APPLICANT: Reach.FIRM}
_CITY = {Role.CITY_REVIEWER: Reach.CITY}
_OPEN = ("待确认", "open")
# What may be done with a case follows from its procedure (`registry.domain.casework`), not from a word here.
_BY_PROCEDURE = ("依办理程序", "as its procedure says")

PERMISSIONS: tuple[Permission, ...] = (
    Permission("public", ("查看公开内容", "Look at what is public"), Standing.NOBODY, None),
    Permission(
        "api_books",
        ("以含 read:books 的接口令牌读取统计与目标", "Read counts and targets by an API token with read:books"),
        Standing.NOBODY,
        None,
    ),
    Permission(
        "api_firms",
        ("以含 read:firms 的接口令牌读取企业状态", "Read a firm's standing by an API token with read:firms"),
        Standing.NOBODY,
        None,
    ),
    Permission(
        "watch_program",
        (
            "以监控令牌读取运行指标（不含个人信息）",
            "Read the program's metrics by the monitoring token (nothing personal)",
        ),
        Standing.NOBODY,
        None,
    ),
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
    Permission("see_own_cases", ("查看本企业的申报与通知", "See the firm's own cases"), grants=_FIRMS),
    Permission(
        "apply",
        ("填报、提交、补正、撤回申报", "Fill in, submit, correct and withdraw an application"),
        grants=_FIRMS,
        state=_BY_PROCEDURE,
    ),
    Permission(
        "keep_papers",
        ("维护企业信息，年度更新，报告变更，答复核实", "Keep the firm's information, update it, report and answer"),
        grants=_FIRMS,
    ),
    Permission(
        "file_for_firm",
        ("代企业填报规上入库", "File above-scale papers for a firm"),
        grants={Role.DISTRICT_REVIEWER: Reach.DISTRICT},
        state=_BY_PROCEDURE,
    ),
    Permission(
        "see_cases",
        ("查看案件", "See cases"),
        grants={
            **_DESKS,
            Role.STATISTICIAN: Reach.CITY,
            Role.DEPARTMENT_OFFICER: Reach.ASKED,
            Role.AUDITOR: Reach.GIVEN,
        },
    ),
    Permission(
        "review_cases",
        ("审核、退回、推荐、公示、决定案件", "Review, return, recommend, publicise and decide cases"),
        grants=_DESKS,
        state=_BY_PROCEDURE,
    ),
    Permission(
        "answer_inquiries",
        ("答复征求意见", "Answer an inquiry"),
        grants={Role.DEPARTMENT_OFFICER: Reach.ASKED},
        state=_BY_PROCEDURE,
    ),
    Permission(
        "report_audits",
        ("录入审计结果", "Report the result of an audit"),
        grants={Role.AUDITOR: Reach.GIVEN},
        state=_BY_PROCEDURE,
    ),
    Permission("run_samples", ("抽取样本、委托审计", "Draw samples and commission audits"), grants=_CITY),
    Permission("announce", ("发布认定公告", "Announce recognitions"), grants=_CITY, state=_BY_PROCEDURE),
    Permission(
        "import_outcomes",
        ("导入上级或统计部门的决定", "Import what was decided outside"),
        grants={**_CITY, Role.STATISTICIAN: Reach.CITY},
        state=_BY_PROCEDURE,
    ),
    Permission(
        "import_lists",
        ("检查、导入企业、称号与规上名单", "Check and import lists of firms, titles and above-scale stays"),
        grants={**_CITY, Role.STATISTICIAN: Reach.CITY},
    ),
    Permission(
        "enter_targets",
        ("录入目标完成值", "Enter the values of targets"),
        grants={**_CITY, Role.STATISTICIAN: Reach.CITY},
    ),
    Permission("run_windows", ("设定申报期", "Set the windows for applications"), grants=_CITY),
    Permission("see_revocations", ("查看撤销与禁止申报", "See revocations and bans"), grants=_DESKS),
    Permission("propose_revocations", ("提出撤销称号", "Propose to revoke a title"), grants=_DESKS),
    Permission("revoke_titles", ("撤销称号、解除禁止申报", "Revoke titles, lift bans"), grants=_CITY),
    Permission("see_papers", ("查看年度更新、变更报告与举报", "See updates, changes and reports"), grants=_DESKS),
    Permission("settle_papers", ("处理变更报告与举报", "Settle changes and reports"), grants=_DESKS),
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
