"""How often one may ask."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.web.limits import RateLimit
from inventory.kernel.errors import TooMany
from tests.fieldops.web.conftest import Site

FANG = {"authorization": "Bearer fo_dispatcher-of-nothing"}
SCRAPER = {"authorization": "Bearer fo_reader-of-the-figures"}


def _passes(limit: RateLimit, key: str = "a") -> bool:
    try:
        limit.take(key)
    except TooMany:
        return False
    return True


@given(
    st.integers(1, 20),
    st.integers(1, 4),
    st.lists(st.tuples(st.floats(0, 20), st.sampled_from(["a", "b"])), min_size=1, max_size=200),
)
def test_in_no_minute_more_pass_than_a_full_bucket_and_its_refill(
    per_minute: int, processes: int, asked: list[tuple[float, str]]
) -> None:
    now = 0.0
    limit = RateLimit(per_minute, processes=processes, timer=lambda: now)
    most = max(1.0, per_minute / processes)
    passed: dict[str, list[float]] = {"a": [], "b": []}
    for pause, key in asked:
        now += pause
        if _passes(limit, key):
            passed[key].append(now)
    for times in passed.values():
        for index, start in enumerate(times):
            later = times[index:]
            for count, end in enumerate(later, start=1):
                assert count <= most + (end - start) * most / 60 + 1e-6


def test_a_refusal_says_when_it_works_again_and_it_does() -> None:
    now = 0.0
    limit = RateLimit(6, timer=lambda: now)
    assert [_passes(limit) for _ in range(7)] == [True] * 6 + [False]
    with pytest.raises(TooMany) as refusal:
        limit.take("a")
    assert refusal.value.retry_after_s == 10
    now += refusal.value.retry_after_s
    assert _passes(limit)
    assert not _passes(limit)


def test_who_is_quiet_is_forgotten_and_who_is_not_is_not() -> None:
    now = 0.0
    limit = RateLimit(1, timer=lambda: now)
    assert _passes(limit, "busy")
    for number in range(10_001):
        limit.take(f"address {number}")
    assert not _passes(limit, "busy")
    now = 61.0
    limit.take("one more")
    assert len(limit._buckets) == 1


def test_an_actor_has_a_limit_of_its_own_and_the_probes_have_none(make_site: Callable[..., Site]) -> None:
    site = make_site(api_per_minute=3)
    answers = [site.http.get("/api/v1/me", headers=FANG) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[-1].json()["code"] == "too_many_requests"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 20
    assert site.http.get("/api/v1/me", headers=SCRAPER).status_code == 200
    assert {site.http.get("/healthz").status_code for _ in range(9)} == {200}


def test_guessing_tokens_is_limited_by_address(make_site: Callable[..., Site]) -> None:
    site = make_site(api_per_minute=3)
    guesses = [site.http.get("/api/v1/me", headers={"authorization": f"Bearer fo_{n}"}) for n in range(4)]
    assert [one.status_code for one in guesses] == [401, 401, 401, 429]
    assert site.http.get("/api/v1/me", headers=FANG).status_code == 200


def test_processes_share_the_limit(make_site: Callable[..., Site]) -> None:
    site = make_site(api_per_minute=4, processes=2)
    assert [site.http.get("/api/v1/me", headers=FANG).status_code for _ in range(3)] == [200, 200, 429]
