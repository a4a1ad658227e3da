"""The demo world in one call: everything the demo network holds, generated from a seed, without a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from fieldops.demo.alternatives import build_interchanges
from fieldops.demo.catalogue import build_catalogue
from fieldops.demo.fleet import build_aircraft, build_operators
from fieldops.demo.ground import build_rotations, build_tools
from fieldops.demo.jobs import build_jobs
from fieldops.demo.lanes import build_lanes
from fieldops.demo.money import build_budgets
from fieldops.demo.papers import build_documents, build_pieces
from fieldops.demo.people import build_qualifications, build_technicians
from fieldops.demo.places import build_places
from fieldops.demo.rights import build_experience, build_papers, with_papers
from fieldops.demo.rows import (
    AircraftRow,
    BudgetRow,
    DocumentRow,
    ExperienceRow,
    InterchangeRow,
    JobRow,
    LaneRow,
    OperatorRow,
    PartRow,
    PieceRow,
    PlaceRow,
    QualificationRow,
    RegionRow,
    ReliabilityRow,
    RotationRow,
    Scale,
    StockRow,
    TargetRow,
    TechnicianRow,
    ToolRow,
    UtilisationRow,
)
from fieldops.demo.self_check import SelfCheck, check_world
from fieldops.demo.stock import build_stock
from fieldops.demo.tables import CURRENCY, SCALE_INDEX
from fieldops.demo.usage import build_reliability, build_utilisation

SECTIONS = (
    "lanes",
    "aircraft",
    "parts",
    "stock",
    "technicians",
    "jobs",
    "budgets",
    "papers",
    "alternatives",
    "rights",
    "ground",
    "usage",
)
"""Each draws from a stream of its own, so that a change in one leaves the draws of the others; append only."""


@dataclass(frozen=True, slots=True)
class World:
    """All rows of the demo network; a place stands behind its parent, jobs in the order of their windows."""

    scale: Scale
    seed: int
    start: date
    currency: str
    regions: tuple[RegionRow, ...]
    places: tuple[PlaceRow, ...]
    lanes: tuple[LaneRow, ...]
    qualifications: tuple[QualificationRow, ...]
    aircraft: tuple[AircraftRow, ...]
    parts: tuple[PartRow, ...]
    targets: tuple[TargetRow, ...]
    stock: tuple[StockRow, ...]
    technicians: tuple[TechnicianRow, ...]
    jobs: tuple[JobRow, ...]
    budgets: tuple[BudgetRow, ...]
    operators: tuple[OperatorRow, ...]
    interchanges: tuple[InterchangeRow, ...]
    pieces: tuple[PieceRow, ...]
    documents: tuple[DocumentRow, ...]
    experience: tuple[ExperienceRow, ...]
    rotations: tuple[RotationRow, ...]
    tools: tuple[ToolRow, ...]
    utilisation: tuple[UtilisationRow, ...]
    reliability: tuple[ReliabilityRow, ...]

    def self_check(self) -> SelfCheck:
        """Return the figures by which one sees whether the world is like a real one."""
        return check_world(self.parts, self.aircraft, self.stock, self.utilisation)


def generate(scale: Scale, seed: int, start: date) -> World:
    """Return the world of a scale: the same scale, seed and first day of the week give the same rows.

    Raises ValueError for an unknown scale or a negative seed.
    """
    if scale not in SCALE_INDEX:
        raise ValueError(f"unknown scale {scale!r}: use one of {', '.join(SCALE_INDEX)}")
    if seed < 0:
        raise ValueError(f"the seed must not be negative, and {seed} is: use 0 or more")
    streams = np.random.SeedSequence(seed).spawn(len(SECTIONS))
    rng = {name: np.random.default_rng(stream) for name, stream in zip(SECTIONS, streams, strict=True)}
    regions, places = build_places(scale)
    lanes = build_lanes(rng["lanes"], places)
    aircraft = build_aircraft(rng["aircraft"], scale, places)
    catalogue = build_catalogue(rng["parts"], scale, aircraft)
    targets, stock = build_stock(rng["stock"], scale, places, lanes, aircraft, catalogue)
    technicians = with_papers(
        rng["rights"], start, build_technicians(rng["technicians"], scale, start, places, aircraft), places
    )
    jobs = build_jobs(rng["jobs"], scale, start, places, aircraft, technicians, catalogue, stock)
    pieces = build_pieces(rng["papers"], start, catalogue.parts, stock)
    return World(
        scale=scale,
        seed=seed,
        start=start,
        currency=CURRENCY,
        regions=regions,
        places=places,
        lanes=lanes,
        qualifications=(*build_qualifications(scale, places), *build_papers(scale, places)),
        aircraft=aircraft,
        parts=catalogue.parts,
        targets=targets,
        stock=stock,
        technicians=technicians,
        jobs=jobs,
        budgets=build_budgets(rng["budgets"], scale, start, technicians, jobs),
        operators=build_operators(aircraft, places),
        interchanges=build_interchanges(rng["alternatives"], start, catalogue.parts),
        pieces=tuple(pieces),
        documents=tuple(build_documents(rng["papers"], start, catalogue.parts, pieces)),
        experience=build_experience(rng["rights"], scale, start, technicians),
        rotations=build_rotations(rng["ground"], start, places, aircraft),
        tools=build_tools(rng["ground"], start, places),
        utilisation=build_utilisation(rng["usage"], start, aircraft),
        reliability=build_reliability(rng["usage"], catalogue),
    )
