"""Row-level scope: which rows of each table an actor's session may see, and which it may write.

Every table declares a rule with `@declare(…)`. A session opened for an actor adds the rule's criterion to each ORM
statement, also in subqueries, and checks what is written on flush and in bulk inserts. Core and text statements carry
no criterion; a scoped session refuses them outside the modules that are named for them in the architecture tests.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import count
from typing import Any, ClassVar, Never, TypeVar

from sqlalchemy import ColumnElement, Select, event, false, inspect, select, true
from sqlalchemy.orm import DeclarativeBase, LoaderCriteriaOption, ORMExecuteState, Session
from sqlalchemy.orm.interfaces import CriteriaOption
from sqlalchemy.sql.util import ClauseAdapter

from inventory.kernel.actor import Actor, Scope
from inventory.kernel.errors import Forbidden
from inventory.kernel.texts import gettext as _

Table = TypeVar("Table", bound=type[DeclarativeBase])

Keys = Callable[[Scope], Select[Any] | Collection[Any]]
"""From a scope to the keys within it: a SELECT of one column of Core tables, or the keys themselves."""

ACTOR = "actor"
"""Name of the session's actor in `Session.info`."""
_KEYS_PER_QUERY = 5_000
_UNSCOPED = "unscoped"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a scope that is not the whole network sees and writes of a table.

    `visible` returns the criterion of the rows that it sees. A row may be written when for each column in `writable`
    its value is among the keys; None refuses every write, no column allows it.
    """

    visible: Callable[[Any, Actor], ColumnElement[bool]]
    writable: Mapping[str, Keys] | None = field(default_factory=dict)


SHARED = Rule(visible=lambda _table, _actor: true(), writable=None)
"""Everybody sees it, the whole network's staff write it: the catalogue, the list of places."""
OPEN = Rule(visible=lambda _table, _actor: true())
"""What every transaction uses, such as counters."""
PRIVATE = Rule(visible=lambda _table, _actor: false(), writable=None)
"""For the product itself and the whole network's staff."""


def within(column: str, keys: Keys, *, reading: Keys | None = None) -> Rule:
    """Return the rule of rows that belong to one thing: `column` must be among the keys of the scope.

    `reading`, where given, are the keys that may be seen but not written.
    """
    seen = reading or keys
    return Rule(visible=lambda table, actor: getattr(table, column).in_(seen(actor.scope)), writable={column: keys})


def readable_regions(scope: Scope) -> list[str]:
    """Return the codes of the regions that a scope short of the whole network reads as a whole, sorted."""
    return sorted((scope.regions or frozenset()) | scope.granted)


def audience_rule(column: str) -> Rule:
    """Return the rule of records that name a region, or "*" for everybody; whoever causes one may write it."""

    def visible(table: Any, actor: Actor) -> ColumnElement[bool]:
        return getattr(table, column).in_(("*", *readable_regions(actor.scope)))  # type: ignore[no-any-return]

    return Rule(visible=visible)


@dataclass(frozen=True, slots=True)
class Declaration:
    """How a table is treated: its rule, whether its changes go to the audit trail, and which columns never do.

    Ledgers and logs are their own trail.
    """

    rule: Rule
    audited: bool
    secret: frozenset[str]


_declared: dict[type[DeclarativeBase], Declaration] = {}


def declare(rule: Rule, *, audited: bool = True, secret: Iterable[str] = ()) -> Callable[[Table], Table]:
    """Return a decorator that gives a table its rule; `secret` columns are kept out of the audit trail."""

    def decorate(table: Table) -> Table:
        _declared[table] = Declaration(rule, audited, frozenset(secret))
        return table

    return decorate


def declaration(table: type[DeclarativeBase]) -> Declaration:
    """Return how a table is treated; raises KeyError for one that does not declare it."""
    return _declared[table]


class ScopedSession(Session):
    """A session that sees and writes what is within the scope of the actor in its `info`."""

    def _refuse(self, *_args: Any, **_options: Any) -> Never:
        raise RuntimeError("The bulk methods pass by the scope and the trail; execute an insert with its rows")

    bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = _refuse


def actor_of(session: Session) -> Actor:
    """Return the actor that a session was opened for."""
    actor: Actor = session.info[ACTOR]
    return actor


@contextmanager
def unscoped(session: Session) -> Iterator[None]:
    """See and write beyond the scope inside the block, for what decides about all regions at once.

    What is read so must never be told to the actor as it is. Only the modules named in the architecture tests do it.
    """
    before = session.info.get(_UNSCOPED, False)
    session.flush()
    known = set(session.identity_map.keys())
    session.info[_UNSCOPED] = True
    try:
        yield
        session.flush()
    finally:
        session.info[_UNSCOPED] = before
    _forget(session, known)


@contextmanager
def at_places(session: Session, places: Collection[str]) -> Iterator[Actor]:
    """See and write inside the block what belongs to some places, too, for work there that the actor may do.

    Yields the actor as it is inside. Only the modules named in the architecture tests do it.
    """
    before = actor_of(session)
    if not places or before.scope.everything:
        yield before
        return
    session.flush()
    known = set(session.identity_map.keys())
    session.info[ACTOR] = replace(before, scope=replace(before.scope, places=before.scope.places | set(places)))
    try:
        yield actor_of(session)
        session.flush()
    finally:
        session.info[ACTOR] = before
    _forget(session, known)


def _forget(session: Session, known: Collection[Any]) -> None:
    """Have what was loaded beyond the scope not found by its key afterwards."""
    for key in set(session.identity_map.keys()) - set(known):
        session.expunge(session.identity_map[key])


class _Criterion(LoaderCriteriaOption):
    """A criterion that also holds on an alias which a join adds.

    SQLAlchemy 2.1 leaves the columns of the table itself there, which is a criterion on another row or on none.
    """

    _traverse_internals = LoaderCriteriaOption._traverse_internals  # noqa: SLF001 - what statements are cached by

    def _resolve_where_criteria(self, ext_info: Any) -> ColumnElement[bool]:
        criterion: ColumnElement[bool] = super()._resolve_where_criteria(ext_info)
        if not ext_info.is_aliased_class:
            return criterion
        adapted: ColumnElement[bool] = ClauseAdapter(ext_info.selectable).traverse(criterion)
        return adapted


class _Criteria(CriteriaOption):
    """The criteria of all tables as one option, whose part of a statement's cache key is made once, not every time.

    What the keys share stays shared: the same statement of two actors with scopes of the same shape is compiled once.
    """

    _shapes: ClassVar[dict[Any, int]] = {}
    _numbers: ClassVar[Iterator[int]] = count()

    def __init__(self, criteria: Sequence[_Criterion]) -> None:
        self._criteria = criteria
        keys: list[Any] = [one._generate_cache_key() for one in criteria]  # noqa: SLF001 - no public way to it
        shape = tuple(one.key for one in keys)
        self._key = (type(self), self._shapes.setdefault(shape, next(self._numbers)))
        self._values = [value for one in keys for value in one.bindparams]

    def _gen_cache_key(self, _anon_map: Any, bindparams: list[Any]) -> tuple[Any, ...]:
        bindparams.extend(self._values)
        return self._key

    def process_compile_state(self, compile_state: Any) -> None:
        """Add the criteria to a statement that is compiled."""
        self.get_global_criteria(compile_state.global_attributes)

    def process_compile_state_replaced_entities(self, compile_state: Any, _mapper_entities: Any) -> None:
        """Add the criteria to a statement whose entities were replaced."""
        self.process_compile_state(compile_state)

    def get_global_criteria(self, attributes: dict[Any, Any]) -> None:
        """Add the criteria to the attributes of a statement."""
        for one in self._criteria:
            one.get_global_criteria(attributes)


@lru_cache(maxsize=1024)
def _criteria(actor: Actor) -> _Criteria:
    return _Criteria(
        [
            _Criterion(table, told.rule.visible(table, actor), include_aliases=True)
            for table, told in _declared.items()
            if told.rule is not SHARED and told.rule is not OPEN
        ]
    )


def _scope_statement(state: ORMExecuteState) -> None:
    actor = actor_of(state.session)
    if actor.scope.everything or state.session.info.get(_UNSCOPED):
        return
    if not state.is_orm_statement:
        raise RuntimeError("A scoped session executes ORM statements only; see inventory.kernel.scope")
    if state.is_insert:
        _check_insert(state, actor.scope)
        return
    statement: Any = state.statement
    if state.is_update or state.is_delete:
        statement = _within_reach(state, statement, actor.scope)
    state.statement = statement.options(_criteria(actor))


def _within_reach(state: ORMExecuteState, statement: Any, scope: Scope) -> Any:
    """Return an UPDATE or DELETE that reaches only what the scope may write, which is less than what it may see."""
    assert state.bind_mapper is not None  # noqa: S101 - an UPDATE or DELETE of the ORM has a table
    table = state.bind_mapper.class_
    rule = _declared[table].rule
    if rule.writable is None:
        raise _outside()
    if state.is_update:
        set_here = {getattr(column, "key", column) for column in getattr(statement, "_values", None) or ()}
        if state.parameters or set_here & rule.writable.keys():
            raise RuntimeError("A scoped session moves a row elsewhere by its object; see inventory.kernel.scope")
    for name, keys in rule.writable.items():
        statement = statement.where(getattr(table, name).in_(keys(scope)))
    return statement


def _check_insert(state: ORMExecuteState, scope: Scope) -> None:
    assert state.bind_mapper is not None  # noqa: S101 - an INSERT of the ORM has a table
    table = state.bind_mapper.class_
    rule = _declared[table].rule
    if rule.writable == {}:
        return
    if state.parameters is None:
        raise RuntimeError("A scoped session inserts rows given as parameters; see inventory.kernel.scope")
    _check_upsert(state.statement, rule)
    rows = [state.parameters] if isinstance(state.parameters, Mapping) else list(state.parameters)
    _check(state.session, scope, rule, {name: [row[name] for row in rows] for name in rule.writable or ()})


def _check_upsert(statement: Any, rule: Rule) -> None:
    """Refuse an upsert that could take over another's row: what the rule looks at must be part of what conflicts."""
    upsert = getattr(statement, "_post_values_clause", None)
    if upsert is None or not hasattr(upsert, "update_values_to_set"):
        return
    conflicting = {getattr(one, "key", one) for one in upsert.inferred_target_elements or ()}
    replaced = {getattr(column, "key", column) for column in dict(upsert.update_values_to_set)}
    writable = set(rule.writable or ())
    if not writable <= conflicting or writable & replaced:
        raise RuntimeError("A scoped session upserts by what belongs to the place; see inventory.kernel.scope")


def _scope_flush(session: Session, _context: Any, _instances: Any) -> None:
    scope = actor_of(session).scope
    if scope.everything or session.info.get(_UNSCOPED):
        return
    touched: defaultdict[type[DeclarativeBase], list[Any]] = defaultdict(list)
    for one in (*session.new, *session.deleted, *(dirty for dirty in session.dirty if session.is_modified(dirty))):
        touched[type(one)].append(one)
    for table, rows in touched.items():
        rule = _declared[table].rule
        _check(session, scope, rule, {name: _values(rows, name) for name in rule.writable or ()})


def _values(rows: Iterable[Any], name: str) -> list[Any]:
    """Return what stands in a column now, and what stood there before: a row may not be moved out of a scope either."""
    found = []
    for row in rows:
        history = inspect(row).attrs[name].history
        found += [*history.added, *history.unchanged, *history.deleted] or [getattr(row, name)]
    return found


def check_rows(session: Session, table: type[DeclarativeBase], values: Mapping[str, Collection[Any]]) -> None:
    """Raise Forbidden unless a scope may write rows with these values, for what goes past the ORM; {column: values}."""
    scope, rule = actor_of(session).scope, _declared[table].rule
    if not (scope.everything or session.info.get(_UNSCOPED)):
        _check(session, scope, rule, {name: list(values[name]) for name in rule.writable or ()})


def _check(session: Session, scope: Scope, rule: Rule, values: Mapping[str, Sequence[Any]]) -> None:
    """Raise Forbidden unless each value is among the keys that the rule allows for its column."""
    if rule.writable is None:
        raise _outside()
    for name, keys in rule.writable.items():
        wanted = set(values[name])
        if None in wanted or wanted - _allowed(session, keys(scope), wanted):
            raise _outside()


def _allowed(session: Session, keys: Select[Any] | Collection[Any], wanted: Collection[Any]) -> set[Any]:
    if not isinstance(keys, Select):
        return set(keys)
    column = keys.subquery().c[0]
    ordered = list(wanted)
    found: set[Any] = set()
    for start in range(0, len(ordered), _KEYS_PER_QUERY):
        some = ordered[start : start + _KEYS_PER_QUERY]
        # on the connection: the keys are Core, and the statement must not come back here
        found.update(session.connection().execute(select(column).where(column.in_(some))).scalars())
    return found


def _outside() -> Forbidden:
    return Forbidden(
        _("This is outside your regions; ask the manager of the region, or request a grant"), code="outside_region"
    )


event.listen(ScopedSession, "do_orm_execute", _scope_statement)
event.listen(ScopedSession, "before_flush", _scope_flush)
