"""What the scripts of the board say, in the reader's language."""

from __future__ import annotations

from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.papers.words import seat
from fieldops.locale.words import words
from fieldops.workforce.kinds import AbsenceKind, Seat
from inventory.kernel.priority import Priority
from inventory.kernel.texts import gettext as _

_TERMS = ("labour", "travel", "freight", "expedite", "lateness", "purchase")


def board_words() -> dict[str, str]:
    """Return {key: text}; `{…}` are filled in by the scripts."""
    known = words()
    told = {f"priority_{one}": known[one] for one in Priority}
    told |= {f"seat_{one}": seat(one) for one in Seat}
    told |= {f"term_{one}": known[one] for one in _TERMS}
    return told | _states() | _absences() | _of_the_board() | _of_changes() | _of_plans()


def _states() -> dict[str, str]:
    named = {
        JobState.PLANNED: _("not begun"),
        JobState.DISPATCHED: _("dispatched"),
        JobState.ACCEPTED: _("accepted"),
        JobState.TRAVELLING: _("on the way"),
        JobState.ON_SITE: _("under way"),
        JobState.PAUSED: _("paused"),
        JobState.DONE: _("done"),
        JobState.INSPECTED: _("inspected"),
        JobState.RELEASED: _("released"),
        JobState.ADVISORY_CLOSED: _("closed as advice"),
        JobState.CLOSED: _("closed"),
    }
    return {f"state_{state}": name for state, name in named.items()}


def _absences() -> dict[str, str]:
    named = {
        AbsenceKind.LEAVE: _("Leave"),
        AbsenceKind.SICKNESS: _("Sick"),
        AbsenceKind.TRAINING: _("Training"),
    }
    return {f"absence_{kind}": name for kind, name in named.items()}


def _of_the_board() -> dict[str, str]:
    return {
        "days": _("{days} d {hours} h"),
        "hours": _("{hours} h {minutes} min"),
        "minutes": _("{minutes} min"),
        "own_zone": _("Yours: {zone}"),
        "elsewhere": _("From elsewhere"),
        "unseen_person": _("Somebody of another region"),
        "free": _("No jobs in this time"),
        "views": _("Saved views"),
        "none_match": _("No job matches the filters; change or empty them"),
        "none_waits": _("Every job has somebody; what nobody has will stand here, AOG first"),
        "due": _("due {time}"),
        "due_by": _("Due"),
        "place": _("Place"),
        "state": _("State"),
        "duration": _("Takes"),
        "parts": _("Parts there"),
        "parts_there": _("no wait"),
        "release": _("Release"),
        "no_data": _("approved data not named yet"),
        "sla": _("SLA"),
        "travel": _("{time} on the way"),
        "locked_by": _("Locked by {name}"),
        "money_waits": _("Its money waits for an approval"),
        "parts_late": _("Its parts come after it begins"),
        "nobody_signs": _("Nobody to sign yet: {seats}"),
        "late_by": _("{time} after it is due"),
        "changed_by": _("{name} changed job {job}"),
    }


def _of_changes() -> dict[str, str]:
    return {
        "lock": _("Lock"),
        "unlock": _("Unlock"),
        "undo": _("Undo"),
        "take": _("Take"),
        "nobody": _("nobody"),
        "costs": _("Cost of the plan {total}{parts}"),
        "ends_late": _("ends {time} after it is due"),
        "ends_early": _("ends {time} before it is due"),
        "moved": _("{job} moved to {spot}"),
        "assigned": _("{job} assigned to {spot}"),
        "taken_out": _("{job} is without a technician; the next plan takes it up"),
        "locked": _("{job} is locked: people and time stay in every plan"),
        "unlocked": _("{job} is unlocked"),
        "lasts": _("it takes {time}"),
        "lasts_now": _("{job} takes {time} now"),
        "undone": _("Undone: {job} is with {spot}"),
        "nothing_to_undo": _("Nothing was changed here that could be undone"),
        "others_moved": _("begin at another time, too: {jobs}"),
        "displaced": _("{job} goes elsewhere for it"),
        "refused": _("{job} cannot go there: {why}"),
        "other_area": _("is of another area"),
        "may_not": _("may not: {why}"),
        "choose": _("Choose…"),
        "choose_people": _("Choose who does it, to see what that means"),
        "checking": _("Checking…"),
        "possible": _("Possible"),
        "length_unchecked": _("Checked for {time}; for the new length it is checked when you move it"),
        "needs_reason": _("Possible with a reason"),
        "impossible": _("Not possible"),
        "move_title": _("Move {job}: {title}"),
        "recommend_title": _("Who could do {job}: {title}"),
        "checklist": _("Checklist: {done} of {count} steps are done"),
        "step_open": _("open"),
        "step_free": _("not answered"),
        "photos": _("Photos: {count}"),
        "struck": _("Struck out by {who}: {reason}"),
        "searching": _("Searching…"),
        "no_way": _("Nobody can do it as the plan is; see below why"),
        "not_these": _("Why not others ({count})"),
        "stale_title": _("{job} was changed meanwhile"),
    }


def _of_plans() -> dict[str, str]:
    return {
        "queued": _("waits for a worker"),
        "plan_failed": _("The plan could not be made; the list of long work says why"),
        "plan_ready": _("Plan {plan} is there; look at the difference before you publish it"),
        "look": _("Look"),
        "published": _("Plan {plan} is in force"),
        "difference": _(
            "{unchanged} jobs as before, {other} with another technician, {moved} at another time, {added} more done, "
            "{out} left out"
        ),
        "difference_cost": _("Cost of the plan {cost}"),
        "touches": _("It touches: {people}"),
    }
