"""Errors as pages: what went wrong, what to do next, a request id; never the inside of the program."""

import errno

import structlog
from flask import Flask, Response, g, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, InternalServerError

from registry.domain.errors import Barred, Fault, MoveNotAllowed, NotFound, Refused, RegistryError
from registry.evidence.vault import NotKept
from registry.store.failures import is_unusable
from registry.web import api_problems
from registry.web.headers import request_id
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.taken_files import NOT_SAVED
from registry.web.uploads import limits_of

_log = structlog.get_logger(__name__)
_LOOKS = ("GET", "HEAD", "OPTIONS")
# What a disk says that takes nothing.
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.ENOENT, errno.ENOTDIR)


def init_app(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(RegistryError, _ours)
    app.register_error_handler(DBAPIError, _no_database)
    app.register_error_handler(OSError, _no_disk)


def _http(error: HTTPException) -> HTTPException | Response:
    if error.code is None or error.code < 400:
        return error  # a redirect
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        _log.error("request.failed", exc_info=error.original_exception)
    if api_problems.is_api():
        return api_problems.of_http(error)
    # The exception's own answer keeps what the protocol asks for, as Allow with 405.
    answer = error.get_response()
    title, advice = _words(error)
    answer.data = _page(error.code, title, advice)
    answer.content_type = "text/html; charset=utf-8"
    if error.code == 429:
        answer.headers["Retry-After"] = "60"
    return answer  # type: ignore[return-value]


def _ours(error: RegistryError) -> Response | tuple[str, int]:
    if api_problems.is_api():
        return api_problems.of_ours(error)
    if isinstance(error, NotFound):
        return _page(404, of_both(str(error)), _("请核对后重试，或返回上一页重新进入。")), 404
    if isinstance(error, MoveNotAllowed):
        return _page(409, _("现在不能这样办理"), of_both(str(error))), 409
    if isinstance(error, Barred):
        return _page(403, _("您须回避"), of_both(str(error))), 403
    if isinstance(error, Refused):
        return _page(400, _("请求中有填写错误"), _("请按下列提示修改后重试。"), error.faults), 400
    if isinstance(error, NotKept):
        return _page(503, _("未保存"), of_both(str(error))), 503
    return _page(422, _("无法处理这个请求"), str(error)), 422


def _no_database(error: DBAPIError) -> Response | tuple[str, int, dict[str, str]]:
    if not is_unusable(error):
        raise error
    # Not the whole error: it holds the statement with the values of somebody's firm.
    _log.error("database.unreachable", error=type(error.orig).__name__, reason=str(error.orig)[:200])
    if api_problems.is_api():
        return api_problems.problem(503)
    return _page(503, *_words_of_database()), 503, {"Retry-After": "30"}


def _no_disk(error: OSError) -> tuple[str, int, dict[str, str]]:
    """Say that nothing was saved where the files of a form could not be laid down."""
    if limits_of(request.endpoint) is None or error.errno not in _DISK:
        raise error
    _log.error("disk.failed", error=errno.errorcode.get(error.errno, ""))
    return _page(503, _("未保存"), of_both(NOT_SAVED)), 503, {"Retry-After": "30"}


def _words_of_database() -> tuple[str, str]:
    if request.method in _LOOKS:
        return _("暂时无法读取数据"), _("数据库没有应答。请稍后重试；若持续出现，请联系管理员。")
    if g.get("is_unconfirmed"):
        return (
            _("可能未保存"),
            _("保存时数据库中断，无法确认所提交的内容是否已办理。请先重新打开页面核对，再决定是否重新提交。"),
        )
    return _("未保存"), _("数据库暂时无法写入，所提交的内容没有办理。请稍后重试；若持续出现，请联系管理员。")


def _words(error: HTTPException) -> tuple[str, str]:
    if isinstance(error, CSRFError):
        return _("表单已失效"), _("页面打开时间过长，或浏览器未保存 Cookie。请返回上一页刷新后重新提交。")
    known = {
        400: (_("请求有误"), _("网址或所填内容无法识别。请检查后重试。")),
        403: (_("无权访问"), _("这个页面没有对您开放。")),
        404: (_("没有找到这个页面"), _("网址可能有误，或页面已移走。请从首页重新进入。")),
        405: (_("不支持这种请求方式"), _("请从页面上的链接或按钮进入。")),
        401: (_("请先登录"), _("登录已结束或尚未登录，所提交的内容没有办理。请登录后重试。")),
        429: (_("请求过于频繁"), _("请稍候一分钟再试。")),
        413: (_("提交的内容过大"), _("请减少填写的内容后重试。")),
        500: (_("系统出错"), _("错误已记录。请稍后重试；联系管理员时请提供下面的请求编号。")),
    }
    return known.get(error.code or 500, (_("请求未能完成"), _("请稍后重试。")))


def _page(code: int, title: str, advice: str, faults: tuple[Fault, ...] = ()) -> str:
    """Render an error page; where the program itself failed it asks the database nothing, since that may be why."""
    g.quiet = code >= 500
    return render_template(
        "errors/error.html",
        code=code,
        title=title,
        advice=advice,
        faults=faults,
        request_id=request_id(),
        without_query=request.path,
    )
