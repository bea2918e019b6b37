"""The OpenAPI document: made once from what the views declare, and handed out with its ETag."""

import json
from typing import Any

from flask import Flask, Response, current_app
from flask_smorest import Api

import registry
from registry.web.access import may
from registry.web.api import questions
from registry.web.api.case_shape import case_shape
from registry.web.api.room import blueprint, conditional
from registry.web.signed_in import settings

_DESCRIPTION = """优质中小企业梯度培育库的接口：评价、认定标准、有效称号名录、公示、证书查验向所有人开放；统计、目标、
企业状态须带令牌。错误一律为 application/problem+json，`faults` 逐项说明；其语言由 Accept-Language 或 `lang` 决定。
列表用 `next` 翻页。

The API of the registry. Assessing, rules, the register of valid titles, publicities and verification are open to all;
counts, targets and a firm's standing need a bearer token. Every error is application/problem+json with its faults; its
language follows Accept-Language or `lang`. Lists are paged by following `next`.
"""
_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "令牌由系统管理员开立 · Made by the registry's system administrator",
}
_TEXT: dict[str, Any] = {"type": "object", "description": "OpenAPI 3.1"}


class Document(Api):  # type: ignore[misc]
    """The extension with its own pages and error handlers left out: errors are made in `registry.web.api_problems`."""

    def _register_error_handlers(self) -> None:
        """Register none."""

    def _register_doc_blueprint(self) -> None:
        """Register none: the view below hands the document out."""


@blueprint.get("/openapi.json")
@may("public")
@conditional
@blueprint.answers(_TEXT, 304, name="get_openapi", tag="文档 Document")
@blueprint.asks(questions.Question)
def openapi(_asked: dict[str, Any]) -> Response:
    """本文档 · This document."""
    made = current_app.extensions
    if "openapi" not in made:
        made["openapi"] = json.dumps(_document(current_app), ensure_ascii=False, indent=1).encode("utf-8")
    return Response(made["openapi"], mimetype="application/json")


def _document(app: Flask) -> dict[str, Any]:
    """Make the document of what the views declare."""
    app.config.update(API_TITLE="优质中小企业梯度培育库 · Gradient registry", API_VERSION=registry.__version__)
    app.config["OPENAPI_VERSION"] = "3.1.0"
    told = {"info": {"description": _DESCRIPTION}, "servers": [{"url": settings().public_url}]}
    api = Document(app, spec_kwargs=told)
    converter = api.ma_plugin.converter
    converter.add_attribute_function(lambda _self, field, **more: questions.tell(field, **more))
    converter.add_parameter_attribute_function(lambda _self, field, **more: questions.tell_parameter(field, **more))
    api.spec.components.security_scheme("token", _TOKEN)
    api.spec.components.schema("Case", case_shape())
    blueprint.register_views_in_doc(api, app, api.spec, name=blueprint.name, parameters=None)
    return _tidy(api.spec.to_dict())


def _tidy(whole: dict[str, Any]) -> dict[str, Any]:
    """Take out what the extension adds of its own: whatever an operation answers, it has declared."""
    components, tags = whole["components"], []
    components.pop("responses", None)
    for name in ("Error", "PaginationMetadata"):
        components["schemas"].pop(name, None)
    for operations in whole["paths"].values():
        for one in (told for method, told in operations.items() if method != "parameters"):
            one["responses"].pop("default", None)
            one["responses"] = {status: one["responses"][status] for status in sorted(one["responses"])}
            tags += one["tags"]
    return {**whole, "tags": [{"name": tag} for tag in dict.fromkeys(tags)]}
