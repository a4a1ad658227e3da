"""Strengths follow what their constraints exceed."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.stocking.secant import FAR, SPEEDS, Secant


@pytest.mark.parametrize("power", [0.2, 0.5, 1.0, 3.0])
def test_any_power_is_met_in_a_few_rounds(power: float) -> None:
    """What is exceeded falls with a power of the strength: the logarithm of it is 1 - power x strength."""
    secant, strength = Secant(1), np.zeros(1)
    for _ in range(12):
        strength = strength + secant.change(strength, 1.0 - power * strength)

    assert strength[0] == pytest.approx(1.0 / power, rel=0.05)


def test_steps_and_powers_are_bounded() -> None:
    secant = Secant(2)
    assert np.abs(secant.change(np.zeros(2), np.array([99.0, -99.0]))).max() == FAR
    secant.change(np.array([1.0, -1.0]), np.array([98.9, -98.9]))
    assert ((secant.speed >= SPEEDS[0]) & (secant.speed <= SPEEDS[1])).all()
