"""Examines an installation: what is wrong with it, and what to do. Keeps nothing.

Each finding is one line: good, doubtful (works, but look at it), or wrong (something does not work or may be lost).
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.domain.errors import RegistryError
from registry.evidence.scan import answers
from registry.evidence.vault import Vault
from registry.store.calendars import gazetted_years
from registry.store.engine import file_of
from registry.store.evidence import digests_kept
from registry.store.jobs import Job
from registry.store.letters import Letter
from registry.store.migrate import newest_version, version_of
from registry.store.people import Person
from registry.work.audit import verify as verify_books
from registry.work.keep_calendar import shipped_years
from registry.work.keep_trail import verify_trail
from registry.work.seal import Keys, SealBroken, open_sealed

# SQLite before it may damage a database in WAL mode that two processes write.
_SAFE_WAL = (3, 51, 3)
_LEAST_ROOM = 2**30
_LATE = timedelta(hours=1)
_KEY_FILES = ("field-keys", "secret-key")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        state: good, doubtful or wrong.
        told: in both languages, with what to do.
    """

    what: str
    state: str
    told: str


def examine(
    engine: Engine, settings: Settings, vault: Vault | None, keys: Keys, *, now: datetime, deep: bool = False
) -> Iterator[Finding]:
    """Yield what was found, one thing after another.

    Args:
        deep: also reads every file of evidence and proves the chains, which takes long on a large register.
    """
    stands_at = None
    for found in _database(engine):
        stands_at = stands_at or found.state
        yield found
    if stands_at == "wrong":
        # Of tables that are not there, or not yet as they should be, nothing else can be said.
        yield Finding("rest", "doubtful", "升级之后再运行一次，其余各项才能检查 (run it again after the upgrade)")
        return
    yield from _rights(engine, vault)
    with Session(engine) as session:
        looks: list[Callable[[], Iterator[Finding]]] = [
            lambda: _calendar(session, now),
            lambda: _keys(session, keys),
            lambda: _mails(session, now),
            lambda: _jobs(session, now),
            lambda: _files(session, vault, deep),
        ]
        if deep:
            looks.append(lambda: _chains(session))
        for look in looks:
            yield from look()
    yield from _settings(settings)


def _database(engine: Engine) -> Iterator[Finding]:
    with engine.connect() as connection:
        stands_at = version_of(connection)
        if stands_at == newest_version():
            yield Finding("database", "good", f"{engine.dialect.name}，迁移 {stands_at} (at the newest migration)")
        else:
            at = stands_at or "空库 (empty)"
            told = f"迁移在 {at}，应为 {newest_version()}：先备份，再 registry upgrade (back it up, then upgrade)"
            if stands_at is not None and stands_at > newest_version():
                told = f"迁移 {at} 比程序所知的 {newest_version()} 新：请更新程序 (update the program)"
            yield Finding("database", "wrong", told)
        if engine.dialect.name != "sqlite":
            return
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        if str(mode).lower() == "wal" and sqlite3.sqlite_version_info < _SAFE_WAL:
            yield Finding(
                "sqlite",
                "wrong",
                f"SQLite {sqlite3.sqlite_version} 的 WAL 模式可能损坏数据，请改为 DELETE (WAL may damage it)",
            )
        else:
            yield Finding("sqlite", "good", f"SQLite {sqlite3.sqlite_version}, journal_mode={mode}")
        said = connection.exec_driver_sql("PRAGMA quick_check").scalar_one()
        state = "good" if said == "ok" else "wrong"
        yield Finding("integrity", state, f"quick_check: {said}" + ("" if said == "ok" else "：请从备份恢复 (restore)"))


def _rights(engine: Engine, vault: Vault | None) -> Iterator[Finding]:
    """Look who else on this machine may read what is kept: personal data, evidence, keys."""
    file = file_of(engine.url)
    places = [file, *(file.with_name(name) for name in _KEY_FILES)] if file else []
    places += [vault.folder] if vault else []
    # A folder that nobody else may enter shuts in all that it holds.
    is_shut = {place: not (place.parent.stat().st_mode & 0o077) for place in places if place.parent.exists()}
    open_ones = [
        place for place in places if place.exists() and place.stat().st_mode & 0o077 and not is_shut.get(place, False)
    ]
    if open_ones:
        names = "、".join(str(place) for place in open_ones)
        yield Finding(
            "rights", "doubtful", f"本机其他用户可读 {names}：chmod go= (others on this machine may read them)"
        )
    elif places:
        yield Finding("rights", "good", "只有服务的用户能读数据和密钥 (only the owner reads data and keys)")


def _calendar(session: Session, now: datetime) -> Iterator[Finding]:
    known = {one.year for one in gazetted_years(session)}
    if now.year not in known and now.year in shipped_years():
        yield Finding(
            "calendar", "wrong", f"{now.year} 年放假安排还没有写入，公示不会自行结束：registry upgrade (run it once)"
        )
    elif now.year not in known:
        yield Finding("calendar", "wrong", f"没有 {now.year} 年放假安排，公示不会自行结束：registry holidays import")
    elif now.month >= 12 and now.year + 1 not in known:
        yield Finding("calendar", "doubtful", f"还没有 {now.year + 1} 年放假安排 (import next year's holidays)")
    else:
        yield Finding("calendar", "good", f"工作日历已知至 {max(known)} 年 (known up to that year)")


def _keys(session: Session, keys: Keys) -> Iterator[Finding]:
    sealed = session.execute(
        select(Person.id, Person.phone_sealed)
        .where(Person.phone_sealed.is_not(None))
        .order_by(Person.id.desc())
        .limit(1)
    ).one_or_none()
    if sealed is None:
        yield Finding("keys", "good", f"当前密钥 {keys.current_id}，尚无保密内容 (nothing sealed yet)")
        return
    try:
        open_sealed(keys, sealed.phone_sealed, about=f"person:{sealed.id}:phone")
        yield Finding("keys", "good", f"当前密钥 {keys.current_id} 可以打开保密内容 (opens what is sealed)")
    except SealBroken as broken:
        yield Finding("keys", "wrong", f"打不开保密内容：{broken} (REGISTRY_FIELD_KEYS)")


def _mails(session: Session, now: datetime) -> Iterator[Finding]:
    failed = session.scalar(select(func.count()).select_from(Letter).where(Letter.state == "failed")) or 0
    late = session.scalar(
        select(func.count())
        .select_from(Letter)
        .where(Letter.state.in_(("waiting", "sending")), Letter.due_at < now - _LATE)
    )
    if late:
        yield Finding("mail", "wrong", f"{late} 封邮件超过一小时未发出：服务未运行或邮件服务器不通 (mails are late)")
    elif failed:
        yield Finding("mail", "doubtful", f"{failed} 封邮件未能发出，收件地址可能有误 (could not be delivered)")
    else:
        yield Finding("mail", "good", "没有积压的邮件 (no mail is late)")


def _jobs(session: Session, now: datetime) -> Iterator[Finding]:
    late = session.scalar(select(func.count()).select_from(Job).where(Job.state == "waiting", Job.due_at < now - _LATE))
    stuck = session.scalar(
        select(func.count()).select_from(Job).where(Job.state == "running", Job.lease_until < now - _LATE)
    )
    if late or stuck:
        yield Finding(
            "jobs", "wrong", f"{(late or 0) + (stuck or 0)} 项任务无人处理：registry worker 未运行 (no worker)"
        )
    else:
        yield Finding("jobs", "good", "没有积压的任务 (no job is late)")


def _files(session: Session, vault: Vault | None, deep: bool) -> Iterator[Finding]:
    if vault is None:
        yield Finding("files", "doubtful", "内存数据库不存放文件 (a database in memory keeps no files)")
        return
    try:
        probe = vault.drafts() / "doctor"
        probe.write_bytes(b"")
        probe.unlink()
        room = shutil.disk_usage(vault.folder).free
    except OSError as failure:
        yield Finding("files", "wrong", f"{vault.folder} 不能写入：{failure.strerror} (cannot be written)")
        return
    if room < _LEAST_ROOM:
        yield Finding("files", "doubtful", f"{vault.folder} 只剩 {room // 2**20} MB (little room left)")
    needed = digests_kept(session)
    if deep:
        broken = sorted(digest for digest in needed if not vault.verify(digest))
        if broken:
            yield Finding(
                "files", "wrong", f"{len(broken)} 份文件缺失或损坏，如 {broken[0]}：请从备份取回 (restore them)"
            )
            return
    yield Finding(
        "files", "good", f"{len(needed):,} 份文件{'，均已核对' if deep else ''}，余 {room // 2**30} GB (files)"
    )


def _chains(session: Session) -> Iterator[Finding]:
    for name, look in (("trail", verify_trail), ("books", verify_books)):
        try:
            found = look(session)
            state = "good" if found.holds else "wrong"
            told = (
                "链成立 (the chain holds)" if found.holds else "链不成立：registry audit verify (the chain is broken)"
            )
        except RegistryError as failure:
            state, told = "wrong", str(failure)
        yield Finding(name, state, told)


def _settings(settings: Settings) -> Iterator[Finding]:
    if settings.clamd and answers(settings.clamd):
        yield Finding("scanner", "good", f"病毒扫描 {settings.clamd} 有应答 (the scanner answers)")
    elif settings.clamd:
        yield Finding(
            "scanner",
            "wrong",
            f"病毒扫描 {settings.clamd} 没有应答，新上传的文件都在隔离：启动 clamd 或改 REGISTRY_CLAMD (start it)",
        )
    if not os.environ.get("REGISTRY_SECRET_KEY"):
        yield Finding(
            "secret",
            "doubtful",
            "未设 REGISTRY_SECRET_KEY：密钥放在数据库旁，多台机器须统一设置 (kept beside the database)",
        )
    if settings.public_url.startswith("https://"):
        yield Finding("address", "good", settings.public_url)
    else:
        yield Finding(
            "address", "doubtful", f"{settings.public_url} 不是 https：只适合本机试用 (not encrypted: for trying only)"
        )
