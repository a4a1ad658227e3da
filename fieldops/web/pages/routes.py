"""The routes of every page."""

from __future__ import annotations

from fastapi import APIRouter

from fieldops.web.pages import board, finding, home, plans, shell

ROUTERS: tuple[APIRouter, ...] = (shell.router, home.router, board.router, finding.router, plans.router)
