"""What the pages of plans call things, and what their scripts say, in the reader's language."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_decimal

from fieldops.locale.words import words
from inventory.kernel.texts import gettext as _
from inventory.kernel.texts import language


def plan_words() -> dict[str, str]:
    """Return {key: text} of the scripts; `{…}` are filled in there."""
    return {
        "publish": _("Publish"),
        "withdraw": _("Withdraw"),
        "undo": _("Undo"),
        "publish_title": _("Put plan {plan} in force"),
        "withdraw_title": _("Give plan {plan} up"),
        "undo_title": _("Put back what was so before plan {plan}"),
        "looking": _("Looking at what it would do…"),
        "impossible": _("It cannot be done now"),
        "withdraw_told": _("Nobody can publish it any more. Nothing else changes."),
        "in_force_then": _("In force then: {plans}"),
        "held_title": _("Waits for an approval then"),
        "held_none": _("Nothing waits for an approval then."),
        "held_line": _("{amount} {currency} of {line}, {shortfall} short; {role} may approve it"),
        "lines_title": _("Budget lines"),
        "lines_none": _("The budget lines stay as they are."),
        "line_change": _("{line}: {before} reserved before, {after} then, {available} {currency} left"),
        "published": _("Plan {plan} is in force"),
        "withdrawn": _("Plan {plan} is withdrawn"),
        "undone": _("Plan {plan} is undone"),
        "stale": _("Somebody changed the plan meanwhile; this is how it stands now"),
        "queued": _("Waits for its turn"),
        "stopping": _("Stopping…"),
        "unchanged": _("Nothing would be done otherwise than in the plan in force, so no plan was kept."),
        "failed": _("The plan was not made"),
        "found": _("Best so far: {assigned} jobs done, {unassigned} left out"),
    } | {f"word_{code}": text for code, text in words().items()}


def changes() -> dict[str, str]:
    """Return {what becomes of a job: its name}."""
    return {
        "added": _("more done"),
        "left_out": _("left out"),
        "other_technician": _("other people"),
        "moved": _("other time"),
    }


def terms() -> dict[str, str]:
    """Return {term of cost: its name}."""
    known = words()
    return {name: known[name] for name in ("labour", "travel", "lateness", "freight", "purchase")}


def lasting(hours: float) -> str:
    """Return hours with one digit, as the reader writes them."""
    return _("{hours} h").format(hours=format_decimal(round(hours, 1), "#,##0.#", locale=language()))


def signed(amount: Decimal) -> str:
    """Return an amount with its sign, as a difference is told."""
    return format_decimal(amount, "+#,##0.00;-#,##0.00", locale=language()) if amount else "0"
