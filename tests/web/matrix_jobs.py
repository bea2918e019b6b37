"""Jobs of the hostile tests' city: one that waits, some that are done, and what their pages are asked."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from make import code
from matrix_cases import HERE, NEAR
from matrix_city import TODAY
from matrix_evidence import keep_file
from matrix_thing import NOBODYS, Example, Thing, Things
from sqlalchemy.orm import Session

from registry.store.jobs import Job

_SCREENED = {"tier": "specialized", "kind": "new", "on": TODAY.isoformat(), "district": NEAR}
_CALLED = {**_SCREENED, "firms": [code(1)]}


def ask_for_jobs(session: Session, ids: dict[str, Any], folder: Path) -> None:
    """Ask for long work: by the district, by the city, by somebody whose seat ended since."""
    size, sha256 = keep_file(folder, b"a list to call up")
    ids["titles"] = str(folder / "outcomes.csv")
    checked = {"list": "titles", "name": "名单.csv", "sha256": ids["outcomes sha256"]}
    came = {"rows": 1, "good": 1, "faults": 0, "header_is_good": True, "first": [], "unread": []}
    for name, who, kind, told, outcome in (
        ("waiting_job", "district", "screen", _SCREENED, None),
        ("called_job", "district", "call_up", _CALLED, {"firms": 1, "districts": 1}),
        ("checked_job", "city", "check_list", checked, came),
        ("unseated_job", "unseated", "call_up", _CALLED, {"firms": 1, "districts": 1}),
    ):
        row = Job(
            kind=kind, told=json.dumps(told), person_id=ids[who], asked_by="tests", seat="", queued_at=HERE,
            due_at=HERE, state="done" if outcome else "waiting", worker="", attempts=0, done=0, total=0, step="",
            fault="", outcome=json.dumps(outcome or {}),
        )  # fmt: skip
        if outcome:
            row.finished_at, row.expires_at = HERE, HERE + timedelta(days=30)
        if kind == "call_up":
            row.result_name, row.result_sha256, row.result_size = "提升清单.xlsx", sha256, size
        session.add(row)
        session.flush()
        ids[name] = row.id


def _jobs(*owned: tuple[str, str], gone: tuple[str, ...] = ()) -> Things:
    """Return jobs with whose each is.

    Args:
        gone: those whose owner may not have what came of them any more.
    """
    return lambda ids: [
        *(Thing({"number": ids[name]}, owner=who) for name, who in owned),
        *(Thing({"number": ids[name]}, is_there=False) for name in (*gone, "foreign_job")),
        Thing({"number": NOBODYS}, is_there=False),
    ]


_OWNED = (
    ("called_job", "district"),
    ("waiting_job", "district"),
    ("checked_job", "city"),
    ("unseated_job", "unseated"),
)
JOB_THINGS: dict[Any, Things] = {
    ("jobs.job", ("number",)): _jobs(*_OWNED),
    ("jobs.file", ("number",)): _jobs(_OWNED[0], gone=("waiting_job", "checked_job", "unseated_job")),
    ("jobs.cancel", ("number",)): _jobs(_OWNED[1], _OWNED[0], _OWNED[2]),
    ("imports_desk.template", ("which",)): lambda ids: [
        *(Thing({"which": one}) for one in ("firms", "titles", "scale")),
        Thing({"which": "nothing"}, is_there=False),
    ],
    ("imports_desk.file_list", ("number",)): _jobs(_OWNED[2], gone=("called_job",)),
    # Of which district a list is asked for: the example names one.
    ("screenings.start", ()): lambda ids: [Thing({}, NEAR)],
    ("screenings.call_up", ()): lambda ids: [Thing({}, NEAR, 1)],
}
JOB_QUESTIONS = {
    "jobs.jobs": ("after=1", "still=1"),
    "screenings.screenings": (
        "tier=specialized",
        "tier=innovative&kind=re_review",
        "tier=little_giant&district=370203",
    ),
}


def job_examples(ids: dict[str, Any]) -> dict[str, Example]:
    """Return a valid form for what asks for a job."""
    return {
        "jobs.cancel": Example("district"),
        "imports_desk.check": Example("city", {"list": "titles", "file": (ids["titles"], "名单.csv")}),
        "imports_desk.file_list": Example("city"),
        "screenings.start": Example("district", {**_SCREENED}),
        "screenings.call_up": Example("district", {**_SCREENED, "firm": code(1)}),
    }
