"""The routes of every page."""

from __future__ import annotations

from fastapi import APIRouter

from fieldops.web.pages import (
    approvals,
    board,
    budgets,
    finding,
    home,
    my,
    offers,
    parts,
    places,
    plans,
    shell,
    stock,
    stocktakes,
    users,
)

ROUTERS: tuple[APIRouter, ...] = (
    approvals.router,
    board.router,
    budgets.router,
    finding.router,
    home.router,
    my.router,
    offers.router,
    parts.router,
    places.router,
    plans.router,
    shell.router,
    stock.router,
    stocktakes.router,
    users.router,
)
