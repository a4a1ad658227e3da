"""Which rules keep people from a seat, beside the optimizer's reason that somebody may not take it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fieldops.dispatch.eligibility import Rules
from fieldops.workforce.kinds import Seat
from optimizer.run import Reason

RULES_TOLD = 3
"""How many rules are told of a seat."""


def with_rules(reason: Reason, failing: Mapping[Seat, Rules], technician: str | None = None) -> Reason:
    """Return a reason that a seat may not be taken with the rules that fail: for a technician, or for most people."""
    if reason.code != "not_permitted":
        return reason
    values: dict[str, str | int | float] = dict(reason.values)
    seat = reason.values.get("seat")
    told = [one for kind, rules in failing.items() if seat in (None, kind) for one in rules]
    if technician is not None:
        told = list(dict.fromkeys(one for one in told if technician in one[2]))
    for rank, (rule, name, people) in enumerate(told[:RULES_TOLD], 1):
        values |= {f"rule_{rank}": rule, f"name_{rank}": name}
        if technician is None:
            values[f"people_{rank}"] = len(people)
    return replace(reason, values=values)
