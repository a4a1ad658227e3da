"""What codes are called on the pages and the terminal."""

from __future__ import annotations

from inventory.kernel.texts import gettext as _


def words() -> dict[str, str]:
    """Return {code: word} in the language in force."""
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
        "day": _("Day plan"),
        "dispatch": _("Technicians"),
        "proposed": _("proposed"),
        "current": _("in force"),
        "superseded": _("replaced"),
        "withdrawn": _("withdrawn"),
        "transfer": _("Transfer"),
        "routine": _("Routine"),
        "aog": _("AOG"),
        "administrator": _("Administrator"),
        "aog_controller": _("AOG controller"),
        "auditor": _("Auditor"),
        "central_planner": _("Central planner"),
        "customer": _("Customer"),
        "dispatcher": _("Dispatcher"),
        "engineer": _("Engineer"),
        "finance": _("Finance"),
        "receiving_inspector": _("Receiving inspector"),
        "regional_manager": _("Regional manager"),
        "storekeeper": _("Storekeeper"),
        "technician": _("Technician"),
        "trade_compliance": _("Trade compliance"),
    }
