"""What events cost: labour, travel, parts that are used up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
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
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped
from inventory.ledger.models import OWN


def book_labour(books: Books, events: Sequence[JobEvent]) -> None:
    """Post what work adds to the cost of its day: hours beyond the regular ones are overtime."""
    told = [one for one in events if one.kind is EventKind.LABOUR and one.technician_id is not None]
    if told:
        booked = _work_near(books, told)
        books.each(told, EventKind.LABOUR, lambda one: _book_work(books, one, booked))


Booked = defaultdict[UUID, dict[UUID, Interval]]
"""{technician: {event: work}} of what is booked already."""


def _book_work(books: Books, event: JobEvent, booked: Booked) -> None:
    work = Interval.model_validate(event.told["work"])
    person, day = books.person(event), books.day_of(event, work.start)
    terms = pricing.labour_terms(books.session, [person.id], day)[person.id]
    near = (work.start - pricing.NEAR, work.end + pricing.NEAR)
    before = [
        one for key, one in booked[person.id].items() if key != event.id and one.start < near[1] and near[0] < one.end
    ]
    if _spend(books, event, pricing.work_cost(terms, person.time_zone, [work], before), day):
        booked[person.id][event.id] = work


def _work_near(books: Books, events: Sequence[JobEvent]) -> Booked:
    """Return the work of the same people, on whatever job, that is booked already and may be of the days of events."""
    waiting = select(QuarantinedEvent.id).where(QuarantinedEvent.state.in_((Decision.OPEN, Decision.DISCARDED)))
    spans = [Interval.model_validate(one.told["work"]) for one in events]
    first = min(one.start for one in spans) - pricing.NEAR * 2
    last = max(one.end for one in spans) + pricing.NEAR * 2
    query = select(JobEvent.technician_id, JobEvent.id, JobEvent.told).where(
        JobEvent.technician_id.in_({one.technician_id for one in events}),
        JobEvent.kind == EventKind.LABOUR,
        JobEvent.told["work", "start"].as_string() < last.isoformat(),  # both are kept in UTC
        JobEvent.told["work", "end"].as_string() > first.isoformat(),
        JobEvent.id.not_in(waiting),
    )
    found: Booked = defaultdict(dict)
    with unscoped(books.session):
        rows = books.session.execute(query).all()
        names = _unposted(books.session, [source_of(key, "labour") for _person, key, _told in rows])
    for person, key, told in rows:
        if person is not None and names[source_of(key, "labour")] is None:
            found[person][key] = Interval.model_validate(told["work"])
    return found


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


def _spend(books: Books, event: JobEvent, costs: pricing.Costs, day: date) -> bool:
    """Post what an event costs on a day to the commitment of its job, else to the line that pays; tell whether it cost.

    It follows from the booking, so the product posts it whether or not the person may look into the budget.
    """
    at = books.at[event.job_id]
    wanted = {
        source_of(event.id, f"{category}-{currency}" if category is Category.TRAVEL else category): (category, currency)
        for (category, currency), amount in sorted(costs.items())
        if amount > 0  # not less than the smallest coin
    }
    with unscoped(books.session):
        names = _unposted(books.session, list(wanted))
        actuals = [
            NewActual(
                source=source,
                document_kind="job",
                document=at.job.number,
                item=pricing.item_name(category, currency),
                region=at.region,
                category=category,
                day=day,
                amount=costs[category, currency],
                currency=currency,
            )
            for what, (category, currency) in wanted.items()
            if (source := names[what]) is not None
        ]
        if actuals:
            post_actuals(books.session, replace(books.actor, scope=NETWORK), actuals, books.now)
    return bool(wanted)


def _unposted(session: Session, sources: Sequence[str]) -> dict[str, str | None]:
    """Return {source: under which name it is to be posted, another after a reversal; None where it stands}."""
    found: dict[str, str | None] = {}
    turn, names = 1, {one: one for one in sources}
    while names:
        known: set[str] = set()
        for some in portions(sorted({*names.values(), *(name + REVERSED for name in names.values())})):
            known |= set(session.scalars(select(BudgetActual.source).where(BudgetActual.source.in_(some))))
        turn += 1
        gone = {one for one, name in names.items() if name + REVERSED in known}
        found |= {one: None if name in known else name for one, name in names.items() if one not in gone}
        names = {one: f"{one}/{turn}" for one in gone}
    return found
