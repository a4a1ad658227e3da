"""What the pages of target plans call things, and what their script says, in the reader's language."""

from __future__ import annotations

from inventory.kernel.texts import gettext as _
from inventory.planning.stock_plans.forecast_schemas import ForecastMethod, ForecastOut


def target_words() -> dict[str, str]:
    """Return {code: word}, and {key: text} of the script; `{…}` are filled in there."""
    return {
        "all": _("All parts"),
        "capital": _("Repaired parts"),
        "operating": _("Parts that are used up"),
        "proposed": _("Proposed"),
        "partly_accepted": _("Partly accepted"),
        "accepted": _("Accepted"),
        "open": _("Open"),
        "unchanged": _("Unchanged"),
        "optimal": _("Proved to be the best"),
        "feasible": _("Near the best"),
        "infeasible": _("Floors are not met"),
        "timeout_no_plan": _("Stopped before floors were met"),
        "NO_GO": _("No go"),
        "GO_IF": _("Go if"),
        "GO": _("Go"),
        "tool": _("Tools are not planned"),
        "no_price": _("No price"),
        "demand_unknown": _("Nobody knows how often it is asked for"),
        "cut_off": _("Cut off from supply"),
        "pooled": _("Hardly asked for: served from above"),
        "assumed_transit": _("Time of the way is assumed"),
        "assumed_lead": _("Time to buy is assumed"),
        "assumed_turn_around": _("Time to repair is assumed"),
        "assumed_mel": _("MEL category is assumed"),
        "unweighed": _("No rule says what waiting weighs"),
        "dead": _("Nobody asks for it any more"),
        "superseded": _("Its demand counts for what replaces it"),
        "succession_unclear": _("Several parts replace it: its demand is its own"),
        "waiting": _("Waiting, weighted"),
        "fill": _("Pieces a day not served at once, weighted"),
        "availability": _("Aircraft that miss a part"),
        "no_fleet": _("No aircraft needs it to fly"),
        "shelf_life": _("Held no more than is used before it expires"),
        "not_worth": _("Stays: the change is not worth it"),
        "interchanged": _("Planned together with what stands in for it"),
        "used_first": _("Pieces that do not stand in for all: to be used first"),
        "needs_circle": _("Repairs need each other in a circle: left out"),
        "benches_short": _("More comes to be repaired than benches do"),
        "repair_queue": _("Pieces wait for their repair"),
        "batches": _("Several pieces are asked for at once"),
        "laterals": _("Places help each other"),
        "varying_times": _("Times vary"),
        "approximation": _("The plan's model is an approximation"),
        "too_short": _("Not established: simulated for too short a time"),
        "looking": _("Looking at what it would do…"),
        "queued": _("Waits for its turn"),
        "stopping": _("Stopping…"),
        "failed": _("The plan was not made"),
        "would_accept": _("{lines} targets would change by {pieces} pieces, worth {costs} {currency} more than now."),
        "stale_lines": _("These targets were changed since the plan was made; plan anew, or accept other lines:"),
        "nothing_open": _("Nothing is open to be accepted."),
        "would_override": _("{pieces} pieces more than planned cost {costs} {currency}."),
        "would_wait": _("On the mean {waits} pieces are waited for there, instead of {waits_planned}."),
        "would_weigh": _("Waiting for the part weighs {weighted} in all, instead of {weighted_planned}."),
        "not_simulated": _("The plan was not simulated"),
        "done": _("Done"),
        "stale": _("Somebody changed the plan meanwhile; this is how it stands now"),
    }


def forecast_words(one: ForecastOut) -> list[str]:
    """Return sentences that say how the demand of a part was forecast."""
    told = [_by_use(one) if one.method is ForecastMethod.USE else _by_history(one)]
    told.append(
        _(
            "{per_year} ± {deviation} pieces a year at the places planned; the variance is {dispersion} × the mean."
        ).format(per_year=f"{one.per_year:.2f}", deviation=f"{one.deviation:.2f}", dispersion=f"{one.dispersion:.2f}")
    )
    if one.pieces_left_out:
        told.append(
            _("Pieces issued in months not wholly known, or when it had run out, left out: {count}.").format(
                count=one.pieces_left_out
            )
        )
    if one.months_short:
        told.append(_("Months of single places that had run out, left out: {count}.").format(count=one.months_short))
    if one.order_quantity is not None:
        told.append(_("Ordered {count} at a time.").format(count=one.order_quantity))
    if one.replaces:
        told.append(_("With the demand of what it replaces: {parts}.").format(parts=", ".join(one.replaces)))
    return told


def _by_use(one: ForecastOut) -> str:
    told = _("By use: {found} {driver} between removals; the maker says {told}.").format(
        found=f"{one.mean_found or 0:.0f}", told=f"{one.mean_told or 0:.0f}", driver=_drivers()[one.driver or ""]
    )
    return told if one.pieces is None else f"{told} {_by_history(one)}"


def _by_history(one: ForecastOut) -> str:
    return _("Issued: {pieces} pieces, in {events} of {months} months.").format(
        pieces=one.pieces, events=one.events, months=one.months
    )


def _drivers() -> dict[str, str]:
    return {
        "flight_hours": _("flight hours"),
        "cycles": _("cycles"),
        "landings": _("landings"),
        "apu_hours": _("APU hours"),
        "calendar": _("days"),
    }
