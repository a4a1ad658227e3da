"""What the codes of places, parts and stock are called on the pages of stock."""

from __future__ import annotations

from inventory.kernel.texts import gettext as _


def network_words() -> dict[str, str]:
    """Return {code: word} of tiers, classes of parts and how essential they are."""
    return {
        "central": _("Central depot"),
        "regional": _("Regional depot"),
        "centre": _("Service centre"),
        "outlet": _("Outlet"),
        "kit": _("Technician's kit"),
        "supplier": _("Supplier"),
        "customer": _("Customers"),
        "repair_shop": _("Repair shop"),
        "in_transit": _("In transit"),
        "adjustment": _("Adjustments"),
        "rotable": _("Rotable"),
        "repairable": _("Repairable"),
        "expendable": _("Expendable"),
        "material": _("Material"),
        "standard_part": _("Standard part"),
        "tool": _("Tool"),
        "NO_GO": _("No go"),
        "GO_IF": _("Go if"),
        "GO": _("Go"),
        "two_way": _("each replaces the other"),
        "one_way": _("replaced by"),
        "supersedes": _("superseded by"),
        "none": _("None"),
        "passenger": _("Passenger aircraft"),
        "cargo": _("Cargo aircraft"),
        "forbidden": _("Forbidden by air"),
        "unknown": _("Not known, so not by air"),
        "flight_hours": _("Flight hours"),
        "cycles": _("Cycles"),
        "landings": _("Landings"),
        "apu_hours": _("APU hours"),
        "calendar": _("Calendar"),
        "aog": _("AOG"),
        "routine": _("Routine"),
        "pick": _("Pick and pack"),
        "export_clearance": _("Export clearance"),
        "transport": _("Transport"),
        "import_clearance": _("Import clearance"),
        "delivery": _("Delivery"),
    }


def stock_words() -> dict[str, str]:
    """Return {code: word} of conditions, holds, reservations and papers."""
    return {
        "new": _("New"),
        "new_surplus": _("New surplus"),
        "overhauled": _("Overhauled"),
        "repaired": _("Repaired"),
        "inspected": _("Inspected"),
        "modified": _("Modified"),
        "serviceable": _("Serviceable"),
        "as_removed": _("As removed"),
        "unserviceable": _("Unserviceable"),
        "beyond_economic_repair": _("Beyond economic repair"),
        "scrap": _("Scrap"),
        "none": _("No hold"),
        "receiving": _("Receiving"),
        "quarantine": _("Quarantine"),
        "suspected_unapproved": _("Suspected unapproved"),
        "customs": _("Customs"),
        "dispute": _("Dispute"),
        "own": _("own"),
        "soft": _("planned"),
        "hard": _("kept"),
        "AOG": _("AOG"),
        "CRITICAL": _("Critical"),
        "ROUTINE": _("Routine"),
        "caac_aac_038": "AAC-038",
        "easa_form_1": "EASA Form 1",
        "uk_form_1": "UK Form 1",
        "tcca_form_one": "TCCA Form One",
        "faa_8130_3": "FAA 8130-3",
        "conformity": _("Conformity"),
        "other": _("Other"),
    }


def grant_words() -> dict[str, str]:
    """Return {code: word} of where grants and stocktakes stand."""
    return {
        "stock": _("Stock"),
        "access": _("Access to data"),
        "requested": _("requested"),
        "granted": _("granted"),
        "refused": _("refused"),
        "withdrawn": _("withdrawn"),
        "taken": _("taken by the AOG controller"),
        "counting": _("being counted"),
        "to_approve": _("to approve"),
        "posted": _("posted"),
        "cancelled": _("cancelled"),
    }


def order_words() -> dict[str, str]:
    """Return {code: word} of kinds, states, modes and priorities of orders."""
    return {
        "transfer": _("Transfer"),
        "purchase": _("Purchase"),
        "repair": _("Repair"),
        "draft": _("draft"),
        "released": _("to be shipped"),
        "shipped": _("on its way"),
        "received": _("received"),
        "cancelled": _("cancelled"),
        "aog": _("AOG"),
        "routine": _("Routine"),
        "AOG": _("AOG"),
        "CRITICAL": _("Critical"),
        "ROUTINE": _("Routine"),
    }
