"""The trail takes the tags of casework; its rules are the same as before.

Going back leaves the longer list: what was done stays in the trail.
"""

from pathlib import Path
from runpy import run_path

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TAGS = (
    "'case.opened', 'case.saved', 'case.moved', 'case.assigned', 'case.reminded', 'case.judged', "
    "'inquiry.asked', 'inquiry.answered', 'sample.drawn', 'sample.assigned', 'sample.reported', "
    "'publicity.opened', 'publicity.changed', 'objection.made', 'objection.answered', 'announcement.made', "
    "'certificate.issued', 'outcome.imported', 'revocation.proposed', 'revocation.heard', "
    "'revocation.settled', 'ban.imposed', 'ban.lifted', 'window.opened', 'window.withdrawn', 'profile.saved', "
    "'assessment.kept', 'update.filed', 'change.reported', 'change.settled', 'report.made', 'report.asked', "
    "'report.replied', 'report.settled', 'notice.sent', 'view.saved', 'view.dropped', 'job.queued', "
    "'job.done', 'job.failed', 'job.cancelled', 'token.made', 'token.revoked', 'setting.changed', "
    "'backup.made', 'backup.restored'"
)
# The rules of the trail are written once, where its tables are made.
TRAIL = run_path(str(Path(__file__).with_name("0008_trail.py")))


def upgrade() -> None:
    known = f"tag IN ({TRAIL['TAGS']}, {TAGS})"
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_trail_tag_is_known"), "trail")
        op.create_check_constraint("tag_is_known", "trail", known)
        return
    # SQLite copies the table; rules that name it would stand in the way, and go with it.
    rules = [rule.split()[2] for rule in TRAIL["SQLITE_RULES"]]
    for name in rules:
        op.execute(f"DROP TRIGGER {name}")
    with op.batch_alter_table("trail") as trail:
        trail.drop_constraint("tag_is_known", type_="check")
        trail.create_check_constraint("tag_is_known", sa.text(known))
    for rule in TRAIL["SQLITE_RULES"]:
        op.execute(rule)


def downgrade() -> None:
    pass
