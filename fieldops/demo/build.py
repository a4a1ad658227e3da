"""Makes a demonstration database from nothing, or anew."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine, inspect

from fieldops.demo.load import Report, load_world
from fieldops.demo.load_field import load_field
from fieldops.demo.rows import Scale
from fieldops.demo.world import generate
from fieldops.migrations import require_current, upgrade, wipe
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import reading
from inventory.kernel.installation import DEMO_DATE, fact
from inventory.kernel.texts import gettext as _

DEMO_START = date(2026, 3, 2)
"""The demonstration's Monday, so that it looks the same whenever it is run."""


def build_demo(engine: Engine, scale: Scale, seed: int, start: date, report: Report) -> None:
    """Fill the database with the demo world; an earlier demonstration is replaced, other data are refused.

    Raises Conflict for a database with data of its own, NotReady for one that is newer than this program.
    """
    if inspect(engine).has_table("alembic_version"):
        upgrade(engine)
        require_current(engine)
        with reading(engine, SYSTEM) as session:
            is_demo = fact(session, DEMO_DATE) is not None
        if is_demo:
            wipe(engine)
    upgrade(engine)
    report(_("Generating the network"), 0, 1)
    world = generate(scale, seed, start)
    report(_("Generating the network"), 1, 1)
    load_world(engine, world, system_clock(), report)
    report(_("Working on jobs"), 0, 1)
    load_field(engine, world)
    report(_("Working on jobs"), 1, 1)
