"""The routes of every page."""

from __future__ import annotations

from fastapi import APIRouter

from fieldops.web.pages import finding, home, offers, parts, places, plans, shell, stock, stocktakes

ROUTERS: tuple[APIRouter, ...] = (
    shell.router,
    home.router,
    finding.router,
    plans.router,
    stock.router,
    parts.router,
    places.router,
    offers.router,
    stocktakes.router,
)
