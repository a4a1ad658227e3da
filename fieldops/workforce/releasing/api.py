"""Routes of the rules by which people may work and sign."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response

from fieldops.workforce.releasing import queries, service
from fieldops.workforce.releasing.models import AccessRule, ReleaseRule, RestRule
from fieldops.workforce.releasing.schemas import (
    AccessRuleOut,
    AccessRuleTerms,
    NewAccessRule,
    NewApproval,
    NewReleaseRule,
    NewRestRule,
    ReleaseRuleOut,
    ReleaseRuleTerms,
    RestRuleOut,
    RestRuleTerms,
)
from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

RULES_MAX = 1_000

router = APIRouter(tags=["release rights"], route_class=Route)

Code = Annotated[str, Path(description="Code of a rule.")]
_READS = needs("workforce.read", Elsewhere.SHARED)
_WRITES = needs("workforce.write", Elsewhere.NETWORK)

_release_page = queries.rule_pages(ReleaseRule, ReleaseRuleOut)
_access_page = queries.rule_pages(AccessRule, AccessRuleOut)
_rest_page = queries.rule_pages(RestRule, RestRuleOut)


@router.get("/release-rules", dependencies=[_READS])
def release_rules(session: Reading, paging: Paged) -> Page[ReleaseRuleOut]:
    """List who may sign on aircraft of which registry, by code."""
    (after,) = paging.after(("",))
    return paging.page(_release_page(session, after=after, limit=paging.rows), lambda one: (one.code,))


@router.post("/release-rules", status_code=201, dependencies=[_WRITES])
def add_release_rules(
    session: Writing, actor: Acting, rules: Annotated[list[NewReleaseRule], Body(min_length=1, max_length=RULES_MAX)]
) -> list[NewReleaseRule]:
    """Add release rules, all or none."""
    service.add_rules(session, actor, ReleaseRule, rules)
    return rules


@router.get("/release-rules/{code}", dependencies=[_READS])
def release_rule(session: Reading, response: Response, code: Code) -> ReleaseRuleOut:
    """Return a release rule."""
    rule = service.rule_by_code(session, ReleaseRule, code)
    tag(response, rule.version)
    return ReleaseRuleOut.model_validate(rule)


@router.put("/release-rules/{code}", dependencies=[_WRITES])
def change_release_rule(
    session: Writing, actor: Acting, response: Response, version: Changing, code: Code, terms: ReleaseRuleTerms
) -> ReleaseRuleOut:
    """Give a release rule other terms."""
    rule = service.change_rule(session, actor, ReleaseRule, code, terms, version)
    tag(response, rule.version)
    return ReleaseRuleOut.model_validate(rule)


@router.get("/access-rules", dependencies=[_READS])
def access_rules(session: Reading, paging: Paged) -> Page[AccessRuleOut]:
    """List what places and countries ask of who works there, by code."""
    (after,) = paging.after(("",))
    return paging.page(_access_page(session, after=after, limit=paging.rows), lambda one: (one.code,))


@router.post("/access-rules", status_code=201, dependencies=[_WRITES])
def add_access_rules(
    session: Writing, actor: Acting, rules: Annotated[list[NewAccessRule], Body(min_length=1, max_length=RULES_MAX)]
) -> list[NewAccessRule]:
    """Add access rules, all or none."""
    service.add_rules(session, actor, AccessRule, rules)
    return rules


@router.get("/access-rules/{code}", dependencies=[_READS])
def access_rule(session: Reading, response: Response, code: Code) -> AccessRuleOut:
    """Return an access rule."""
    rule = service.rule_by_code(session, AccessRule, code)
    tag(response, rule.version)
    return AccessRuleOut.model_validate(rule)


@router.put("/access-rules/{code}", dependencies=[_WRITES])
def change_access_rule(
    session: Writing, actor: Acting, response: Response, version: Changing, code: Code, terms: AccessRuleTerms
) -> AccessRuleOut:
    """Give an access rule other terms."""
    rule = service.change_rule(session, actor, AccessRule, code, terms, version)
    tag(response, rule.version)
    return AccessRuleOut.model_validate(rule)


@router.get("/rest-rules", dependencies=[_READS])
def rest_rules(session: Reading, paging: Paged) -> Page[RestRuleOut]:
    """List how long people may work and must rest, by code."""
    (after,) = paging.after(("",))
    return paging.page(_rest_page(session, after=after, limit=paging.rows), lambda one: (one.code,))


@router.post("/rest-rules", status_code=201, dependencies=[_WRITES])
def add_rest_rules(
    session: Writing, actor: Acting, rules: Annotated[list[NewRestRule], Body(min_length=1, max_length=RULES_MAX)]
) -> list[NewRestRule]:
    """Add rest rules, all or none."""
    service.add_rules(session, actor, RestRule, rules)
    return rules


@router.get("/rest-rules/{code}", dependencies=[_READS])
def rest_rule(session: Reading, response: Response, code: Code) -> RestRuleOut:
    """Return a rest rule."""
    rule = service.rule_by_code(session, RestRule, code)
    tag(response, rule.version)
    return RestRuleOut.model_validate(rule)


@router.put("/rest-rules/{code}", dependencies=[_WRITES])
def change_rest_rule(
    session: Writing, actor: Acting, response: Response, version: Changing, code: Code, terms: RestRuleTerms
) -> RestRuleOut:
    """Give a rest rule other terms."""
    rule = service.change_rule(session, actor, RestRule, code, terms, version)
    tag(response, rule.version)
    return RestRuleOut.model_validate(rule)


@router.get("/organisation-approvals", dependencies=[_READS])
def organisation_approvals(session: Reading, paging: Paged) -> Page[NewApproval]:
    """List the approvals that the organisation holds, by number."""
    (after,) = paging.after(("",))
    return paging.page(queries.approval_page(session, after=after, limit=paging.rows), lambda one: (one.number,))


@router.post("/organisation-approvals", status_code=201, dependencies=[_WRITES])
def add_organisation_approvals(
    session: Writing, actor: Acting, approvals: Annotated[list[NewApproval], Body(min_length=1, max_length=RULES_MAX)]
) -> list[NewApproval]:
    """Add approvals of the organisation, all or none."""
    service.add_approvals(session, actor, approvals)
    return approvals
