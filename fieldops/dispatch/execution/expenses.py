"""What events cost: labour, travel, parts that are used up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.execution import pricing
from fieldops.dispatch.execution.books import Books
from fieldops.dispatch.execution.lifecycle import EventKind
from fieldops.dispatch.execution.models import Decision, JobEvent, QuarantinedEvent
from fieldops.dispatch.execution.schemas import IssuedPart, Journey
from fieldops.finance.categories import Category
from fieldops.finance.control.actual_schemas import NewActual
from fieldops.finance.control.actuals import REVERSED, post_actuals
from fieldops.finance.control.models import BudgetActual
from fieldops.finance.costing.labour import Interval
from inventory.catalogue.service import part_ids
from inventory.kernel.actor import NETWORK
from inventory.kernel.scope import unscoped
from inventory.ledger.models import OWN


def book_labour(books: Books, event: JobEvent) -> None:
    """Post what work adds to the cost of its day: hours beyond the regular ones are overtime."""
    work = Interval.model_validate(event.told["work"])
    person, day = books.person(event), books.day_of(event, work.start)
    terms = pricing.labour_terms(books.session, [person.id], day)[person.id]
    before = _work_near(books, person.id, event, work)
    _spend(books, event, pricing.work_cost(terms, person.time_zone, [work], before), day)


def _work_near(books: Books, person: UUID, event: JobEvent, work: Interval) -> list[Interval]:
    """Return the work of the same person that is booked already and may be of the same day, on whatever job."""
    waiting = select(QuarantinedEvent.id).where(QuarantinedEvent.state.in_((Decision.OPEN, Decision.DISCARDED)))
    query = select(JobEvent.id, JobEvent.told).where(
        JobEvent.technician_id == person,
        JobEvent.kind == EventKind.LABOUR,
        JobEvent.told["work", "start"].as_string() < (work.end + pricing.NEAR * 2).isoformat(),  # both are kept in UTC
        JobEvent.told["work", "end"].as_string() > (work.start - pricing.NEAR * 2).isoformat(),
        JobEvent.id.not_in(waiting),
    )
    with unscoped(books.session):
        told = {key: Interval.model_validate(one["work"]) for key, one in books.session.execute(query)}
        booked = {key for key in told if _unposted(books.session, source_of(key, "labour")) is None}
    near = (work.start - pricing.NEAR, work.end + pricing.NEAR)
    return [
        one
        for key, one in told.items()
        if key != event.id and key in booked and one.start < near[1] and near[0] < one.end
    ]


def book_travel(books: Books, event: JobEvent) -> None:
    """Post what a way to or from the job costs."""
    person, day = books.person(event), books.day_of(event)
    terms = pricing.labour_terms(books.session, [person.id], day)[person.id]
    journey = Journey.model_validate(event.told["journey"])
    _spend(books, event, pricing.journey_cost(terms, person.time_zone, journey), day)


def book_parts(books: Books, event: JobEvent) -> None:
    """Post what an own part that is used up costs; a rotable is an asset still."""
    told = IssuedPart.model_validate(event.told["issue"])
    if told.owner != OWN:
        return
    part = part_ids(books.session, [told.part])[told.part]
    _spend(books, event, pricing.parts_cost(books.session, {part: told.quantity}), books.day_of(event))


def source_of(event: UUID, what: str) -> str:
    """Return where the expense of an event comes from: each of one event has its own."""
    return f"job-event/{event}/{what}"


def _spend(books: Books, event: JobEvent, costs: pricing.Costs, day: date) -> None:
    """Post what an event costs on a day to the commitment of its job, else to the line that pays.

    It follows from the booking, so the product posts it whether or not the person may look into the budget.
    """
    at = books.at[event.job_id]
    actuals = []
    with unscoped(books.session):
        for (category, currency), amount in sorted(costs.items()):
            if amount <= 0:  # less than the smallest coin
                continue
            what = f"{category.value}-{currency}" if category is Category.TRAVEL else category.value
            source = _unposted(books.session, source_of(event.id, what))
            if source is None:
                continue
            actuals.append(
                NewActual(
                    source=source,
                    document_kind="job",
                    document=at.job.number,
                    item=pricing.item_name(category, currency),
                    region=at.region,
                    category=category,
                    day=day,
                    amount=amount,
                    currency=currency,
                )
            )
        if actuals:
            post_actuals(books.session, replace(books.actor, scope=NETWORK), actuals, books.now)


def _unposted(session: Session, source: str) -> str | None:
    """Return the source under which an expense is to be posted, another one after a reversal; None where it stands."""
    known = set(session.scalars(select(BudgetActual.source).where(BudgetActual.source.startswith(source))))
    turn, name = 1, source
    while name + REVERSED in known:
        turn += 1
        name = f"{source}/{turn}"
    return None if name in known else name
