"""What codes are called on the pages."""

from __future__ import annotations

from inventory.kernel.texts import gettext as _


def words() -> dict[str, str]:
    """Return {code: word} in the language of the request."""
    return {
        "AOG": _("AOG"),
        "CRITICAL": _("Critical"),
        "ROUTINE": _("Routine"),
        "optimal": _("optimal"),
        "feasible": _("feasible"),
        "infeasible": _("infeasible"),
        "timeout_no_plan": _("no plan in time"),
        "labour": _("Labour"),
        "travel": _("Travel"),
        "freight": _("Freight"),
        "expedite": _("Expedite"),
        "parts": _("Parts"),
        "training": _("Training"),
        "capital": _("Capital"),
        "lateness": _("Lateness"),
        "purchase": _("Purchase"),
        "job": _("Job"),
        "transfer": _("Transfer"),
        "routine": _("Routine"),
        "aog": _("AOG"),
        "dispatcher": _("Dispatcher"),
        "regional_manager": _("Regional manager"),
        "finance": _("Finance"),
        "administrator": _("Administrator"),
    }
