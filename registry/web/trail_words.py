"""How entries of the trail are read by people: tags, seats, subjects and values in words. The export has them raw."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.domain.codes import DISTRICTS, TIERS
from registry.domain.conflicts import TIE_WORDS
from registry.domain.revocations import GROUNDS
from registry.domain.roles import DEPARTMENT_WORDS, OFFICE_WORDS, ROLE_WORDS
from registry.domain.trail import TAG_WORDS, Entry, Tag
from registry.web.desk import FACTORS, clock, in_words
from registry.web.labels import N_, district, tier
from registry.web.language import say as _

# What is longer is cut on the page; the export has all of it.
LONGEST = 300

_GROUPS = {
    "session": N_("登录与会话"),
    "password": N_("密码"),
    "factor": N_("第二步验证"),
    "recovery": N_("恢复码"),
    "person": N_("账户"),
    "link": N_("一次性链接"),
    "seat": N_("席位"),
    "claim": N_("代表企业"),
    "invitation": N_("邀请"),
    "delegation": N_("代办"),
    "tie": N_("利害关系"),
    "decision": N_("决定"),
    "confidential": N_("保密内容"),
    "data": N_("数据导出"),
    "keys": N_("密钥"),
    "trail": N_("留痕"),
    "office": N_("机构"),
    "books": N_("台账"),
    "target": N_("目标"),
    "mail": N_("邮件"),
    "evidence": N_("证明材料"),
    "case": N_("案件"),
    "inquiry": N_("征求意见"),
    "sample": N_("抽样"),
    "publicity": N_("公示"),
    "objection": N_("异议"),
    "announcement": N_("公告"),
    "certificate": N_("证书"),
    "outcome": N_("外部决定"),
    "revocation": N_("撤销称号"),
    "ban": N_("禁止申报"),
    "window": N_("申报期"),
    "profile": N_("企业信息"),
    "assessment": N_("自评"),
    "update": N_("年度更新"),
    "change": N_("重大变更"),
    "report": N_("举报"),
    "notice": N_("通知"),
    "view": N_("筛选"),
    "job": N_("任务"),
    "token": N_("接口令牌"),
    "setting": N_("设置"),
    "backup": N_("备份"),
}
_SUBJECTS = {
    "person": N_("人员 %(which)s"),
    "firm": N_("企业 %(which)s"),
    "office": N_("机构 %(which)s"),
    "claim": N_("申请 %(which)s"),
    "letter": N_("邮件 %(which)s"),
    "application": N_("案件 %(which)s"),
    "revocation": N_("撤销 %(which)s"),
    "ban": N_("禁止申报 %(which)s"),
    "announcement": N_("公告 %(which)s"),
    "certificate": N_("证书 %(which)s"),
    "publicity": N_("公示 %(which)s"),
    "objection": N_("异议 %(which)s"),
    "sample": N_("抽样 %(which)s"),
    "window": N_("申报期 %(which)s"),
    "report": N_("举报 %(which)s"),
    "change": N_("变更报告 %(which)s"),
    "job": N_("任务 %(which)s"),
    "token": N_("令牌 %(which)s"),
}
_KEYS = {
    "action": N_("事项"),
    "active": N_("启用"),
    "answer": N_("答复"),
    "asked": N_("条件"),
    "before": N_("早于"),
    "cause": N_("撤销原因"),
    "closed": N_("一并办结件数"),
    "count": N_("次数"),
    "as_of": N_("截至日期"),
    "changed": N_("更改项数"),
    "day": N_("所指日期"),
    "department": N_("部门"),
    "document": N_("文号"),
    "due_on": N_("期限"),
    "deed": N_("入账事由"),
    "criterion": N_("证明什么"),
    "digest": N_("摘要"),
    "district": N_("区市"),
    "email": N_("邮箱"),
    "ended_on": N_("结束日期"),
    "entries": N_("条数"),
    "evidence": N_("材料编号"),
    "expires_at": N_("有效期至"),
    "expires_on": N_("最后有效日"),
    "fact": N_("判断事项"),
    "factor": N_("方式"),
    "facts": N_("事实与依据"),
    "field": N_("字段"),
    "fields": N_("填写项"),
    "files": N_("文件数"),
    "first_day": N_("首日"),
    "firm": N_("企业"),
    "firm_id": N_("企业编号"),
    "form": N_("格式"),
    "group": N_("集团"),
    "handler": N_("承办人"),
    "hash": N_("校验值"),
    "hearing": N_("听取陈述申辩"),
    "kind": N_("类别"),
    "label": N_("名称"),
    "last_day": N_("末日"),
    "listed": N_("名单家数"),
    "locked": N_("已锁定"),
    "name": N_("姓名或名称"),
    "note": N_("说明"),
    "office": N_("任职机构"),
    "office_id": N_("机构编号"),
    "key": N_("密钥编号"),
    "level": N_("层级"),
    "matched": N_("在此申报家数"),
    "matter": N_("案件类别"),
    "number": N_("编号"),
    "on": N_("日期"),
    "opinion": N_("意见"),
    "page": N_("页面"),
    "outcome": N_("结果"),
    "position": N_("职务"),
    "purpose": N_("用途"),
    "query": N_("查询条件"),
    "reason": N_("原因"),
    "reply": N_("答复内容"),
    "result": N_("结果"),
    "role": N_("角色"),
    "round": N_("轮次"),
    "rows": N_("行数"),
    "scopes": N_("权限范围"),
    "seat": N_("席位编号"),
    "seed": N_("随机种子"),
    "seq": N_("留痕编号"),
    "session": N_("会话编号"),
    "sha256": N_("文件校验值"),
    "size": N_("字节数"),
    "source": N_("依据"),
    "stage": N_("环节"),
    "state": N_("状态"),
    "tier": N_("梯度"),
    "title": N_("标题"),
    "told": N_("告知理由"),
    "unlocked": N_("解除锁定"),
    "until": N_("直到"),
    "uscc": N_("统一社会信用代码"),
    "value": N_("取值"),
    "verdict": N_("结论"),
    "why": N_("理由"),
    "year": N_("所属年度"),
}
_MOMENTS = ("expires_at", "until", "before", "since")
# Values of the program's own, each by the key under which it stands; others stay as they are.
_CODES: Mapping[str, Mapping[str, str]] = {
    "factor": FACTORS | {"all": N_("全部")},
    "purpose": {"welcome": N_("设置密码"), "reset": N_("重设密码"), "demo": N_("演示登录")},
    "field": {"phone": N_("手机号码"), "id_number": N_("身份证号码")},
    "reason": {
        "disabled": N_("账户停用"),
        "address": N_("证实邮箱"),
        "password": N_("更换密码"),
        "factor": N_("更换第二步验证"),
        "crowded": N_("会话过多"),
        "signed_out": N_("本人退出"),
        "ended_by_owner": N_("本人结束"),
        "signed_in_anew": N_("重新登录"),
        "ended_by_administrator": N_("管理员结束"),
    },
}
# Values that are words of a table; a kind is one of an office or of a tie.
_WORDS: Mapping[str, Mapping[Any, tuple[str, str]]] = {
    "role": ROLE_WORDS,
    "kind": {**OFFICE_WORDS, **TIE_WORDS},
    "department": DEPARTMENT_WORDS,
    "cause": {cause: ground.words for cause, ground in GROUNDS.items()},
}


@dataclass(frozen=True, slots=True)
class Change:
    """One value of an entry, in words; None where there is none on that side."""

    word: str
    before: str | None
    after: str | None


def groups() -> tuple[str, ...]:
    """Return the subjects of the tags, in the order of the table."""
    return tuple(dict.fromkeys(tag.partition(".")[0] for tag in Tag))


def group_word(group: str) -> str:
    """Return what several tags are about."""
    return _(_GROUPS.get(group, group))


def tag_word(tag: str) -> str:
    """Return what was done; a tag that nobody knows stays itself."""
    return in_words(TAG_WORDS.get(tag, (tag, tag)))


def seat_word(seat: str) -> str:
    """Return a seat, as district_reviewer@370214, in words; empty outside any."""
    role, at, place = seat.partition("@")
    if seat == "program":
        return _("程序")
    if role not in ROLE_WORDS:
        return seat
    word = in_words(ROLE_WORDS[role])  # type: ignore[index]
    if place in DISTRICTS:
        return f"{word} · {district(place)}"
    if place in DEPARTMENT_WORDS:
        return f"{word} · {in_words(DEPARTMENT_WORDS[place])}"
    return f"{word} · {subject_word(place)}" if at else word


def subject_word(subject: str, names: Mapping[int, str] | None = None) -> str:
    """Return what something was done to, with the name that a person bears today.

    Args:
        names: by the numbers of persons.
    """
    kind, colon, which = subject.partition(":")
    if not colon or kind not in _SUBJECTS:
        return group_word(subject) if subject in _GROUPS else subject
    if not which:
        return _("未知人员") if kind == "person" else subject
    word = _(_SUBJECTS[kind], which=which)
    name = (names or {}).get(person_number(subject) or 0)
    return f"{word} {name}" if name else word


def person_number(subject: str) -> int | None:
    """Return the number of the person whom an entry is about, if it is about one."""
    kind, _colon, which = subject.partition(":")
    is_number = which.isascii() and which.isdigit() and len(which) < 16
    return int(which) if kind == "person" and is_number else None


def changes_of(entry: Entry) -> list[Change]:
    """Return the values of an entry, each with what it was and what it is since."""
    before, after = _read(entry.before), _read(entry.after)
    keys = dict.fromkeys([*(before or {}), *(after or {})])
    return [Change(_word(key), _shown(key, before), _shown(key, after)) for key in keys]


def _read(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {"…": text}


def _word(key: str) -> str:
    return _(_KEYS[key]) if key in _KEYS else key


def _shown(key: str, values: dict[str, Any] | None) -> str | None:
    if values is None or key not in values:
        return None
    text = _value(key, values[key])
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _value(key: str, value: Any) -> str:
    if value is None or value == "":
        return _("无")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, dict):
        return "；".join(f"{_word(one)} {_value(one, said)}" for one, said in value.items())
    if isinstance(value, list):
        return "、".join(_value(key, one) for one in value)
    text = str(value)
    if key in _WORDS and text in _WORDS[key]:
        return in_words(_WORDS[key][text])
    if key in _CODES and text in _CODES[key]:
        return _(_CODES[key][text])
    if key == "tier" and text in TIERS:
        return tier(text)
    if key in _MOMENTS and "T" in text:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return text
        return clock(moment) if moment.tzinfo else text
    return text
