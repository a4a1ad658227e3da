"""Use cases of the bridge: say where it stands, and bring the ERP up to date.

A posting is written down as being sent before the call and settled after it, each in a transaction of its own, so
that a crash leaves either nothing or a call of unknown outcome, which is safe to repeat: the ERP keeps one key once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Engine

from fieldops.erp.models import DeliveryState, ErpDelivery
from fieldops.erp.queries import delivery_counts, undelivered
from fieldops.erp.schemas import BridgeStatus, CatalogueDifference, Posting, SyncResult
from fieldops.settings import Settings
from integrations.odoo import (
    CostPosting,
    OdooAccountError,
    OdooClient,
    OdooError,
    OdooRejectedError,
    OdooSettings,
    connect,
)
from inventory.catalogue.queries import part_numbers
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import NotReady
from inventory.kernel.outbox import OutboxEvent
from inventory.kernel.texts import gettext as _

NAMED_MAX = 20
"""How many part numbers a difference names on each side."""


def bridge_status(engine: Engine, settings: Settings) -> BridgeStatus:
    """Return whether the bridge is configured and what waits."""
    with reading(engine, SYSTEM) as session:
        counts = delivery_counts(session)
        waiting = len(undelivered(session))
    unknown = counts.get(DeliveryState.UNKNOWN, 0) + counts.get(DeliveryState.SENDING, 0)
    return BridgeStatus(
        configured=odoo_settings(settings) is not None,
        pending=waiting - unknown,
        unknown=unknown,
        dead=counts.get(DeliveryState.DEAD, 0),
        done=counts.get(DeliveryState.DONE, 0),
    )


def synchronise(engine: Engine, settings: Settings, *, dry_run: bool, clock: Clock) -> SyncResult:
    """Send every undelivered posting; with `dry_run` only say which. Compares the catalogues where there is an ERP.

    A posting that the ERP refuses is left to a person. Any other trouble ends the run; the rest waits for the next.

    Raises NotReady when something is to be sent and the bridge is not configured, or the ERP cannot be reached.
    """
    target = odoo_settings(settings)
    with reading(engine, SYSTEM) as session:
        events = undelivered(session)
        numbers = part_numbers(session)
    postings = [(event.id, _posting(event)) for event in events]
    if target is None and not dry_run:
        raise NotReady(
            _("The ERP bridge is not configured; set FIELDOPS_ODOO_URL, _DATABASE, _USER and _API_KEY"),
            code="erp_not_configured",
        )
    result = SyncResult(
        dry_run=dry_run,
        configured=target is not None,
        pending=[posting for _event, posting in postings],
        catalogue=None,
        sent=0,
        failed=0,
        errors=[],
    )
    if target is None:
        return result
    try:
        with connect(target) as odoo:
            result.catalogue = _catalogue_difference(odoo, numbers)
            for event_id, posting in () if dry_run else postings:
                if not _deliver(engine, odoo, event_id, posting, result, clock):
                    break
    except OdooError as unreachable:
        raise NotReady(_("The ERP does not serve us: {why}").format(why=unreachable), code="erp_failed") from None
    return result


def odoo_settings(settings: Settings) -> OdooSettings | None:
    """Return the bridge's settings, None where it is not configured; raises NotReady when some are wrong."""
    if settings.odoo_url is None:
        return None
    if settings.odoo_database is None or settings.odoo_user is None or settings.odoo_api_key is None:
        raise NotReady(
            _("FIELDOPS_ODOO_URL is set; set FIELDOPS_ODOO_DATABASE, _USER and _API_KEY too"),
            code="erp_half_configured",
        )
    try:
        return OdooSettings(
            url=settings.odoo_url,
            database=settings.odoo_database,
            user=settings.odoo_user,
            api_key=settings.odoo_api_key,
            site=settings.odoo_site,
            protocol=settings.odoo_protocol,
            timeout_s=settings.odoo_timeout_s,
        )
    except ValueError as wrong:
        raise NotReady(str(wrong), code="erp_wrong_settings") from None


def _posting(event: OutboxEvent) -> Posting:
    told = event.payload
    return Posting(
        key=uuid5(NAMESPACE_URL, event.key).hex,
        document=told["document"],
        account=f"{told['region']}-{told['category']}",
        amount=Decimal(told["amount"]),
        currency=told["currency"],
        day=date.fromisoformat(told["day"]),
    )


def _deliver(
    engine: Engine, odoo: OdooClient, event_id: int, posting: Posting, result: SyncResult, clock: Clock
) -> bool:
    """Send one posting; False when the trouble is not with this posting, so that the next would meet it too."""
    _note(engine, event_id, posting.key, DeliveryState.SENDING, clock)
    try:
        posted = odoo.post_cost(
            CostPosting(
                key=posting.key,
                account=posting.account,
                cost=posting.amount,
                currency=posting.currency,
                day=posting.day,
                description=_("Plan {plan}, {account}").format(plan=posting.document, account=posting.account),
                reference=posting.document,
            )
        )
    except OdooError as wrong:
        refused = isinstance(wrong, OdooRejectedError | OdooAccountError)
        state = DeliveryState.DEAD if refused else DeliveryState.UNKNOWN
        _note(engine, event_id, posting.key, state, clock, error=str(wrong))
        result.failed += 1
        result.errors.append(f"{posting.document} {posting.account}: {wrong}")
        return refused
    _note(engine, event_id, posting.key, DeliveryState.DONE, clock, remote_id=posted.line_id)
    result.sent += 1
    return True


def _note(
    engine: Engine,
    event_id: int,
    key: str,
    state: DeliveryState,
    clock: Clock,
    *,
    remote_id: int | None = None,
    error: str | None = None,
) -> None:
    with writing(engine, SYSTEM) as session:
        delivery = session.get(ErpDelivery, key)
        if delivery is None:
            delivery = ErpDelivery(key=key, event_id=event_id, attempts=0)
            session.add(delivery)
        if state is DeliveryState.SENDING:
            delivery.attempts += 1
        delivery.state, delivery.changed_at, delivery.last_error = state, clock(), error and error[:400]
        delivery.remote_id = remote_id


def _catalogue_difference(odoo: OdooClient, numbers: Sequence[str]) -> CatalogueDifference:
    products = [product.code for product in odoo.read_products() if product.active]
    theirs, ours = {code for code in products if code}, set(numbers)
    return CatalogueDifference(
        products_read=len(products),
        partners_read=sum(1 for _partner in odoo.read_partners()),
        missing_in_erp_count=len(ours - theirs),
        missing_in_erp=sorted(ours - theirs)[:NAMED_MAX],
        unknown_here_count=len(theirs - ours),
        unknown_here=sorted(theirs - ours)[:NAMED_MAX],
    )
