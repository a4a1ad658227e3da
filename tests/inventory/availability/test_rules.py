"""Bands, what can be promised by day, and who may take over what is kept: tables and laws."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.availability.rules import CONSENT, Claim, Kept, Rule, band, objections, promisable
from inventory.kernel.priority import Priority
from inventory.ledger.models import Stage
from inventory.traceability.condition import Hold

AOG, CRITICAL, ROUTINE = Priority
MONDAY = date(2026, 3, 2)


@given(quantity=st.decimals(1, 10**6, places=2))
def test_a_band_holds_its_quantity(quantity: Decimal) -> None:
    low, high = band(quantity)
    assert low <= quantity
    assert high is None or quantity < high + 1


@pytest.mark.parametrize(
    ("claim", "kept", "rules"),
    [
        (Claim("J-1", AOG), Kept("J-2", ROUTINE, Stage.RESERVED), []),
        (Claim("J-1", AOG), Kept("J-2", CRITICAL, Stage.PICKED), []),
        (Claim("J-1", CRITICAL), Kept("J-2", ROUTINE, Stage.RESERVED), []),
        (Claim("J-1", ROUTINE), Kept("J-2", ROUTINE, Stage.RESERVED), ["not_more_urgent"]),
        (Claim("J-1", ROUTINE), Kept("J-2", CRITICAL, Stage.RESERVED), ["not_more_urgent"]),
        (Claim("J-1", CRITICAL), Kept("J-2", CRITICAL, Stage.RESERVED), ["not_more_urgent"]),
        (Claim("J-1", AOG), Kept("J-2", AOG, Stage.RESERVED), ["aog"]),
        (Claim("J-1", ROUTINE), Kept("J-2", AOG, Stage.RESERVED), ["aog"]),
        (Claim("J-1", AOG), Kept("J-2", ROUTINE, Stage.PACKED), ["on_its_way"]),
        (Claim("J-1", AOG), Kept("J-2", ROUTINE, Stage.CLEARED), ["on_its_way"]),
        (Claim("J-1", AOG), Kept("J-2", AOG, Stage.CLEARED), ["on_its_way", "aog"]),
        (Claim("J-1", AOG), Kept("J-1", ROUTINE, Stage.RESERVED), ["same_demand"]),
        (Claim("J-1", AOG), Kept("J-2", ROUTINE, Stage.RESERVED, contract="C-1"), ["ring_fence"]),
        (Claim("J-1", AOG, "C-2"), Kept("J-2", ROUTINE, Stage.RESERVED, contract="C-1"), ["ring_fence"]),
        (Claim("J-1", AOG, "C-1"), Kept("J-2", ROUTINE, Stage.RESERVED, contract="C-1"), []),
        (Claim("J-1", AOG, "C-1"), Kept("J-2", ROUTINE, Stage.RESERVED), []),
        (Claim("J-1", AOG), Kept("J-2", ROUTINE, Stage.RESERVED, owner="customer:LAO"), ["owner"]),
        (Claim("J-1", AOG), Kept("J-2", ROUTINE, Stage.RESERVED, hold=Hold.CUSTOMS), ["hold"]),
        (
            Claim("J-1", ROUTINE),
            Kept("J-2", ROUTINE, Stage.PACKED, "C-1", "pool:P", Hold.DISPUTE),
            ["on_its_way", "not_more_urgent", "ring_fence", "owner", "hold"],
        ),
    ],
)
def test_who_may_take_over_what_is_kept(claim: Claim, kept: Kept, rules: list[str]) -> None:
    assert [rule.value for rule in objections(claim, kept)] == rules


def test_consent_lifts_fences_and_nothing_else() -> None:
    assert {rule.value for rule in CONSENT} == {"ring_fence", "owner", "hold"}
    assert {Rule.AOG, Rule.ON_ITS_WAY, Rule.NOT_MORE_URGENT, Rule.SAME_DEMAND}.isdisjoint(CONSENT)


def test_what_is_due_later_is_not_promised_before() -> None:
    changes = [(0, 5), (2, -4), (5, 10), (5, -3)]
    found = promisable([(MONDAY + timedelta(days), Decimal(change)) for days, change in changes])
    assert [(one.day.day, int(one.change), int(one.on_hand), int(one.promisable)) for one in found] == [
        (2, 5, 5, 1),
        (4, -4, 1, 1),
        (7, 7, 8, 8),
    ]


days = st.integers(0, 12).map(lambda number: MONDAY + timedelta(number))
pieces = st.integers(-6, 9).map(Decimal)


@given(changes=st.lists(st.tuples(days, pieces), max_size=12), asked=st.lists(st.tuples(days, pieces), max_size=8))
def test_what_was_promised_never_exceeds_what_there_is(
    changes: list[tuple[date, Decimal]], asked: list[tuple[date, Decimal]]
) -> None:
    """However often one asks and takes all that is promised, no day ends below what it would have ended with anyway."""
    before = {one.day: one.on_hand for one in promisable(changes)}
    promised: list[tuple[date, Decimal]] = []
    for day, wanted in asked:
        told = [one for one in promisable(changes + promised) if one.day <= day]
        if told and wanted > 0:
            promised.append((day, -min(wanted, told[-1].promisable)))
    for one in promisable(changes + promised):
        level = max((at for at in before if at <= one.day), default=None)
        anyway = before[level] if level else Decimal(0)
        assert one.on_hand >= min(anyway, Decimal(0))
