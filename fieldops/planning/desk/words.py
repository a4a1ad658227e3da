"""What rules of the plan are broken, as sentences in the reader's language."""

from __future__ import annotations

import re

from fieldops.dispatch.papers.words import seat as seat_name
from fieldops.planning.desk.schemas import BrokenRule
from fieldops.planning.reasons import duration
from inventory.kernel.texts import gettext as _
from optimizer.run import Reason

_TIMED = frozenset({"window", "release", "shift", "duty", "travel", "arrival", "seat_gap", "pin", "precedence"})
"""The rules that the checker finds broken by so many seconds."""
_TOUR = r"(?P<who>\S+) shift \d+"
_SEAT = r"(?P<job>\S+) (?P<seat>\S+)"


def broken_rule(reason: Reason) -> BrokenRule:
    """Return a rule that the checker finds broken as it is told; by how many minutes where it is one of times."""
    missed = reason.misses_by
    if missed is not None and reason.code in _TIMED:
        missed = abs(missed) / 60
    text = _text(reason.code, str(reason.values.get("where", "")))
    if missed is not None and missed >= 1 and reason.code in _TIMED:
        text = _("{text}, by {duration}").format(text=text, duration=duration(missed))
    return BrokenRule(code=reason.code, text=text, hard=True, misses_by=missed)


def _text(code: str, where: str) -> str:
    """Return the sentence for a rule whose place the checker tells as one of its patterns."""
    for pattern, sentence in _sentences().get(code, ()):
        found = re.fullmatch(pattern, where)
        if found is not None:
            told = found.groupdict()
            return sentence.format(**told | ({"seat": seat_name(told["seat"])} if "seat" in told else {}))
    return _("it does not go together with the rest of the plan; ask for a recommendation")


def _sentences() -> dict[str, tuple[tuple[str, str], ...]]:
    return _of_times() | _of_people() | _of_things()


def _of_times() -> dict[str, tuple[tuple[str, str], ...]]:
    duty = ((_TOUR + r" .*", _("{who} would not be on duty all the time")),)
    return {
        "window": ((r"(?P<job>\S+)", _("job {job} begins outside its window")),),
        "release": ((r"(?P<job>\S+)", _("job {job} begins before its parts, or a job before it, are ready")),),
        "shift": (
            (_TOUR + " leaves", _("{who} would have to leave before the shift begins")),
            (_TOUR + " is back", _("{who} would be back after the shift ends")),
        ),
        "duty": duty,
        "break": duty,
        "travel": ((_TOUR + r" to (?P<place>.+)", _("{who} has not the time for the way to {place}")),),
        "arrival": ((_TOUR + r" (?P<job>\S+)", _("{who} is not there yet when {job} begins")),),
        "seat_gap": ((_SEAT, _("seat {seat} of job {job} does not go together in time with the first")),),
        "precedence": (
            (r"(?P<job>\S+) without (?P<before>\S+)", _("job {job} comes after job {before}, which nobody does")),
            (r"(?P<before>\S+) (?P<job>\S+)", _("job {job} does not wait for job {before}")),
        ),
    }


def _of_people() -> dict[str, tuple[tuple[str, str], ...]]:
    barred = ((_SEAT + r" (?P<who>\S+)", _("{who} may not take seat {seat} of job {job} then")),)
    return {
        "qualification": (
            (_SEAT + r" (?P<who>\S+) (?P<what>.+)", _("{who} does not hold {what} for seat {seat} of job {job} then")),
        ),
        "permission": barred,
        "forbidden": barred,
        "crew": ((r"(?P<job>\S+)", _("one person has two seats of job {job}")),),
        "seats": ((r"(?P<job>\S+)", _("nobody takes a seat of job {job}")),),
        "pin": (
            (_TOUR + r" (?P<job>\S+) is not at the head", _("job {job} is to be the first that {who} does")),
            (r"(?P<job>\S+) is not done", _("job {job} is given to somebody, and nobody would do it")),
            (r"(?P<job>\S+) has other technicians", _("job {job} is given to others")),
            (r"(?P<job>\S+) begins at another time", _("job {job} is given for another time")),
        ),
        "appointment": ((r"(?P<who>\S+) .*", _("{who} would miss what is fixed")),),
        "together": ((r"(?P<job>\S+) (?P<other>\S+)", _("jobs {job} and {other} have the wrong people together")),),
    }


def _of_things() -> dict[str, tuple[tuple[str, str], ...]]:
    return {
        "parts": (
            (_TOUR + r" (?P<job>\S+)", _("job {job} begins before its parts are there")),
            (r"(?P<job>\S+)(?: .*)?", _("job {job} begins before its parts are there")),
        ),
        "tool": ((r"(?P<job>\S+) (?P<what>.+)", _("job {job} lacks a tool: {what}")),),
        "shared_tool": ((r"(?P<what>.+)", _("others have a tool then: {what}")),),
    }
