"""What rights, long work and the ends of it are called, in the reader's language."""

from __future__ import annotations

from inventory.kernel.texts import gettext as _


def area_words() -> dict[str, str]:
    """Return {first part of a right: what it is about}."""
    return {
        "audit": _("Audit trail"),
        "budget": _("Budgets"),
        "catalogue": _("Catalogue of parts"),
        "compliance": _("Trade compliance"),
        "customers": _("Customers"),
        "dispatch": _("Jobs"),
        "erp": _("ERP"),
        "events": _("Events"),
        "fleet": _("Fleet"),
        "grants": _("Help between regions"),
        "metrics": _("Figures for monitoring"),
        "network": _("Places and lanes"),
        "operations": _("Long work"),
        "plan": _("Plans"),
        "schedules": _("Schedules"),
        "stock": _("Stock"),
        "targets": _("Stock targets"),
        "tools": _("Tools"),
        "users": _("Users and roles"),
        "webhooks": _("Webhooks"),
        "workforce": _("Technicians"),
    }


def action_words() -> dict[str, str]:
    """Return {second part of a right: what it allows}."""
    return {
        "approve": _("approve"),
        "close": _("close periods"),
        "control": _("decide in place of a region"),
        "count": _("count"),
        "decide": _("grant or refuse"),
        "execute": _("carry out"),
        "hold": _("hold and release"),
        "inspect": _("inspect"),
        "limits": _("set limits"),
        "make": _("make and publish"),
        "move": _("move"),
        "override": _("override the budget"),
        "post": _("post"),
        "preempt": _("take over what is kept"),
        "read": _("read"),
        "request": _("ask for"),
        "reserve": _("reserve"),
        "run": _("run and cancel"),
        "sell": _("sell"),
        "spend": _("spend"),
        "write": _("change"),
    }


def work_words() -> dict[str, str]:
    """Return {kind or state of long work: what it is called}."""
    return {
        "plan.day": _("Day plan"),
        "plan.dispatch": _("Plan of technicians"),
        "plan.stock-targets": _("Target plan"),
        "plan.simulate-targets": _("Simulation of a target plan"),
        "queued": _("waiting"),
        "running": _("running"),
        "done": _("done"),
        "failed": _("failed"),
        "cancelled": _("cancelled"),
        "timed_out": _("took too long"),
        "out_of_memory": _("out of memory"),
    }


def form_words() -> dict[str, str]:
    """Return {key: text} of what the forms of administration say; `{…}` are filled in by the script."""
    return {
        "saved": _("Saved"),
        "stale": _("Somebody else changed this meanwhile. What you typed is kept; save again to put it in place."),
        "field": _("Field"),
        "theirs": _("In force now"),
        "yours": _("What you typed"),
        "none": _("nothing"),
        "copied": _("Copied"),
        "checking": _("Checking…"),
        "not_json": _("This is no JSON object; write it like {example}"),
    }
