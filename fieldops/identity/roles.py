"""The permissions there are, and the roles as the product delivers them. In force is what the database holds."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.identity.models import Role, RolePermission

ADMINISTRATOR = "administrator"
AOG_CONTROLLER = "aog_controller"
FINANCE = "finance"

PERMISSIONS = frozenset(
    {
        "network.read",
        "network.write",
        "catalogue.read",
        "catalogue.write",
        "stock.read",
        "stock.move",
        "stock.inspect",
        "stock.count",
        "stock.approve",
        "stock.reserve",
        "stock.preempt",
        "stock.sell",
        "targets.read",
        "targets.write",
        "workforce.read",
        "workforce.write",
        "fleet.read",
        "fleet.write",
        "tools.read",
        "tools.write",
        "dispatch.read",
        "dispatch.write",
        "dispatch.execute",
        "plan.read",
        "plan.make",
        "plan.override",
        "budget.read",
        "budget.write",
        "budget.limits",
        "budget.approve",
        "budget.close",
        "budget.post",
        "budget.spend",
        "compliance.hold",
        "compliance.read",
        "customers.read",
        "customers.write",
        "operations.read",
        "operations.run",
        "schedules.write",
        "users.read",
        "users.write",
        "audit.read",
        "events.read",
        "webhooks.write",
        "grants.read",
        "grants.request",
        "grants.decide",
        "grants.control",
        "erp.read",
        "erp.run",
        "metrics.read",
    }
)
"""Every permission that a route can ask for."""

_REFERENCE = frozenset({"network.read", "catalogue.read", "events.read"})
_SPARES = _REFERENCE | {"stock.read", "targets.read", "grants.read"}
_WORK = _SPARES | {
    "workforce.read",
    "dispatch.read",
    "plan.read",
    "customers.read",
    "operations.read",
    "fleet.read",
    "tools.read",
}
_READ_ONLY = frozenset(one for one in PERMISSIONS if one.endswith(".read"))

ROLES: Mapping[str, frozenset[str]] = {
    ADMINISTRATOR: PERMISSIONS,
    AOG_CONTROLLER: _WORK
    | {"stock.move", "stock.reserve", "stock.preempt", "plan.make", "operations.run"}
    | {"dispatch.write", "dispatch.execute"}
    | {"grants.request", "grants.control", "budget.read", "budget.spend", "compliance.read"},
    "auditor": _READ_ONLY,
    "central_planner": _WORK
    | {"network.write", "catalogue.write", "targets.write", "plan.make", "operations.run"}
    | {"stock.move", "stock.count", "stock.approve", "stock.reserve", "stock.preempt", "stock.sell"}
    | {"fleet.write", "schedules.write", "grants.request", "grants.decide", "erp.read", "budget.read", "budget.spend"},
    "customer": frozenset({"events.read", "customers.read", "fleet.read"}),
    "dispatcher": _WORK
    | {
        "stock.reserve",
        "dispatch.write",
        "dispatch.execute",
        "plan.make",
        "operations.run",
        "grants.request",
        "budget.read",
        "budget.spend",
        "fleet.write",
        "tools.write",
    },
    "engineer": _WORK | {"catalogue.write", "dispatch.execute"},
    FINANCE: _WORK
    | {"stock.approve", "erp.read", "erp.run", "compliance.read"}
    | {f"budget.{right}" for right in ("read", "write", "limits", "approve", "spend", "post", "close")},
    "receiving_inspector": _SPARES | {"stock.move", "stock.inspect", "stock.sell"},
    "regional_manager": _WORK
    | {"workforce.write", "dispatch.write", "dispatch.execute", "targets.write", "plan.make", "plan.override"}
    | {"stock.move", "stock.count", "stock.approve", "stock.reserve", "stock.preempt", "stock.sell"}
    | {"operations.run", "budget.read", "budget.spend", "budget.approve", "grants.request", "grants.decide"}
    | {"compliance.read", "fleet.write", "tools.write"},
    "storekeeper": _SPARES
    | {"stock.move", "stock.count", "stock.reserve", "grants.request", "tools.read", "tools.write"},
    "technician": _REFERENCE
    | {"stock.read", "workforce.read", "dispatch.read", "dispatch.execute", "plan.read", "fleet.read", "tools.read"},
    "trade_compliance": _SPARES | {"customers.read", "customers.write", "compliance.read", "compliance.hold"},
}
"""{code of a role: its permissions}, as delivered."""

ROLE_NAMES: Mapping[str, str] = {
    ADMINISTRATOR: "Administrator",
    AOG_CONTROLLER: "AOG controller",
    "auditor": "Auditor",
    "central_planner": "Central planner",
    "customer": "Customer",
    "dispatcher": "Dispatcher",
    "engineer": "Engineer",
    FINANCE: "Finance",
    "receiving_inspector": "Receiving inspector",
    "regional_manager": "Regional manager",
    "storekeeper": "Storekeeper",
    "technician": "Technician",
    "trade_compliance": "Trade compliance",
}


def seed_roles(session: Session) -> None:
    """Add the roles that the database does not hold yet; those that it holds stay as they are."""
    present = set(session.scalars(select(Role.code)))
    for code in sorted(ROLES.keys() - present):
        session.add(Role(code=code, name=ROLE_NAMES[code]))
        session.flush()
        session.add_all(RolePermission(role=code, permission=one) for one in sorted(ROLES[code]))
    session.flush()
