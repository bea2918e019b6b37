"""The API of the rules: a case is assessed; rule sets and procedures are told, with their digests. Stores nothing."""

from typing import Any

from flask import current_app, request
from werkzeug.exceptions import UnsupportedMediaType

from registry.domain.errors import NotFound, Refused
from registry.domain.json_text import read_json
from registry.policy import Options, load, rule_set_ids
from registry.policy.procedures import procedures
from registry.policy.rule_data import laid_out, told_of
from registry.web.access import may
from registry.web.api import questions
from registry.web.api.case_shape import EXAMPLE
from registry.web.api.room import blueprint, conditional
from registry.web.api.rules_told import procedure_told
from registry.web.api.shapes_rules import Assessment, Procedures, RuleSets, RuleSetWhole
from registry.web.api_problems import Malformed
from registry.web.language import current
from registry.work.assess import assess_case

_BODY = {
    "required": True,
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Case"}, "example": EXAMPLE}},
}


class RuleSetQuestion(questions.Question):
    """For which kind of case a rule set is told."""

    kind = questions.kind()


@blueprint.post("/assessments")
@may("public")
@blueprint.answers(Assessment, 400, 413, 415, name="assess", tag="标准 Rules", requestBody=_BODY)
@blueprint.asks(questions.Question)
def assess(_asked: dict[str, Any]) -> dict[str, Any]:
    """评价一家企业 · Assess a firm.

    结果与 `registry assess` 相同；不保存任何内容。The answer is that of the command; nothing is kept.
    """
    return assess_case(_body(), _options(), lang=current())


@blueprint.get("/rule-sets")
@may("public")
@conditional
@blueprint.answers(RuleSets, 304, name="list_rule_sets", tag="标准 Rules")
@blueprint.asks(questions.Question)
def rule_sets(_asked: dict[str, Any]) -> dict[str, Any]:
    """列出各版本的认定标准 · List every version of the rules.

    含适用期与摘要；摘要不变，内容即不变。With the digest: while it stays, so does all the content.
    """
    return {"items": [told_of(load(name, options=_options())) for name in rule_set_ids()]}


@blueprint.get("/rule-sets/<rule_set_id>", rule_set_id={"description": "标准代号，见列表 · Id, as listed"})
@may("public")
@conditional
@blueprint.answers(RuleSetWhole, 304, 404, name="get_rule_set", tag="标准 Rules")
@blueprint.asks(RuleSetQuestion)
def rule_set(asked: dict[str, Any], rule_set_id: str) -> dict[str, Any]:
    """一套标准的全部条款 · A rule set with every criterion and its source."""
    if rule_set_id not in rule_set_ids():
        raise NotFound("没有这套标准 (no such rule set)")
    return laid_out(load(rule_set_id, asked.get("kind", "new"), _options()))


@blueprint.get("/procedures")
@may("public")
@conditional
@blueprint.answers(Procedures, 304, name="list_procedures", tag="标准 Rules")
@blueprint.asks(questions.Question)
def list_procedures(_asked: dict[str, Any]) -> dict[str, Any]:
    """办理程序 · The procedures: stages, limits, publicities, outcomes, by version."""
    return {"items": [procedure_told(one) for one in procedures()]}


def _options() -> Options:
    options: Options = current_app.config["POLICY_OPTIONS"]
    return options


def _body() -> Any:
    """Return the body as JSON, read exactly.

    Raises:
        UnsupportedMediaType: it is not declared as JSON.
        Malformed: it is none, or says a key twice.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        return read_json(request.get_data())
    except Refused as refused:
        raise Malformed(refused) from None
