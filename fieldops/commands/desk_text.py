"""What the desk answers, as lines of the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fieldops.dispatch.papers.words import seat as seat_name
from inventory.kernel.texts import gettext as _

if TYPE_CHECKING:
    from fieldops.planning.desk.appointment_schemas import AppointmentOut
    from fieldops.planning.desk.schemas import (
        BudgetEffect,
        MovedJob,
        OptionOut,
        PartSupply,
        PriceOut,
        SeatPlace,
    )


def at(instant: datetime, zone: str) -> str:
    """Return an instant by the clock of a place, with its distance from UTC."""
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %z}"


def option_lines(one: OptionOut, zone: str) -> Iterator[str]:
    """Yield an option: who, from when to when, the way, the price, the budget, and what becomes of others."""
    for number, seat in enumerate(one.seats):
        yield f"   {person(seat, zone)}" if number else f"{one.option}. {person(seat, zone)}"
    yield f"   {price(one.cost)}"
    for effect in one.budget:
        yield f"   {budget(effect)}"
    for moved in (*one.displaced, *one.moved):
        yield f"   {becomes(moved, zone)}"


def person(one: SeatPlace, zone: str) -> str:
    """Return who takes a seat, from when to when, and how long the way there is."""
    text = _("{technician} {name}, {seat}: {start} to {end}").format(
        technician=one.technician,
        name=one.name,
        seat=seat_name(one.seat),
        start=at(one.start, zone),
        end=f"{one.end.astimezone(ZoneInfo(zone)):%H:%M}",
    )
    return _("{who}, {minutes} min of way").format(who=text, minutes=one.travel_min) if one.travel_min else text


def price(cost: PriceOut) -> str:
    """Return what something costs in money, by term, and what it counts beside."""
    terms = _terms()
    real = ", ".join(
        f"{terms.get(name, name)} {amount:,.2f}" for name, amount in cost.by_term.items() if name not in _weights()
    )
    text = _("costs {amount:,.2f} {currency} more").format(amount=cost.real, currency=cost.currency)
    text = f"{text} ({real})" if real else text
    beside = ", ".join(f"{name} {cost.by_term[key]:,.2f}" for key, name in _weights().items() if key in cost.by_term)
    return _("{price}; no money, but counted: {weights}").format(price=text, weights=beside) if beside else text


def budget(effect: BudgetEffect) -> str:
    """Return what the budget control says of a job."""
    verdict = effect.verdict
    if verdict is None:
        why = effect.refusal or _("nothing is to be held")
        return _("budget of {job}: {why}").format(job=effect.job, why=why)
    said = {
        "pass": _("passes"),
        "warn": _("passes, little is left"),
        "approve": _("needs the approval of: {role}").format(role=verdict.approver_role or ""),
        "block": _("is blocked"),
    }[verdict.outcome]
    return _("budget of {job}: {why}").format(job=effect.job, why=said)


def becomes(one: MovedJob, zone: str) -> str:
    """Return what becomes of a job that goes elsewhere or is left out."""
    if one.start_before is None:
        return one.job  # of another region: nothing more is told
    before = at(one.start_before, zone)
    if one.start is None:
        return _("job {job} is left out; it was to begin {before}").format(job=one.job, before=before)
    return _("job {job} goes to {technicians} from {start}; it was to begin {before}").format(
        job=one.job, technicians=", ".join(one.technicians), start=at(one.start, zone), before=before
    )


def part_lines(parts: Iterable[PartSupply], zone: str) -> Iterator[str]:
    """Yield from where parts come and when they are there."""
    for one in parts:
        if one.ready_at is None:
            text = _("part {part}: {short} missing").format(part=one.part, short=plain(one.short))
        else:
            shelves = ", ".join(f"{plain(source.quantity)} {source.place}" for source in one.sources)
            text = _("part {part}: there {at}, from {shelves}").format(
                part=one.part, at=at(one.ready_at, zone), shelves=shelves
            )
        yield text
        for offer in one.offers:
            yield "   " + _("region {region} could have it there {at}, if it grants it").format(
                region=offer.needs_grant_of, at=at(offer.arrives, zone)
            )
        if one.counted_on:
            yield "   " + _("the plan counts on pieces of it for: {jobs}").format(jobs=", ".join(one.counted_on))


def appointment_lines(one: AppointmentOut, zone: str) -> Iterator[str]:
    """Yield a window: with whom, at which price, or why nobody can."""
    number = f"{one.option}." if one.option is not None else "-"
    yield f"{number} {at(one.starts_at, zone)} – {one.ends_at.astimezone(ZoneInfo(zone)):%H:%M}"
    for seat in one.seats:
        yield f"   {person(seat, zone)}"
    if one.cost is not None:
        yield f"   {price(one.cost)}"
    if one.outside_window and one.seats:
        yield "   " + _("outside the window of the job: change that first")
    for reason in one.reasons:
        yield f"   {reason.text}"


def held_until(expires_at: datetime, zone: str, age_s: float) -> str:
    """Return how long an answer holds, and how old what it rests on is."""
    return _("Holds until {until}; the running plan was taken up {age} ago.").format(
        until=at(expires_at, zone), age=timedelta(seconds=round(age_s))
    )


def plain(quantity: Decimal) -> str:
    """Return a quantity without zeros at its end."""
    return f"{quantity.normalize():f}"


def _terms() -> dict[str, str]:
    return {"labour": _("work"), "travel": _("travel"), "freight": _("freight"), "lateness": _("delay")}


def _weights() -> dict[str, str]:
    return {"unserved": _("a job left out"), "plan_change": _("changes of the plan")}
