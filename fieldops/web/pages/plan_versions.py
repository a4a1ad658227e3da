"""The pages of a plan beside another, and of why a plan decided so."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from fieldops.dispatch.papers.words import seat, titles
from fieldops.dispatch.queries import job_heads, parts_of
from fieldops.locale.words import words
from fieldops.planning.explaining import JobExplanation, PartExplanation, explain_job, explain_part
from fieldops.planning.portion import told_plan
from fieldops.planning.queries import plan_by_number, plan_page
from fieldops.planning.ways_out import way_out
from fieldops.web.pages.compare_view import CHOICES_MAX, ROWS_MAX, compare_view, difference_of
from fieldops.web.pages.plan_words import changes, lasting, plan_words, signed, terms
from fieldops.web.pages.shell import Framed
from fieldops.web.pages.stock_view import called
from fieldops.workforce.queries import technician_heads
from inventory.kernel.edge import Here
from inventory.kernel.routes import Elsewhere, needs
from inventory.network.queries import places_told

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_READERS = needs("plan.read", Elsewhere.HIDDEN)
Number = Annotated[str, Query(max_length=24)]
Name = Annotated[str, Query(max_length=48)]


@router.get("/plans/compare", dependencies=[_READERS])
def compare(frame: Framed, plan: Number = "", other: Annotated[str, Query(alias="with", max_length=24)] = "") -> str:
    """Show what a plan does otherwise than another, whom that touches, and what both cost; without one, ask for it."""
    if not plan:
        return frame.page("plans/choose.html", choices=plan_page(frame.session, limit=CHOICES_MAX))
    return frame.page(
        "plans/compare.html",
        view=compare_view(frame.session, plan, other or None),
        other=other,
        rows_max=ROWS_MAX,
        words=words(),
        changes=changes(),
        terms=terms(),
        seat=seat,
        titles=titles,
        signed=signed,
        lasting=lasting,
        difference_of=difference_of,
        page_words=plan_words(),
    )


@router.get("/plans/{number}/why", dependencies=[_READERS])
def why(frame: Framed, edge: Here, number: str, job: Name = "", part: Name = "", about: Name = "") -> str:
    """Show why a plan decided so about a job or a part; `about` is either of them, as somebody typed it."""
    session = frame.session
    plan = plan_by_number(session, number)
    if about and not (job or part):
        told = told_plan(session, plan).dispatch
        known = {one.job for one in told.assignments} | {one.job for one in told.unassigned}
        job, part = (about, "") if about.upper() in {one.upper() for one in known} else ("", about)
        job = next((one for one in known if one.upper() == job.upper()), job)
    told_job = explain_job(edge.engine, frame.actor, number, job) if job else None
    told_part = explain_part(edge.engine, frame.actor, number, part) if part and not job else None
    heads = job_heads(session, [job]) if job else {}
    needed = parts_of(session, job) if heads else []
    head = heads.get(job)
    place = places_told(session, {head.place}).get(head.place) if head else None
    return frame.page(
        "plans/why.html",
        plan=plan,
        job=told_job,
        part=told_part,
        head=head,
        zone=(place and place.time_zone) or "UTC",
        needed=needed,
        parts=called(session, {one for one, _quantity in needed} | ({part} if part else set())),
        people=technician_heads(session, _people(told_job)),
        currency=plan.document["dispatch"]["cost"]["currency"],
        words=words(),
        seat=seat,
        titles=titles,
        signed=signed,
        way_out=way_out,
    )


def _people(told: JobExplanation | PartExplanation | None) -> set[str]:
    if not isinstance(told, JobExplanation):
        return set()
    others = {one.technician for seat in told.crew for one in seat.alternatives}
    return others | {seat.technician for seat in told.crew}
