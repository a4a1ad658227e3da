"""What is foretold from history: worked examples, what is left out, and what holds for every problem."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.forecast.check import check
from optimizer.forecast.demand import Assumption, Kind
from optimizer.forecast.explain import LeftOut, Method, Reason
from optimizer.forecast.forecast import Forecast, forecast
from optimizer.forecast.history import History, Series
from optimizer.forecast.kernel.scores import fit
from optimizer.forecast.model import Problem, Scheduled
from optimizer.forecast.silence import still_asked
from optimizer.forecast.succession import Succession
from tests.optimizer.forecast.worlds import one, problems, table


def test_moments_of_a_memory_by_hand() -> None:
    """Pieces 4, 0, unknown, 2 with half the weight kept each period: weights 1/8, 1/4, none, 1."""
    told = np.zeros((1, 5))
    pieces, used = np.array([[4.0, 0.0, 0.0, 2.0]]), np.array([[True, True, False, True]])
    fit(pieces, used, np.array([0.5]), np.ones((1, 1)), 2.0, 1.5, told)

    mean, squares = 2.5 / 1.375, (1 / 64 + 1 / 16 + 1) / 1.375**2
    own, usual = 2.0, 1.5 * 6 / 2  # variance 4 over mean 2; 1.5 times the mean size of 3
    dispersion = (2 * own + 2 * usual) / 4
    assert told[0] == pytest.approx([mean, dispersion, mean * dispersion * squares, 0.0, 1 / squares])


def test_memories_that_differ_are_uncertainty() -> None:
    told = np.zeros((1, 5))
    fit(np.array([[4.0, 1.0]]), np.ones((1, 2), bool), np.array([1.0, 0.5]), np.array([[0.25, 0.75]]), 1.0, 1.0, told)

    assert told[0, 0] == pytest.approx(0.25 * 2.5 + 0.75 * 2.0)
    assert told[0, 3] == pytest.approx(0.25 * 0.75 * 0.5**2)


def test_a_history_is_explained() -> None:
    told = forecast(one(3, None, 1, 9, 0, 2, 0, 0, short=(3,)))
    explained = told.explain(0)

    assert (explained.part, explained.place, explained.method) == ("PUMP", "OSL", Method.HISTORY)
    evidence = explained.evidence
    assert (evidence.periods, evidence.demands, evidence.pieces, evidence.silent_periods) == (6, 3, 6, 2)
    assert explained.left_out == (LeftOut(Reason.UNKNOWN, 1, 0), LeftOut(Reason.SHORT, 1, 9))
    assert 0.3 < explained.rate < 1.1
    assert explained.rate_deviation > 0
    assert 1 < explained.memory_periods <= 6
    assert explained.removals is None


def test_what_ran_out_is_left_out_of_the_moments() -> None:
    plain, short = forecast(one(1, 0, 2, 1, 0, 2)), forecast(one(1, 0, 2, 90, 1, 0, 2, short=(3,)))

    assert short.rate[0] < 1.3
    assert short.dispersion[0] == pytest.approx(plain.dispersion[0])


def test_a_chain_of_parts_counts_as_the_newest() -> None:
    series = [
        Series("A", "OSL", (3, 2, 1, 0)),
        Series("B", "OSL", (None, None, 2, 1)),
        Series("C", "OSL", (None, None, None, 4), (3,)),
        Series("A", "BGO", (1, 1, 1, 1)),
    ]
    chain = (Succession("A", "B"), Succession("B", "C"))
    told = forecast(Problem(History.of(series), scheduled=(Scheduled("A", "OSL", 0.5, 2),), successions=chain))

    assert told.keys == (("C", "OSL"), ("C", "BGO"))
    assert told.rolled.pieces.tolist() == [[3, 2, 3, 5], [1, 1, 1, 1]]
    explained = told.explain(0)
    assert explained.replaced == ("A", "B")
    assert explained.left_out == (LeftOut(Reason.SHORT, 1, 5),)
    assert explained.scheduled == 2


def test_scheduled_demand_is_added_on_its_date() -> None:
    known = (Scheduled("PUMP", "OSL", 2.0, 5), Scheduled("FAN", "OSL", 0.0, 1))
    told = forecast(Problem(one(1, 0, 1, 0).history, scheduled=known))
    before, after = told.over(2.0), told.over(2.5)

    assert told.methods == (Method.HISTORY, Method.SCHEDULED)
    assert before.scheduled.tolist() == [0, 1]
    assert after.scheduled.tolist() == [5, 1]
    assert after.mean[0] == pytest.approx(5 + before.mean[0] * 1.25)
    assert after.kinds[1] is Kind.POINT
    assert after.quantiles([0.01, 0.99])[1].tolist() == [1, 1]
    outlook = after.outlook(0, 0.8)
    assert (outlook.scheduled, outlook.kind, outlook.lead_periods) == (5, after.kinds[0], 2.5)
    assert (outlook.mean, outlook.variance) == (after.mean[0], after.variance[0])
    assert [[outlook.low, outlook.high]] == after.quantiles([0.1, 0.9])[:1].tolist()
    assert outlook.low >= 5


def test_an_unknown_lead_time_is_assumed_and_told() -> None:
    series = [Series("PUMP", "OSL", (1, 0)), Series("FAN", "OSL", (2, 1))]
    told = forecast(Problem(History.of(series)))
    demand = told.over([None, 3.0], assumed=6.0)

    assert demand.assumptions == {0: Assumption("PUMP", "OSL", 6.0)}
    assert [demand.outlook(row, 0.9).assumed for row in (0, 1)] == [True, False]
    assert demand.lead_periods.tolist() == [6.0, 3.0]
    assert demand.mean[0] == pytest.approx(told.over(6.0).mean[0])


def test_a_part_that_was_asked_for_often_and_then_never_is_dead() -> None:
    told = forecast(Problem(table(np.array([[2.0, 1.0] * 12 + [0.0] * 36, [0.0, 1.0] * 30, [0.0] * 60]))))

    assert told.explain(0).still_asked < 0.01
    assert [kind is Kind.POINT for kind in told.over(12.0).kinds] == [True, False, True]
    assert told.explain(1).still_asked > 0.99
    assert told.explain(2).evidence.silent_periods is None


def test_a_silent_season_is_no_end() -> None:
    told = forecast(Problem(table(np.array([[3.0] * 31 + [0.0] * 11, [3.0] * 30 + [0.0] * 12]))))

    assert (told.still_asked < 0.01).all()
    assert told.rate[0] > 0
    assert told.rate[1] == 0


def test_series_that_tie_choose_the_same_in_any_order() -> None:
    series = [
        Series("N0", "OSL", (None, None, 0, 0, 0, 0, 0, 0, 3)),
        Series("N1", "OSL", (None, None, None, 0, 0, 0, 0, 1, 1)),
        Series("N2", "OSL", (None,) * 8 + (0,)),
    ]
    chosen = [forecast(Problem(History.of(order))).settings for order in permutations(series)]

    assert len({(one.trust, one.wide, *one.shares.tolist()) for one in chosen}) == 1


def test_the_chance_that_demand_has_not_ended_by_hand() -> None:
    """Two rows, half their periods with demand: 1 of 1, then silence of which each period is the last of 200."""
    pieces = np.array([[1.0, 0.0], [1.0, 0.0]])
    alive = 0.995 * 0.5 / 2.0  # it rests with chance beta / (alpha + beta): 0.5 of 1.5 + 0.5
    assert still_asked(pieces, np.ones((2, 2), bool)) == pytest.approx(alive / (alive + 0.005))


def test_a_set_that_stays_has_a_longer_memory_than_one_that_moves() -> None:
    rng = np.random.default_rng(4)
    level = np.exp(np.cumsum(rng.normal(0, 0.35, (200, 60)), axis=1))
    stays = forecast(Problem(table(rng.poisson(2.0, (200, 60)).astype(float))))
    moves = forecast(Problem(table(rng.poisson(2 * level).astype(float))))

    assert stays.settings.shares[:2].sum() > 0.6
    assert moves.settings.shares[-2:].sum() > 0.8
    assert stays.memory_periods.mean() > 2 * moves.memory_periods.mean()


def test_poisson_demand_is_told_to_be_so_and_lots_are_not() -> None:
    rng = np.random.default_rng(5)
    arrivals = rng.poisson(0.5, (300, 60)).astype(float)
    single, lots = forecast(Problem(table(arrivals))), forecast(Problem(table(arrivals * 6)))

    assert np.median(single.dispersion / single.settings.wide) == pytest.approx(1.0, abs=0.1)
    assert np.median(lots.dispersion / lots.settings.wide) == pytest.approx(6.0, abs=0.6)
    assert set(lots.over(3.0).kinds) == {Kind.NEGATIVE_BINOMIAL}


def test_quantiles_cover_what_comes() -> None:
    rng = np.random.default_rng(6)
    rate, size = rng.lognormal(-1.5, 0.8, (1500, 1)), rng.lognormal(0.5, 0.6, (1500, 1))
    pieces = rng.poisson(rate, (1500, 50)) * (1.0 + rng.poisson(size, (1500, 50)))
    asked = pieces[:, -3:].sum(axis=1)
    told = forecast(Problem(table(pieces[:, :-3]))).over(3.0).quantiles([0.9, 0.95, 0.99])

    covered = (asked[:, None] <= told).mean(axis=0)
    assert (covered >= np.array([0.9, 0.95, 0.99]) - 0.02).all()
    assert (covered <= np.array([0.95, 0.98, 1.0])).all()


@settings(deadline=None)
@given(problems(), st.floats(0.1, 30))
def test_every_forecast_passes_the_checker(problem: Problem, lead: float) -> None:
    told = forecast(problem)

    assert check(problem, told) == []
    demand = told.over(lead)
    assert np.isfinite(demand.mean).all()
    assert np.isfinite(demand.variance).all()
    assert (demand.variance >= 0).all()


@settings(deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_series_changes_nothing(problem: Problem, random: object) -> None:
    history = problem.history
    order = np.arange(len(history.parts))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = History(
        tuple(history.parts[row] for row in order),
        tuple(history.places[row] for row in order),
        history.pieces[order],
        history.known[order],
        history.short[order],
    )
    other = forecast(Problem(shuffled, problem.exposures, problem.scheduled, problem.successions))

    def told(one: Forecast) -> dict[tuple[str, str], list[float]]:
        demand = one.over(2.5)
        columns = (demand.mean, demand.variance, one.still_asked, one.memory_periods)
        return {key: [float(column[row]) for column in columns] for row, key in enumerate(one.keys)}

    assert told(forecast(problem)) == told(other)


@pytest.mark.parametrize("lead", [2, 2.0, np.int64(2), np.float32(2)])
def test_a_lead_time_is_any_number(lead: float) -> None:
    told = forecast(Problem(table(np.array([[1.0, 0, 2, 1], [0, 3, 0, 1]]))))
    assert told.over(lead).mean.tolist() == told.over([2.0, 2.0]).mean.tolist()
