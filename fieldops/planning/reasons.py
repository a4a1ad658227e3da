"""The reason codes of the optimizers as sentences in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from fieldops.dispatch.papers.words import seat as seat_name
from fieldops.workforce.refusals import rule_name
from inventory.kernel.texts import gettext as _

Values = Mapping[str, str | int | float]


def reason_text(code: str, misses_by: float | None, values: Values) -> str:
    """Return one sentence for a reason; a code without a sentence of its own is shown as it is.

    The values `of_one`, `bought` and `people` choose the sentence that is said of one technician, of a purchase, or of
    so many technicians; `seat` names the seat that it is said of.
    """
    sentences = _sentences()
    variants = (("of_one", "_one"), ("bought", "_bought"), ("people", "_people"))
    variant = next((ending for value, ending in variants if values.get(value)), "")
    endings = [ending + ever for ending in (variant, "", "_people") for ever in ("_ever" * (misses_by is None), "")]
    sentence = next((sentences[code + ending] for ending in endings if code + ending in sentences), None)
    if sentence is None:
        return code
    missing = misses_by or 0.0
    text = sentence.format_map(
        _Blank(
            {"people": 1, **values},
            duration=duration(missing),
            amount=f"{missing:,.2f}",
            quantity=f"{missing:g}",
            days=f"{missing:.1f}",
            pieces=values.get("pieces", f"{missing:.0f}"),
            holders=_holders(values),
        )
    )
    rules = rules_told(values)
    if code == "not_permitted" and rules:
        why = ", ".join(rules)
        if values.get("of_one"):
            text = _("may not take the seat: {rules}").format(rules=why)
        elif people := values.get("people"):
            text = _("may not take it: {people}, kept from it by: {rules}").format(people=people, rules=why)
        else:
            text = _("nobody who holds what it asks for may take the seat: {rules}").format(rules=why)
    seat, part = values.get("seat"), values.get("part")
    if seat and variant == "_people":
        text = _("seat {seat}: {text}").format(seat=seat_name(str(seat)), text=text)
    return _("part {part}: {text}").format(part=part, text=text) if part else text


def _sentences() -> dict[str, str]:
    return _of_dispatch() | _of_people() | _of_replenishment()


def _of_dispatch() -> dict[str, str]:
    return {
        "window_lapsed": _("its window ended {duration} before the plan begins; give it a new one"),
        "not_looked_at": _("the plan does not know it: it came in after the plan was made, or lies outside its days"),
        "window_past": _("this window is past"),
        "beyond_plan": _("the plan ends before, at {until}; the next plan can promise it"),
        "given_by_hand": _(
            "its seats are given to people of elsewhere, or for a time that is past; dispatch it, or take them out"
        ),
        "taken_out": _("somebody took it out of the plan; the next plan takes it up"),
        "made_room": _("it made room in the plan for a job that is more urgent; the next plan takes it up"),
        "waits_for_other": _("job {job}, which has to be done before, is not planned with it in this area and week"),
        "no_technician": _("nobody is based in this area"),
        "no_qualified_technician": _("nobody in the area holds {qualifications} together"),
        "no_qualified_technician_one": _("does not hold {qualifications}"),
        "not_permitted": _(
            "nobody who holds what it asks for may take the seat; check a person for the job to see which rules fail"
        ),
        "not_permitted_one": _("may not take the seat; check the person for the job to see which rules fail"),
        "qualification_expired": _("the qualification is not valid at the time; {days} days short"),
        "qualification_expired_one": _("not qualified or permitted at the time; {days} days short"),
        "qualification_expired_one_ever": _("not qualified or permitted at the time"),
        "parts_unavailable": _("the parts cannot be had within the horizon"),
        "parts_late": _("the parts arrive {duration} after the latest start"),
        "outside_shifts": _("nobody who may do it is on duty long enough within the window; {duration} short"),
        "outside_shifts_one": _("not on duty long enough within the window; {duration} short"),
        "outside_shifts_one_ever": _("never on duty within the window"),
        "travel_too_long_one": _("cannot get there in time; {duration} short"),
        "travel_too_long_one_ever": _("cannot get there and back in time"),
        "travel_too_long": _("who may do it cannot get there in time; {duration} short"),
        "technicians_busy": _("busy with other jobs of the plan; {duration} short"),
        "technicians_busy_ever": _("busy with other jobs of the plan"),
        "wrong_company_one": _("would be with the wrong people of another job"),
        "costs_more_than_penalty": _("doing it costs {amount} more than leaving it"),
        "released_late": _("released {duration} after its last window ends"),
        "waits_for": _("job {job}, which has to be done before, is left out"),
        "no_crew": _("each seat can be filled, but not all of them together"),
        "search_ended": _("doing it would save {amount}; planning ended before it was tried"),
    }


def _of_people() -> dict[str, str]:
    """Return what is said of so many technicians who fail at the same; of `_ever` that no amount would help."""
    return {
        "no_qualified_technician_people": _("technicians who do not hold {qualifications} together: {people}"),
        "not_permitted_people": _("may not take it: {people}"),
        "outside_shifts_people": _("not on duty long enough within the window, {duration} short at least: {people}"),
        "outside_shifts_people_ever": _("never on duty within the window: {people}"),
        "tools_missing_people": _("have no way to the tools: {people}"),
        "parts_unavailable_people": _("have no way to the parts, {quantity} missing at least: {people}"),
        "rest_too_short_people": _("would cut their rest, by {duration} at least: {people}"),
        "travel_too_long_people": _("too far away, {duration} late at least: {people}"),
        "travel_too_long_people_ever": _("cannot get there and back in time: {people}"),
        "qualification_expired_people": _(
            "not qualified or permitted at the time, {days} days short at least: {people}"
        ),
        "qualification_expired_people_ever": _("not qualified or permitted at the time: {people}"),
        "parts_late_people": _("would have the parts {duration} too late at least: {people}"),
        "over_capacity_people": _("carry too much already, {quantity} over at least: {people}"),
        "wrong_company_people": _("would be with the wrong people of another job: {people}"),
        "shared_tool_taken_people": _("a shared tool is with others for the shift: {people}"),
        "changes_used_up_people": _("no more changes of the running plan are allowed: {people}"),
        "parts_taken_people": _("other jobs take the parts, {quantity} missing at least: {people}"),
        "technicians_busy_people": _("busy with other work of the plan, {duration} short at least: {people}"),
        "technicians_busy_people_ever": _("busy with other work of the plan: {people}"),
        "linked_jobs_people": _("jobs and seats tied to it could not be kept: {people}"),
        "over_budget_people": _("would exceed the region's budget by {amount} at least: {people}"),
        "costs_more_than_penalty_people": _("fit, but cost {amount} at least more than leaving it: {people}"),
        "search_ended_people": _("fit and would save {amount}; planning ended before it was tried: {people}"),
    }


def _of_replenishment() -> dict[str, str]:
    return {
        "no_stock": _("no serviceable stock is left within reach; {pieces} missing"),
        "no_route": _(
            "{pieces} lie at {place}, which may not send them: no lane, or a region that must grant it first"
        ),
        "too_late": _("the earliest, from {place}, arrives {duration} too late"),
        "uneconomic": _("the cheapest, from {place}, costs {amount} more per piece than it is worth"),
        "too_late_bought": _("bought now, it arrives {duration} too late"),
        "uneconomic_bought": _("buying it costs {amount} more per piece than it is worth now"),
        "next_best_bought": _("buying it costs {amount} more per piece"),
        "scarce": _("the stock goes where it is needed more: {holders}"),
        "taken": _("other sources are used: {holders}"),
        "next_best": _("the next best, from {place}, costs {amount} more per piece"),
        "no_other": _("there is no other source"),
        "not_planned": _("planning ended before this part"),
    }


class _Blank(dict[str, object]):
    """Values of a sentence; one that is missing stays out of it rather than breaking it."""

    def __missing__(self, key: str) -> str:
        return ""


def duration(minutes: float) -> str:
    """Return minutes in words."""
    whole = timedelta(minutes=round(minutes))
    hours, rest = divmod(round(whole.total_seconds()) // 60, 60)
    if not hours:
        return _("{minutes} min").format(minutes=rest)
    if hours < 48:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=rest)
    return _("{days} days {hours} h").format(days=hours // 24, hours=hours % 24)


def rules_told(values: Values) -> list[str]:
    """Return the rules that keep most people from a seat, each with how many; of one person without a number."""
    numbered = (
        (values.get(f"rule_{rank}"), values.get(f"name_{rank}"), values.get(f"people_{rank}")) for rank in (1, 2, 3)
    )
    named = ((rule_name(str(rule), str(name or "")), count) for rule, name, count in numbered if rule is not None)
    return [rule if count is None else _("{rule} ({count})").format(rule=rule, count=count) for rule, count in named]


def _holders(values: Values) -> str:
    named = []
    for rank in range(1, 4):
        each = values.get(f"each_{rank}")
        if each is None:
            break
        job = values.get(f"job_{rank}")
        target = values.get(f"target_{rank}")
        named.append(
            _("{each} to job {job}").format(each=each, job=job)
            if job
            else _("{each} to the stock of {place}").format(each=each, place=target)
        )
    other = values.get("each_other")
    if other:
        named.append(_("{each} to others").format(each=other))
    return ", ".join(named)
