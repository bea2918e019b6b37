"""Pages of API tokens for the system administrator: handed out and shown once, listed with their use, revoked."""

from datetime import timedelta

from flask import Blueprint, make_response, render_template, url_for
from werkzeug.wrappers import Response

from registry.domain.errors import Refused
from registry.store.tokens import Scope, tokens_page
from registry.web import db
from registry.web.access import may
from registry.web.asking import now, today
from registry.web.deeds import deed
from registry.web.desk import chosen, doer_here, init_blueprint, number_asked, options, page_links, told
from registry.web.forms import EntryForm, choice, day, text, wanted
from registry.web.labels import N_
from registry.web.language import say as _
from registry.web.signed_in import settings
from registry.work.keep_tokens import LONGEST_LIFE, make_token, revoke_token

blueprint = Blueprint("tokens", __name__)
init_blueprint(blueprint)
_USUAL_LIFE = timedelta(days=365)
SCOPE_WORDS = {
    Scope.BOOKS: ("统计与目标", "Counts and targets"),
    Scope.FIRMS: ("企业的称号与规上状态", "Titles and above-scale standing of firms"),
}
_CHOICES = {scope.value: words for scope, words in SCOPE_WORDS.items()}
_CHOICES[" ".join(Scope)] = ("以上两项", "Both")


class TokenForm(EntryForm):
    """For whom a token is, what it lets read, and until when."""

    name = text(N_("使用系统"), wanted(N_("请填写由哪个系统使用")))
    scopes = choice(N_("可读取"), chosen(N_("请选择可读取的内容")))
    expires_on = day(N_("最后有效日"))

    def offer(self) -> "TokenForm":
        """Give the list its choices."""
        self.scopes.choices = options(_CHOICES)
        return self


@blueprint.get("/tokens")
@may("run_accounts")
def tokens() -> str:
    """List the tokens, the newest first, with the form for another one."""
    return _page(TokenForm())


@blueprint.post("/tokens")
@may("run_accounts")
def make() -> Response | tuple[str, int]:
    """Hand out a token; this answer alone shows it."""
    form = TokenForm().offer()
    if form.validate():
        try:
            with deed() as session:
                row, token = make_token(
                    session,
                    name=form.name.data,
                    scopes=form.scopes.data.split(),
                    expires_on=form.expires_on.data or today() + _USUAL_LIFE,
                    doer=doer_here(),
                    now=now(),
                    today=today(),
                )
                made = {"name": row.name, "scopes": _scopes_of(row.scopes), "expires_on": row.expires_on}
        except Refused as refused:
            form.blame_for(refused)
        else:
            # Shown, never sent on: an address or a cookie would keep it.
            page = render_template(
                "tokens/made.html", here="tokens.tokens", token=token, public_url=settings().public_url, **made
            )
            answer = make_response(page)
            answer.headers["Cache-Control"] = "no-store"
            return answer
    return _page(form), 422


@blueprint.post("/tokens/<int:number>/revoke")
@may("run_accounts")
def revoke(number: int) -> Response:
    """Revoke a token, at once."""
    with deed() as session:
        name = revoke_token(session, number, doer=doer_here(), now=now()).name
    return told(_("%(name)s 的令牌已撤销，立即失效。", name=name), url_for(".tokens"))


def _page(form: TokenForm) -> str:
    rows, after = tokens_page(db.session(), before=number_asked("after"))
    return render_template(
        "tokens/list.html",
        here="tokens.tokens",
        form=form.offer(),
        rows=rows,
        scopes_of=_scopes_of,
        today=today(),
        usual=today() + _USUAL_LIFE,
        latest=today() + LONGEST_LIFE,
        **page_links(".tokens", after),
    )


def _scopes_of(scopes: str) -> list[tuple[str, tuple[str, str]]]:
    """Return the scopes of a token, each with its words."""
    return [(scope, SCOPE_WORDS[Scope(scope)]) for scope in scopes.split()]
