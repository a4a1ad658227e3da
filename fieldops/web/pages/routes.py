"""The routes of every page."""

from __future__ import annotations

from fastapi import APIRouter

from fieldops.web.pages import (
    approvals,
    auditing,
    board,
    budgets,
    charting,
    finding,
    home,
    my,
    notifications,
    offers,
    operations,
    orders,
    parts,
    places,
    plan_versions,
    plans,
    reports,
    shell,
    stock,
    stocktakes,
    target_plans,
    users,
)

ROUTERS: tuple[APIRouter, ...] = (
    approvals.router,
    auditing.router,
    board.router,
    budgets.router,
    charting.router,
    finding.router,
    home.router,
    my.router,
    notifications.router,
    offers.router,
    operations.router,
    orders.router,
    parts.router,
    places.router,
    plan_versions.router,  # before the pages of one plan, whose number is any word
    plans.router,
    reports.router,
    shell.router,
    stock.router,
    stocktakes.router,
    target_plans.router,
    users.router,
)
