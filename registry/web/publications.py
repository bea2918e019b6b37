"""Pages of what was published: the frozen figures, and what differs when they are counted again."""

from flask import Blueprint, render_template

from registry.domain.errors import NotFound, Refused
from registry.web import db
from registry.web.access import may
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
    """Show a publication beside the same question asked now, with the firms behind every difference."""
    try:
        again = recount(db.session(), number, now=now(), limit=_FIRMS_SHOWN)
    except Refused as refused:
        raise NotFound(of_both(refused.faults[0].message)) from None
    return render_template(
        "publications/publication.html",
        here="books.counts",
        publication=again.frozen.publication,
        total=again.frozen.counts[0],
        again=again,
        columns=COUNTS,
    )
