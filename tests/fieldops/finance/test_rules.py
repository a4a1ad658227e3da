"""Who gets the money, on random requests."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldops.finance.control import rules
from fieldops.finance.control.rules import AOG_RANK, Decision, Request, approver

LINES = [UUID(int=number) for number in range(3)]
CENT = Decimal("0.01")

amounts = st.integers(1, 6_000).map(lambda cents: cents * CENT)


@st.composite
def request_lists(draw: st.DrawFn) -> list[Request]:
    """Documents with names of their own, in no order; few ranks and values, so that ties come up."""
    count = draw(st.integers(0, 9))
    names = draw(st.permutations([f"D-{number}" for number in range(count)]))
    return [
        _request(
            name,
            draw(st.dictionaries(st.sampled_from(LINES), amounts, max_size=3)),
            rank=draw(st.integers(AOG_RANK, 3)),
            avoided=draw(st.sampled_from([Decimal(0), Decimal(10), Decimal(500)])),
        )
        for name in names
    ]


def _request(document: str, wanted: Mapping[UUID, Decimal], *, rank: int = 2, avoided: Decimal = Decimal(0)) -> Request:
    return Request(document, "job", "ROUTINE", rank, avoided, wanted, sum(wanted.values(), Decimal(0)))


def decide(
    requests: Sequence[Request],
    available: Mapping[UUID, Decimal],
    *,
    cap: Decimal | None = None,
    aog_override: bool = False,
) -> Decision:
    """Decide on jobs, for which each line has so much."""
    rooms = {(line, "job"): amount for line, amount in available.items()}
    return rules.decide(requests, rooms, cap=cap, aog_override=aog_override)


balances = st.fixed_dictionaries({line: st.integers(-2_000, 12_000).map(lambda cents: cents * CENT) for line in LINES})
caps = st.none() | st.integers(0, 20_000).map(lambda cents: cents * CENT)


def spent(requests: Sequence[Request]) -> defaultdict[UUID, Decimal]:
    """Return what the requests take of each line."""
    taken: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for request in requests:
        for line, amount in request.amounts.items():
            taken[line] += amount
    return taken


def held_documents(decision: Decision) -> set[str]:
    """Return the documents that are held, on however many lines they are short."""
    return {short.request.document for short in decision.held}


def worth(request: Request) -> Decimal:
    """Return the lateness cost avoided per money."""
    return request.cost_avoided / request.total if request.total else Decimal("Infinity")


def goes_before(one: Request, other: Request) -> bool:
    """Tell whether the money is offered to one first, for certain."""
    return (one.rank, -worth(one)) < (other.rank, -worth(other))


@settings(max_examples=200)
@given(requests=request_lists(), available=balances, cap=caps, override=st.booleans())
def test_each_document_passes_whole_or_is_held_whole(
    requests: list[Request], available: Mapping[UUID, Decimal], cap: Decimal | None, override: bool
) -> None:
    decision = decide(requests, available, cap=cap, aog_override=override)
    passed = Counter(request.document for request in decision.passed)
    assert max(passed.values(), default=1) == 1
    assert passed.keys() | held_documents(decision) == {request.document for request in requests}
    assert passed.keys().isdisjoint(held_documents(decision))


@settings(max_examples=200)
@given(requests=request_lists(), available=balances, cap=caps)
def test_no_line_and_no_cap_is_overdrawn(
    requests: list[Request], available: Mapping[UUID, Decimal], cap: Decimal | None
) -> None:
    decision = decide(requests, available, cap=cap)
    assert not decision.overridden
    taken = spent(decision.passed)
    for line in LINES:
        assert taken[line] <= max(available[line], Decimal(0))
    if cap is not None:
        assert sum(taken.values()) <= cap


@settings(max_examples=200)
@given(requests=request_lists(), available=balances, cap=caps, override=st.booleans())
def test_a_held_document_did_not_fit_what_those_before_it_left(
    requests: list[Request], available: Mapping[UUID, Decimal], cap: Decimal | None, override: bool
) -> None:
    decision = decide(requests, available, cap=cap, aog_override=override)
    for short in decision.held:
        # what may have been given out before it: nothing that ranks lower, nothing worth less
        rivals = spent([one for one in decision.passed if not goes_before(short.request, one)])
        lines = {
            line
            for line, amount in short.request.amounts.items()
            if amount > max(available[line] - rivals[line], Decimal(0))
        }
        beyond_cap = cap is not None and short.request.total > max(cap - sum(rivals.values()), Decimal(0))
        assert short.line in lines or beyond_cap
        assert short.shortfall == short.amount - short.available > 0
        assert short.available >= 0


@given(requests=request_lists(), available=balances)
def test_a_document_that_fits_beside_all_others_passes(
    requests: list[Request], available: Mapping[UUID, Decimal]
) -> None:
    wanted = spent(requests)
    decision = decide(requests, available)
    for request in requests:
        if all(wanted[line] <= available[line] for line in request.amounts):
            assert request in decision.passed


@settings(max_examples=200)
@given(requests=request_lists(), available=balances, cap=caps)
def test_with_the_override_every_aog_document_passes_and_the_shortfall_is_recorded(
    requests: list[Request], available: Mapping[UUID, Decimal], cap: Decimal | None
) -> None:
    decision = decide(requests, available, cap=cap, aog_override=True)
    aog = [request for request in requests if request.rank == AOG_RANK]
    assert all(request in decision.passed for request in aog)
    beyond: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for short in decision.overridden:
        assert short.request in aog
        beyond[short.line] += short.shortfall
    needed = spent(aog)
    for line in LINES:
        assert beyond[line] == max(Decimal(0), needed[line] - max(available[line], Decimal(0)))
    others = spent([request for request in decision.passed if request not in aog])
    for line in LINES:
        assert others[line] <= max(Decimal(0), available[line] - needed[line])


@given(requests=request_lists(), available=balances, cap=caps, shuffled=st.randoms(use_true_random=False))
def test_the_order_of_the_requests_does_not_matter(
    requests: list[Request], available: Mapping[UUID, Decimal], cap: Decimal | None, shuffled: object
) -> None:
    mixed = sorted(requests, key=lambda _request: shuffled.random())  # type: ignore[attr-defined]
    assert decide(mixed, available, cap=cap) == decide(requests, available, cap=cap)


def _wants(document: str, amount: int, *, rank: int = 2, avoided: int = 0) -> Request:
    return _request(document, {LINES[0]: Decimal(amount)}, rank=rank, avoided=Decimal(avoided))


def test_the_lowest_priority_is_held_first_then_what_avoids_the_least_per_money() -> None:
    requests = [
        _wants("routine", 40, rank=2, avoided=9_999),
        _wants("critical, cheap", 30, rank=1, avoided=90),
        _wants("critical, dear", 60, rank=1, avoided=100),
        _wants("aog", 10, rank=0),
        _wants("small", 5, rank=3),
    ]
    decision = decide(requests, {LINES[0]: Decimal(85)})
    assert [request.document for request in decision.passed] == ["aog", "critical, cheap", "routine", "small"]
    (short,) = decision.held
    assert (short.request.document, short.available, short.shortfall) == ("critical, dear", Decimal(45), Decimal(15))


def test_a_document_that_is_short_on_two_lines_says_so_of_both() -> None:
    request = _request("D", dict.fromkeys(LINES, Decimal(10)))
    decision = decide([request], dict(zip(LINES, (Decimal(4), Decimal(10), Decimal(-3)), strict=True)))
    assert [(short.line, short.available, short.shortfall) for short in decision.held] == [
        (LINES[0], Decimal(4), Decimal(6)),
        (LINES[2], Decimal(0), Decimal(10)),
    ]


def test_a_cap_is_told_on_the_line_that_takes_the_most() -> None:
    request = _request("D", {LINES[0]: Decimal(10), LINES[1]: Decimal(30)})
    decision = decide([request], dict.fromkeys(LINES, Decimal(100)), cap=Decimal(25))
    (short,) = decision.held
    assert short.line == LINES[1]
    assert (short.amount, short.available, short.shortfall) == (Decimal(40), Decimal(25), Decimal(15))


LIMITS = {"regional_manager": Decimal(20_000), "finance": Decimal(100_000), "administrator": None}


@pytest.mark.parametrize(
    ("amount", "role"),
    [
        ("0", "regional_manager"),
        ("20000", "regional_manager"),
        ("20000.0001", "finance"),
        ("100000", "finance"),
        ("100000.01", "administrator"),
        ("99999999999", "administrator"),
    ],
)
def test_the_smallest_limit_that_covers_it_approves(amount: str, role: str) -> None:
    assert approver(Decimal(amount), LIMITS) == role


def test_where_nobody_may_the_highest_is_asked() -> None:
    assert approver(Decimal(30), {"a": Decimal(10), "b": Decimal(20)}) == "b"


@given(amount=amounts, limits=st.dictionaries(st.sampled_from("abcd"), st.none() | amounts, min_size=1))
def test_no_smaller_limit_would_have_done(amount: Decimal, limits: dict[str, Decimal | None]) -> None:
    chosen = limits[approver(amount, limits)]
    enough = [limit for limit in limits.values() if limit is not None and limit >= amount]
    if enough:
        assert chosen == min(enough)
    elif None in limits.values():
        assert chosen is None
    else:
        assert chosen == max(limit for limit in limits.values() if limit is not None)
