"""What the page of a document's money shows: what it holds and spent, and who pays of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from fieldops.dispatch.queries import JobHead, job_heads
from fieldops.finance.approvals.queries import approval_page
from fieldops.finance.approvals.schemas import ApprovalOut
from fieldops.finance.control.actual_schemas import ActualOut
from fieldops.finance.control.queries import actual_page, earmark_page
from fieldops.finance.control.schemas import EarmarkOut
from inventory.kernel.errors import NotFound
from inventory.kernel.texts import gettext as _

_NONE = Decimal(0)


@dataclass(slots=True)
class Shares:
    """The money of a document in a currency: in all, what payers give back of it, what stays with us."""

    gross: Decimal = _NONE
    back: Decimal = _NONE

    @property
    def own(self) -> Decimal:
        """Return what stays with us."""
        return self.gross - self.back


@dataclass(frozen=True, slots=True)
class DocumentView:
    """The money of a document, by what it holds, what it spent, and the requests about it; `job` where it is one."""

    kind: str
    number: str
    job: JobHead | None
    held: list[EarmarkOut]
    spent: list[ActualOut]
    approvals: list[ApprovalOut]

    def shares(self) -> dict[str, Shares]:
        """Return who pays, by currency: what is held still and what was spent together."""
        found: defaultdict[str, Shares] = defaultdict(Shares)
        for held in self.held:
            found[held.currency].gross += held.amount
            found[held.currency].back += held.recovery
        for spent in self.spent:
            found[spent.currency].gross += spent.amount
            found[spent.currency].back += spent.recovered
        return dict(sorted(found.items()))


def document_view(session: Session, kind: str, number: str) -> DocumentView:
    """Return the money of a document; raises NotFound where none of it is the visitor's to see."""
    view = DocumentView(
        kind=kind,
        number=number,
        job=job_heads(session, [number]).get(number) if kind == "job" else None,
        held=[one for one in earmark_page(session, document=number, held=False) if one.document_kind == kind],
        spent=[one for one in actual_page(session, document=number) if one.document_kind == kind],
        approvals=[one for one in approval_page(session, document=number) if one.document_kind == kind],
    )
    if not (view.held or view.spent or view.approvals):
        raise NotFound(_("{document} holds no money here and spent none").format(document=number), code="nothing_held")
    return view


def waiting_for(session: Session, documents: Collection[str]) -> dict[str, ApprovalOut]:
    """Return {document: the latest request for its approval} of some documents."""
    return {one.document: one for one in approval_page(session, documents=documents)}
