"""The composition root of the API and the pages: what an application consists of, and its life."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from sqlalchemy import Engine, Select, func, select

from fieldops import __version__
from fieldops.audit.api import router as audit
from fieldops.compiled import keep_compiled
from fieldops.customers.api import router as customers
from fieldops.dispatch.api import router as dispatch
from fieldops.dispatch.checklists.api import router as checklists
from fieldops.dispatch.crew.api import router as crews
from fieldops.dispatch.diaries.api import feed_router as feeds
from fieldops.dispatch.diaries.api import router as diaries
from fieldops.dispatch.execution.api import router as execution
from fieldops.dispatch.lending import jobs_of_loans
from fieldops.dispatch.papers_api import router as job_papers
from fieldops.dispatch.photos.api import router as photos
from fieldops.dispatch.rights_api import router as rights
from fieldops.dispatch.tasks.api import router as tasks
from fieldops.equipment.api import router as equipment
from fieldops.events.api import router as events
from fieldops.events.hub import Hub
from fieldops.exchange.api import router as exchange
from fieldops.finance.approvals.api import router as approvals
from fieldops.finance.approvals.api import settling
from fieldops.finance.budgets.api import router as budgets
from fieldops.finance.budgets.version_api import router as budget_versions
from fieldops.finance.calendars.api import router as fiscal
from fieldops.finance.control.api import router as control
from fieldops.finance.control.authority_api import router as authority
from fieldops.finance.costing.api import router as costing
from fieldops.finance.rates.api import router as rates
from fieldops.finance.spending import BudgetSpend
from fieldops.fleet.api import router as fleet
from fieldops.fleet.utilisation.exposure import FleetExposure
from fieldops.identity.api import router as identity
from fieldops.identity.authenticator import Authenticator
from fieldops.identity.own_api import router as own_identity
from fieldops.operations.api import router as operations
from fieldops.planning.api import router as planning
from fieldops.planning.approving import settle_approved
from fieldops.planning.desk.api import router as desk
from fieldops.planning.queries import promised_to
from fieldops.planning.rolling.api import router as rolling
from fieldops.planning.stock_targets.api import router as stock_targets
from fieldops.planning.versions.api import router as versions
from fieldops.settings import Settings
from fieldops.web.door import install
from fieldops.web.limits import RateLimit, limited
from fieldops.web.metrics import Metrics
from fieldops.web.openapi import documented, operation_id
from fieldops.web.pages.routes import ROUTERS as PAGES
from fieldops.web.problems import problem_schemas
from fieldops.web.reference import router as reference
from fieldops.web.signin import router as signin
from fieldops.web.static_files import KeptFiles
from fieldops.work import all_kinds, worker_of
from fieldops.workforce.api import router as workforce
from fieldops.workforce.certificates.api import router as certificates
from fieldops.workforce.releasing.api import router as releasing
from fieldops.workforce.roster.api import router as roster
from inventory.availability.api import expected_supply
from inventory.availability.api import router as availability
from inventory.catalogue.api import router as catalogue
from inventory.cores.api import router as cores
from inventory.inspection.api import router as inspection
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import Clock, system_clock
from inventory.kernel.edge import Edge
from inventory.kernel.engine import open_engine, reading
from inventory.kernel.operations import Operation, OperationState
from inventory.kernel.outbox import OutboxEvent
from inventory.ledger.api import router as ledger
from inventory.network.api import router as network
from inventory.offers.api import router as offers
from inventory.offers.queries import granted_regions
from inventory.orders.api import router as orders
from inventory.orders.api import spending
from inventory.orders.due import expected
from inventory.planning.api import router as stock_planning
from inventory.planning.stock_plans.api import exposing
from inventory.stocktakes.api import router as stocktakes
from inventory.traceability.api import router as traceability
from inventory.traceability.paper_api import router as papers
from inventory.traceability.rule_api import router as acceptance
from inventory.valuation.api import router as valuation

API = "/api/v1"
_ROUTERS = (
    network,
    catalogue,
    traceability,
    papers,
    acceptance,
    inspection,
    ledger,
    stocktakes,
    orders,
    cores,
    valuation,
    availability,
    stock_planning,
    stock_targets,
    offers,
    fleet,
    rights,
    workforce,
    certificates,
    roster,
    releasing,
    equipment,
    execution,
    job_papers,
    diaries,
    dispatch,
    crews,
    tasks,
    checklists,
    photos,
    costing,
    rates,
    fiscal,
    budgets,
    budget_versions,
    control,
    authority,
    approvals,
    planning,
    versions,
    rolling,
    desk,
    operations,
    events,
    identity,
    own_identity,
    customers,
    audit,
    exchange,
)


class _Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            told = super().openapi()
            told["components"]["schemas"].update(problem_schemas())
            self.openapi_schema = documented(told)
        return self.openapi_schema


def create_app(
    engine: Engine, settings: Settings, *, clock: Clock = system_clock, host: str = "127.0.0.1", work: bool = False
) -> FastAPI:
    """Return the application on a database, to be served at `host`; with `work` a worker lives and ends with it."""
    keep_compiled()
    authenticator = Authenticator(engine, clock, settings, granted=granted_regions, lent=jobs_of_loans)
    limit = RateLimit(settings.api_per_minute, processes=settings.processes)
    edge = Edge(
        engine,
        clock,
        authenticate=limited(authenticator, limit),
        remembers=authenticator.remembers,
        still=authenticator.still,
        submissions_per_minute=settings.submissions_per_minute,
        count=limit.take,
        organisation=settings.organisation,
        address=settings.address,
    )
    hub = Hub(engine, stopping=edge.stopping)
    kinds = all_kinds(settings)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        hub.start()
        if work:
            own = open_engine(settings.database_url)
            worker = worker_of(own, settings, clock)
            worker.start()
            yield
            await to_thread.run_sync(worker.stop)
            own.dispose()
        else:
            yield
        await hub.stop()

    app = _Api(
        title="fieldops",
        summary="Technician dispatch, spares and budget decided in one explained plan.",
        version=__version__,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        generate_unique_id_function=operation_id,
    )
    app.state.edge = edge
    app.dependency_overrides[settling] = lambda: settle_approved
    app.dependency_overrides[exposing] = FleetExposure
    app.dependency_overrides[spending] = BudgetSpend
    app.dependency_overrides[expected_supply] = lambda: expected
    app.state.authenticator = authenticator
    app.state.hub = hub
    app.state.kinds = kinds
    app.state.promised = promised_to
    _add_gauges(install(app, settings, host).metrics, engine)
    for router in _ROUTERS:
        app.include_router(router, prefix=API)
    for page_router in (reference, *PAGES, signin, feeds):
        app.include_router(page_router)
    app.mount("/static", KeptFiles(directory=Path(__file__).parent / "web" / "static"), name="static")
    return app


def _add_gauges(metrics: Metrics, engine: Engine) -> None:
    """Have the figures tell what waits; each is read when it is asked for."""

    def count(query: Select[int]) -> float:
        with reading(engine, SYSTEM) as session:
            return session.scalar(query) or 0

    queued = select(func.count()).select_from(Operation).where(Operation.state == OperationState.QUEUED)
    unnumbered = select(func.count()).select_from(OutboxEvent).where(OutboxEvent.number.is_(None))
    metrics.gauge("fieldops_operations_queued", "Operations that no worker has taken yet.", lambda: count(queued))
    metrics.gauge("fieldops_events_unnumbered", "Events that no stream has told yet.", lambda: count(unnumbered))
