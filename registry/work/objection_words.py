"""Reads what an objector says of himself and of a firm: a real name, how he is reached, his grounds. Keeps nothing."""

import re
import unicodedata
from dataclasses import dataclass

from registry.domain.errors import Fault, Refused
from registry.work.open_account import read_text

SHORTEST_NAME, LONGEST_NAME = 2, 50
SHORTEST_CONTACT, LONGEST_CONTACT = 5, 200
SHORTEST_GROUNDS, LONGEST_GROUNDS = 10, 5_000
# Words that stand where a name should.
_NO_NAME = re.compile(r"(?i)匿名|不具名|不愿透露|无名氏|anonym|nobody|unknown|noname|no name")
_REAL_NAME = (
    "异议须实名提出，请填写真实姓名或单位名称，2–50 字；姓名只供主管部门核实，不会告知企业 "
    "(objections are made by real name: yours, or your organisation's, in 2 to 50 characters; "
    "the bureau alone sees it, the firm is never told)"
)


@dataclass(frozen=True, slots=True)
class Said:
    """What an objector says, checked.

    Attributes:
        contact: telephone or address, to be sealed.
    """

    name: str
    contact: str
    grounds: str


def read_objection(name: str, contact: str, grounds: str) -> Said:
    """Read what an objector says.

    Raises:
        Refused: at `name`, `contact`, `grounds`; no refusal repeats what was written.
    """
    faults: list[Fault] = []
    called = " ".join(name.split())
    letters = sum(unicodedata.category(one)[0] == "L" for one in called)
    if letters < SHORTEST_NAME or len(called) > LONGEST_NAME or not called.isprintable() or _NO_NAME.search(called):
        faults.append(Fault("name", _REAL_NAME))
    reached = " ".join(contact.split())
    if not SHORTEST_CONTACT <= len(reached) <= LONGEST_CONTACT or not reached.isprintable():
        faults.append(
            Fault(
                "contact",
                f"请填写电话、邮箱或通信地址，{SHORTEST_CONTACT}–{LONGEST_CONTACT} 字，加密保存，只供核实与答复 "
                f"(a telephone number or an address of {SHORTEST_CONTACT} to {LONGEST_CONTACT} characters; "
                "kept encrypted, used to verify and answer)",
            )
        )
    words = ""
    try:
        words = read_text(grounds, "grounds", LONGEST_GROUNDS)
    except Refused as refused:
        faults += refused.faults
    else:
        if len("".join(words.split())) < SHORTEST_GROUNDS:
            faults.append(
                Fault(
                    "grounds",
                    f"请写明异议内容和依据，不少于 {SHORTEST_GROUNDS} 字 "
                    f"(say what you object to and what shows it, in {SHORTEST_GROUNDS} characters at least)",
                )
            )
    if faults:
        raise Refused(faults)
    return Said(called, reached, words)
