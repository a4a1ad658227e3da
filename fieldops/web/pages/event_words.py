"""What happened, told in plain words with the way to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from fieldops.events.schemas import EventOut
from fieldops.locale.words import words
from fieldops.web.pages.admin_words import work_words
from fieldops.web.pages.stock_words import grant_words
from inventory.kernel.texts import N_, gettext
from inventory.kernel.texts import gettext as _

_NAMED = 5
"""How many things a sentence names."""


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened: when, in which region and place, where to look, and whose doing it was.

    What is not known is empty.
    """

    at: datetime
    text: str
    path: str
    where: str
    place: str
    by: str


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a kind of event is told: its topic, a sentence over the payload, and the page of a thing or of all."""

    topic: str
    sentence: str
    page: str
    one: str = ""


_KINDS: Mapping[str, _Kind] = {
    "job.added": _Kind("jobs", N_("New jobs at {place}: {what}"), "/board", "/board?job={}"),
    "job.changed": _Kind("jobs", N_("Changed jobs at {place}: {what}"), "/board", "/board?job={}"),
    "job.assigned": _Kind("jobs", N_("People assigned at {place}: {what}"), "/board", "/board?job={}"),
    "job.unassigned": _Kind("jobs", N_("Nobody does any more at {place}: {what}"), "/board", "/board?job={}"),
    "job.placed": _Kind("jobs", N_("Placed anew at {place}: {what}"), "/board", "/board?job={}"),
    "job.dispatched": _Kind("jobs", N_("Sent to the technicians at {place}: {what}"), "/board", "/board?job={}"),
    "job.prolonged": _Kind("jobs", N_("Takes longer at {place}: {what}"), "/board", "/board?job={}"),
    "aircraft.rotation_changed": _Kind("jobs", N_("Another rotation at {place}: {what}"), "/board"),
    "aircraft.rotation_cancelled": _Kind("jobs", N_("Rotation cancelled at {place}: {what}"), "/board"),
    "technician.added": _Kind("people", N_("New technicians at {place}: {what}"), "/board"),
    "technician.changed": _Kind("people", N_("Shifts, absences or licences changed at {place}: {what}"), "/board"),
    "plan.proposed": _Kind("plans", N_("Plan {plan} of {region} waits to be published"), "/plans/{plan}"),
    "plan.in_force": _Kind("plans", N_("Plan {plan} is in force in {region}"), "/plans/{plan}"),
    "plan.withdrawn": _Kind("plans", N_("Plan {plan} of {region} was withdrawn"), "/plans/{plan}"),
    "plan.expired": _Kind("plans", N_("Plan {plan} of {region} was not published in time"), "/plans/{plan}"),
    "plan.undecided": _Kind("plans", N_("A proposed plan of {region} waits for a decision"), "/plans"),
    "plan.changed": _Kind("plans", N_("Plan {plan} of {region} was changed"), "/plans/{plan}"),
    "approval.changed": _Kind("money", N_("Approval {approval} of {region}: {state}"), "/approvals#{approval}"),
    "budget.review_due": _Kind("money", N_("The override of {document} by {by} awaits its review"), "/overrides"),
    "budget.changed": _Kind("money", N_("The budget of {region} was changed"), "/budgets?region={region}"),
    "compliance.held": _Kind("money", N_("Trade compliance holds {document} of {region}"), ""),
    "grant.changed": _Kind("help", N_("Help between regions, {grant}: {state}"), "/offers"),
    "target.simulated": _Kind("stock", N_("Target plan {plan} is simulated"), "/target-plans/{plan}"),
    "target.planned": _Kind("stock", N_("Target plan {plan} is made"), "/target-plans/{plan}"),
    "stock.watched": _Kind("stock", N_("On the watch list: {what}"), "/stock"),
    "stock.frozen": _Kind("stock", N_("Stock is frozen: {what}"), "/stock"),
    "stock.stocktake_counting": _Kind("stock", N_("Stocktake opened at {place}: {what}"), "/stocktakes"),
    "stock.stocktake_to_approve": _Kind(
        "stock", N_("Stocktake to be approved at {place}: {what}"), "/stocktakes", "/stocktakes/{}"
    ),
    "stock.stocktake_posted": _Kind(
        "stock", N_("Stocktake posted at {place}: {what}"), "/stocktakes", "/stocktakes/{}"
    ),
    "stock.stocktake_cancelled": _Kind(
        "stock", N_("Stocktake cancelled at {place}: {what}"), "/stocktakes", "/stocktakes/{}"
    ),
    "order.released": _Kind("stock", N_("Order released at {place}: {what}"), "/orders", "/orders/{}"),
    "order.shipped": _Kind("stock", N_("Order on its way, {place}: {what}"), "/orders", "/orders/{}"),
    "order.received": _Kind("stock", N_("Order received, {place}: {what}"), "/orders", "/orders/{}"),
    "order.cancelled": _Kind("stock", N_("Order given up, {place}: {what}"), "/orders", "/orders/{}"),
    "reservation.preempted": _Kind("stock", N_("{part} at {place} was taken over from {demand}"), "/parts/{part}"),
    "unit.removed": _Kind("stock", N_("Removed units at {place}: {what}"), ""),
    "unit.settled": _Kind("stock", N_("Settled units at {place}: {what}"), ""),
    "operation.changed": _Kind("work", N_("{work}: {state}"), "/operations/{operation}"),
}


def kinds_of(topic: str = "") -> list[str]:
    """Return the kinds of events that are told, those of one topic where one is given."""
    return [kind for kind, told in _KINDS.items() if topic in ("", told.topic)]


def topics() -> dict[str, str]:
    """Return {topic: what it is called}."""
    return {
        "jobs": _("Jobs"),
        "people": _("Technicians"),
        "plans": _("Plans"),
        "money": _("Money"),
        "help": _("Help between regions"),
        "stock": _("Stock"),
        "work": _("Long work"),
    }


def news(event: EventOut) -> News:
    """Return an event of one of `kinds_of` as it is told; raises KeyError for another."""
    told = _KINDS[event.kind]
    values = {name: "" if value is None else str(value) for name, value in event.payload.items()}
    what = [str(one) for one in event.payload.get("what", ())]
    values |= {"what": _named(what, int(event.payload.get("count", len(what)))), "region": _region(event)}
    if "state" in values:
        values["state"] = _state(values["state"])
    if event.kind == "operation.changed":
        values["work"] = work_words().get(values["kind"], values["kind"])
    found = _Blank(values)
    path = told.one.format(quote(what[0], safe="")) if told.one and len(what) == 1 else _filled(told.page, found)
    by = "" if "{by}" in told.sentence else values.get("by", "")
    return News(
        event.happened_at, gettext(told.sentence).format_map(found), path, event.audience, event.place or "", by
    )


class _Blank(dict[str, str]):
    """Values of a sentence; what an event does not tell is left blank."""

    def __missing__(self, name: str) -> str:
        return "…"


def _filled(page: str, values: _Blank) -> str:
    return page.format_map(_Blank({name: quote(value, safe="") for name, value in values.items()}))


def _named(what: list[str], count: int) -> str:
    named = ", ".join(what[:_NAMED])
    more = count - min(len(what), _NAMED)
    return _("{named} and {count} more").format(named=named, count=more) if more > 0 else named


def _region(event: EventOut) -> str:
    return str(event.payload.get("region") or event.audience)


def _state(state: str) -> str:
    known: tuple[Callable[[], dict[str, str]], ...] = (work_words, grant_words, words)
    return next((found[state] for one in known if state in (found := one())), state)
