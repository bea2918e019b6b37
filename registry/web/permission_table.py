"""The table of permissions as a document for a bureau: what may be done, by whom, how far, and at which address.

Made of the permissions and of what the routes declare, so that it says what the program does and nothing else.
`python -m registry.web.permission_table` writes docs/permissions.md; a test holds the file to what is made here.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.utils import import_string

from registry.config import Settings
from registry.domain.actors import Standing
from registry.domain.permissions import PERMISSIONS, REACH_WORDS, Permission, Reach
from registry.domain.roles import ROLE_WORDS, Role
from registry.web.access import permission_of

# On a floor above this one: named by a word, as servers name it.
FACTORY = "registry.app:create_app"
FILE = Path(__file__).parents[2] / "docs" / "permissions.md"
STANDING_WORDS = {
    Standing.NOBODY: ("不必登录", "no sign-in"),
    Standing.HALF: ("密码已对、第二步未完成（仅此时）", "password given, second factor awaited (then only)"),
    Standing.BOUND: ("已登录，可尚有必办事项", "signed in, duties may be open"),
    Standing.FULL: ("已登录，且无必办事项", "signed in, nothing left to settle"),
}
SYMBOLS = {Reach.CITY: "●", Reach.DISTRICT: "◐", Reach.FIRM: "◇", Reach.OWN_FIRM: "◆", Reach.SELF: "○"}
SYMBOLS |= {Reach.ASKED: "▣", Reach.GIVEN: "▤"}
ANYBODY, NONE = "✓", "–"
LETTERS = dict(zip(Role, "ABCDEFGHI", strict=True))

INTRODUCTION = """# 权限表 · Permissions

本表说明谁能在系统中做什么、能及于多大范围、须登录到哪一步、对象须处于什么状态。它由程序中的权限定义与每个网址的声明自动生成，
与系统实际执行的一致；没有声明权限的网址一律拒绝访问（403），不在本人范围内的对象一律答复“没有找到”（404），不透露其是否存在。
一人可有多个席位，取范围最广者；三类管理员互相独立，不参与业务。某人能否决定某一案件，还要看是否须回避（利害关系、本人申请、
已在其他层级决定），这在本表之外另行检查。

This table says who may do what, how far it reaches, how far one must have signed in, and in which state the thing must
be. It is made from the program's own definitions and from what every address declares, so it is what is enforced. An
address that declares nothing answers 403; a thing out of one's reach answers 404, as if it were not there. Of several
seats the farthest-reaching counts; the three administrators are apart from each other and from all business. Whether
somebody must keep out of a certain case (ties, an own request, a decision at another level) is asked besides.
"""
CLOSING = """网址中尖括号内为对象编号或代码。GET 只查看（下载文件会留痕），POST 办理事项，必须带本次会话的防伪令牌。
`/sign-in/oidc` 各址只在设置了统一身份认证时存在。

Angle brackets stand for a number or code. GET only looks (a download is traced); POST acts, and needs the token of the
session against forgery. The addresses under `/sign-in/oidc` are there only where a single sign-on is set up.
"""


def permission_table(app: Flask) -> str:
    """Return the whole document.

    Raises:
        LookupError: an endpoint declares no permission.
    """
    parts = (INTRODUCTION, _legend(), _permissions(), _routes(app), CLOSING)
    return "\n".join(part.strip() + "\n" for part in parts)


def undeclared(app: Flask) -> list[str]:
    """Return the endpoints that declare no permission."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    return sorted(one for one in endpoints if permission_of(app.view_functions[one]) is None)


def document_app() -> Flask:
    """Return the application whose routes the document lists: every room is open; no environment, no database.

    Raises:
        Refused: the extra of the single sign-on is not installed.
    """
    settings = Settings(
        database_url="sqlite://",
        local_table="shandong-2022",
        higher_title_counts=False,
        secret_key="signs nothing: only the routes are looked at",  # noqa: S106
        host="127.0.0.1",
        port=0,
        time_zone="Asia/Shanghai",
        language="zh",
        oidc_issuer="https://issuer.invalid",
        oidc_client_id="registry",
    )
    made: Flask = import_string(FACTORY)(settings)
    return made


def _legend() -> str:
    reaches = [(SYMBOLS[reach], *REACH_WORDS[reach]) for reach in Reach]
    others = [
        (ANYBODY, "不问角色；登录后限本人", "whatever the role; once signed in, within oneself"),
        (NONE, "不能", "may not"),
    ]
    roles = [(LETTERS[role], *ROLE_WORDS[role]) for role in Role]
    return "\n".join(
        (
            "## 符号与角色 · Symbols and roles",
            "",
            *_table(("符号", "范围", "Reach"), [*reaches, *others]),
            "",
            *_table(("代号", "角色", "Role"), roles),
        )
    )


def _permissions() -> str:
    heads = ("权限 Key", "内容 What", "角色与范围 Roles, reach", "登录 Standing", "状态 State")
    rows = (
        (f"`{one.key}`", _pair(one.words), _granted(one), _pair(STANDING_WORDS[one.needs]), _state(one))
        for one in PERMISSIONS
    )
    return "\n".join(("## 权限 · Permissions", "", *_table(heads, rows)))


def _routes(app: Flask) -> str:
    silent = undeclared(app)
    if silent:
        raise LookupError(f"declare no permission: {', '.join(silent)}")
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, methods_of(rule)))
    heads = ("方法", "网址 Address", "权限 Key", *LETTERS.values(), "状态 State")
    return "\n".join(("## 网址 · Addresses", "", *_table(heads, (_route(app, rule) for rule in rules))))


def _route(app: Flask, rule: Rule) -> tuple[str, ...]:
    asked = permission_of(app.view_functions[rule.endpoint])
    if asked is None:
        raise LookupError(rule.endpoint)
    reached = (symbol(asked, role) for role in Role)
    return (" ".join(methods_of(rule)), f"`{rule.rule}`", f"`{asked.key}`", *reached, _state(asked))


def methods_of(rule: Rule) -> tuple[str, ...]:
    """Return the methods that a route was made for, without those that Flask adds."""
    return tuple(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def symbol(asked: Permission, role: Role) -> str:
    """Return how far a permission reaches for a role, as a sign."""
    if asked.grants is None:
        return ANYBODY
    return SYMBOLS[asked.grants[role]] if role in asked.grants else NONE


def _granted(asked: Permission) -> str:
    if asked.grants is None:
        return f"{ANYBODY} 不问角色 whatever the role"
    signs = ((role, symbol(asked, role)) for role in Role)
    return "<br>".join(f"{sign} {LETTERS[role]} {_pair(ROLE_WORDS[role])}" for role, sign in signs if sign != NONE)


def _state(asked: Permission) -> str:
    return _pair(asked.state) if any(asked.state) else ""


def _pair(words: tuple[str, str]) -> str:
    return f"{words[0]} {words[1]}"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(heads)
    yield _line(names)
    yield _line("---" for _ in names)
    for row in rows:
        yield _line(row)


def _line(cells: Iterable[str]) -> str:
    # Only a bar would begin another cell.
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


if __name__ == "__main__":
    FILE.write_text(permission_table(document_app()), encoding="utf-8")
