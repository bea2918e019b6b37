"""Every table, so that the metadata is whole; imported where all are wanted: migrations and their tests."""

from registry.store import (  # noqa: F401
    calendars,
    cases,
    claims,
    decisions,
    evidence,
    examinations,
    firms,
    jobs,
    ledger,
    letters,
    notices,
    offices,
    papers,
    people,
    publications,
    publicities,
    recognitions,
    search,
    sign_ins,
    standing,
    statements,
    targets,
    tokens,
    trail,
)
from registry.store.base import Base

METADATA = Base.metadata
