"""From which side an application is filed: by the firm on its own pages, or for it by its district on others.

The pages are the same; whose application may be filled in on which is told apart here.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request
from sqlalchemy.orm import Session

from registry.domain.case_states import Phase
from registry.domain.errors import NotFound
from registry.domain.roles import Role
from registry.store.cases import Application
from registry.web.case_words import Acting, acting_on, case_found
from registry.web.language import say as _
from registry.work.case_bars import state_of

FOR_FIRMS = "filings"


def filer_here() -> Role:
    """Return in which role one files on the pages that answer this request."""
    return Role.DISTRICT_REVIEWER if request.blueprint == FOR_FIRMS else Role.APPLICANT


def case_here(session: Session, number: int) -> Application:
    """Return an application within reach of the pages that answer this request.

    Raises:
        NotFound: it is not there or not for whoever asks; of a district, also what a firm files itself.
    """
    return _of_side(case_found(session, number))


@contextmanager
def acting_here(number: int) -> Iterator[Acting]:
    """Give the transaction of a deed on an application, as `case_here` finds it."""
    with acting_on(number) as acting:
        _of_side(acting.case)
        yield acting


def can_fill(case: Application) -> bool:
    """Say whether an application is to be filled in now, from this side."""
    return is_open(case) and case.filed_role == filer_here()


def is_open(case: Application) -> bool:
    """Say whether an application is to be filled in now, by whoever files it."""
    return state_of(case).phase in (Phase.DRAFT, Phase.RETURNED)


def _of_side(case: Application) -> Application:
    if request.blueprint == FOR_FIRMS and case.filed_role != filer_here():
        raise NotFound(_("没有这份申报"))
    return case
