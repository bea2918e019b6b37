"""Many deciders on many cases, two servers: each is decided once. In the long proof 32 on 100, and SQLite as well."""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import pytest
from argon2 import PasswordHasher
from deciders import Arena, Race, arena
from make import DISTRICT, code
from make import firm as stated
from people import person, reviewer
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from registry.domain.trail import Doer
from registry.store.claims import Claim
from registry.store.decisions import Decision
from registry.store.engine import writing
from registry.store.firms import Firm
from registry.store.letters import Letter
from registry.store.offices import SeatRow
from registry.store.people import Person
from registry.store.trail import TRAIL
from registry.work.claim_firm import ask_to_represent
from registry.work.enrol import enrol

pytestmark = pytest.mark.slow

# A size that takes seconds, and the whole.
SIZES = [(8, 20), pytest.param((32, 100), marks=pytest.mark.long)]
DECISIONS = [("/claims/{case}/confirm", {}), ("/claims/{case}/refuse", {"reason": "电话无人接听，请补充证明"})]
PASSWORD = "Quiet-Harbour-42!"
HASHED = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(PASSWORD)
# Every other test has firms and people of its own.
FIRST_FIRM = {"many8": 500, "many32": 1000, "double": 2000, "withdraw": 3000, "ask": 4000}


@pytest.fixture(
    scope="module",
    params=[pytest.param("sqlite", marks=pytest.mark.long), pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    folder = tmp_path_factory.mktemp("deciders")
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'registry.sqlite'}"
    else:
        url = request.getfixturevalue("server").create(request.getfixturevalue("migrated"))
    with arena(url, folder) as made:
        yield made


def claims(engine: Engine, test: str, count: int) -> list[int]:
    """Let so many people ask to represent a firm each: every other firm is in the register, the rest are not yet."""
    now, first = datetime.now(UTC), FIRST_FIRM[test]
    with writing(engine) as session:
        known = [
            stated(first + number, name=f"已在库{number}号有限公司", district=DISTRICT) for number in range(0, count, 2)
        ]
        enrol(session, known, now=now, on=now.date(), source="企业名单")
        made = []
        for number in range(count):
            who = person(session, f"申请人{test}{number}", now=now)
            made.append(
                ask_to_represent(
                    session,
                    who,
                    uscc=code(first + number),
                    firm_name=f"未在库{number}号有限公司",
                    district=DISTRICT,
                    position="经理",
                    doer=Doer(who.id, who.name),
                    now=now,
                )
            )
        return [one.id for one in made]


def reviewers(engine: Engine, test: str, count: int) -> list[int]:
    with writing(engine) as session:
        return [reviewer(session, f"审核{test}{number}").id for number in range(count)]


def effects(session: Session, claim_id: int) -> dict[str, object]:
    """Count all that a decision leaves behind."""
    claim = session.get_one(Claim, claim_id)
    told = select(TRAIL.c.tag).where(TRAIL.c.subject == f"claim:{claim_id}").order_by(TRAIL.c.seq)
    decisions = select(Decision.outcome).where(Decision.matter == "claim", Decision.matter_id == claim_id)
    seats = select(Firm.uscc).join(SeatRow, SeatRow.firm_id == Firm.id).where(SeatRow.person_id == claim.person_id)
    email = session.get_one(Person, claim.person_id).email
    return {
        "state": claim.state,
        "decisions": list(session.scalars(decisions)),
        "seats": list(session.scalars(seats)),
        "letters": session.scalar(select(func.count()).select_from(Letter).where(Letter.to == email)),
        "trail": [tag for tag in session.scalars(told)][1:],
    }


def wanted(uscc: str, state: str) -> dict[str, object]:
    """Return what a case must look like that was decided, or withdrawn, once."""
    decided = state in ("confirmed", "refused")
    return {
        "state": state,
        "decisions": [state] if decided else [],
        "seats": [uscc] if state == "confirmed" else [],
        "letters": 1 if decided else 0,
        "trail": ["decision.made", f"claim.{state}"] if decided else [f"claim.{state}"],
    }


def ensure_losers_are_told(race: Race) -> None:
    """Nobody sees an error of the program; whoever came too late reads why, on a whole page of ours."""
    assert set(race.statuses) <= {303, 409}
    for one in race.answers:
        if not one.won:
            assert '<html lang="zh' in one.text and "</html>" in one.text, one.text[:500]
            assert "现在不能这样办理" in one.text and "不能再办理" in one.text, one.text[:3000]


def ensure_books_balance(place: Arena) -> None:
    audit = place.trail()

    assert audit.holds, audit.findings[:3]
    assert place.complaints() == []


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]} on {size[1]}")
def test_of_many_deciders_on_many_cases_each_case_is_decided_by_exactly_one(
    place: Arena, size: tuple[int, int]
) -> None:
    deciders, cases = size
    name = f"many{deciders}"
    ids = claims(place.engine, name, cases)
    browsers = place.enter(reviewers(place.engine, name, deciders))

    race = place.race(browsers, ids, DECISIONS)
    print(race.told(f"{place.engine.dialect.name}, {deciders} deciders on {cases} cases"))

    ensure_losers_are_told(race)
    winners = race.won_by_case()
    assert {len(won) for won in winners.values()} == {1}
    assert race.statuses == {303: cases, 409: (deciders - 1) * cases}
    state = {True: "confirmed", False: "refused"}
    outcomes = {case: state[won[0].address.endswith("confirm")] for case, won in winners.items()}
    assert set(outcomes.values()) == {"confirmed", "refused"}
    assert place.count(effects, ids) == {
        case: wanted(code(FIRST_FIRM[name] + number), outcomes[case]) for number, case in enumerate(ids)
    }
    # Those who decided are those who were sent on.
    with Session(place.engine) as session:
        by = dict(
            session.execute(select(Decision.matter_id, Decision.person_id).where(Decision.matter_id.in_(ids))).all()
        )
        assert len(set(by.values())) > deciders // 2
    ensure_books_balance(place)
    assert browsers[0].get(f"/claims/{ids[0]}")[0] == 200


def test_a_form_that_is_sent_twice_at_once_has_one_effect(place: Arena) -> None:
    ids = claims(place.engine, "double", 20)
    (browser,) = place.enter(reviewers(place.engine, "double", 1))
    clicks = [browser.twin() for _ in range(4)]
    lot = Random(2)

    lists = [[(case, *DECISIONS[case % 2], lot.choice(place.places)) for case in ids] for _ in clicks]
    race = place.run(clicks, lists)
    print(race.told(f"{place.engine.dialect.name}, one form sent {len(clicks)} times"))

    ensure_losers_are_told(race)
    assert race.statuses == {303: len(ids), 409: 3 * len(ids)}
    states = ["confirmed", "refused"]
    assert place.count(effects, ids) == {
        case: wanted(code(FIRST_FIRM["double"] + number), states[case % 2]) for number, case in enumerate(ids)
    }
    ensure_books_balance(place)


def test_of_confirming_and_withdrawing_at_once_only_one_happens(place: Arena) -> None:
    ids = claims(place.engine, "withdraw", 30)
    (decider,) = place.enter(reviewers(place.engine, "withdraw", 1))
    with Session(place.engine) as session:
        people = [session.get_one(Claim, one).person_id for one in ids]
    asking = place.enter(people)
    one, other = place.places[0], place.places[-1]

    lists = [[(case, "/claims/{case}/confirm", {}, one)] for case in ids]
    deciding = [decider.twin() for _ in ids]
    lists += [[(case, "/represent/{case}/withdraw", {}, other)] for case in ids]
    race = place.run([*deciding, *asking], lists)
    print(race.told(f"{place.engine.dialect.name}, confirm against withdraw"))

    ensure_losers_are_told(race)
    winners = race.won_by_case()
    assert {len(won) for won in winners.values()} == {1}
    state = {True: "confirmed", False: "withdrawn"}
    outcomes = {case: state[won[0].address.endswith("confirm")] for case, won in winners.items()}
    assert place.count(effects, ids) == {
        case: wanted(code(FIRST_FIRM["withdraw"] + number), outcomes[case]) for number, case in enumerate(ids)
    }
    ensure_books_balance(place)


def test_a_request_or_a_registration_that_is_sent_twice_at_once_is_made_once(place: Arena) -> None:
    now, first = datetime.now(UTC), FIRST_FIRM["ask"]
    with writing(place.engine) as session:
        who = person(session, "双击人", now=now).id
    (browser,) = place.enter([who])
    firm = {"firm_name": "双击有限公司", "district": DISTRICT, "position": "经理"}
    account = {"email": "twice@example.com", "name": "双击人二", "phone": "13800138000"}
    secret = {"password": PASSWORD, "again": PASSWORD}
    stranger = place.anonymous("/register")

    asked = place.run(
        [browser.twin() for _ in range(6)],
        [[(0, "/represent", {**firm, "uscc": code(first)}, place.places[number % 2])] for number in range(6)],
    )
    joined = place.run(
        [stranger.twin() for _ in range(6)],
        [[(0, "/register", {**firm, **account, **secret, "uscc": code(first + 1)}, place.places[number % 2])]
         for number in range(6)],
    )  # fmt: skip

    assert asked.statuses == {303: 1, 409: 5}
    assert all("您已提交过申请" in one.text for one in asked.answers if not one.won)
    assert joined.statuses == {303: 1, 422: 5}
    assert all("这个邮箱已有账户" in one.text for one in joined.answers if not one.won)
    with Session(place.engine) as session:
        opened = session.scalars(select(Person).where(Person.email == account["email"])).one()
        made = session.scalars(select(Claim.person_id).where(Claim.uscc.in_([code(first), code(first + 1)])))
        assert sorted(made) == [who, opened.id]
    ensure_books_balance(place)


def test_guesses_that_come_at_once_are_no_more_than_those_that_come_one_by_one(place: Arena) -> None:
    """A right password among many wrong ones lets in only while fewer than five were wrong before it."""
    tries = 24
    for number in range(6):
        with writing(place.engine) as session:
            who = person(session, f"被猜的人{number}", email=f"guessed{number}@example.com")
            who.password, who.password_set_at = HASHED, datetime.now(UTC)
            number_of = who.id
        browsers = [place.anonymous() for _ in range(tries)]
        right = Random(number).randrange(tries)
        form = {"email": f"guessed{number}@example.com"}
        lists = [
            [
                (
                    0,
                    "/sign-in",
                    form | {"password": PASSWORD if one == right else f"Wrong-Guess-{one}"},
                    place.places[one % 2],
                )
            ]
            for one in range(tries)
        ]
        race = place.run(browsers, lists)

        assert set(race.statuses) <= {303, 422}
        with Session(place.engine) as session:
            told = select(TRAIL.c.tag).where(TRAIL.c.subject == f"person:{number_of}").order_by(TRAIL.c.seq)
            tags = list(session.scalars(told))[1:]
        before = tags[: tags.index("session.signed_in")] if "session.signed_in" in tags else tags
        assert ("session.signed_in" in tags) == (303 in race.statuses)
        if "session.signed_in" in tags:
            assert "session.locked" not in before, tags
    ensure_books_balance(place)
