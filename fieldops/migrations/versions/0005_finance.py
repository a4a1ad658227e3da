"""finance

Revision: 0005, after 0004
"""

from collections import defaultdict
from datetime import date, datetime

import sqlalchemy as sa
from alembic import op
from uuid_utils.compat import uuid7

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

_DIRECTORS = ('administrator', 'finance')
_MANAGERS = ('administrator', 'finance', 'regional_manager')
_GIVEN = {
    'budget.close': _DIRECTORS,
    'budget.post': _DIRECTORS,
    'budget.spend': (*_MANAGERS, 'aog_controller', 'central_planner', 'dispatcher'),
    'compliance.hold': ('administrator', 'trade_compliance'),
    'compliance.read': (*_MANAGERS, 'aog_controller', 'auditor', 'trade_compliance'),
}
"""The roles that may do what is new, as delivered."""

_ENTRY = sa.table(
    'budget_entry',
    *(sa.column(name, sa.Uuid) for name in ('line_id', 'plan_id')),
    sa.column('entered_at', sa.DateTime(timezone=True)),
    sa.column('day', sa.Date),
    *(sa.column(name) for name in ('id', 'kind', 'amount', 'document_kind', 'document', 'actor')),
)
_LINE = sa.table(
    'budget_line',
    *(sa.column(name, sa.Uuid) for name in ('id', 'region_id')),
    *(sa.column(name) for name in ('budget', 'reserved', 'committed', 'actual', 'overridden')),
)
_EARMARK = sa.table(
    'earmark',
    *(sa.column(name, sa.Uuid) for name in ('id', 'line_id')),
    sa.column('held_at', sa.DateTime(timezone=True)),
    *(
        sa.column(name)
        for name in (
            'stage',
            'document_kind',
            'document',
            'item',
            'holder',
            'amount',
            'consumed',
            'recovery',
            'recovered',
            'moved',
            'came',
            'closed',
            'held_by',
        )
    ),
)


def _keep_what_is_held() -> None:
    """Make an earmark for what each document of a plan reserves, and for what was committed at the opening.

    A line is beyond its budget by what it is; an allowance that was given and is not needed lapses.
    """
    connection, now = op.get_bind(), datetime.now().astimezone()
    told = (
        sa.select(_ENTRY.c.line_id, _ENTRY.c.plan_id, _ENTRY.c.document, sa.func.sum(_ENTRY.c.amount).label('amount'))
        .where(_ENTRY.c.kind == 'reservation', _ENTRY.c.plan_id.is_not(None))
        .group_by(_ENTRY.c.line_id, _ENTRY.c.plan_id, _ENTRY.c.document)
    )
    held = defaultdict(list)
    for row in connection.execute(told):
        held[row.line_id, row.plan_id].append(row)
    earmarks = [
        _earmark(row.line_id, 'reservation', _kind_of(row.document), row.document, str(row.plan_id), row.amount, now)
        for rows in held.values()
        if sum(row.amount for row in rows)  # else it was released as a whole
        for row in rows
    ]
    entries = []
    for line in connection.execute(sa.select(_LINE)).all():
        if line.committed:
            earmarks.append(_earmark(line.id, 'commitment', 'opening', 'opening', '', line.committed, now))
        beyond = max(line.reserved + line.committed + line.actual - line.budget, 0)
        if beyond != line.overridden:
            connection.execute(sa.update(_LINE).where(_LINE.c.id == line.id).values(overridden=beyond))
            entries.append(
                {
                    'line_id': line.id,
                    'kind': 'override',
                    'amount': beyond - line.overridden,
                    'document_kind': 'migration',
                    'document': revision,
                    'day': date.today(),  # noqa: DTZ011
                    'plan_id': None,
                    'actor': 'system',
                    'entered_at': now,
                }
            )
    for table, rows in ((_EARMARK, earmarks), (_ENTRY, entries)):
        if rows:
            connection.execute(sa.insert(table), rows)


def _kind_of(document: str) -> str:
    return 'transfer' if document.startswith('R-') else 'job'


def _earmark(line, stage, kind, document, holder, amount, now) -> dict:
    return {
        'id': uuid7(),
        'line_id': line,
        'stage': stage,
        'document_kind': kind,
        'document': document,
        'item': '',
        'holder': holder,
        'amount': amount,
        'consumed': 0,
        'recovery': 0,
        'recovered': 0,
        'moved': 0,
        'came': 0,
        'closed': False,
        'held_by': 'system',
        'held_at': now,
    }


def _date_the_entries() -> None:
    entry = sa.table('budget_entry', sa.column('document'), sa.column('document_kind'), sa.column('day'))
    kind = sa.case(
        (entry.c.document == 'opening', 'opening'),
        (entry.c.document == 'release', 'plan'),
        (entry.c.document.like('R-%'), 'transfer'),
        else_='job',
    )
    op.execute(sa.update(entry).values(document_kind=kind, day=sa.text('date(entered_at)')))


_POSTED = {'budget_entry': ('rowid',), 'budget_actual': ('rowid', 'id', 'source', 'reverses')}
"""What is posted once and never changed, and what of it may not be there twice."""


def _protect_what_is_posted() -> None:
    """The databases themselves refuse to change or remove what was posted."""
    refusal = "BEGIN SELECT RAISE(ABORT, 'what was posted is never changed; reverse it'); END"
    for table, keys in _POSTED.items():
        if op.get_bind().dialect.name == 'postgresql':
            op.execute(
                f'CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} '
                'FOR EACH STATEMENT EXECUTE FUNCTION refuse_stock_change()'
            )
            continue
        for verb in ('UPDATE', 'DELETE'):
            op.execute(f'CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} {refusal}')
        # SQLite deletes what INSERT OR REPLACE collides with, and no trigger on DELETE is told
        collides = ' OR '.join(f'{key} = NEW.{key}' for key in keys)
        op.execute(
            f'CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} '
            f'WHEN EXISTS (SELECT 1 FROM {table} WHERE {collides}) {refusal}'
        )


def _let_go_of_what_is_posted() -> None:
    for table in _POSTED:
        if op.get_bind().dialect.name == 'postgresql':
            op.execute(f'DROP TRIGGER {table}_no_change ON {table}')
        else:
            for what in ('UPDATE', 'DELETE', 'replace'):
                op.execute(f'DROP TRIGGER {table}_no_{what}')


def _make_limits_anew(*more: sa.Column, key: tuple[str, ...]) -> None:
    """Give the approval limits another primary key; there are few of them."""
    connection = op.get_bind()
    names = ['role', 'amount', 'currency', 'version']
    rows = connection.execute(sa.text(f"SELECT {', '.join(names)} FROM approval_limit")).all()
    op.drop_table('approval_limit')
    made = op.create_table(
        'approval_limit',
        sa.Column('role', sa.String(length=32), nullable=False),
        *more,
        sa.Column('amount', sa.BigInteger(), nullable=True),
        sa.Column('currency', sa.String(length=3), nullable=False),
        sa.Column('version', sa.Integer(), server_default='1', nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f('pk_approval_limit')),
    )
    blank = {column.name: '' for column in more}
    seen: dict[str, dict] = {}
    for row in rows:
        seen.setdefault(row.role, dict(zip(names, row, strict=True)) | blank)
    if seen:
        op.bulk_insert(made, list(seen.values()))


def _permit() -> None:
    held = sa.table('role_permission', sa.column('role'), sa.column('permission'))
    roles = set(op.get_bind().scalars(sa.text('SELECT code FROM role')))
    rows = [
        {'role': role, 'permission': permission}
        for permission, given in _GIVEN.items()
        for role in given
        if role in roles
    ]
    if rows:
        op.bulk_insert(held, rows)


def _leave_what_was_there() -> None:
    """Leave one line for a region, category and first day; what only this revision knows goes."""
    special = "SELECT id FROM budget_line WHERE account NOT LIKE '%   %  ' OR parent_id IS NOT NULL"
    for table in ('budget_hold', 'budget_override', 'budget_entry'):
        op.execute(sa.text(f'DELETE FROM {table} WHERE line_id IN ({special})'))
    op.execute(sa.text(f'DELETE FROM budget_line WHERE id IN ({special})'))
    op.execute(sa.text("DELETE FROM budget_entry WHERE kind IN ('recovery', 'recovered')"))
    op.execute(sa.text('DELETE FROM budget_override WHERE plan_id IS NULL'))


def upgrade() -> None:
    op.create_table('budget_version',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('revises', sa.String(length=24), nullable=True),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.String(length=64), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=400), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.ForeignKeyConstraint(['revises'], ['budget_version.number'], name=op.f('fk_budget_version_revises_budget_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_budget_version')),
    sa.UniqueConstraint('number', name=op.f('uq_budget_version_number'))
    )
    op.create_table('control_terms',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('document', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_control_terms'))
    )
    op.create_table('exchange_rate',
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('rate', sa.BigInteger(), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.CheckConstraint('rate > 0', name=op.f('ck_exchange_rate_rate')),
    sa.PrimaryKeyConstraint('currency', 'valid_from', name=op.f('pk_exchange_rate'))
    )
    op.create_table('substitution',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person', sa.String(length=64), nullable=False),
    sa.Column('substitute', sa.String(length=64), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('first_day <= last_day', name=op.f('ck_substitution_period')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_substitution'))
    )
    with op.batch_alter_table('substitution', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_substitution_person'), ['person'], unique=False)
        batch_op.create_index(batch_op.f('ix_substitution_substitute'), ['substitute'], unique=False)

    op.create_table('approval',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('region_id', sa.Uuid(), nullable=False),
    sa.Column('document_kind', sa.String(length=32), nullable=False),
    sa.Column('document', sa.String(length=64), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=True),
    sa.Column('priority', sa.String(length=16), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('categories', sa.JSON(), nullable=False),
    sa.Column('asked', sa.JSON(), nullable=False),
    sa.Column('reason', sa.String(length=400), nullable=True),
    sa.Column('approver_role', sa.String(length=32), nullable=False),
    sa.Column('two_needed', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('requested_by', sa.String(length=64), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('escalated', sa.Integer(), nullable=False),
    sa.Column('seconded_by', sa.String(length=64), nullable=True),
    sa.Column('seconded_for', sa.String(length=64), nullable=True),
    sa.Column('seconded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(length=64), nullable=True),
    sa.Column('decided_for', sa.String(length=64), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.String(length=400), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_approval_region_id_region')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approval')),
    sa.UniqueConstraint('number', name=op.f('uq_approval_number'))
    )
    with op.batch_alter_table('approval', schema=None) as batch_op:
        batch_op.create_index('ix_approval_document', ['document'], unique=False)
        batch_op.create_index(batch_op.f('ix_approval_plan_id'), ['plan_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_approval_region_id'), ['region_id'], unique=False)
        batch_op.create_index('ix_approval_state_due_at', ['state', 'due_at'], unique=False)

    op.create_table('budget_version_line',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('region_id', sa.Uuid(), nullable=False),
    sa.Column('account', sa.String(length=400), nullable=False),
    sa.Column('period_start', sa.Date(), nullable=False),
    sa.Column('period_end', sa.Date(), nullable=False),
    sa.Column('line', sa.JSON(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('budget', sa.BigInteger(), nullable=False),
    sa.Column('was', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_budget_version_line_region_id_region')),
    sa.ForeignKeyConstraint(['version_id'], ['budget_version.id'], name=op.f('fk_budget_version_line_version_id_budget_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_budget_version_line')),
    sa.UniqueConstraint('version_id', 'account', 'period_start', 'period_end', name='uq_budget_version_line_line')
    )
    op.create_table('compliance_hold',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('region_id', sa.Uuid(), nullable=False),
    sa.Column('document_kind', sa.String(length=32), nullable=False),
    sa.Column('document', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.String(length=400), nullable=False),
    sa.Column('placed_by', sa.String(length=64), nullable=False),
    sa.Column('placed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lifted_by', sa.String(length=64), nullable=True),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lifted_because', sa.String(length=400), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_compliance_hold_region_id_region')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_compliance_hold'))
    )
    with op.batch_alter_table('compliance_hold', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_compliance_hold_region_id'), ['region_id'], unique=False)
        batch_op.create_index('uq_compliance_hold_open', ['document'], unique=True, sqlite_where=sa.text('lifted_at IS NULL'), postgresql_where=sa.text('lifted_at IS NULL'))

    op.create_table('cost_centre',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=48), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('region_id', sa.Uuid(), nullable=False),
    sa.Column('manager', sa.String(length=64), nullable=True),
    sa.Column('closed', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_cost_centre_region_id_region')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cost_centre')),
    sa.UniqueConstraint('code', name=op.f('uq_cost_centre_code'))
    )
    with op.batch_alter_table('cost_centre', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_cost_centre_region_id'), ['region_id'], unique=False)

    op.create_table('fiscal_calendar',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=48), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('pattern', sa.String(length=32), nullable=False),
    sa.Column('region_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_fiscal_calendar_region_id_region')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fiscal_calendar')),
    sa.UniqueConstraint('code', name=op.f('uq_fiscal_calendar_code'))
    )
    with op.batch_alter_table('fiscal_calendar', schema=None) as batch_op:
        batch_op.create_index('uq_fiscal_calendar_region', ['region_id'], unique=True)

    op.create_table('fiscal_period',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('calendar_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('period_start', sa.Date(), nullable=False),
    sa.Column('period_end', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('changed_by', sa.String(length=64), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=400), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint('period_start < period_end', name=op.f('ck_fiscal_period_period')),
    sa.ForeignKeyConstraint(['calendar_id'], ['fiscal_calendar.id'], name=op.f('fk_fiscal_period_calendar_id_fiscal_calendar')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fiscal_period')),
    sa.UniqueConstraint('calendar_id', 'code', name=op.f('uq_fiscal_period_calendar_id_code')),
    sa.UniqueConstraint('calendar_id', 'period_start', name=op.f('uq_fiscal_period_calendar_id_period_start'))
    )
    op.create_table('budget_transfer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('region_id', sa.Uuid(), nullable=False),
    sa.Column('from_line_id', sa.Uuid(), nullable=True),
    sa.Column('to_line_id', sa.Uuid(), nullable=True),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('received', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(length=400), nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('amount > 0', name=op.f('ck_budget_transfer_amount')),
    sa.CheckConstraint('from_line_id IS NOT NULL OR to_line_id IS NOT NULL', name=op.f('ck_budget_transfer_ends')),
    sa.ForeignKeyConstraint(['from_line_id'], ['budget_line.id'], name=op.f('fk_budget_transfer_from_line_id_budget_line')),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_budget_transfer_region_id_region')),
    sa.ForeignKeyConstraint(['to_line_id'], ['budget_line.id'], name=op.f('fk_budget_transfer_to_line_id_budget_line')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_budget_transfer')),
    sa.UniqueConstraint('number', name=op.f('uq_budget_transfer_number'))
    )
    with op.batch_alter_table('budget_transfer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_budget_transfer_region_id'), ['region_id'], unique=False)

    op.create_table('earmark',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('line_id', sa.Uuid(), nullable=False),
    sa.Column('stage', sa.String(length=32), nullable=False),
    sa.Column('document_kind', sa.String(length=32), nullable=False),
    sa.Column('document', sa.String(length=64), nullable=False),
    sa.Column('item', sa.String(length=64), nullable=False),
    sa.Column('holder', sa.String(length=36), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('consumed', sa.BigInteger(), nullable=False),
    sa.Column('recovery', sa.BigInteger(), nullable=False),
    sa.Column('recovered', sa.BigInteger(), nullable=False),
    sa.Column('moved', sa.BigInteger(), nullable=False),
    sa.Column('came', sa.BigInteger(), nullable=False),
    sa.Column('closed', sa.Boolean(), nullable=False),
    sa.Column('held_by', sa.String(length=64), nullable=False),
    sa.Column('held_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('amount >= 0 AND consumed >= 0 AND recovery >= 0 AND moved >= 0 AND came >= 0', name=op.f('ck_earmark_amounts')),
    sa.ForeignKeyConstraint(['line_id'], ['budget_line.id'], name=op.f('fk_earmark_line_id_budget_line')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_earmark')),
    sa.UniqueConstraint('document', 'document_kind', 'item', 'line_id', 'stage', 'holder', name=op.f('uq_earmark_document_document_kind_item_line_id_stage_holder'))
    )
    with op.batch_alter_table('earmark', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_earmark_holder'), ['holder'], unique=False)
        batch_op.create_index(batch_op.f('ix_earmark_line_id'), ['line_id'], unique=False)

    op.create_table('standing_authority',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('region_id', sa.Uuid(), nullable=False),
    sa.Column('line_id', sa.Uuid(), nullable=False),
    sa.Column('document_max', sa.BigInteger(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=400), nullable=False),
    sa.Column('granted_by', sa.String(length=64), nullable=False),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_by', sa.String(length=64), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('document_max > 0', name=op.f('ck_standing_authority_document_max')),
    sa.ForeignKeyConstraint(['line_id'], ['budget_line.id'], name=op.f('fk_standing_authority_line_id_budget_line')),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_standing_authority_region_id_region')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_standing_authority'))
    )
    with op.batch_alter_table('standing_authority', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_standing_authority_region_id'), ['region_id'], unique=False)

    op.create_table('budget_actual',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.String(length=96), nullable=False),
    sa.Column('line_id', sa.Uuid(), nullable=False),
    sa.Column('earmark_id', sa.Uuid(), nullable=True),
    sa.Column('document_kind', sa.String(length=32), nullable=False),
    sa.Column('document', sa.String(length=64), nullable=False),
    sa.Column('item', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('consumed', sa.BigInteger(), nullable=False),
    sa.Column('released', sa.BigInteger(), nullable=False),
    sa.Column('recovered', sa.BigInteger(), nullable=False),
    sa.Column('given', sa.BigInteger(), nullable=False),
    sa.Column('given_currency', sa.String(length=3), nullable=False),
    sa.Column('reverses', sa.Uuid(), nullable=True),
    sa.Column('terms', sa.String(length=32), nullable=True),
    sa.Column('reason', sa.String(length=400), nullable=True),
    sa.Column('posted_by', sa.String(length=64), nullable=False),
    sa.Column('posted_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['earmark_id'], ['earmark.id'], name=op.f('fk_budget_actual_earmark_id_earmark')),
    sa.ForeignKeyConstraint(['line_id'], ['budget_line.id'], name=op.f('fk_budget_actual_line_id_budget_line')),
    sa.ForeignKeyConstraint(['reverses'], ['budget_actual.id'], name=op.f('fk_budget_actual_reverses_budget_actual')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_budget_actual')),
    sa.UniqueConstraint('reverses', name=op.f('uq_budget_actual_reverses')),
    sa.UniqueConstraint('source', name=op.f('uq_budget_actual_source'))
    )
    with op.batch_alter_table('budget_actual', schema=None) as batch_op:
        batch_op.create_index('ix_budget_actual_document', ['document'], unique=False)
        batch_op.create_index(batch_op.f('ix_budget_actual_line_id'), ['line_id'], unique=False)

    _make_limits_anew(sa.Column('category', sa.String(length=32), nullable=False), key=('role', 'category'))

    with op.batch_alter_table('budget_entry', schema=None) as batch_op:
        batch_op.add_column(sa.Column('document_kind', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('day', sa.Date(), nullable=True))
        batch_op.drop_index(batch_op.f('ix_budget_entry_line_id'))
        batch_op.create_index('ix_budget_entry_document', ['document'], unique=False)
        batch_op.create_index('ix_budget_entry_line_id_id', ['line_id', 'id'], unique=False)
    _date_the_entries()
    with op.batch_alter_table('budget_entry', schema=None) as batch_op:
        batch_op.alter_column('document_kind', existing_type=sa.String(length=32), nullable=False)
        batch_op.alter_column('day', existing_type=sa.Date(), nullable=False)

    with op.batch_alter_table('budget_line', schema=None) as batch_op:
        batch_op.add_column(sa.Column('account', sa.String(length=400), nullable=True))
        batch_op.add_column(sa.Column('area', sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column('cost_centre', sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column('programme', sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column('person', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('parent_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('frozen', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('envelope', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('recovery', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('recovered', sa.BigInteger(), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_budget_line_region_id_category_period_start'), type_='unique')
    op.execute(
        sa.text(
            "UPDATE budget_line SET frozen = :no, envelope = :no, recovery = 0, recovered = 0, account = "
            "(SELECT code FROM region WHERE region.id = budget_line.region_id) || '   ' || category || '  '"
        ).bindparams(sa.bindparam('no', False, sa.Boolean))
    )
    with op.batch_alter_table('budget_line', schema=None) as batch_op:
        batch_op.alter_column('account', existing_type=sa.String(length=400), nullable=False)
        for name in ('frozen', 'envelope'):
            batch_op.alter_column(name, existing_type=sa.Boolean(), nullable=False)
        for name in ('recovery', 'recovered'):
            batch_op.alter_column(name, existing_type=sa.BigInteger(), nullable=False)
        batch_op.create_index(batch_op.f('ix_budget_line_parent_id'), ['parent_id'], unique=False)
        batch_op.create_index('ix_budget_line_region_id_category', ['region_id', 'category'], unique=False)
        batch_op.create_unique_constraint(
            batch_op.f('uq_budget_line_account_period_start_period_end'), ['account', 'period_start', 'period_end']
        )
        batch_op.create_foreign_key(
            batch_op.f('fk_budget_line_cost_centre_cost_centre'), 'cost_centre', ['cost_centre'], ['code']
        )
        batch_op.create_foreign_key(
            batch_op.f('fk_budget_line_parent_id_budget_line'), 'budget_line', ['parent_id'], ['id']
        )

    with op.batch_alter_table('budget_override', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=32), server_default='named', nullable=False))
        batch_op.add_column(sa.Column('document_kind', sa.String(length=32), server_default='job', nullable=False))
        batch_op.add_column(sa.Column('review_by', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('reviewed_by', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('finding', sa.String(length=400), nullable=True))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
        batch_op.alter_column('plan_id', existing_type=sa.Uuid(), nullable=True)
    with op.batch_alter_table('budget_override', schema=None) as batch_op:
        batch_op.alter_column('kind', existing_type=sa.String(length=32), server_default=None)
        batch_op.alter_column('document_kind', existing_type=sa.String(length=32), server_default=None)

    _keep_what_is_held()
    _protect_what_is_posted()
    _permit()

def downgrade() -> None:
    _let_go_of_what_is_posted()
    held = sa.table('role_permission', sa.column('permission'))
    op.execute(held.delete().where(held.c.permission.in_(sorted(_GIVEN))))
    with op.batch_alter_table('budget_actual', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_budget_actual_line_id'))
        batch_op.drop_index('ix_budget_actual_document')

    op.drop_table('budget_actual')
    with op.batch_alter_table('standing_authority', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_standing_authority_region_id'))

    op.drop_table('standing_authority')
    with op.batch_alter_table('earmark', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_earmark_line_id'))
        batch_op.drop_index(batch_op.f('ix_earmark_holder'))

    op.drop_table('earmark')
    with op.batch_alter_table('budget_transfer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_budget_transfer_region_id'))

    op.drop_table('budget_transfer')
    op.drop_table('fiscal_period')
    with op.batch_alter_table('fiscal_calendar', schema=None) as batch_op:
        batch_op.drop_index('uq_fiscal_calendar_region')

    op.drop_table('fiscal_calendar')
    with op.batch_alter_table('compliance_hold', schema=None) as batch_op:
        batch_op.drop_index('uq_compliance_hold_open', sqlite_where=sa.text('lifted_at IS NULL'), postgresql_where=sa.text('lifted_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_compliance_hold_region_id'))

    op.drop_table('compliance_hold')
    op.drop_table('budget_version_line')
    with op.batch_alter_table('approval', schema=None) as batch_op:
        batch_op.drop_index('ix_approval_state_due_at')
        batch_op.drop_index(batch_op.f('ix_approval_region_id'))
        batch_op.drop_index(batch_op.f('ix_approval_plan_id'))
        batch_op.drop_index('ix_approval_document')

    op.drop_table('approval')
    with op.batch_alter_table('substitution', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_substitution_substitute'))
        batch_op.drop_index(batch_op.f('ix_substitution_person'))

    op.drop_table('substitution')
    op.drop_table('exchange_rate')
    op.drop_table('control_terms')
    op.drop_table('budget_version')

    _leave_what_was_there()
    with op.batch_alter_table('budget_override', schema=None) as batch_op:
        batch_op.alter_column('plan_id', existing_type=sa.Uuid(), nullable=False)
        for name in ('version', 'finding', 'reviewed_at', 'reviewed_by', 'reminded_at', 'review_by', 'document_kind', 'kind'):
            batch_op.drop_column(name)

    with op.batch_alter_table('budget_line', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_budget_line_parent_id_budget_line'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_budget_line_cost_centre_cost_centre'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_budget_line_account_period_start_period_end'), type_='unique')
        batch_op.drop_index('ix_budget_line_region_id_category')
        batch_op.drop_index(batch_op.f('ix_budget_line_parent_id'))
        batch_op.create_unique_constraint(
            batch_op.f('uq_budget_line_region_id_category_period_start'), ['region_id', 'category', 'period_start']
        )
        for name in (
            'recovered',
            'recovery',
            'envelope',
            'frozen',
            'parent_id',
            'person',
            'programme',
            'cost_centre',
            'area',
            'account',
        ):
            batch_op.drop_column(name)

    with op.batch_alter_table('budget_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_budget_entry_line_id_id')
        batch_op.drop_index('ix_budget_entry_document')
        batch_op.create_index(batch_op.f('ix_budget_entry_line_id'), ['line_id'], unique=False)
        batch_op.drop_column('day')
        batch_op.drop_column('document_kind')

    op.execute(sa.text("DELETE FROM approval_limit WHERE category <> ''"))
    _make_limits_anew(key=('role',))
    with op.batch_alter_table('cost_centre', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_cost_centre_region_id'))

    op.drop_table('cost_centre')
