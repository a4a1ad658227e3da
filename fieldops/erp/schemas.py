"""What the bridge has to say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from inventory.kernel.texts import gettext as _


class Posting(BaseModel):
    """A cost that a plan reserved (or, negative, gave back) and that the ERP does not know yet."""

    key: str
    document: str
    account: str
    amount: Decimal
    currency: str
    day: date


class CatalogueDifference(BaseModel):
    """Part numbers that only one side knows: how many, and the first of them by name."""

    products_read: int
    partners_read: int
    missing_in_erp_count: int
    missing_in_erp: list[str]
    unknown_here_count: int
    unknown_here: list[str]


class BridgeStatus(BaseModel):
    """Whether the bridge is configured, and how many postings stand where."""

    configured: bool
    pending: int
    unknown: int
    dead: int
    done: int

    def as_text(self) -> str:
        """Return the status for a person."""
        head = (
            _("The ERP bridge is configured.")
            if self.configured
            else _("The ERP bridge is not configured; set FIELDOPS_ODOO_URL, _DATABASE, _USER and _API_KEY.")
        )
        counts = _("Postings: {pending} pending, {unknown} of unknown outcome, {dead} refused, {done} done.")
        return f"{head}\n{counts.format(pending=self.pending, unknown=self.unknown, dead=self.dead, done=self.done)}"


class SyncResult(BaseModel):
    """What was sent, or with a dry run would be, and what the catalogues differ in."""

    dry_run: bool
    configured: bool
    pending: list[Posting]
    catalogue: CatalogueDifference | None
    sent: int
    failed: int
    errors: list[str]

    def as_text(self) -> str:
        """Return the result for a person."""
        lines = [
            f"{posting.document} {posting.account} {posting.amount:,.2f} {posting.currency}" for posting in self.pending
        ]
        if self.dry_run:
            lines.append(_("{count} postings would be sent; nothing was.").format(count=len(self.pending)))
        else:
            lines.append(_("{sent} postings sent, {failed} not.").format(sent=self.sent, failed=self.failed))
        if not self.configured:
            lines.append(_("The ERP bridge is not configured."))
        if self.catalogue is not None:
            lines.append(
                _("Parts: {missing} not in the ERP, {unknown} only there.").format(
                    missing=self.catalogue.missing_in_erp_count, unknown=self.catalogue.unknown_here_count
                )
            )
        return "\n".join([*lines, *self.errors])
