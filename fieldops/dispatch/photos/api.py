"""Routes of the photos of a job. A picture is made fit to be kept before the database is taken: that takes longer."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from fieldops.dispatch.photos import queries
from fieldops.dispatch.photos.images import BYTES_MAX, MEDIA, SUFFIXES, Picture, cleaned
from fieldops.dispatch.photos.schemas import AddedPhoto, NewPhoto, PhotoOut, Strike
from fieldops.dispatch.photos.service import add_photo, strike_photo
from fieldops.dispatch.queries import job_by_number
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.fields import Instant, Text
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

AT_ONCE = 2
"""How many pictures are looked at at the same time."""

router = APIRouter(tags=["execution"], route_class=Route)

Number = Annotated[str, Path(description="Number of a job.")]
Key = Annotated[UUID, Path(description="Id of a photo.")]
_PICTURE: dict[str, Any] = {media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA.values()}


async def _picture(request: Request) -> Picture:
    return await run_in_threadpool(cleaned, await request.body())


@router.post(
    "/jobs/{number}/photos",
    status_code=201,
    dependencies=[needs("dispatch.execute", Elsewhere.HIDDEN)],
    openapi_extra={"x-body-max": BYTES_MAX + 1, "requestBody": {"required": True, "content": _PICTURE}},
)
def keep_photo(
    number: Number,
    # before the session: nobody waits for the database meanwhile
    picture: Annotated[Picture, Depends(_picture, scope="request", max_concurrency=AT_ONCE)],
    session: Writing,
    actor: Acting,
    edge: Here,
    key: Annotated[UUID, Query(alias="id", description="Id that the sender gives the photo; the same counts once.")],
    taken_at: Annotated[Instant, Query(description="When it was taken.")],
    note: Annotated[Text | None, Query(description="What it shows.")] = None,
    step: Annotated[int | None, Query(ge=1, le=1_000, description="The step of the checklist that it answers.")] = None,
) -> AddedPhoto:
    """Keep a photo of a job: a JPEG, PNG or WebP as the body. Where it was taken is not kept, but for what is told.

    It is told by its content what it is. With `step` it answers that step of the checklist.
    """
    new = NewPhoto(id=key, taken_at=taken_at, note=note, step=step)
    kept, answer = add_photo(session, actor, number, new, picture, edge.clock())
    return AddedPhoto(photo=queries.photo_out(kept, number), answer=answer)


@router.get("/jobs/{number}/photos", dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)])
def photos_of_job(session: Reading, paging: Paged, number: Number) -> Page[PhotoOut]:
    """List the photos of a job, those that are struck out among them."""
    job_by_number(session, number)
    (after,) = paging.after((queries.FIRST_KEY,))
    return paging.page(queries.photo_page(session, number, after=after, limit=paging.rows), lambda one: (one.id,))


@router.get("/jobs/{number}/photos/{key}", dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)])
def photo_of_job(session: Reading, response: Response, number: Number, key: Key) -> PhotoOut:
    """Return who took a photo, when, and what it shows."""
    found = queries.photo_of(session, number, key)
    tag(response, found.version)
    return queries.photo_out(found, number)


@router.get(
    "/jobs/{number}/photos/{key}/picture",
    dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)],
    response_class=Response,
    responses={200: {"content": _PICTURE}},
)
def picture_of_photo(session: Reading, number: Number, key: Key) -> Response:
    """Return the picture of a photo."""
    found = queries.photo_of(session, number, key, content=True)
    name = f"{key}.{SUFFIXES[found.media_type]}"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(found.content, media_type=found.media_type, headers=headers)


@router.post("/jobs/{number}/photos/{key}/strike", dependencies=[needs("dispatch.execute", Elsewhere.HIDDEN)])
def strike_out_photo(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    number: Number,
    key: Key,
    wanted: Strike,
) -> PhotoOut:
    """Strike a wrong photo out: it stays to be seen. A step that it answered is open again, until the job is signed."""
    found = strike_photo(session, actor, number, key, wanted.reason, edge.clock(), version=version)
    session.flush()
    tag(response, found.version)
    return queries.photo_out(found, number)
