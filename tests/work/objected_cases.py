"""Cases on a list, and objections against them."""

from typing import Any

from casework import Hall
from publicity_cases import KEYS, list_of, waiting_case

from registry.domain.trail import Doer
from registry.store.cases import Application
from registry.store.publicities import Objection, Publicity
from registry.work.object_to import object_to, reply_to
from registry.work.objection_words import read_objection

VISITOR = Doer(None, "", "", "10.9.9.9", "r-9")
SAID = {"name": "王大明", "contact": "13812345678", "grounds": "该企业2025年营业收入与纳税申报不符，见附件。"}


def listed_case(hall: Hall, number: int = 1, **told: str) -> tuple[Publicity, Application]:
    case = waiting_case(hall, number, **told)
    who = "district" if told.get("stage") == "district_publicity" else "city"
    return list_of(hall, [case], who=who), case


def object_here(hall: Hall, listed: Publicity, case: Application, **more: Any) -> Objection:
    said = read_objection(**(SAID | {key: more.pop(key) for key in list(more) if key in SAID}))
    return object_to(hall.session, listed, case, said, keys=KEYS, doer=VISITOR, now=hall.now, **more)


def answer(hall: Hall, who: str, listed: Publicity, case: Application, row: Objection, **given: Any) -> Objection:
    actor = hall.actor(who)
    told = {"reply": "经核实，数据一致，异议不成立。", "is_upheld": False} | given
    return reply_to(hall.session, actor, actor.seats, listed, case, row, now=hall.now, **told)
