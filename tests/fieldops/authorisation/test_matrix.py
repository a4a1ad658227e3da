"""Every route × role × part of the network, and nobody: the answer is the one that the declaration foretells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from fieldops.events.relay import relay
from inventory.kernel.routes import Access, Elsewhere
from tests.fieldops.authorisation.people import ADMINISTRATOR, PEOPLE, Person, Where
from tests.fieldops.authorisation.routes import APP, ROUTES, Declared, other_paths, routes_of
from tests.fieldops.authorisation.rows import Labels
from tests.fieldops.authorisation.samples import SAMPLES, Sample
from tests.fieldops.authorisation.world import World

SIGNING_IN = "POST /api/v1/session"
"""Changes nothing of whoever is signed in; the guard keeps other sites' pages away from it."""

CHANGING = {name for name, route in ROUTES.items() if not route.is_safe}


@dataclass(frozen=True)
class Expected:
    """The answers that are right: a status among these, and the code of the problem where one is named."""

    statuses: frozenset[int]
    code: str | None = None

    @property
    def refuses(self) -> bool:
        """Tell whether nothing may come of the request."""
        return min(self.statuses) >= 400

    def fits(self, answer: httpx.Response) -> bool:
        """Tell whether an answer is one of them."""
        status = answer.status_code
        if status == 207:  # each record has a result of its own; the samples have one
            (one,) = answer.json()["items"]
            status = one["status"]
        if status == 200 and "/imports/" in answer.request.url.path and not answer.json()["applied"]:
            status = 422  # its one row is refused
        if status not in self.statuses:
            return False
        problem = answer.headers.get("content-type", "").startswith("application/problem+json")
        return self.code is None or not problem or answer.json()["code"] == self.code


SUCCESS = Expected(frozenset({200, 201, 202, 204}))
REFUSED = Expected(frozenset({403, 404, 422}))
HIDDEN = Expected(frozenset({404}))


def filled(body: Any, names: Mapping[str, str]) -> Any:
    """Return a body whose texts that name a key of the world, such as {labour}, are that key."""
    if isinstance(body, dict):
        return {name: filled(value, names) for name, value in body.items()}
    if isinstance(body, str) and body.startswith("{") and body.endswith("}"):
        return body.format(**names)
    return body


def expected(route: Declared, sample: Sample, person: Person | None) -> Expected:
    """Return what the declaration beside a route foretells somebody, or nobody, about something in SEA."""
    access = route.access
    if access is None:
        return SUCCESS if sample.status is None else Expected(frozenset({sample.status}))
    if person is None:
        return Expected(frozenset({303 if route.is_page else 401}), "not_signed_in")
    if not person.may(access.permission):
        return Expected(frozenset({403}), "not_permitted")
    if person.where is Where.NETWORK or access.elsewhere is Elsewhere.SHARED:
        return SUCCESS
    if access.elsewhere is Elsewhere.NETWORK:
        return Expected(frozenset({403}), "network_only")
    if person.labels & sample.reached_by:
        return SUCCESS
    if person.labels & sample.seen_by:
        return REFUSED
    return HIDDEN if access.elsewhere is Elsewhere.HIDDEN else REFUSED


def ask(
    world: World, route: Declared, sample: Sample, person: Person | None, headers: dict[str, str]
) -> httpx.Response:
    """Make the request of a sample."""
    names = world.names_of(person)
    path = route.path({name: value.format(**names) for name, value in sample.path.items()})
    if sample.version_of is not None:
        told = world.send("GET", sample.version_of.format(**names), world.as_program(ADMINISTRATOR))
        headers = {"If-Match": told.headers["etag"], **headers}
    return world.send(
        route.method,
        path,
        {**sample.headers, **headers},
        params=sample.query,
        json=filled(sample.body, names),
        data=sample.form,
        content=sample.content,
        files=None if sample.file is None else {"file": ("table.csv", sample.file.encode())},
    )


def credentials(world: World, sample: Sample, person: Person | None) -> dict[str, str]:
    """Return the headers by which a person, or nobody, makes the request of a sample."""
    if person is None:
        return {}
    return world.in_person(person) if sample.in_person else world.as_program(person)


def answered(
    world: World, route: Declared, sample: Sample, person: Person | None, headers: dict[str, str]
) -> tuple[httpx.Response, bool]:
    """Return the answer to a request and whether it wrote something, which is undone."""
    if sample.after is not None:
        name, first = sample.after
        assert ask(world, ROUTES[name], first, ADMINISTRATOR, world.as_program(ADMINISTRATOR)).is_success
        relay(world.engine)  # so that numbering its events is not taken for a work of the request
    before = world.changes()
    answer = ask(world, route, sample, person, headers)
    wrote = world.changes() != before
    if wrote or sample.after is not None:
        world.restore()
    return answer, wrote


def faults(world: World, route: Declared, sample: Sample) -> Iterator[str]:
    """Yield what is wrong with the answers that everybody gets."""
    everything: list[Labels] = []
    if sample.told is not None:
        everything = sample.told(ask(world, route, sample, ADMINISTRATOR, world.as_program(ADMINISTRATOR)))
        for label in sorted(sample.hidden_from):
            if all(label in row for row in everything):
                yield f"nothing is in the list that could leak to {label}"
    for person in (None, *PEOPLE):
        who = person.name if person else "nobody"
        right = expected(route, sample, person)
        answer, wrote = answered(world, route, sample, person, credentials(world, sample, person))
        if not right.fits(answer):
            yield f"{who}: {answer.status_code} instead of {sorted(right.statuses)}: {answer.text[:300]}"
        if wrote and right.refuses:
            yield f"{who}: is refused, and yet something was written"
        if sample.told is not None and answer.is_success and person is not None:
            told = sample.told(answer)
            if foreign := sum(not person.is_told(row) for row in told):
                yield f"{who}: is told {foreign} of {len(told)} rows that are not for them"
            if sample.complete and Counter(told) != Counter(filter(person.is_told, everything)):
                yield f"{who}: is told {len(told)} rows, and not those that are for them"


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_everybody_gets_the_answer_that_the_route_declares(
    world: World, name: str, record_property: Callable[[str, object], None]
) -> None:
    route, samples = ROUTES[name], SAMPLES[name]
    found = [fault for sample in samples for fault in faults(world, route, sample)]
    assert not found, "\n".join(found)
    record_property("cases", len(samples) * (len(PEOPLE) + 1))


@pytest.mark.parametrize("name", sorted(CHANGING - {SIGNING_IN}))
def test_a_cookie_alone_changes_nothing(world: World, name: str) -> None:
    """Another site's page makes the browser send the cookie, but knows no CSRF token."""
    cookie = {"Cookie": world.in_person(ADMINISTRATOR)["Cookie"]}
    for sample in SAMPLES[name]:
        answer, wrote = answered(world, ROUTES[name], sample, ADMINISTRATOR, cookie)
        assert (answer.status_code, wrote) == (403, False)
        assert "CSRF" in answer.text if ROUTES[name].is_page else answer.json()["code"] == "csrf_failed"


@pytest.mark.parametrize(
    "name", sorted(name for name, samples in SAMPLES.items() if any(sample.in_person for sample in samples))
)
def test_a_token_cannot_make_more_of_itself(world: World, name: str) -> None:
    for sample in SAMPLES[name]:
        answer, wrote = answered(world, ROUTES[name], sample, ADMINISTRATOR, world.as_program(ADMINISTRATOR))
        assert (answer.status_code, answer.json()["code"], wrote) == (403, "sign_in_required", False)


def test_the_figures_are_for_this_machine_and_for_those_who_may_read_them(world: World) -> None:
    from_afar = {"X-Forwarded-For": "192.0.2.7"}
    assert world.send("GET", "/metrics", from_afar).status_code == 401
    for person in PEOPLE:
        answer = world.send("GET", "/metrics", from_afar | world.as_program(person))
        assert answer.status_code == (200 if person.may("metrics.read") else 403)


def test_every_route_has_a_sample_and_nothing_is_served_beside_the_routes() -> None:
    assert SAMPLES.keys() == ROUTES.keys()
    assert other_paths(APP) == {"/api/v1/openapi.json", "/static"}


def test_the_matrix_is_as_large_as_it_should_be() -> None:
    samples = sum(len(SAMPLES[name]) for name in ROUTES)
    assert len(PEOPLE) == 13 * 5
    assert samples * (len(PEOPLE) + 1) > 6_000


def test_a_route_without_a_declaration_is_found() -> None:
    router = APIRouter()
    router.add_api_route("/open", lambda: None)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(router, prefix="/api/v1")
    with pytest.raises(LookupError, match="/api/v1/open does not declare"):
        routes_of(app)


def test_a_list_that_leaks_and_a_route_that_lets_anybody_in_are_found(world: World) -> None:
    """The matrix can fail: with a wrong declaration the same answers are faults."""
    jobs = Declared("GET", "/api/v1/jobs", Access("dispatch.write", Elsewhere.HIDDEN))
    assert any("200 instead of [403]" in fault for fault in faults(world, jobs, SAMPLES[jobs.name][0]))
    parts = Declared("GET", "/api/v1/parts", Access("catalogue.read", Elsewhere.HIDDEN))
    hidden = Sample(told=lambda answer: [frozenset() for _row in answer.json()["items"]])
    assert any("not for them" in fault for fault in faults(world, parts, hidden))
