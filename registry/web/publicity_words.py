"""The words of publicities in the reader's language: days, how long one runs, where it and an objection stand."""

from datetime import date

from flask import Blueprint
from flask_babel import format_date

from registry.domain.procedure import UNIT_WORDS, Unit
from registry.store.publicities import Publicity
from registry.store.publicity_lists import is_running
from registry.web.asking import today
from registry.web.desk import in_words
from registry.web.labels import N_
from registry.web.language import current
from registry.web.language import say as _

# Keys of tags that tell it by colour too.
OBJECTION_STATES = {
    "waiting": (N_("待答复"), "open"),
    "upheld": (N_("已答复：异议成立"), "refused"),
    "not_upheld": (N_("已答复：异议不成立"), "confirmed"),
    "moot": (N_("企业已不在公示环节"), "withdrawn"),
}


def init_words(blueprint: Blueprint) -> None:
    """Give the templates of a blueprint these words."""
    words = {"long_day": long_day, "length": length, "list_state": list_state, "objection_states": OBJECTION_STATES}
    blueprint.context_processor(lambda: words)


def long_day(day: date) -> str:
    """Return a day as a notice writes it."""
    return str(format_date(day, "d MMMM y" if current() == "en" else "y年M月d日"))


def length(listed: Publicity) -> str:
    """Return how long a list is public, as 5个工作日."""
    words = in_words(UNIT_WORDS[Unit(listed.unit)])
    return f"{listed.days} {words}" if current() == "en" else f"{listed.days}{words}"


def list_state(listed: Publicity) -> tuple[str, str]:
    """Return where a list stands today in words, and the key of its look."""
    on = today()
    if on < listed.first_day:
        return _("尚未开始"), "withdrawn"
    if not is_running(listed, on):
        return _("已结束"), "withdrawn"
    if on > listed.last_day:
        return _("公示中，截止日待定"), "open"
    left = (listed.last_day - on).days
    return (_("公示中，今天截止") if left == 0 else _("公示中，还有 %(days)s 天", days=left)), "confirmed"
