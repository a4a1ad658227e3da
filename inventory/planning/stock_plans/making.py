"""The use case of target plans: read what is known, solve outside any transaction, keep the plan in one."""

from __future__ import annotations

from sqlalchemy import Engine
from uuid_utils.compat import uuid7

from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError
from inventory.kernel.installation import demo_time
from inventory.kernel.texts import gettext as _
from inventory.planning.stock_plans.asking import asked, terms_of
from inventory.planning.stock_plans.keeping import keep
from inventory.planning.stock_plans.models import TargetPlan
from inventory.planning.stock_plans.picture import Picture, take_picture
from inventory.planning.stock_plans.queries import plan_told
from inventory.planning.stock_plans.requests import TargetRequest
from inventory.planning.stock_plans.schemas import MakeTargets, TargetPlanOut
from inventory.planning.stock_plans.solving import Report, solved
from inventory.planning.stock_plans.stated import Stated
from inventory.planning.stock_plans.terms import require_terms
from inventory.ports import Exposure
from optimizer.run import ShouldStop, never_stop


def make_target_plan(
    engine: Engine,
    actor: Actor,
    request: TargetRequest,
    exposure: Exposure,
    *,
    clock: Clock,
    should_stop: ShouldStop = never_stop,
    report: Report = lambda _stage, _done, _total: None,
) -> TargetPlanOut:
    """Make a plan of stock targets and keep it as proposed; targets stay as they are until it is accepted.

    Raises Forbidden for a region that is not the actor's, NotReady without a central depot, Conflict where there is
    nothing to plan, DomainError where the work was stopped, and changes nothing then.
    """
    actor.require_planning(request.wanted.region)
    report(_("Reading stock and demand"), 0, 0)
    # the places of all regions share the supply: what is read for the product is told to nobody
    with reading(engine, SYSTEM) as session:
        if request.id is not None and session.get(TargetPlan, request.id) is not None:
            with reading(engine, actor) as own:
                return plan_told(own, own.get_one(TargetPlan, request.id).number)
        require_terms(session, request.wanted)
        now = demo_time(session, clock)
        picture = take_picture(session, exposure, now.date(), now)
    stated = stated_of(picture, request.wanted)
    solution = solved(picture, stated, request, should_stop, report)
    if should_stop():
        raise DomainError(_("The work was stopped; nothing was changed"), code="stopped")
    key = request.id or uuid7()
    report(_("Keeping the plan"), 0, 0)
    with writing(engine, actor, clock=clock) as session:
        keep(session, actor, key, request, picture.currency, solution, clock())
    with reading(engine, actor) as session:
        return plan_told(session, session.get_one(TargetPlan, key).number)


def stated_of(picture: Picture, wanted: MakeTargets) -> Stated:
    """Return what is asked of the optimizer; raises Conflict where there is nothing to plan."""
    stated = asked(picture, terms_of(wanted))
    if stated is None:
        raise Conflict(
            _("There is nothing to plan: no part with a price and a known demand; import utilisation and reliability"),
            code="nothing_to_plan",
        )
    return stated
