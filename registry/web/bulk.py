"""One thing done with many cases: shown first for each what would come of it, then done, each in a transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, g, render_template, request, url_for
from sqlalchemy.exc import DBAPIError
from wtforms.fields.choices import SelectChoice

from registry.domain.errors import Barred, MoveNotAllowed, NotFound, Refused
from registry.domain.roles import Role
from registry.store.cases import Application
from registry.store.desk_lists import cases_chosen
from registry.store.failures import is_unusable
from registry.web import db
from registry.web.access import acting_seats, may, visible
from registry.web.asking import now
from registry.web.case_words import case_found, post, seats_over, state_word
from registry.web.deeds import deed
from registry.web.desk import chosen, in_words, init_blueprint
from registry.web.desk_words import VERDICT_WORDS, points
from registry.web.forms import EntryForm, choice, lines
from registry.web.labels import N_
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.work.assign_case import people_in_roles
from registry.work.bulk_case import ASSIGN, MOST, REMIND, Chosen, Offer, carry_out, look_ahead, offers, why_of

blueprint = Blueprint("bulk", __name__)
init_blueprint(blueprint)
_PAGE = "desk_cases.cases"
_NOBODY = "0"
_LONGEST_NUMBER = 15


class BulkForm(EntryForm):
    """What is to be done with the cases that are ticked."""

    action = choice(N_("要办理的事项"), chosen(N_("请选择要办理的事项")))
    opinion = lines(N_("意见（写入每一件；分派时为附言）"))
    handler = choice(N_("分派给"))


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a case."""

    number: int
    name: str
    reference: str
    state: str
    why: str = ""


@blueprint.post("/cases/bulk/preview")
@may("review_cases")
def preview() -> str | tuple[str, int]:
    """Show for each case that was ticked what would come of it; does nothing."""
    form, numbers = bulk_form(), _ticked()
    form.validate()
    offer = _offer(form)
    if not numbers:
        form.above.append(_("请至少勾选一件"))
    elif len(numbers) > MOST:
        form.above.append(_("一次最多办理 %(most)s 件，现勾选了 %(count)s 件", most=MOST, count=len(numbers)))
    if offer is not None and offer.needs_opinion and not form.opinion.data:
        form.opinion.errors = [*form.opinion.errors, _("请填写意见，它会写入每一件")]
    found = cases_chosen(db.session(), visible(Application), numbers[:MOST])
    if not found:
        form.tell_above()
    outlooks = []
    if not form.has_faults:
        names = _names()
        outlooks = [
            look_ahead(db.session(), actor(), seats_over(case), case, _chosen(form), names, now=now()) for case in found
        ]
    page = render_template(
        "desk_cases/preview.html",
        here=_PAGE,
        form=form,
        cases=found,
        outlooks=outlooks,
        ready=[one for one in outlooks if one.after is not None],
        doubtful=len([one for one in outlooks if one.goes_on and one.case.verdict != "met"]),
        opinion=form.opinion.data if form.action.data != REMIND else "",
        missing=len(numbers[:MOST]) - len(found),
        deed=_deed_in_words(form, offer),
        state_word=state_word,
        points=points,
        verdicts=VERDICT_WORDS,
        in_language=of_both,
        back=_back(),
        query=_query(),
    )
    return (page, 422) if form.has_faults else page


@blueprint.post("/cases/bulk")
@may("review_cases")
def act() -> str | tuple[str, int]:
    """Do it to each case as it was when it was shown, and tell what came of each."""
    form, seen = bulk_form(), _seen()
    if not form.validate() or not seen or len(seen) > MOST:
        return preview()
    what, results = _chosen(form), []
    words = _deed_in_words(form, _offer(form))
    for number, version in seen:
        results.append(_one(number, version, what))
    return render_template(
        "desk_cases/done.html",
        here=_PAGE,
        deed=words,
        done=[one for one in results if not one.why],
        refused=[one for one in results if one.why],
        back=_back(),
    )


def bulk_form(cases: Sequence[Application] | None = None) -> BulkForm:
    """Return the form of what can be done with many cases.

    Args:
        cases: those shown: what can be done with one of them at least is offered; None: whatever can be done at all.
    """
    form = BulkForm()
    form.action.choices = [
        SelectChoice("", _("请选择")),
        *(SelectChoice(one.key, in_words(one.words), optgroup=in_words(one.where)) for one in offers(_roles(), cases)),
        SelectChoice(ASSIGN, _("分派"), optgroup=_("不改变环节")),
        SelectChoice(REMIND, _("催办"), optgroup=_("不改变环节")),
    ]
    own = actor().person_id
    form.handler.choices = [
        (_NOBODY, _("不分派给个人（本机构都可办理）")),
        *(
            (str(number), _("%(name)s（我）", name=name) if number == own else name)
            for number, name in _names().items()
        ),
    ]
    return form


def _one(number: int, version: int, what: Chosen) -> Done:
    """Do it to one case in a transaction of its own."""
    name = reference = state = ""
    try:
        with deed(f"application:{number}") as session:
            case = case_found(session, number)
            name, reference, state = case.firm_name, case.reference or "", state_word(case)
            carry_out(session, actor(), seats_over(case), case, what, version=version, now=now(), post=post())
            state = state_word(case)
    except (MoveNotAllowed, Barred, Refused) as refused:
        return Done(number, name, reference, state, of_both(why_of(refused)))
    except NotFound as refused:
        return Done(number, name, reference, state, of_both(str(refused)))
    except DBAPIError as failure:
        if not is_unusable(failure):
            raise
        if g.get("is_unconfirmed"):
            return Done(number, name, reference, state, _("写入时中断，可能已办理，请打开该件核对"))
        return Done(number, name, reference, state, _("暂时无法写入，没有办理，请稍后再试"))
    return Done(number, name, reference, state)


def _roles() -> set[Role]:
    return {seat.role for seat in acting_seats()}


def _names() -> dict[int, str]:
    """Return those who sit at the desks of whoever asks, by number."""
    districts = {seat.district for seat in acting_seats()}
    return {
        person.id: person.name
        for person, _role, district in people_in_roles(db.session(), _roles())
        if district in districts
    }


def _offer(form: BulkForm) -> Offer | None:
    return next((one for one in offers(_roles()) if one.key == form.action.data), None)


def _chosen(form: BulkForm) -> Chosen:
    handler = form.handler.data or _NOBODY
    return Chosen(str(form.action.data), form.opinion.data, int(handler) or None)


def _deed_in_words(form: BulkForm, offer: Offer | None) -> str:
    """Return what is to be done, in words."""
    if offer is not None:
        return in_words(offer.words)
    if form.action.data == ASSIGN:
        words = {str(value): word for value, word in form.handler.choices}
        return _("分派：%(name)s", name=words.get(str(form.handler.data or _NOBODY), ""))
    return _("催办") if form.action.data == REMIND else ""


def _ticked() -> list[int]:
    """Return the cases that were ticked, or all that the page listed; what is no number is passed over."""
    name = "listed" if request.form.get("whole") else "case"
    found = [text for text in request.form.getlist(name) if text.isascii() and text.isdigit()]
    return list(dict.fromkeys(int(text) for text in found if len(text) <= _LONGEST_NUMBER))


def _seen() -> list[tuple[int, int]]:
    """Return the cases that were shown, each with its version at that time."""
    found: dict[int, int] = {}
    for text in request.form.getlist("seen"):
        number, _colon, version = text.partition(":")
        if all(one.isascii() and one.isdigit() and len(one) <= _LONGEST_NUMBER for one in (number, version)):
            found[int(number)] = int(version)
    return list(found.items())


def _query() -> str:
    return request.query_string.decode("utf-8", "replace")


def _back() -> str:
    """Return the address of the list from which one came."""
    return f"{url_for(_PAGE)}?{_query()}" if _query() else url_for(_PAGE)
