"""What rules of the plan are broken, as sentences in the reader's language."""

from __future__ import annotations

from inventory.kernel.texts import gettext as _


def broken_text(code: str, where: str) -> str:
    """Return one sentence for a rule that the checker finds broken, and where."""
    sentence = _sentences().get(code)
    if sentence is None:
        return _("breaks the rule {code} of the plan: {where}").format(code=code, where=where)
    return sentence.format(where=where)


def _sentences() -> dict[str, str]:
    return {
        "window": _("begins outside its window: {where}"),
        "release": _("begins before it can, as parts or a job before it are not ready: {where}"),
        "shift": _("lies outside the shift: {where}"),
        "duty": _("is on duty too long: {where}"),
        "travel": _("does not leave the time for the way: {where}"),
        "arrival": _("begins before anybody is there: {where}"),
        "qualification": _("is done by somebody who does not hold what it asks for: {where}"),
        "permission": _("is done by somebody who may not do it then: {where}"),
        "forbidden": _("is done by somebody who is barred from it: {where}"),
        "crew": _("has one person in two seats: {where}"),
        "seats": _("has a seat that nobody takes: {where}"),
        "seat_gap": _("has seats that do not go together in time: {where}"),
        "pin": _("is given to others, or for another time: {where}"),
        "appointment": _("leaves an appointment out: {where}"),
        "parts": _("begins before its parts are there: {where}"),
        "precedence": _("does not wait for the job before it: {where}"),
        "together": _("has the wrong people of another job: {where}"),
        "shared_tool": _("needs a tool that others have then: {where}"),
        "tool": _("lacks a tool: {where}"),
    }
