"""The routes of every page."""

from __future__ import annotations

from fastapi import APIRouter

from fieldops.web.pages import approvals, budgets, finding, home, plans, shell

ROUTERS: tuple[APIRouter, ...] = (
    shell.router,
    home.router,
    finding.router,
    plans.router,
    budgets.router,
    approvals.router,
)
