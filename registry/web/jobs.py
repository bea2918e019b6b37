"""The download centre: what somebody asked for, how far it is, its file, what went wrong; only one's own."""

import mimetypes
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, current_app, make_response, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from registry.domain.codes import KIND_WORDS
from registry.domain.errors import MoveNotAllowed, NotFound
from registry.domain.permissions import permission
from registry.domain.trail import Tag
from registry.evidence.names import content_disposition
from registry.evidence.vault import Missing
from registry.store.jobs import OVER, Job, job_of, jobs_of
from registry.web import db
from registry.web.access import may
from registry.web.asking import now
from registry.web.deeds import deed
from registry.web.desk import doer_here, init_blueprint, number_asked, page_links, told
from registry.web.labels import N_, district, tier
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.web.uploads import hands_out, vault
from registry.work.job_files import written_so_far
from registry.work.queue_job import cancel as cancel_job
from registry.work.queue_job import outcome_of, told_of
from registry.work.trace import record

blueprint = Blueprint("jobs", __name__)
init_blueprint(blueprint)
STATES = {
    "waiting": N_("等待处理"),
    "running": N_("正在处理"),
    "done": N_("已完成"),
    "failed": N_("未能完成"),
    "cancelled": N_("已取消"),
}
LISTS = {"firms": N_("企业名单"), "titles": N_("称号名单"), "scale": N_("规上名单")}
# Without the permission by which it was asked for, nobody sees what came of a job any more.
_ASKS = {"screen": "see_watch", "call_up": "see_watch", "check_list": "import_lists", "file_list": "import_lists"}
# Seconds after which a page on which something is under way asks again.
_AGAIN = 3
_PAGE = 30


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as its page shows it.

    Attributes:
        is_writing: its effect is being written and cannot be stopped any more.
        file: whether its file can be downloaded, was too old to be kept, or there is none: `here`, `gone`, ``.
    """

    job: Job
    title: str
    state: str
    step: str
    done: int
    total: int
    is_writing: bool
    faults: tuple[str, ...]
    file: str

    @property
    def percent(self) -> int | None:
        """Return how much of it is done, in whole per cent; None where that is not known."""
        return min(100, self.done * 100 // self.total) if self.total else None

    @property
    def is_over(self) -> bool:
        """Say whether it is done, failed or cancelled."""
        return self.job.state in OVER


@blueprint.get("/jobs")
@may("own_account")
def jobs() -> Response:
    """List what whoever asks has asked for, the newest first."""
    found = jobs_of(db.session(), _own_id(), before=number_asked("after"), limit=_PAGE + 1)
    lines = [line_of(job) for job in found[:_PAGE]]
    after = found[_PAGE - 1].id if len(found) > _PAGE else None
    return _asks_again(
        render_template(
            "jobs/list.html",
            here="jobs.jobs",
            lines=lines,
            again=_asks(lines),
            zone=now().tzinfo,
            **page_links(".jobs", after),
        ),
        lines,
    )


@blueprint.get("/jobs/<int:number>")
@may("own_account")
def job(number: int) -> Response:
    """Show one job: how far it is, and what came of it."""
    return page_of(own_job(number))


def page_of(job: Job, fault: str = "") -> Response:
    """Return the page of a job.

    Args:
        fault: what is wrong with a form that was sent from it.
    """
    line = line_of(job)
    return _asks_again(
        render_template(
            "jobs/job.html",
            here="jobs.jobs",
            line=line,
            fault=fault,
            job=line.job,
            told=told_of(line.job),
            outcome=outcome_of(line.job) if may_open(line.job) else {},
            opens=may_open(line.job),
            again=_asks([line]),
            zone=now().tzinfo,
        ),
        [line],
    )


@blueprint.get("/jobs/<int:number>/file")
@may("own_account")
@hands_out
def file(number: int) -> Response:
    """Hand out the file that came of a job; traced, and not handed out where that cannot be."""
    found = own_job(number)
    state = _file_state(found, now()) if may_open(found) else ""
    if state == "gone":
        raise MoveNotAllowed("文件已过期，不再保存；需要时请重新生成 (the file has expired: have it made again)")
    if state != "here" or found.result_sha256 is None or found.result_name is None:
        raise NotFound(_("这项任务没有可下载的文件"))
    name, digest = found.result_name, found.result_sha256
    try:
        content = BytesIO(vault().read(digest))
    except (Missing, LookupError) as missing:
        raise MoveNotAllowed(
            "文件缺失或已损坏，请重新生成 (the file is missing or damaged: have it made again)"
        ) from missing
    # Whoever asks for the headers alone takes nothing away.
    if request.method == "GET":
        with deed() as session:
            record(
                session,
                Tag.DATA_EXPORTED,
                doer_here(),
                now=now(),
                subject=f"job:{number}",
                after={"kind": own_job(number, session).kind, "name": name, "sha256": digest},
            )
    answer = send_file(
        content,
        mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream",
        conditional=False,
        etag=False,
        last_modified=None,
        max_age=0,
    )
    answer.headers["Content-Disposition"] = content_disposition(name)
    return answer


@blueprint.post("/jobs/<int:number>/cancel")
@may("own_account")
def cancel(number: int) -> Response:
    """Stop a job: at once if it waits, at its next step if it runs."""
    with deed(f"job:{number}") as session:
        found = own_job(number, session)
        cancel_job(session, found, doer=doer_here(), now=now())
        is_over = found.state in OVER
    return told(_("已取消") if is_over else _("已请求取消，处理到下一步时停止"), url_for(".job", number=number))


def own_job(number: int, session: Any = None) -> Job:
    """Return a job of whoever asks.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    found = job_of(session or db.session(), Job.person_id == _own_id(), number)
    if found is None:
        raise NotFound(_("没有这项任务"))
    return found


def may_open(job: Job) -> bool:
    """Say whether whoever asked for a job may still see what came of it: his seat may have ended, or be another's."""
    seats = permission(_ASKS[job.kind]).seats_for(actor()) if job.kind in _ASKS else ()
    if job.kind not in ("screen", "call_up"):
        return bool(seats)
    own, place = {seat.district for seat in seats}, told_of(job).get("district")
    return bool(own) and (None in own or place in own)


def line_of(job: Job) -> JobLine:
    """Return a job as its page shows it."""
    writing = None
    if job.state == "running":
        writing = written_so_far(_vault_or_none(), job.id)
    done, total = writing or (job.done, job.total)
    return JobLine(
        job,
        title_of(job),
        _(STATES[job.state]),
        of_both(job.step) if job.state == "running" else "",
        done,
        total,
        writing is not None,
        tuple(of_both(one) for one in job.fault.splitlines() if one),
        _file_state(job, now()) if may_open(job) else "",
    )


def title_of(job: Job) -> str:
    """Return what a job does, in words."""
    asked = told_of(job)
    match job.kind:
        case "screen" | "call_up":
            day = date.fromisoformat(asked["on"])
            kind = KIND_WORDS[asked["kind"]]
            parts = [tier(asked["tier"]), _(kind), day.isoformat()]
            if job.kind == "screen":
                parts.append(district(asked["district"]) if asked.get("district") else _("全市"))
                return _("筛查：%(what)s", what=" · ".join(parts))
            return _("提升清单：%(what)s，%(count)s 家", what=" · ".join(parts), count=len(asked["firms"]))
        case "check_list":
            which = LISTS[asked["list"]]
            return _("检查%(list)s：%(name)s", list=_(which), name=asked["name"])
        case "file_list":
            which = LISTS[asked["list"]]
            return _("导入%(list)s：%(name)s", list=_(which), name=asked["name"])
    return job.kind


def _own_id() -> int:
    return int(actor().person_id or 0)


def _vault_or_none() -> Any:
    return current_app.extensions["vault"]


def _file_state(job: Job, at: datetime) -> str:
    if job.state != "done" or job.result_sha256 is None or job.expires_at is None:
        return ""
    return "here" if job.expires_at > at else "gone"


def _asks(lines: list[JobLine]) -> bool:
    """Say whether the page asks again by itself; whoever reads may stop it."""
    return request.args.get("still") != "1" and any(not line.is_over for line in lines)


def _asks_again(page: str, lines: list[JobLine]) -> Response:
    answer = make_response(page)
    if _asks(lines):
        answer.headers["Refresh"] = str(_AGAIN)
    return answer
