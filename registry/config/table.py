"""The table of settings: name, default, meaning, and what a good value looks like. Reads nothing."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from ipaddress import ip_address
from typing import Any

PREFIX = "REGISTRY_"
SHORTEST_KEY = 32
# On this very machine an issuer may do without encryption.
_ISSUER = re.compile(r"https://[!-~]+|http://127\.0\.0\.1(:[0-9]{1,5})?(/[!-~]*)?")
_LISTENER = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}")
_MAIL = re.compile(r"smtps?://(?:[^@/\s]*@)?(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?/?|file:///.*")
_ORIGIN = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?")


def zone_named(name: str) -> tzinfo:
    """Return a time zone; that of the default is known even to a machine without a zone table."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        if name != "Asia/Shanghai":
            raise
        # China has kept one zone without summer time since 1991.
        return timezone(timedelta(hours=8), name)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of the environment.

    Attributes:
        read: the method of environs that reads it.
        expected: what a good value looks like, for a refusal.
        accepts: says whether a value that could be read may be used.
        is_secret: never shown.
    """

    name: str
    read: str
    default: Any
    meaning: str
    meaning_en: str
    expected: str
    accepts: Callable[[Any], bool] = lambda value: True
    is_secret: bool = False

    @property
    def field(self) -> str:
        """Return the attribute of `Settings` that holds it."""
        return self.name.removeprefix(PREFIX).lower()


def _is_zone(name: str) -> bool:
    try:
        return bool(zone_named(name))
    except (KeyError, ValueError, OSError):
        return False


def _is_address(text: str) -> bool:
    """Say whether a text is an IP address as a server writes it: a name, or one written otherwise, never matches."""
    try:
        return str(ip_address(text)) == text
    except ValueError:
        return False


def _is_rate(text: str) -> bool:
    """Say whether a text is a bound of requests as the limiter reads it."""
    from limits import parse_many

    try:
        return bool(parse_many(text))
    except ValueError:
        return False


SETTINGS = (
    Setting(
        "REGISTRY_DATABASE_URL",
        "str",
        "sqlite:///var/registry.sqlite",
        "数据库地址，SQLite 或 PostgreSQL",
        "where the database is, as an SQLAlchemy URL",
        "sqlite:///文件 或 postgresql+psycopg://…",
        bool,
    ),
    Setting(
        "REGISTRY_LOCAL_TABLE",
        "str",
        "shandong-2022",
        "专精特新“特色化”指标所用的地方评分表",
        "the local table of the scored indicator 特色化",
        "地方评分表的名称 (a name of a local table)",
        bool,
    ),
    Setting(
        "REGISTRY_HIGHER_TITLE_COUNTS",
        "bool",
        False,
        "持有上一级称号是否视同持有下一级",
        "whether a higher title stands in for a missing lower one",
        "true 或 false",
    ),
    Setting(
        "REGISTRY_SECRET_KEY",
        "str",
        None,
        "签名密钥；用 SQLite 文件时可不设，自动生成并存于数据库旁",
        "signs cookies and forms; made beside an SQLite file when it is not set",
        f"至少 {SHORTEST_KEY} 个字符 (at least {SHORTEST_KEY} characters)",
        lambda value: len(value) >= SHORTEST_KEY,
        is_secret=True,
    ),
    Setting("REGISTRY_HOST", "str", "127.0.0.1", "服务监听的地址", "the address it serves on", "主机名或 IP", bool),
    Setting(
        "REGISTRY_PORT",
        "int",
        8000,
        "服务监听的端口",
        "the port it serves on",
        "0–65535",
        lambda value: 0 <= value <= 65535,
    ),
    Setting(
        "REGISTRY_TIME_ZONE",
        "str",
        "Asia/Shanghai",
        "办公所在时区：决定“今天”",
        "the zone of the office: says which day is today",
        "IANA 时区名，如 Asia/Shanghai (a zone name)",
        _is_zone,
    ),
    Setting(
        "REGISTRY_LANGUAGE",
        "str",
        "zh",
        "页面与命令的默认语言",
        "the language of pages and commands unless asked otherwise",
        "zh 或 en",
        lambda value: value in ("zh", "en"),
    ),
    Setting(
        "REGISTRY_PUBLIC_URL",
        "str",
        None,
        "用户在浏览器里使用的网址，默认由监听的地址和端口得出：邮件和链接据此书写，https 时 Cookie 只经加密传送",
        "the address people use, by default where it serves; with https cookies travel encrypted only",
        "https://域名，不带路径 (scheme and host only)",
        lambda value: bool(_ORIGIN.fullmatch(value)),
    ),
    Setting(
        "REGISTRY_TRUSTED_PROXY",
        "str",
        "",
        "反向代理的地址；只有来自它的 X-Forwarded-For 才可信",
        "address of the reverse proxy whose X-Forwarded-For is believed; none unless set",
        "IP 地址或留空 (an address, or nothing)",
        lambda value: not value or _is_address(value),
    ),
    Setting(
        "REGISTRY_FIELD_KEYS",
        "str",
        None,
        "敏感字段的加密密钥，最新的在前；用 SQLite 文件时可不设，自动生成并存于数据库旁",
        "seal confidential fields, the newest first; made beside an SQLite file when not set",
        "编号:base64密钥，逗号分隔 (id:base64 of 32 bytes, with commas)",
        bool,
        is_secret=True,
    ),
    Setting(
        "REGISTRY_PASSWORD_PROFILE",
        "str",
        "djbh",
        "密码规则：djbh 按等级保护（定期更换），asvs 按 OWASP（长密码、不定期更换）",
        "rules of passwords: djbh as GB/T 22239 asks, asvs as OWASP advises",
        "djbh 或 asvs",
        lambda value: value in ("djbh", "asvs"),
    ),
    Setting(
        "REGISTRY_IDLE_MINUTES",
        "int",
        30,
        "多少分钟不操作即退出",
        "minutes without a request after which a session ends",
        "1–720",
        lambda value: 1 <= value <= 720,
    ),
    Setting(
        "REGISTRY_SESSION_HOURS",
        "int",
        8,
        "一次登录最长多少小时",
        "hours after which a session ends whatever is done",
        "1–24",
        lambda value: 1 <= value <= 24,
    ),
    Setting(
        "REGISTRY_MAIL_URL",
        "str",
        "",
        "发信服务器，如 smtps://用户:密码@主机:465；留空时邮件写入数据库旁的 mail 文件夹",
        "the mail server; without one mails are written to a folder `mail` beside the database",
        "smtp://主机:端口、smtps://… 或留空 (smtp, smtps with a host, or nothing)",
        lambda value: not value or bool(_MAIL.fullmatch(value)),
        is_secret=True,
    ),
    Setting(
        "REGISTRY_MAIL_FROM",
        "str",
        "registry@localhost",
        "发件人地址",
        "who the mails are from",
        "邮箱地址 (an address)",
        lambda value: "@" in value,
    ),
    Setting(
        "REGISTRY_RATE_LIMIT",
        "str",
        "1200 per minute",
        "每个网络地址的请求上限（每个进程分别计）",
        "requests that one network address may make, counted by each process",
        "次数和时长，如 1200 per minute (a bound)",
        _is_rate,
    ),
    Setting(
        "REGISTRY_API_RATE_LIMIT",
        "str",
        "600 per minute",
        "每个接口令牌、或不带令牌的每个网络地址的接口请求上限（每个进程分别计）",
        "requests to the API that one token, or one address without one, may make, counted by each process",
        "次数和时长，如 600 per minute (a bound)",
        _is_rate,
    ),
    Setting(
        "REGISTRY_OIDC_ISSUER",
        "str",
        "",
        "统一身份认证的签发者网址；留空则不用（需安装 [oidc]）",
        "issuer of the single sign-on; none unless set (needs the extra [oidc])",
        "https://… 或留空 (an address, or nothing)",
        lambda value: not value or bool(_ISSUER.fullmatch(value)),
    ),
    Setting(
        "REGISTRY_OIDC_CLIENT_ID", "str", "", "统一身份认证的客户端编号", "client id of the single sign-on", "文字"
    ),
    Setting(
        "REGISTRY_OIDC_CLIENT_SECRET",
        "str",
        "",
        "统一身份认证的客户端密钥",
        "client secret of the single sign-on",
        "文字",
        is_secret=True,
    ),
    Setting(
        "REGISTRY_FILES",
        "str",
        "",
        "存放证明材料的文件夹；用 SQLite 文件时可不设，默认为数据库旁的 files",
        "the folder of evidence files; `files` beside an SQLite file when not set",
        "文件夹路径 (a folder)",
        lambda value: "\0" not in value,
    ),
    Setting(
        "REGISTRY_CLAMD",
        "str",
        "",
        "病毒扫描服务 ClamAV 的地址；留空则不扫描",
        "where the ClamAV daemon listens; files are not scanned unless set",
        "主机:端口、套接字路径或留空 (host:port, a path, or nothing)",
        lambda value: not value or value.startswith("/") or bool(_LISTENER.fullmatch(value)),
    ),
    Setting(
        "REGISTRY_WORKER",
        "str",
        "",
        "长时间任务由谁处理：inside 网页服务自己，apart 单独的 registry worker；留空时 SQLite 为 inside，其余为 apart",
        "who does long work: inside the server itself, apart by registry worker; inside on SQLite unless set",
        "inside、apart 或留空 (inside, apart, or nothing)",
        lambda value: value in ("", "inside", "apart"),
    ),
    Setting(
        "REGISTRY_PROCESSES",
        "int",
        1,
        "由几个进程处理网页；以处理器核数为宜，大于 1 时邮件、提醒和长时间任务留在另一个进程",
        "processes that answer pages, best one a core; beside several, mails, reminders and long work have their own",
        "1–64",
        lambda value: 1 <= value <= 64,
    ),
    Setting(
        "REGISTRY_METRICS_TOKEN",
        "str",
        None,
        "监控系统读取 /metrics 的令牌；不设则不对任何人开放",
        "what a monitoring system shows to read /metrics; closed to everybody unless set",
        f"至少 {SHORTEST_KEY} 个字符 (at least {SHORTEST_KEY} characters)",
        lambda value: len(value) >= SHORTEST_KEY,
        is_secret=True,
    ),
)
