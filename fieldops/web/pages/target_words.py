"""What the pages of target plans call things, and what their script says, in the reader's language."""

from __future__ import annotations

from inventory.kernel.texts import gettext as _


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
        "NO_GO": _("No go"),
        "GO_IF": _("Go if"),
        "GO": _("Go"),
        "tool": _("Tools are not planned"),
        "no_price": _("No price"),
        "demand_unknown": _("Nobody knows how often it is asked for"),
        "cut_off": _("Cut off from supply"),
        "assumed_transit": _("Time of the way is assumed"),
        "assumed_lead": _("Time to buy is assumed"),
        "assumed_turn_around": _("Time to repair is assumed"),
        "assumed_mel": _("MEL category is assumed"),
        "unweighed": _("No rule says what waiting weighs"),
        "waiting": _("Waiting, weighted"),
        "fill": _("Pieces a day not served at once, weighted"),
        "availability": _("Aircraft that miss a part"),
        "no_fleet": _("No aircraft needs it to fly"),
        "shelf_life": _("Held no more than is used before it expires"),
        "not_worth": _("Stays: the change is not worth it"),
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
        "done": _("Done"),
        "stale": _("Somebody changed the plan meanwhile; this is how it stands now"),
    }
