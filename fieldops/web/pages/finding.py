"""Search over everything that has a number or a name; the command palette asks here too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, JSONResponse, Response

from fieldops.dispatch.queries import find_jobs
from fieldops.finance.approvals.queries import find_approvals
from fieldops.finance.budgets.queries import find_lines
from fieldops.fleet.queries import find_aircraft
from fieldops.identity.queries import find_users
from fieldops.planning.queries import find_orders, find_plans
from fieldops.web.pages.shell import Framed, Shell
from fieldops.workforce.queries import find_technicians
from inventory.catalogue.queries import find_parts
from inventory.kernel.routes import Elsewhere, needs
from inventory.kernel.texts import N_, gettext
from inventory.network.queries import find_places
from inventory.orders.queries import find_stock_orders
from inventory.stocktakes.queries import find_stocktakes
from inventory.traceability.queries import find_lots

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

EACH_MAX = 8
"""How many of a kind are shown."""
Text = Annotated[str, Query(alias="q", max_length=80)]


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a search found; without a page of its own `path` is empty."""

    kind: str
    number: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of things that can be found: how, by whom, and the page of one; "" where it has none.

    What is found is its number, its name, and what else its page is called by.
    """

    name: str
    permission: str
    find: Callable[[Session, str, int], Iterable[tuple[str, ...]]]
    page: str = ""

    def found(self, session: Session, text: str) -> Iterable[Found]:
        for told in self.find(session, text, EACH_MAX):
            path = self.page.format(*(quote(one, safe="") for one in told))
            yield Found(gettext(self.name), told[0], told[1], path)


_KINDS = (
    _Kind(N_("Job"), "dispatch.read", find_jobs, "/board?job={}"),
    _Kind(N_("Aircraft"), "fleet.read", find_aircraft),
    _Kind(N_("Technician"), "workforce.read", find_technicians),
    _Kind(N_("Part"), "catalogue.read", find_parts, "/parts/{}"),
    _Kind(N_("Place"), "network.read", find_places, "/places/{}"),
    _Kind(N_("Approval"), "budget.read", find_approvals, "/approvals#{}"),
    _Kind(N_("Plan"), "plan.read", find_plans, "/plans/{}"),
    _Kind(N_("Order"), "plan.read", find_orders, "/plans/{2}#orders"),
    _Kind(N_("Stock order"), "stock.read", find_stock_orders, "/orders/{}"),
    _Kind(N_("Serial or lot number"), "stock.read", find_lots, "/parts/{1}"),
    _Kind(N_("Stocktake"), "stock.read", find_stocktakes, "/stocktakes/{}"),
    _Kind(N_("Budget line"), "budget.read", find_lines, "/budgets/lines/{2}"),
    _Kind(N_("User"), "users.read", find_users, "/admin/users/{}"),
)


@router.get("/search", dependencies=[needs(None, Elsewhere.HIDDEN)])
def search(frame: Framed, text: Text = "") -> str:
    """Show what is called like a text."""
    return frame.page("search.html", text=text, found=_found(frame.session, frame.shell, text))


@router.get("/search.json", dependencies=[needs(None, Elsewhere.HIDDEN)])
def search_quickly(frame: Framed, text: Text = "") -> Response:
    """Tell the command palette what is called like a text."""
    return JSONResponse([asdict(one) for one in _found(frame.session, frame.shell, text)])


def _found(session: Session, shell: Shell, text: str) -> list[Found]:
    wanted = text.strip()
    if not wanted:
        return []
    return [one for kind in _KINDS if shell.may(kind.permission) for one in kind.found(session, wanted)]
