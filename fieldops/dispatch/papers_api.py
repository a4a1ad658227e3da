"""Routes of the papers of a job: its card, and the certificate with which it ends.

They are drawn when the database is let go: that takes longer than to read what stands on them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from fieldops.dispatch.cards import job_card, job_end
from fieldops.dispatch.papers import job_card_pdf, release_certificate_pdf
from fieldops.dispatch.printing import card_to_print, certificate_to_print
from fieldops.identity.schemas import Language
from inventory.kernel.edge import Acting, Here
from inventory.kernel.engine import reading
from inventory.kernel.routes import Elsewhere, Route, needs
from inventory.kernel.texts import language as spoken

AT_ONCE = 2
"""How many papers are drawn at the same time."""

router = APIRouter(tags=["papers"], route_class=Route)

Number = Annotated[str, Path(description="Number of a job.")]
Wanted = Annotated[Language | None, Query(description="Language of the labels; without it that of the request.")]


class Pdf(Response):
    """A PDF."""

    media_type = "application/pdf"


async def _drawing() -> AsyncIterator[None]:
    """Let whoever wants a paper wait, without a worker thread, for those who did so before."""
    yield


_ROUTE: dict[str, Any] = {
    "dependencies": [
        needs("dispatch.read", Elsewhere.HIDDEN),
        Depends(_drawing, scope="function", max_concurrency=AT_ONCE),
    ],
    "response_class": Pdf,
    "responses": {200: {"content": {Pdf.media_type: {"schema": {"type": "string", "format": "binary"}}}}},
}


@router.get("/jobs/{number}/card.pdf", **_ROUTE)
def card_to_paper(edge: Here, actor: Acting, number: Number, language: Wanted = None) -> Pdf:
    """Return the job card to be printed, in English or Chinese."""
    with reading(edge.engine, actor) as session:
        facts = job_card(session, number)
    card = card_to_print(facts, edge.organisation, edge.clock())
    return _shown(job_card_pdf(card, language or spoken()), f"{number}-card.pdf")


@router.get("/jobs/{number}/release-certificate.pdf", **_ROUTE)
def certificate_to_paper(edge: Here, actor: Acting, number: Number, language: Wanted = None) -> Pdf:
    """Return the certificate with which a job was released; after advice, the record that says it is no release."""
    with reading(edge.engine, actor) as session:
        end = job_end(session, number)
    certificate = certificate_to_print(end, edge.organisation)
    return _shown(release_certificate_pdf(certificate, language or spoken()), f"{number}-release.pdf")


def _shown(content: bytes, name: str) -> Pdf:
    # the plain name is for readers that do not know the encoded one, which may have any letters
    plain = name if name.isascii() and not set(name) & set('"\\/;') else "job.pdf"
    disposition = f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Pdf(content, headers={"Content-Disposition": disposition})
