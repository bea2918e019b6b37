"""`registry books …`: deeds that no list can state, and what the ledger says of a firm."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from registry.cli.options import ON
from registry.config import load_settings
from registry.domain.codes import EVENT_WORDS, LADDER, TIER_WORDS
from registry.domain.errors import Refused

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from registry.store.history import Logged
    from registry.work.amend import Reason

_TIER = click.Choice(LADDER)
_BY = click.option("--by", required=True, help="经办人 · Who does it.")
_SOURCE = click.option("--source", required=True, help="依据文件 · The document it rests on.")
_WHY = click.option("--why", required=True, help="为何收回 · Why it is taken back.")
_ON = click.option("--on", type=ON, required=True, help="生效日期 · The day it takes effect, YYYY-MM-DD.")


@click.group("books")
def books_group() -> None:
    """撤销、合并、收回、恢复，查看台账 · Revoke, merge, withdraw, reopen; the ledger of a firm.

    Nothing is overwritten: what was stated before is kept, and the ledger says who took it back, when and why.
    """


@books_group.command("revoke")
@click.argument("uscc")
@click.option("--tier", type=_TIER, required=True, help="梯度 · The tier.")
@_ON
@click.option("--cause", required=True, help="撤销原因 · Why the title is cancelled.")
@_SOURCE
@_BY
def revoke(uscc: str, tier: str, on: date, cause: str, source: str, by: str) -> None:
    """撤销当日有效的称号 · Cancel a title in force on that day; at the close of the day it holds no more."""

    def deed(session: "Session", reason: "Reason", now: datetime) -> int:
        from registry.work.amend import revoke as revoke_title

        return revoke_title(session, uscc, tier=tier, on=on, cause=cause, reason=reason, now=now)

    _do(deed, source, by)


@books_group.command("merge")
@click.argument("uscc")
@click.option("--into", required=True, help="并入的企业 · The code of the firm it was merged into.")
@_ON
@_SOURCE
@_BY
def merge(uscc: str, into: str, on: date, source: str, by: str) -> None:
    """登记企业合并，不影响统计 · Note that the firm was merged into another; its titles and stays are not touched."""

    def deed(session: "Session", reason: "Reason", now: datetime) -> int:
        from registry.work.amend import merge as merge_firm

        return merge_firm(session, uscc, into=into, on=on, reason=reason, now=now)

    _do(deed, source, by)


@books_group.command("withdraw")
@click.argument("uscc")
@click.option("--tier", type=_TIER, help="称号或撤销的梯度 · The tier of the title or revocation.")
@click.option("--recognised-on", type=ON, help="收回该公告日期的称号 · Take back the title of that day.")
@click.option("--entered-on", type=ON, help="收回该入库日期的规上记录 · Take back the stay of that day.")
@click.option("--revoked-on", type=ON, help="收回该日的撤销 · Take back the revocation of that day.")
@click.option("--merged-on", type=ON, help="收回该日的合并 · Take back the merger of that day.")
@_WHY
@_BY
def withdraw(uscc: str, tier: str | None, why: str, by: str, **days: date | None) -> None:
    """收回不该登记的一行 · Take back a row that should never have been filed; give one of the four days."""
    kinds = {"recognised_on": "title", "entered_on": "stay", "revoked_on": "revocation", "merged_on": "merger"}
    given = [(kinds[name], day) for name, day in days.items() if day is not None]
    if len(given) != 1:
        raise click.UsageError(
            "请给出 --recognised-on、--entered-on、--revoked-on、--merged-on 中的一个 (exactly one of them)"
        )
    kind, on = given[0]
    if (tier is not None) != (kind in ("title", "revocation")):
        raise click.UsageError("--tier 与 --recognised-on 或 --revoked-on 同用 (a title or revocation has a --tier)")

    def deed(session: "Session", reason: "Reason", now: datetime) -> int:
        from registry.work.amend import Statement
        from registry.work.amend import withdraw as withdraw_row

        return withdraw_row(session, uscc, statement=Statement(kind, on, tier), reason=reason, now=now)

    _do(deed, why, by)


@books_group.command("reopen")
@click.argument("uscc")
@click.option("--entered-on", type=ON, required=True, help="规上记录的入库日期 · The day the stay began.")
@_WHY
@_BY
def reopen(uscc: str, entered_on: date, why: str, by: str) -> None:
    """收回误登的退库 · Take back a mistaken exit; the stay goes on."""

    def deed(session: "Session", reason: "Reason", now: datetime) -> int:
        from registry.work.amend import reopen as reopen_stay

        return reopen_stay(session, uscc, entered_on=entered_on, reason=reason, now=now)

    _do(deed, why, by)


@books_group.command("log")
@click.argument("uscc")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def log(uscc: str, form: str) -> None:
    """一家企业的全部台账，含更正 · Every ledger entry of a firm in order, with what took it back."""
    from sqlalchemy.orm import Session

    from registry.domain.uscc import canonical, fault_of
    from registry.store.engine import open_ready, refusing
    from registry.store.history import log_of
    from registry.store.queries import firm_by_uscc

    code = canonical(uscc)
    fault = fault_of(code)
    if fault:
        raise Refused.at("uscc", fault)
    settings = load_settings()
    engine = open_ready(settings.database_url)
    with refusing(engine), Session(engine) as session:
        entries = log_of(session, code)
        if not entries and firm_by_uscc(session, code) is None:
            raise Refused.at("uscc", f"库中没有 {code} 这家企业 (no such firm)")
    engine.dispose()
    if form == "json":
        click.echo(json.dumps({"uscc": code, "entries": [_as_json(one) for one in entries]}, ensure_ascii=False))
        return
    if not entries:
        click.echo("台账中没有该企业 (nothing in the ledger)")
    for entry in entries:
        at = entry.known_at.astimezone(settings.zone).isoformat(sep=" ", timespec="seconds")
        click.echo(f"{_worded(entry)}\n    {at}  {entry.deed}  {entry.source}  {entry.actor or '—'}")


def _do(deed: Callable[["Session", "Reason", datetime], int], source: str, by: str) -> None:
    """Do a deed and print what the ledger says after it."""
    from registry.store.engine import open_ready, writing
    from registry.store.history import filed_by
    from registry.work.amend import Reason

    engine = open_ready(load_settings().database_url)
    with writing(engine) as session:
        filing = deed(session, Reason(source, by), datetime.now(UTC))
        entries = filed_by(session, filing)
    engine.dispose()
    if not entries:
        click.echo("已登记，台账无须变动 (filed; no event changes)")
    for entry in entries:
        click.echo(_worded(entry))


def _worded(entry: "Logged") -> str:
    """Return an entry in one line."""
    tier = TIER_WORDS.get(entry.tier or "", entry.tier or "")
    parts = [f"#{entry.seq}", entry.on.isoformat(), EVENT_WORDS.get(entry.tag, entry.tag), tier, entry.district or ""]
    parts += [f"{key}={value}" for key, value in entry.details.items()]
    if entry.voids is not None:
        parts.append(f"收回 #{entry.voids} (takes it back)")
    if entry.voided_by is not None:
        parts.append(f"已被 #{entry.voided_by} 收回 (taken back)")
    return "  ".join(part for part in parts if part)


def _as_json(entry: "Logged") -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "known_at": entry.known_at.isoformat(timespec="microseconds"),
        "takes_effect_on": entry.on.isoformat(),
        "tag": entry.tag,
        "tier": entry.tier,
        "district": entry.district,
        "details": dict(entry.details),
        "voids": entry.voids,
        "voided_by": entry.voided_by,
        "deed": entry.deed,
        "source": entry.source,
        "by": entry.actor,
    }
