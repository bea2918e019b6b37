"""Invents the casework of the demo city: windows, and cases at every stage, all through the deeds. Never commits.

Nothing here is law and no firm exists. What is done carries days before the present one, so that limits run,
publicities last and some things are overdue, as they are in a bureau on any working day.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from registry.domain.codes import LADDER
from registry.domain.firms import Firm as StatedFirm
from registry.domain.roles import DEPARTMENT_WORDS
from registry.domain.trail import Doer
from registry.policy import Options
from registry.store.cases import Application
from registry.store.firms import Firm
from registry.store.offices import OfficeRow
from registry.store.queries import firm_by_uscc
from registry.store.records import firm_record
from registry.work.announce import announce
from registry.work.apply import Answers, Submission, open_application, submit
from registry.work.ask_departments import answer_inquiry, ask_about_all
from registry.work.case_findings import sample_of
from registry.work.case_guards import Given, title_held
from registry.work.draw_sample import assign_auditor, draw_sample
from registry.work.found_cast import DISTRICTS, Cast
from registry.work.found_people import delegate_to_agent
from registry.work.keep_windows import open_window
from registry.work.move_case import make_move
from registry.work.object_to import object_to
from registry.work.objection_words import read_objection
from registry.work.publicise import publicise
from registry.work.report_sample import report_sample
from registry.work.return_case import Part, return_case
from registry.work.screen import screen
from registry.work.seal import Keys

# How many cases of each tier are begun in the two districts.
INNOVATIVE, SPECIALIZED, GIANTS, SCALE = 26, 22, 5, 6
_SIGNED = "徐文静"
_OPINION = "材料齐全，数据与佐证一致，同意。"


def has_cases(session: Session) -> bool:
    """Say whether anything was ever applied for."""
    return bool(session.scalar(select(exists().where(Application.id.is_not(None)))))


def found_casework(
    session: Session, keys: Keys, options: Options, typed: Callable[[StatedFirm], Answers], *, now: datetime
) -> int:
    """Invent the casework, unless there is some; return how many cases there are.

    Args:
        typed: returns what is typed in the boxes of the form for a firm.
        now: in the zone of the office.
    """
    if has_cases(session):
        return 0
    cast = Cast(session, options, typed)
    # A city of a few firms has too few that could apply.
    wanted = {"innovative": INNOVATIVE, "specialized": SPECIALIZED, "little_giant": GIANTS, "above_scale": SCALE}
    if any(len(_firms(cast, tier, now, count)) < count for tier, count in wanted.items()):
        return 0
    _windows(cast, now)
    made = _innovative(cast, keys, now) + _specialized(cast, now)
    made += _giants(cast, now) + _scale(cast, now)
    _draft_of_the_first_firm(cast, now)
    # Of each kind of state some firm stays with the intermediary, so that it can be seen from the firm's side.
    states = "returned:district_review", "stage:publicity", "ended:recognised"
    for state in states:
        row = session.scalars(select(Application).where(Application.state == state).order_by(Application.id)).first()
        if row is not None:
            delegate_to_agent(session, session.get_one(Firm, row.firm_id), now)
    session.flush()
    return made + 1


def _windows(cast: Cast, now: datetime) -> None:
    day = now.date()
    actor = cast.actor("chen", now)
    for tier, batch, opened, left in (
        ("specialized", "下半年批次", 25, 21),
        ("little_giant", "年度批次", 20, 12),
    ):
        open_window(
            cast.session,
            actor,
            actor.seats[0],
            tier=tier,
            kind=None,
            batch=f"{day.year}年{batch}",
            opens_on=day - timedelta(days=opened),
            closes_on=day + timedelta(days=left),
            source=f"青工信字〔{day.year}〕示例 1 号",
            now=now - timedelta(days=opened + 1),
        )


def _firms(cast: Cast, tier: str, now: datetime, count: int) -> list[Firm]:
    """Return firms of the two districts that come nearest to a tier and have no case, half from each district."""
    found: list[Firm] = []
    busy = set(cast.session.scalars(select(Application.firm_id)))
    for district in DISTRICTS:
        screened = screen(cast.session, tier, "new", now.date(), district=district, options=cast.options)
        here: list[Firm] = []
        for row in screened.rows():
            firm = firm_by_uscc(cast.session, row.uscc)
            if firm is not None and firm.id not in busy and not _holds(cast, firm, tier, now):
                here.append(firm)
            if len(here) == count // 2 + (count % 2 if district == DISTRICTS[0] else 0):
                break
        found += here
    return found


def _holds(cast: Cast, firm: Firm, tier: str, now: datetime) -> bool:
    """Say whether a firm holds a title of a tier, or of one above it: then it has nothing to apply for."""
    rungs = LADDER[LADDER.index(tier) :] if tier in LADDER else ()
    return any(title_held(cast.session, firm.id, one, now.date()) is not None for one in rungs)


def _submitted(cast: Cast, tier: str, firms: Sequence[Firm], at: datetime) -> list[Application]:
    actor, seat = cast.agent(firms, at)
    made = []
    for firm in firms:
        record = firm_record(cast.session, firm.uscc)
        if record is None:
            continue
        case = open_application(cast.session, actor, [seat], firm, tier=tier, kind="new", now=at)
        cast.type_in(actor, seat, case, record.firm, at)
        told = Submission(record.firm, _SIGNED)
        submit(cast.session, actor, [seat], case, told, now=at, options=cast.options)
        made.append(case)
    return made


def _move(cast: Cast, cases: Iterable[Application], action: str, at: datetime, who: str = "") -> None:
    for case in cases:
        actor = cast.actor(who, at) if who else cast.reviewer(case, at)
        make_move(cast.session, actor, actor.seats, case, action, Given(opinion=_OPINION), now=at)


def _return(cast: Cast, case: Application, at: datetime, *parts: Part, who: str = "") -> None:
    actor = cast.actor(who, at) if who else cast.reviewer(case, at)
    opinion = "请按逐项说明补正后重新提交。"
    return_case(cast.session, actor, actor.seats, case, parts, opinion=opinion, options=cast.options, now=at)


def _innovative(cast: Cast, keys: Keys, now: datetime) -> int:
    """Some wait in the districts, some at the city, a list is public, another was recognised."""
    days = timedelta(days=1)
    older = _submitted(cast, "innovative", _firms(cast, "innovative", now, INNOVATIVE - 8), now - 24 * days)
    newer = _submitted(cast, "innovative", _firms(cast, "innovative", now, 8), now - 3 * days)
    _move(cast, older, "take_up", now - 23 * days)
    year = (now - days).year
    figures = Part(f"years.{year - 1}.rd_expense", "研发费用与审计报告附注不一致，请核对后填写并上传附注页。")
    _return(cast, older[0], now - 21 * days, figures, Part("evidence", "请补充研发费用专项审计报告。"))
    _move(cast, older[1:2], "refuse", now - 21 * days)
    _move(cast, older[2:], "recommend", now - 20 * days)
    city, at_city = cast.actor("chen", now), older[2:]
    draw_sample(cast.session, city, city.seats, tier="innovative", stage="city_sample", now=now - 19 * days)
    _settle_sample(cast, at_city, "chen", now - 18 * days)
    reviewed = at_city[:-2]
    announced, public = reviewed[:6], reviewed[6:11]
    _move(cast, [*announced, *public], "propose", now - 17 * days, "chen")
    title = f"关于{now.year}年度青岛市创新型中小企业名单的公示"
    first = now - 16 * days
    publicise(
        cast.session,
        city,
        city.seats,
        tier="innovative",
        stage="publicity",
        title=f"{title}（第一批）",
        case_ids=[case.id for case in announced],
        first_day=first.date(),
        now=first,
    )
    _move(cast, announced, "close", now - 5 * days, "chen")
    announce(
        cast.session,
        city,
        city.seats,
        tier="innovative",
        number=f"青工信示〔{now.year}〕8号",
        title=f"关于公布{now.year}年度青岛市创新型中小企业名单（第一批）的通知",
        announced_on=(now - 4 * days).date(),
        case_ids=[case.id for case in announced],
        opinion="公示期满无异议，予以认定。",
        keys=keys,
        now=now - 4 * days,
    )
    listed = publicise(
        cast.session,
        city,
        city.seats,
        tier="innovative",
        stage="publicity",
        title=f"{title}（第二批）",
        case_ids=[case.id for case in public],
        first_day=(now - 2 * days).date(),
        now=now - 2 * days,
    )
    said = read_objection("李明华", "13800000000", "该企业主导产品专利尚在转让手续中，附件可供核对，请主管部门核实。")
    object_to(cast.session, listed, public[0], said, keys=keys, doer=Doer(None, "访客"), now=now - days)
    _move(cast, newer[:4], "take_up", now - 2 * days)
    return len(older) + len(newer)


def _settle_sample(cast: Cast, cases: Sequence[Application], who: str, at: datetime) -> None:
    """Report on who was drawn, but for the last two cases, and let them go on."""
    actor = cast.actor(who, at)
    for case in cases[:-2]:
        stage = case.state.partition(":")[2]
        member = sample_of(cast.session, case.id, stage)
        if member is not None and member.is_drawn and member.result is None:
            report_sample(
                cast.session,
                actor,
                actor.seats,
                case,
                result="clear",
                finding="现场查看厂房、设备与研发台账，与申报一致。",
                now=at,
            )
        make_move(cast.session, actor, actor.seats, case, "settle", Given(opinion=_OPINION), now=at)


def _specialized(cast: Cast, now: datetime) -> int:
    """Departments are asked, districts publicise, an auditor looks, the city reviews."""
    days = timedelta(days=1)
    cases = _submitted(cast, "specialized", _firms(cast, "specialized", now, SPECIALIZED), now - 24 * days)
    here = [case for case in cases if case.district == DISTRICTS[0]]
    _move(cast, cases[:-5], "take_up", now - 22 * days)
    taken = cases[:-5]
    for case, comment in zip(
        taken[:2], ("请补充近两年研发费用辅助账。", "请说明主导产品市场占有率的计算口径。"), strict=True
    ):
        _return(cast, case, now - 20 * days, Part("evidence", comment))
    onward = taken[2:-2]
    _move(cast, onward, "pass", now - 19 * days)
    for district in DISTRICTS:
        mine = [case for case in onward if case.district == district]
        if mine:
            actor = cast.reviewer(mine[0], now)
            ask_about_all(cast.session, actor, actor.seats, mine, now=now - 18 * days)
    through = [case for case in onward if case in here][:6]
    _answer(cast, through, DEPARTMENT_WORDS, now - 15 * days)
    _answer(cast, [case for case in onward if case not in through], ("ecology", "market"), now - 14 * days)
    _move(cast, through, "clear", now - 14 * days)
    wu = cast.actor("wu", now)
    publicise(
        cast.session,
        wu,
        wu.seats,
        tier="specialized",
        stage="district_publicity",
        title=f"关于{now.year}年度城阳区拟推荐专精特新中小企业名单的公示",
        case_ids=[case.id for case in through],
        first_day=(now - 13 * days).date(),
        now=now - 13 * days,
    )
    _move(cast, through, "recommend", now - 4 * days)
    chen = cast.actor("chen", now)
    drawn = draw_sample(cast.session, chen, chen.seats, tier="specialized", stage="city_audit", now=now - 3 * days)
    office = cast.session.scalars(select(OfficeRow).where(OfficeRow.kind == "auditor").order_by(OfficeRow.id)).first()
    members = [case.id for case in through if _is_drawn(cast, case)]
    if office is not None and members:
        assign_auditor(cast.session, chen, chen.seats, drawn, office, members, now=now - 3 * days)
    free = [case for case in through if case.id not in members][:3]
    _move(cast, free, "settle", now - 2 * days, "chen")
    return len(cases)


def _is_drawn(cast: Cast, case: Application) -> bool:
    member = sample_of(cast.session, case.id, "city_audit")
    return member is not None and member.is_drawn


def _answer(cast: Cast, cases: Iterable[Application], departments: Iterable[str], at: datetime) -> None:
    told = {"ecology": "ma", "market": "shi", "emergency": "ying", "tax": "shui", "publicity": "xuan"}
    asked = list(departments)
    for case in cases:
        for one in asked:
            actor = cast.actor(told[one], at)
            answer_inquiry(cast.session, actor, actor.seats, case, answer="clear", now=at)


def _giants(cast: Cast, now: datetime) -> int:
    """Two wait in the district, the others for the ministry."""
    days = timedelta(days=1)
    cases = _submitted(cast, "little_giant", _firms(cast, "little_giant", now, GIANTS), now - 18 * days)
    _move(cast, cases, "take_up", now - 17 * days)
    _move(cast, cases[2:], "recommend", now - 12 * days)
    _move(cast, cases[3:], "recommend", now - 6 * days, "chen")
    return len(cases)


def _scale(cast: Cast, now: datetime) -> int:
    """Some wait for the statistics authority."""
    days = timedelta(days=1)
    cases = _submitted(cast, "above_scale", _firms(cast, "above_scale", now, SCALE), now - 16 * days)
    _move(cast, cases[1:], "take_up", now - 15 * days)
    _move(cast, cases[2:], "pass", now - 10 * days)
    _move(cast, cases[4:], "pass", now - 5 * days, "chen")
    return len(cases)


def _draft_of_the_first_firm(cast: Cast, now: datetime) -> None:
    """Let the applicant whom the demo names have something to go on with."""
    who = cast.actor("zhou", now)
    seat = who.seats[0]
    firm = cast.session.get_one(Firm, next(iter(seat.firm_ids)))
    busy = set(cast.session.scalars(select(Application.tier).where(Application.firm_id == firm.id)))
    day = now.date()
    for tier in LADDER:
        if tier not in busy and title_held(cast.session, firm.id, tier, day) is None:
            at, record = now - timedelta(days=2), firm_record(cast.session, firm.uscc)
            case = open_application(cast.session, who, [seat], firm, tier=tier, kind="new", now=at)
            if record is not None:
                cast.type_in(who, seat, case, record.firm, at)
            return
