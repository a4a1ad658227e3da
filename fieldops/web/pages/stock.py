"""The page of the stock of the network: a table of places by parts, and the same as a file."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from pydantic_core import to_json
from starlette.responses import HTMLResponse, Response

from fieldops.planning.stock_picture import By, Of
from fieldops.web.pages.shell import Framed
from fieldops.web.pages.stock_view import Asked, figures, heat, more_cells, spelt
from fieldops.web.pages.stock_words import network_words
from integrations.files.csv_file import write_csv
from inventory.catalogue.models import Essentiality, PartClass
from inventory.catalogue.queries import Chosen
from inventory.kernel.edge import Here
from inventory.kernel.routes import Elsewhere, needs
from inventory.kernel.texts import gettext as _
from inventory.network.models import SITE_TIERS, Tier
from inventory.network.queries import shelves

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_READERS = needs("stock.read", Elsewhere.HIDDEN)
_TIERS = (*SITE_TIERS, Tier.KIT)
Measure = Literal["on_hand", "reserved", "available", "due_in", "target", "shortage"]


def asked_of(
    frame: Framed,
    by: By = By.PLACE,
    of: Of = Of.PART,
    ata: Annotated[str, Query(max_length=2)] = "",
    essentiality: Literal["", "NO_GO", "GO_IF", "GO"] = "",
    part_class: Annotated[str, Query(max_length=16)] = "",
    tier: Annotated[str, Query(max_length=16)] = "",
    text: Annotated[str, Query(alias="q", max_length=80)] = "",
    after: Annotated[str, Query(max_length=48)] = "",
) -> Asked:
    """Read from the address what of the stock is looked at; what it does not know chooses nothing."""
    tiers = [one for one in _TIERS if one == tier] or list(SITE_TIERS)
    known = part_class if part_class in tuple(PartClass) else ""
    return Asked(
        frame.region,
        tiers,
        Chosen(ata, essentiality, known, text.strip()),
        by,
        of,
        after,
        frame.shell.may("targets.read"),
    )


Wanted = Annotated[Asked, Depends(asked_of)]


@router.get("/stock", dependencies=[_READERS])
def stock(frame: Framed, edge: Here, asked: Wanted, measure: Measure = "available") -> str:
    """Show what lies where, what is kept, free, due and wanted of it."""
    shown, words = heat(frame.session, asked, edge.clock()), network_words()
    codes = {"essentiality": Essentiality, "part_class": PartClass, "tier": _TIERS}
    return frame.page(
        "stock/heat.html",
        heat=shown,
        asked=asked,
        tier=asked.tiers[0] if len(asked.tiers) == 1 else "",
        measure=measure,
        measures=measures(targets=asked.targets),
        named={name: [(one, words.get(one, one)) for one in some] for name, some in codes.items()}
        | {"ata": [(one, one) for one in shown.chapters]},
        query=_query(asked),
    )


@router.get("/stock.json", dependencies=[_READERS], response_class=Response)
def stock_cells(frame: Framed, edge: Here, asked: Wanted, start: Annotated[int, Query(ge=0, le=100_000)]) -> Response:
    """Give the script of the page the cells of the next places from one on."""
    return Response(to_json(more_cells(frame.session, asked, edge.clock(), start)), media_type="application/json")


@router.get("/stock.csv", dependencies=[_READERS], response_class=Response)
def stock_file(frame: Framed, edge: Here, asked: Wanted) -> Response:
    """Give what the page shows as a file, a line for each cell that holds something, of all parts."""
    found = shelves(frame.session, region=asked.region, tiers=asked.tiers)
    names = list(measures(targets=asked.targets))
    file = BytesIO()
    file.write("\ufeff".encode())  # so that Excel reads it as UTF-8
    rows: list[tuple[str | float, ...]] = [
        (one.row, one.column, *(spelt(getattr(one, name)) for name in names))
        for one in sorted(figures(frame.session, asked, found, edge.clock()), key=lambda one: (one.row, one.column))
    ]
    write_csv(file, (asked.by, asked.of, *names), rows)
    return Response(
        file.getvalue(), media_type="text/csv", headers={"Content-Disposition": 'attachment; filename="stock.csv"'}
    )


def measures(*, targets: bool) -> dict[str, str]:
    """Return {code: name} of the figures of a cell, of which targets are for those who may know them."""
    told = {
        "on_hand": _("On hand"),
        "reserved": _("Reserved"),
        "available": _("Available"),
        "due_in": _("Due in"),
    }
    return told | {"target": _("Target"), "shortage": _("Shortage")} if targets else told


def _query(asked: Asked) -> str:
    told = {
        "by": asked.by,
        "of": asked.of,
        "ata": asked.parts.ata,
        "essentiality": asked.parts.essentiality,
        "part_class": asked.parts.part_class,
        "tier": asked.tiers[0] if len(asked.tiers) == 1 else "",
        "q": asked.parts.text,
    }
    return urlencode({name: value for name, value in told.items() if value})
