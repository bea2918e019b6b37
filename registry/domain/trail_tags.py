"""What the trail tells of: a tag for every kind of deed, with its words in both languages."""

from collections.abc import Mapping
from enum import StrEnum


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
    CASE_OPENED = "case.opened"
    CASE_SAVED = "case.saved"
    CASE_MOVED = "case.moved"
    CASE_ASSIGNED = "case.assigned"
    CASE_REMINDED = "case.reminded"
    CASE_JUDGED = "case.judged"
    INQUIRY_ASKED = "inquiry.asked"
    INQUIRY_ANSWERED = "inquiry.answered"
    SAMPLE_DRAWN = "sample.drawn"
    SAMPLE_ASSIGNED = "sample.assigned"
    SAMPLE_REPORTED = "sample.reported"
    PUBLICITY_OPENED = "publicity.opened"
    PUBLICITY_CHANGED = "publicity.changed"
    OBJECTION_MADE = "objection.made"
    OBJECTION_ANSWERED = "objection.answered"
    ANNOUNCEMENT_MADE = "announcement.made"
    CERTIFICATE_ISSUED = "certificate.issued"
    OUTCOME_IMPORTED = "outcome.imported"
    REVOCATION_PROPOSED = "revocation.proposed"
    REVOCATION_HEARD = "revocation.heard"
    REVOCATION_SETTLED = "revocation.settled"
    BAN_IMPOSED = "ban.imposed"
    BAN_LIFTED = "ban.lifted"
    WINDOW_OPENED = "window.opened"
    WINDOW_WITHDRAWN = "window.withdrawn"
    PROFILE_SAVED = "profile.saved"
    ASSESSMENT_KEPT = "assessment.kept"
    UPDATE_FILED = "update.filed"
    CHANGE_REPORTED = "change.reported"
    CHANGE_SETTLED = "change.settled"
    REPORT_MADE = "report.made"
    REPORT_ASKED = "report.asked"
    REPORT_REPLIED = "report.replied"
    REPORT_SETTLED = "report.settled"
    NOTICE_SENT = "notice.sent"
    VIEW_SAVED = "view.saved"
    VIEW_DROPPED = "view.dropped"
    JOB_QUEUED = "job.queued"
    JOB_DONE = "job.done"
    JOB_FAILED = "job.failed"
    JOB_CANCELLED = "job.cancelled"
    TOKEN_MADE = "token.made"  # noqa: S105
    TOKEN_REVOKED = "token.revoked"  # noqa: S105
    SETTING_CHANGED = "setting.changed"
    BACKUP_MADE = "backup.made"
    BACKUP_RESTORED = "backup.restored"


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
    Tag.CASE_OPENED: ("开始填报", "case opened"),
    Tag.CASE_SAVED: ("保存填报", "case saved"),
    Tag.CASE_MOVED: ("案件流转", "case moved"),
    Tag.CASE_ASSIGNED: ("分派案件", "case assigned"),
    Tag.CASE_REMINDED: ("催办案件", "case reminded"),
    Tag.CASE_JUDGED: ("录入判断", "judgement entered"),
    Tag.INQUIRY_ASKED: ("征求部门意见", "department asked"),
    Tag.INQUIRY_ANSWERED: ("部门答复", "department answered"),
    Tag.SAMPLE_DRAWN: ("抽取样本", "sample drawn"),
    Tag.SAMPLE_ASSIGNED: ("委托审计", "audit assigned"),
    Tag.SAMPLE_REPORTED: ("录入抽查结果", "sample result entered"),
    Tag.PUBLICITY_OPENED: ("开始公示", "publicity opened"),
    Tag.PUBLICITY_CHANGED: ("公示截止日更新", "publicity recalculated"),
    Tag.OBJECTION_MADE: ("提出异议", "objection made"),
    Tag.OBJECTION_ANSWERED: ("答复异议", "objection answered"),
    Tag.ANNOUNCEMENT_MADE: ("发布公告", "announcement made"),
    Tag.CERTIFICATE_ISSUED: ("颁发证书", "certificate issued"),
    Tag.OUTCOME_IMPORTED: ("导入外部结果", "outside outcome imported"),
    Tag.REVOCATION_PROPOSED: ("拟撤销称号", "revocation proposed"),
    Tag.REVOCATION_HEARD: ("撤销陈述申辩", "firm heard on a revocation"),
    Tag.REVOCATION_SETTLED: ("撤销决定", "revocation settled"),
    Tag.BAN_IMPOSED: ("禁止申报", "ban imposed"),
    Tag.BAN_LIFTED: ("解除禁止申报", "ban lifted"),
    Tag.WINDOW_OPENED: ("设定申报期", "window set"),
    Tag.WINDOW_WITHDRAWN: ("撤回申报期", "window withdrawn"),
    Tag.PROFILE_SAVED: ("保存企业信息", "profile saved"),
    Tag.ASSESSMENT_KEPT: ("保存自评", "self-assessment kept"),
    Tag.UPDATE_FILED: ("年度信息更新", "yearly update filed"),
    Tag.CHANGE_REPORTED: ("报告重大变更", "major change reported"),
    Tag.CHANGE_SETTLED: ("处理重大变更", "major change settled"),
    Tag.REPORT_MADE: ("实名举报", "report made"),
    Tag.REPORT_ASKED: ("向企业核实举报", "firm asked on a report"),
    Tag.REPORT_REPLIED: ("企业答复举报", "firm answered a report"),
    Tag.REPORT_SETTLED: ("举报办结", "report settled"),
    Tag.NOTICE_SENT: ("发出通知", "notices sent"),
    Tag.VIEW_SAVED: ("保存筛选", "filter saved"),
    Tag.VIEW_DROPPED: ("删除筛选", "filter dropped"),
    Tag.JOB_QUEUED: ("提交任务", "job queued"),
    Tag.JOB_DONE: ("任务完成", "job done"),
    Tag.JOB_FAILED: ("任务失败", "job failed"),
    Tag.JOB_CANCELLED: ("取消任务", "job cancelled"),
    Tag.TOKEN_MADE: ("开立接口令牌", "API token made"),
    Tag.TOKEN_REVOKED: ("撤销接口令牌", "API token revoked"),
    Tag.SETTING_CHANGED: ("修改设置", "setting changed"),
    Tag.BACKUP_MADE: ("备份", "backup made"),
    Tag.BACKUP_RESTORED: ("恢复备份", "backup restored"),
}
if TAG_WORDS.keys() != set(Tag):
    raise TypeError(f"tags without words, or words without a tag: {TAG_WORDS.keys() ^ set(Tag)}")
