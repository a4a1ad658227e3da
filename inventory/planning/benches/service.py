"""The use case of repair benches: to be told how many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.kernel.actor import Actor
from inventory.kernel.scope import check_rows
from inventory.network.service import site_ids
from inventory.planning.benches.models import EVERY_CHAPTER, RepairBench
from inventory.planning.benches.schemas import NewBenches


def set_benches(session: Session, _actor: Actor, told: Sequence[NewBenches]) -> Counter[str]:
    """Keep how many benches places have; the last one given for a place and chapter holds.

    Returns how many rows are added, changed (or taken out) and unchanged. Raises Invalid for an unknown place,
    Forbidden for one that is not the actor's.
    """
    places = site_ids(session, (one.place for one in told))
    check_rows(session, RepairBench, {"place_id": sorted(set(places.values()))})
    rows = session.scalars(select(RepairBench).where(RepairBench.place_id.in_(places.values())))
    standing = {(row.place_id, row.chapter): row for row in rows}
    counts: Counter[str] = Counter()
    for key, one in {(places[one.place], one.chapter or EVERY_CHAPTER): one for one in told}.items():
        row = standing.get(key)
        if row is None and one.benches:
            session.add(RepairBench(place_id=key[0], chapter=key[1], benches=one.benches, source=one.source))
            counts["added"] += 1
        elif row is not None and not one.benches:
            session.delete(row)
            counts["changed"] += 1
        elif row is not None and (row.benches, row.source) != (one.benches, one.source):
            row.benches, row.source = one.benches, one.source
            counts["changed"] += 1
    session.flush()
    counts["unchanged"] = len(told) - counts["added"] - counts["changed"]
    return counts
