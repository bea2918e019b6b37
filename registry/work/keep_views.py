"""Keeps the filters that somebody saved for a list. Flushes, never commits."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor
from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.domain.trail import Tag
from registry.store.notices import SavedView
from registry.work.trace import record

MOST_VIEWS = 20
LONGEST_NAME = 30
LONGEST_QUERY = 1_000


def views_of(session: Session, person_id: int, page: str) -> list[SavedView]:
    """Return what a person saved for a page, by name."""
    query = select(SavedView).where(SavedView.person_id == person_id, SavedView.page == page)
    return list(session.scalars(query.order_by(SavedView.name, SavedView.id)))


def save_view(session: Session, actor: Actor, page: str, *, name: str, query: str, now: datetime) -> SavedView:
    """Save what a list asks for under a name.

    Args:
        page: of which page, by its endpoint.
        query: as the address has it; the caller took out what does not belong to a filter.

    Raises:
        Refused: at `name`: none, too long, or taken; or there is nothing to save.
        MoveNotAllowed: there are as many as one may have.
    """
    word = " ".join(name.split())
    if not word or len(word) > LONGEST_NAME or not word.isprintable():
        raise Refused.at(
            "name", f"请填写 1–{LONGEST_NAME} 字的名称 (a name of 1 to {LONGEST_NAME} characters expected)"
        )
    if not query or len(query) > LONGEST_QUERY:
        raise Refused.at("name", "请先选好标签页或填写条件、点“查询”，再保存 (choose a tab or search first, then save)")
    own = select(func.count()).select_from(SavedView).where(SavedView.person_id == actor.person_id)
    if session.scalar(own.where(SavedView.page == page, SavedView.name == word)):
        raise Refused.at("name", "已有同名的筛选，请换一个名称 (a filter has this name already: choose another)")
    if (session.scalar(own) or 0) >= MOST_VIEWS:
        raise MoveNotAllowed(
            f"最多保存 {MOST_VIEWS} 个筛选，请先删除不用的 (at most {MOST_VIEWS} filters: delete one first)"
        )
    view = SavedView(person_id=actor.person_id, page=page, name=word, query=query, saved_at=now)
    session.add(view)
    session.flush()
    told = {"page": page, "name": word, "query": query}
    record(session, Tag.VIEW_SAVED, actor.doer(), now=now, subject=f"view:{view.id}", after=told)
    return view


def drop_view(session: Session, actor: Actor, number: int, *, now: datetime) -> str:
    """Delete a filter that somebody saved; return its name.

    Raises:
        NotFound: it is not there, or another's.
    """
    view = session.get(SavedView, number)
    if view is None or view.person_id != actor.person_id:
        raise NotFound("没有这个筛选 (there is no such filter)")
    told = {"page": view.page, "name": view.name, "query": view.query}
    session.delete(view)
    session.flush()
    record(session, Tag.VIEW_DROPPED, actor.doer(), now=now, subject=f"view:{number}", before=told)
    return view.name
