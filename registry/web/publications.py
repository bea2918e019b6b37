"""Pages of what was published: the frozen figures, and what differs when they are counted again."""

from dataclasses import replace

from flask import Blueprint, render_template

from registry.domain.errors import NotFound, Refused
from registry.store.firms import Firm
from registry.store.waiting import codes_visible
from registry.web import db
from registry.web.access import may, visible
from registry.web.asking import now
from registry.web.language import of_both
from registry.work.count import COUNTS
from registry.work.publish import frozen
from registry.work.recount import recount

blueprint = Blueprint("publications", __name__)
# As many firms as anybody reads on a page; the command hands out all of them.
_FIRMS_SHOWN = 200


@blueprint.get("/publications")
@may("see_books")
def published() -> str:
    """List what was frozen."""
    return render_template("publications/list.html", here="books.counts", published=frozen(db.session()))


@blueprint.get("/publications/<int:number>")
@may("see_books")
def publication(number: int) -> str:
    """Show a publication beside the same question asked now, with the firms behind every difference.

    The sums are for every reader of the books; of the firms each sees those that he may look at.
    """
    try:
        again = recount(db.session(), number, now=now())
    except Refused as refused:
        raise NotFound(of_both(refused.faults[0].message)) from None
    seen = codes_visible(db.session(), visible(Firm, "see_firms"), {line.uscc for line in again.firms})
    firms = tuple(line for line in again.firms if line.uscc in seen)
    again = replace(again, firms=firms[:_FIRMS_SHOWN], firms_total=len(firms))
    return render_template(
        "publications/publication.html",
        here="books.counts",
        publication=again.frozen.publication,
        total=again.frozen.counts[0],
        again=again,
        columns=COUNTS,
    )
