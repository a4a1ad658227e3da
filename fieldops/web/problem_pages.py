"""What each code of an error means: the addresses that problem details give as their type."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from fieldops import locale
from fieldops.web.codes import KINDS, MEANINGS
from fieldops.web.problems import wants_page
from fieldops.web.templating import render
from inventory.kernel.errors import NotFound
from inventory.kernel.routes import PUBLIC
from inventory.kernel.texts import gettext, speaking
from inventory.kernel.texts import gettext as _

router = APIRouter(prefix="/problems", include_in_schema=False)


class ProblemKind(BaseModel):
    """A code, the status that it mostly comes with, its title and what it means by language."""

    type: str
    code: str
    status: int
    title: dict[str, str]
    meaning: dict[str, str]


@router.get("", dependencies=[PUBLIC])
def problem_kinds(request: Request) -> Response:
    """List every code."""
    kinds = [_kind(code) for code in sorted(KINDS)]
    if wants_page(request):
        return HTMLResponse(render("problems.html", kinds=kinds))
    return JSONResponse({"items": [kind.model_dump() for kind in kinds]})


@router.get("/{code}", dependencies=[PUBLIC])
def problem_kind(request: Request, code: str) -> Response:
    """Explain one code; raises NotFound for one that does not exist."""
    if code not in KINDS:
        raise NotFound(
            _("No problem has the code {code}; /problems lists those there are").format(code=code),
            code="unknown_problem",
            field="code",
        )
    kind = _kind(code)
    if wants_page(request):
        return HTMLResponse(render("problems.html", kinds=[kind]))
    return JSONResponse(kind.model_dump())


def _kind(code: str) -> ProblemKind:
    status, title = KINDS[code]
    return ProblemKind(
        type=f"/problems/{code}",
        code=code,
        status=status,
        title=_by_language(title),
        meaning=_by_language(MEANINGS[status]),
    )


def _by_language(text: str) -> dict[str, str]:
    told = {}
    for language in locale.LANGUAGES:
        with speaking(locale.catalogue(language)):
            told[locale.tag(language)] = gettext(text)
    return told
