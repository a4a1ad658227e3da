"""What would get a job done that a plan leaves out: the cheapest way out of the reasons, in words."""

from __future__ import annotations

from collections.abc import Iterable

from fieldops.planning.reasons import duration, rules_told
from fieldops.planning.schemas import ReasonOut
from inventory.kernel.texts import gettext as _

_RANKS = (
    ("search_ended", "taken_out", "made_room", "not_looked_at"),
    ("waits_for", "waits_for_other"),
    ("window_lapsed", "window_past", "beyond_plan", "given_by_hand", "linked_jobs", "wrong_company"),
    ("technicians_busy", "outside_shifts", "rest_too_short", "travel_too_long", "released_late", "parts_late"),
    ("costs_more_than_penalty", "over_budget"),
    ("too_late", "no_route", "uneconomic"),
    ("parts_taken", "parts_unavailable", "tools_missing", "shared_tool_taken", "over_capacity"),
    ("no_stock", "scarce", "taken"),
    ("not_permitted", "qualification_expired", "no_crew"),
    ("no_qualified_technician", "no_technician"),
)
"""Codes of reasons, by how much it takes to do something about them: first what costs nobody anything."""
_ORDER = {code: rank for rank, codes in enumerate(_RANKS) for code in codes}


def way_out(reasons: Iterable[ReasonOut]) -> str:
    """Return in a sentence what would get a job done with the least effort, "" where nothing is known to.

    Of two that take the same kind of effort it is the one that misses by less; what no amount would help comes last.
    """
    known = [one for one in reasons if one.code in _ORDER]
    for one in sorted(known, key=lambda one: (_ORDER[one.code] + 3 * _never(one), one.misses_by or 0.0)):
        if text := _sentence(one):
            return text
    return ""


def _never(one: ReasonOut) -> bool:
    """Tell whether it fails by no amount, where others of its kind fail by one."""
    return one.misses_by is None and _ORDER[one.code] == _ORDER["technicians_busy"]


def _sentence(one: ReasonOut) -> str:
    values = one.values or {}
    by = one.misses_by
    rules = ", ".join(rules_told(values))
    text = _by_amount(one.code) if by is not None else ""
    return (text or _plainly(one.code, bool(rules))).format(
        duration=duration(by or 0.0),
        amount=f"{by or 0.0:,.2f}",
        quantity=f"{by or 0.0:g}",
        days=f"{by or 0.0:.1f}",
        job=values.get("job", ""),
        rules=rules,
        place=values.get("place", ""),
        qualifications=values.get("qualifications", ""),
    )


def _by_amount(code: str) -> str:
    """Return what would help by an amount, "" where the code has none."""
    return {
        "technicians_busy": _("Free {duration} of somebody who may do it: move another job, or have it done overtime"),
        "outside_shifts": _("Make a shift {duration} longer, or its window"),
        "rest_too_short": _("Begin {duration} later, when somebody has rested"),
        "travel_too_long": _("Let its window end {duration} later, or send somebody the day before"),
        "released_late": _("Let its window end {duration} later"),
        "parts_late": _("Let its window end {duration} later, or bring the parts faster"),
        "parts_taken": _("Find {quantity} more of its parts, or take them from another job"),
        "parts_unavailable": _("Find {quantity} more of its parts: ask another region, or buy"),
        "costs_more_than_penalty": _("Give it to somebody on the board: it costs {amount} more than leaving it"),
        "too_late": _("Let it be needed {duration} later, or bring it by a faster way"),
        "uneconomic": _("Order it all the same: each costs {amount} more than it is worth"),
        "over_budget": _("Have {amount} more approved for the region"),
        "qualification_expired": _("Have a qualification renewed that is {days} days short"),
        "search_ended": _("Plan again, and longer: it saves {amount}"),
    }.get(code, "")


def _plainly(code: str, has_rules: bool) -> str:
    return {
        "search_ended": _("Plan again, and longer"),
        "taken_out": _("Make a new plan, which takes it up"),
        "made_room": _("Make a new plan, which takes it up"),
        "not_looked_at": _("Make a new plan, which takes it up if it lies within its days"),
        "waits_for": _("See that job {job} is done, which comes before"),
        "waits_for_other": _("See that job {job} is done, which comes before"),
        "window_lapsed": _("Give it a new window"),
        "window_past": _("Give it a new window"),
        "beyond_plan": _("Leave it to the next plan"),
        "given_by_hand": _("Dispatch it, or take its people out"),
        "linked_jobs": _("Let go of what ties it to other jobs"),
        "wrong_company": _("Give the other job to other people"),
        "technicians_busy": _("Move another job of somebody who may do it"),
        "outside_shifts": _("Put somebody who may do it on duty within its window"),
        "travel_too_long": _("Send somebody the day before, to stay over night"),
        "parts_unavailable": _("Find its parts: ask another region, or buy"),
        "no_route": _("Ask the region that holds it for a grant, or open a lane from {place}"),
        "no_stock": _("Ask another region, or buy"),
        "scarce": _("Take it from what it goes to now, or buy"),
        "taken": _("Take it from what it goes to now, or buy"),
        "tools_missing": _("Send the tools there"),
        "shared_tool_taken": _("Give the tool to this job, or hire a second"),
        "over_capacity": _("Let somebody carry less on the way"),
        "not_permitted": _("Put right for somebody who holds all else: {rules}")
        if has_rules
        else _("See on the board which rules keep people from it"),
        "qualification_expired": _("Have a qualification renewed"),
        "no_crew": _("Borrow somebody for one of its seats"),
        "no_qualified_technician": _("Borrow or send somebody who holds {qualifications}"),
        "no_technician": _("Send somebody from another area"),
    }.get(code, "")
