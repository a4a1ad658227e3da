"""How long a task takes, by its estimate and its history."""

from __future__ import annotations

import pytest

from fieldops.dispatch.tasks.durations import PRIOR_JOBS, Duration, learned, quantile


def test_a_worked_example() -> None:
    """Five jobs weigh as much as the estimate: medians 4 and 9 make sqrt(4 x 9) = 6.

    The history's 90th percentile is 16 h, 16 / 9 of its median; the estimate's spread is 1; the mean of the two in
    logarithms is 4 / 3, so that nine of ten stay below 8 h.
    """
    booked = [3.0, 6.0, 9.0, 16.0, 16.0]
    assert len(booked) == PRIOR_JOBS
    assert (quantile(booked, 0.5), quantile(booked, 0.9)) == (9, 16)
    assert learned(Duration(4, 4), booked) == Duration(6.0, 8.0)


def test_without_history_the_estimate_stands_and_with_much_it_is_forgotten() -> None:
    assert learned(Duration(4, 6), []) == Duration(4, 6)
    much = learned(Duration(4, 6), [10.0] * 5_000)
    assert much.median_h == pytest.approx(10, rel=0.01)
    assert much.p90_h == pytest.approx(10, rel=0.01)


def test_the_order_of_the_jobs_does_not_matter_and_each_moves_it_towards_itself() -> None:
    assert learned(Duration(4, 6), [3, 9, 5]) == learned(Duration(4, 6), [9, 5, 3])
    assert 4 < learned(Duration(4, 6), [8.0]).median_h < learned(Duration(4, 6), [8.0, 8.0]).median_h < 8


def test_percentiles_lie_on_the_curve_through_the_median_and_the_90th() -> None:
    told = Duration(4, 6)
    assert [round(told.factor(one), 4) for one in (50, 90)] == [1.0, 1.5]
    assert 1 < told.factor(75) < 1.5 < told.factor(95) < 2
    assert Duration(4, 4).factor(95) == 1


@pytest.mark.parametrize(("estimate", "hours"), [((4, 3), [1]), ((0, 1), []), ((1, 2), [0.0]), ((1, 2), [-1.0, 3.0])])
def test_what_makes_no_sense_is_refused(estimate: tuple[float, float], hours: list[float]) -> None:
    with pytest.raises(ValueError, match="above zero"):
        learned(Duration(*estimate), hours)
