"""Remembers the answers to costly questions until the books change; nothing else may make an answer stale.

A question that is remembered must depend on nothing but its arguments and what filings told: not on today, not on
values that staff enter. Each process remembers for itself.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from registry.store.books import last_moment

P = ParamSpec("P")
R = TypeVar("R")
_MOST = 512
_answers: OrderedDict[Hashable, Any] = OrderedDict()
_lock = threading.Lock()


def until_the_books_change(
    question: Callable[Concatenate[Session, P], R],
) -> Callable[Concatenate[Session, P], R]:
    """Have a question's answers remembered, by database, arguments and the moment the books last changed.

    The answer must not be changed by who gets it.
    """

    @wraps(question)
    def asked(session: Session, /, *args: P.args, **kwargs: P.kwargs) -> R:
        place = session.get_bind().engine.url.render_as_string(hide_password=False)
        key = (question.__qualname__, place, last_moment(session), args, tuple(sorted(kwargs.items())))
        with _lock:
            if key in _answers:
                _answers.move_to_end(key)
                found: R = _answers[key]
                return found
        answer = question(session, *args, **kwargs)
        with _lock:
            _answers[key] = answer
            while len(_answers) > _MOST:
                _answers.popitem(last=False)
        return answer

    return asked


def forget() -> None:
    """Forget every answer, as after a database was put in the place of another."""
    with _lock:
        _answers.clear()
