"""What the pages of the field call states, steps and the like, in the language in force."""

from __future__ import annotations

from fieldops.dispatch.execution.lifecycle import EventKind, JobState
from inventory.cores.models import RemovalKind
from inventory.kernel.texts import gettext as _
from inventory.traceability.condition import Condition


def states() -> dict[str, str]:
    """Return {state of a job: word}."""
    return {
        JobState.PLANNED: _("planned"),
        JobState.DISPATCHED: _("dispatched"),
        JobState.ACCEPTED: _("accepted"),
        JobState.TRAVELLING: _("on the way"),
        JobState.ON_SITE: _("at work"),
        JobState.PAUSED: _("paused"),
        JobState.DONE: _("work done"),
        JobState.INSPECTED: _("inspected"),
        JobState.RELEASED: _("released to service"),
        JobState.ADVISORY_CLOSED: _("advice given"),
        JobState.CLOSED: _("closed"),
    }


def steps() -> dict[str, str]:
    """Return {kind of event: what somebody who takes the step would say}."""
    return {
        EventKind.ACCEPT: _("Accept"),
        EventKind.DECLINE: _("Decline"),
        EventKind.DEPART: _("I am on my way"),
        EventKind.ARRIVE: _("I am there, start work"),
        EventKind.PAUSE: _("Pause"),
        EventKind.RESUME: _("Go on"),
        EventKind.NO_ACCESS: _("No access"),
        EventKind.WRONG_PART: _("Wrong part"),
        EventKind.FINISH: _("Work is done"),
        EventKind.INSPECT: _("Sign the inspection"),
        EventKind.REJECT: _("Send the work back"),
        EventKind.RELEASE: _("Release to service"),
        EventKind.CLOSE_ADVISORY: _("Advice given, operator has released"),
        EventKind.FOLLOW_UP: _("Found something else"),
        EventKind.LABOUR: _("Hours worked"),
        EventKind.TRAVEL: _("Journey and expenses"),
        EventKind.PART_ISSUED: _("Use a part"),
        EventKind.UNIT_REMOVED: _("Unit removed"),
        EventKind.STEP_ANSWERED: _("Answer a step"),
        "photo": _("Photo"),
        "strike": _("Strike a photo out"),
    }


def happened() -> dict[str, str]:
    """Return {kind of event: what is said of one that happened}."""
    return {
        EventKind.ASSIGN: _("got a seat"),
        EventKind.UNASSIGN: _("lost a seat"),
        EventKind.DISPATCH: _("dispatched"),
        EventKind.RECALL: _("recalled"),
        EventKind.CANCEL: _("cancelled"),
        EventKind.CLOSE: _("closed"),
        EventKind.REOPEN: _("opened again"),
        EventKind.ACCEPT: _("accepted"),
        EventKind.DECLINE: _("declined"),
        EventKind.DEPART: _("set off"),
        EventKind.ARRIVE: _("arrived"),
        EventKind.PAUSE: _("paused"),
        EventKind.RESUME: _("went on"),
        EventKind.NO_ACCESS: _("no access"),
        EventKind.WRONG_PART: _("wrong part"),
        EventKind.FINISH: _("finished the work"),
        EventKind.INSPECT: _("inspected"),
        EventKind.REJECT: _("sent the work back"),
        EventKind.RELEASE: _("released to service"),
        EventKind.CLOSE_ADVISORY: _("gave advice"),
        EventKind.FOLLOW_UP: _("found something else"),
        EventKind.LABOUR: _("worked"),
        EventKind.TRAVEL: _("travelled"),
        EventKind.PART_ISSUED: _("used a part"),
        EventKind.UNIT_REMOVED: _("removed a unit"),
        EventKind.STEP_ANSWERED: _("answered step"),
    }


def conditions() -> dict[str, str]:
    """Return {condition in which a part may be fitted: word}."""
    return {
        Condition.SERVICEABLE: _("serviceable"),
        Condition.NEW: _("new"),
        Condition.NEW_SURPLUS: _("new surplus"),
        Condition.OVERHAULED: _("overhauled"),
        Condition.REPAIRED: _("repaired"),
        Condition.INSPECTED: _("inspected and tested"),
        Condition.MODIFIED: _("modified"),
    }


def removals() -> dict[str, str]:
    """Return {what becomes of a removed unit: words}."""
    return {
        RemovalKind.EXCHANGE_CORE: _("goes back as exchange core"),
        RemovalKind.REPAIR_AND_RETURN: _("is repaired and returned"),
        RemovalKind.WARRANTY_RETURN: _("is a warranty case"),
        RemovalKind.OWN_UNIT: _("is our own unit"),
        RemovalKind.SCRAP: _("is scrap"),
    }


def told_by_scripts() -> dict[str, str]:
    """Return {key: text} of what the scripts of these pages say; `{…}` are filled in there."""
    return {
        "waiting_one": _("1 report waits to be sent"),
        "waiting": _("{count} reports wait to be sent"),
        "refused_one": _("1 report needs you"),
        "refused": _("{count} reports need you"),
        "queued": _("Kept on this device; it is sent as soon as there is a connection"),
        "sign_in": _("Sign in again to send what waits; nothing is lost"),
        "quarantined": _("Not taken as it is; a dispatcher decides about it. {detail}"),
        "understood": _("Understood"),
        "correct": _("Correct"),
        "discard": _("Throw away"),
        "expected": _("{state}, not sent yet"),
        "found_stock": _("{part} {lot}: {quantity} at {place}"),
        "found_part": _("{part} is what the job needs; say where you took it from"),
        "found_nothing": _("This is no part of the job; {code} is taken as the part number"),
        "photo": _("Photo"),
        "no_photo": _("This browser cannot read the picture; take a photo as JPEG, PNG or WebP"),
        "shrunk_too_little": _("The picture is larger than 5 MB; take a smaller one"),
        "steps_open": _("First answer: {steps}"),
        "answered": _("answered, not sent yet"),
        "opened": _("open again, not sent yet"),
        "no_code": _("No code was found in the picture; type what it says"),
        "back_in_time": _("The end must come after the start"),
        "no_storage": _("This browser keeps nothing on the device; reports are lost when the page is closed"),
    }
