"""availability

Revision: 0004, after 0003
"""

from collections import defaultdict
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import blake2b
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from uuid_utils.compat import uuid7

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


_MOVE = sa.table(
    'stock_move',
    *(sa.column(name, sa.Uuid) for name in ('move_id', 'from_cell', 'to_cell', 'reverses')),
    *(sa.column(name, sa.DateTime(timezone=True)) for name in ('moved_at', 'recorded_at')),
    *(sa.column(name) for name in ('id', 'quantity', 'document', 'actor', 'digest')),
)


def _instant(told: datetime) -> str:
    return told.replace(tzinfo=UTC).isoformat() if told.tzinfo is None else told.astimezone(UTC).isoformat()


def _digest(line) -> int:
    """As the ledger makes it."""
    quantity = Fraction(line.quantity, 10**6)
    told = (
        f'{line.move_id.hex} {line.from_cell.hex} {line.to_cell.hex} {quantity.numerator}/{quantity.denominator} '
        f'{line.document} {line.actor} {_instant(line.moved_at)} {_instant(line.recorded_at)} {line.reverses}'
    )
    return int.from_bytes(blake2b(told.encode(), digest_size=8).digest(), 'big') >> 1


def _digest_the_lines() -> None:
    """Give each line its digest, and each balance the sum of the last 32 bits of those of its lines."""
    change = sa.update(_MOVE).where(_MOVE.c.id == sa.bindparam('of')).values(digest=sa.bindparam('told'))
    connection, last = op.get_bind(), 0
    sums: defaultdict[UUID, int] = defaultdict(int)
    told = sa.select(_MOVE).order_by(_MOVE.c.id)
    while lines := connection.execute(told.where(_MOVE.c.id > last).limit(10_000)).all():
        digests = [_digest(line) for line in lines]
        connection.execute(change, [{'of': line.id, 'told': one} for line, one in zip(lines, digests, strict=True)])
        for line, digest in zip(lines, digests, strict=True):
            sums[line.from_cell] += digest & 0xFFFF_FFFF
            sums[line.to_cell] += digest & 0xFFFF_FFFF
        last = lines[-1].id
    balance = sa.table('stock_balance', sa.column('cell', sa.Uuid), sa.column('checksum'))
    keep = sa.update(balance).where(balance.c.cell == sa.bindparam('of')).values(checksum=sa.bindparam('told'))
    if sums:
        connection.execute(keep, [{'of': cell, 'told': one} for cell, one in sums.items()])


_ENTRIES = ('stock_move', 'stock_issue')


def _protect_the_entries() -> None:
    """The databases themselves refuse to change or remove what was posted."""
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            'CREATE OR REPLACE FUNCTION refuse_stock_change() RETURNS trigger LANGUAGE plpgsql AS '
            "$$ BEGIN RAISE EXCEPTION 'what was posted is never changed; reverse it'; END $$"
        )
        for table in _ENTRIES:
            op.execute(
                f'CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} '
                'FOR EACH STATEMENT EXECUTE FUNCTION refuse_stock_change()'
            )
        return
    for table in _ENTRIES:
        for verb in ('UPDATE', 'DELETE'):
            op.execute(
                f'CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} '
                "BEGIN SELECT RAISE(ABORT, 'what was posted is never changed; reverse it'); END"
            )


def _let_go_of_the_entries() -> None:
    for table in _ENTRIES:
        if op.get_bind().dialect.name == 'postgresql':
            op.execute(f'DROP TRIGGER {table}_no_change ON {table}')
        else:
            for verb in ('UPDATE', 'DELETE'):
                op.execute(f'DROP TRIGGER {table}_no_{verb}')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP FUNCTION refuse_stock_change()')


_GIVEN = {
    'stock.approve': ('administrator', 'central_planner', 'finance', 'regional_manager'),
    'stock.count': ('administrator', 'central_planner', 'regional_manager', 'storekeeper'),
    'stock.inspect': ('administrator', 'receiving_inspector'),
    'stock.preempt': ('administrator', 'aog_controller', 'central_planner', 'regional_manager'),
    'stock.reserve': (
        'administrator',
        'aog_controller',
        'central_planner',
        'dispatcher',
        'regional_manager',
        'storekeeper',
    ),
    'stock.sell': ('administrator', 'central_planner', 'receiving_inspector', 'regional_manager'),
}
"""The roles that may do what is new, as delivered."""


_SOURCES = {
    'CAAC': 'CCAR-145 and AC-120-FS-058 (acceptable parts)',
    'EASA': 'Regulation (EU) No 1321/2014, 145.A.42 and its AMC; bilateral agreements of the EU',
    'FAA': '14 CFR 43 and 43.17, AC 20-62; bilateral agreements of the US',
    'TCCA': 'CAR 571.08, 571.13; bilateral agreements of Canada',
    'UK': 'UK Regulation (EU) No 1321/2014, 145.A.42 and its AMC; bilateral agreements of the UK',
}
_CAAC, _EASA, _FAA, _TCCA, _UK = 'caac_aac_038', 'easa_form_1', 'faa_8130_3', 'tcca_form_one', 'uk_form_1'
_COMPONENTS = {
    'CAAC': ([_CAAC, _EASA, _FAA, _TCCA], [_CAAC], [_EASA, _FAA, _TCCA, _UK]),
    'EASA': ([_EASA, _FAA, _TCCA, _UK], [_EASA], [_FAA, _TCCA]),
    'FAA': ([_FAA, _EASA, _TCCA, _UK], [_FAA, _TCCA], [_EASA, _UK]),
    'TCCA': ([_TCCA, _EASA, _FAA, _UK], [_TCCA], [_EASA, _FAA, _UK]),
    'UK': ([_UK, _EASA, _FAA, _TCCA], [_UK], [_EASA, _FAA, _TCCA]),
}
"""By authority the forms that are accepted of new components, of used ones, and of used ones with a dual release."""


def _rules():
    """Yield the acceptance rules as delivered."""
    not_these = ['not eligible for installation', 'prototype']
    for authority, (new, used, dual) in _COMPONENTS.items():
        yield authority, 'component', 'new', new, [], False, not_these
        yield authority, 'component', 'used', used, dual, False, not_these
        for group in ('standard_part', 'material'):
            yield authority, group, 'new', ['conformity'], [], True, []
        for usage in ('new', 'used'):
            yield authority, 'tool', usage, [], [], False, []


def _deliver_rules() -> None:
    rule = sa.table(
        'acceptance_rule',
        sa.column('id', sa.Uuid),
        *(sa.column(name, sa.JSON) for name in ('forms', 'dual_forms', 'excluded_remarks')),
        sa.column('batch_trace', sa.Boolean),
        *(sa.column(name, sa.String) for name in ('code', 'authority', 'part_group', 'usage', 'source', 'edition')),
    )
    rows = [
        {
            'id': uuid7(),
            'code': f'{authority}-{group}-{usage}'.replace('_', '-').upper(),
            'authority': authority,
            'part_group': group,
            'usage': usage,
            'forms': forms,
            'dual_forms': dual,
            'batch_trace': trace,
            'excluded_remarks': remarks,
            'source': _SOURCES[authority],
            'edition': 'delivered default, to be checked against the edition in force',
        }
        for authority, group, usage, forms, dual, trace, remarks in _rules()
    ]
    op.bulk_insert(rule, rows)


def _permit() -> None:
    role = sa.table('role', sa.column('code'))
    held = sa.table('role_permission', sa.column('role'), sa.column('permission'))
    present = set(op.get_bind().scalars(sa.select(role.c.code)))
    rows = [
        {'role': one, 'permission': permission}
        for permission, roles in _GIVEN.items()
        for one in roles
        if one in present
    ]
    if rows:
        op.bulk_insert(held, rows)


def upgrade() -> None:
    op.create_table('acceptance_rule',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=48), nullable=False),
    sa.Column('authority', sa.String(length=48), nullable=False),
    sa.Column('part_group', sa.String(length=32), nullable=False),
    sa.Column('usage', sa.String(length=32), nullable=False),
    sa.Column('forms', sa.JSON(), nullable=False),
    sa.Column('dual_forms', sa.JSON(), nullable=False),
    sa.Column('batch_trace', sa.Boolean(), nullable=False),
    sa.Column('excluded_remarks', sa.JSON(), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('edition', sa.String(length=200), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint('starts_on <= ends_on', name=op.f('ck_acceptance_rule_dates')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_acceptance_rule')),
    sa.UniqueConstraint('code', name=op.f('uq_acceptance_rule_code'))
    )
    with op.batch_alter_table('acceptance_rule', schema=None) as batch_op:
        batch_op.create_index('ix_acceptance_rule_authority_part_group_usage', ['authority', 'part_group', 'usage'], unique=False)

    op.create_table('release_document',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('form', sa.String(length=32), nullable=False),
    sa.Column('tracking_number', sa.String(length=48), nullable=False),
    sa.Column('dated', sa.Date(), nullable=False),
    sa.Column('authority', sa.String(length=48), nullable=False),
    sa.Column('organisation', sa.String(length=200), nullable=False),
    sa.Column('approval', sa.String(length=48), nullable=False),
    sa.Column('signatory', sa.String(length=200), nullable=False),
    sa.Column('releases_under', sa.JSON(), nullable=False),
    sa.Column('status', sa.String(length=32), nullable=False),
    sa.Column('batch', sa.String(length=48), nullable=True),
    sa.Column('remarks', sa.String(length=2000), nullable=False),
    sa.Column('limitations', sa.String(length=2000), nullable=False),
    sa.Column('file_sha256', sa.String(length=64), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_release_document')),
    sa.UniqueConstraint('form', 'tracking_number', 'approval', name=op.f('uq_release_document_form_tracking_number_approval'))
    )
    op.create_table('cost_change',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('part_id', sa.Uuid(), nullable=False),
    sa.Column('move_id', sa.Uuid(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('quantity_before', sa.BigInteger(), nullable=False),
    sa.Column('received', sa.BigInteger(), nullable=False),
    sa.Column('unit_cost', sa.BigInteger(), nullable=False),
    sa.Column('average_before', sa.BigInteger(), nullable=False),
    sa.Column('average', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_cost_change_part_id_part')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cost_change')),
    sa.UniqueConstraint('move_id', name=op.f('uq_cost_change_move_id'))
    )
    with op.batch_alter_table('cost_change', schema=None) as batch_op:
        batch_op.create_index('ix_cost_change_part_id_recorded_at', ['part_id', 'recorded_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_cost_change_recorded_at'), ['recorded_at'], unique=False)

    op.create_table('depreciation_policy',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('part_id', sa.Uuid(), nullable=True),
    sa.Column('part_class', sa.String(length=32), nullable=True),
    sa.Column('life_months', sa.Integer(), nullable=False),
    sa.Column('residual_share', sa.BigInteger(), nullable=False),
    sa.Column('starts', sa.String(length=32), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint('(part_id IS NULL) <> (part_class IS NULL)', name=op.f('ck_depreciation_policy_subject')),
    sa.CheckConstraint('life_months > 0', name=op.f('ck_depreciation_policy_life')),
    sa.CheckConstraint('residual_share BETWEEN 0 AND 1000000', name=op.f('ck_depreciation_policy_residual')),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_depreciation_policy_part_id_part')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_depreciation_policy')),
    sa.UniqueConstraint('part_class', name=op.f('uq_depreciation_policy_part_class')),
    sa.UniqueConstraint('part_id', name=op.f('uq_depreciation_policy_part_id'))
    )
    op.create_table('life_limit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('part_id', sa.Uuid(), nullable=False),
    sa.Column('driver', sa.String(length=32), nullable=False),
    sa.Column('most', sa.BigInteger(), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint('most > 0', name=op.f('ck_life_limit_most')),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_life_limit_part_id_part')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_life_limit')),
    sa.UniqueConstraint('part_id', 'driver', name=op.f('uq_life_limit_part_id_driver'))
    )
    op.create_table('part_cost',
    sa.Column('part_id', sa.Uuid(), nullable=False),
    sa.Column('average', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('average >= 0', name=op.f('ck_part_cost_average')),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_part_cost_part_id_part')),
    sa.PrimaryKeyConstraint('part_id', name=op.f('pk_part_cost'))
    )
    op.create_table('watch_entry',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('value', sa.String(length=200), nullable=False),
    sa.Column('sought', sa.String(length=200), nullable=False),
    sa.Column('part_id', sa.Uuid(), nullable=True),
    sa.Column('reason', sa.String(length=400), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('opened_by', sa.String(length=64), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_by', sa.String(length=64), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closing_reason', sa.String(length=400), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_watch_entry_part_id_part')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_watch_entry'))
    )
    with op.batch_alter_table('watch_entry', schema=None) as batch_op:
        batch_op.create_index('ix_watch_entry_kind_sought', ['kind', 'sought'], unique=False)

    op.create_table('reservation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('cell', sa.Uuid(), nullable=False),
    sa.Column('part_id', sa.Uuid(), nullable=False),
    sa.Column('place_id', sa.Uuid(), nullable=False),
    sa.Column('destination_id', sa.Uuid(), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('stage', sa.String(length=32), nullable=False),
    sa.Column('demand', sa.String(length=64), nullable=False),
    sa.Column('priority', sa.String(length=32), nullable=False),
    sa.Column('contract', sa.String(length=48), nullable=True),
    sa.Column('aircraft', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('reserved_by', sa.String(length=64), nullable=False),
    sa.Column('reserved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_by', sa.String(length=64), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=400), nullable=True),
    sa.Column('consent', sa.String(length=400), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint("quantity > 0 OR state = 'fulfilled'", name=op.f('ck_reservation_quantity')),
    sa.ForeignKeyConstraint(['destination_id'], ['place.id'], name=op.f('fk_reservation_destination_id_place')),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_reservation_part_id_part')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_reservation_place_id_place')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reservation'))
    )
    with op.batch_alter_table('reservation', schema=None) as batch_op:
        batch_op.create_index('ix_reservation_cell_state', ['cell', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_reservation_demand'), ['demand'], unique=False)
        batch_op.create_index(batch_op.f('ix_reservation_destination_id'), ['destination_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_reservation_part_id'), ['part_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_reservation_place_id'), ['place_id'], unique=False)
        batch_op.create_index('ix_reservation_state_expires_at', ['state', 'expires_at'], unique=False)

    op.create_table('stocktake',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('place_id', sa.Uuid(), nullable=False),
    sa.Column('parts', sa.JSON(), nullable=True),
    sa.Column('chapter', sa.String(length=8), nullable=True),
    sa.Column('blind', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('counters', sa.JSON(), nullable=False),
    sa.Column('opened_by', sa.String(length=64), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_by', sa.String(length=64), nullable=True),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(length=64), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=400), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_stocktake_place_id_place')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stocktake')),
    sa.UniqueConstraint('number', name=op.f('uq_stocktake_number'))
    )
    with op.batch_alter_table('stocktake', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stocktake_place_id'), ['place_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_stocktake_state'), ['state'], unique=False)

    op.create_table('asset_addition',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('lot_id', sa.Uuid(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('document', sa.String(length=64), nullable=False),
    sa.Column('added_by', sa.String(length=64), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('amount > 0', name=op.f('ck_asset_addition_amount')),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_asset_addition_lot_id_lot')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_asset_addition'))
    )
    with op.batch_alter_table('asset_addition', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_asset_addition_lot_id'), ['lot_id'], unique=False)

    op.create_table('asset_value',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('lot_id', sa.Uuid(), nullable=False),
    sa.Column('move_id', sa.Uuid(), nullable=False),
    sa.Column('acquired_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cost', sa.BigInteger(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('cost >= 0', name=op.f('ck_asset_value_cost')),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_asset_value_lot_id_lot')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_asset_value')),
    sa.UniqueConstraint('move_id', name=op.f('uq_asset_value_move_id'))
    )
    with op.batch_alter_table('asset_value', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_asset_value_lot_id'), ['lot_id'], unique=False)

    op.create_table('count_line',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('stocktake_id', sa.Uuid(), nullable=False),
    sa.Column('cell', sa.Uuid(), nullable=False),
    sa.Column('part_id', sa.Uuid(), nullable=False),
    sa.Column('place_id', sa.Uuid(), nullable=False),
    sa.Column('condition', sa.String(length=32), nullable=False),
    sa.Column('hold', sa.String(length=32), nullable=False),
    sa.Column('owner', sa.String(length=64), nullable=False),
    sa.Column('lot_id', sa.Uuid(), nullable=False),
    sa.Column('lot', sa.String(length=48), nullable=True),
    sa.Column('book', sa.BigInteger(), nullable=False),
    sa.Column('counted', sa.BigInteger(), nullable=True),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('counted_by', sa.String(length=64), nullable=True),
    sa.Column('variance', sa.BigInteger(), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.Column('recount', sa.Boolean(), nullable=False),
    sa.CheckConstraint('counted >= 0', name=op.f('ck_count_line_counted')),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_count_line_part_id_part')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_count_line_place_id_place')),
    sa.ForeignKeyConstraint(['stocktake_id'], ['stocktake.id'], name=op.f('fk_count_line_stocktake_id_stocktake')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_count_line')),
    sa.UniqueConstraint('stocktake_id', 'cell', name=op.f('uq_count_line_stocktake_id_cell'))
    )
    with op.batch_alter_table('count_line', schema=None) as batch_op:
        batch_op.create_index('ix_count_line_place_id', ['place_id'], unique=False)

    op.create_table('inspection',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('part_id', sa.Uuid(), nullable=False),
    sa.Column('place_id', sa.Uuid(), nullable=False),
    sa.Column('lot_id', sa.Uuid(), nullable=True),
    sa.Column('condition', sa.String(length=32), nullable=False),
    sa.Column('hold', sa.String(length=32), nullable=False),
    sa.Column('owner', sa.String(length=64), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('checks', sa.JSON(), nullable=False),
    sa.Column('accepted', sa.Boolean(), nullable=False),
    sa.Column('to_condition', sa.String(length=32), nullable=False),
    sa.Column('ordered_by', sa.String(length=64), nullable=True),
    sa.Column('document', sa.String(length=64), nullable=False),
    sa.Column('inspector', sa.String(length=64), nullable=False),
    sa.Column('inspected_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('move_id', sa.Uuid(), nullable=True),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_inspection_quantity')),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_inspection_lot_id_lot')),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_inspection_part_id_part')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_inspection_place_id_place')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inspection')),
    sa.UniqueConstraint('move_id', name=op.f('uq_inspection_move_id'))
    )
    with op.batch_alter_table('inspection', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_inspection_lot_id'), ['lot_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_inspection_part_id'), ['part_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_inspection_place_id'), ['place_id'], unique=False)

    op.create_table('lot_document',
    sa.Column('lot_id', sa.Uuid(), nullable=False),
    sa.Column('document_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['release_document.id'], name=op.f('fk_lot_document_document_id_release_document')),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_lot_document_lot_id_lot')),
    sa.PrimaryKeyConstraint('lot_id', 'document_id', name=op.f('pk_lot_document'))
    )
    with op.batch_alter_table('lot_document', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lot_document_document_id'), ['document_id'], unique=False)

    op.create_table('lot_link',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('lot_id', sa.Uuid(), nullable=False),
    sa.Column('other_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('linked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('document', sa.String(length=64), nullable=False),
    sa.CheckConstraint('lot_id <> other_id', name=op.f('ck_lot_link_other')),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_lot_link_lot_id_lot')),
    sa.ForeignKeyConstraint(['other_id'], ['lot.id'], name=op.f('fk_lot_link_other_id_lot')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lot_link')),
    sa.UniqueConstraint('lot_id', 'other_id', 'kind', 'linked_at', name=op.f('uq_lot_link_lot_id_other_id_kind_linked_at'))
    )
    with op.batch_alter_table('lot_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lot_link_other_id'), ['other_id'], unique=False)

    op.create_table('lot_reading',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('lot_id', sa.Uuid(), nullable=False),
    sa.Column('driver', sa.String(length=32), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('since_new', sa.BigInteger(), nullable=False),
    sa.Column('since_overhaul', sa.BigInteger(), nullable=True),
    sa.Column('document', sa.String(length=64), nullable=False),
    sa.CheckConstraint('0 <= since_overhaul AND since_overhaul <= since_new', name=op.f('ck_lot_reading_since')),
    sa.CheckConstraint('since_new >= 0', name=op.f('ck_lot_reading_not_negative')),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_lot_reading_lot_id_lot')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lot_reading')),
    sa.UniqueConstraint('lot_id', 'driver', 'read_at', name=op.f('uq_lot_reading_lot_id_driver_read_at'))
    )
    op.create_table('operator_period',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('lot_id', sa.Uuid(), nullable=False),
    sa.Column('operator', sa.String(length=48), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('hours', sa.BigInteger(), nullable=False),
    sa.Column('cycles', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.String(length=32), nullable=False),
    sa.Column('document', sa.String(length=64), nullable=False),
    sa.CheckConstraint('hours >= 0 AND cycles >= 0', name=op.f('ck_operator_period_not_negative')),
    sa.CheckConstraint('starts_on <= ends_on', name=op.f('ck_operator_period_dates')),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_operator_period_lot_id_lot')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_operator_period')),
    sa.UniqueConstraint('lot_id', 'starts_on', name=op.f('uq_operator_period_lot_id_starts_on'))
    )
    with op.batch_alter_table('stock_balance', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reserved', sa.BigInteger(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('checksum', sa.BigInteger(), server_default='0', nullable=False))
        batch_op.create_check_constraint(batch_op.f('ck_stock_balance_reserved'), '0 <= reserved AND (is_virtual OR reserved <= quantity)')

    with op.batch_alter_table('stock_move', schema=None) as batch_op:
        batch_op.add_column(sa.Column('digest', sa.BigInteger(), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_stock_move_reverses'), type_='unique')
        batch_op.drop_index('ix_stock_move_lot_id')
        batch_op.create_index('ix_stock_move_lot_id', ['lot_id'], unique=False, sqlite_where=sa.text('lot_id IS NOT NULL'), postgresql_where=sa.text('lot_id IS NOT NULL'))
        batch_op.create_index('ix_stock_move_reverses', ['reverses'], unique=True, sqlite_where=sa.text('reverses IS NOT NULL'), postgresql_where=sa.text('reverses IS NOT NULL'))
    _digest_the_lines()
    with op.batch_alter_table('stock_move', schema=None) as batch_op:
        batch_op.alter_column('digest', existing_type=sa.BigInteger(), nullable=False)

    op.create_table('stock_issue',
    sa.Column('move_id', sa.Uuid(), nullable=False),
    sa.Column('place_id', sa.Uuid(), nullable=False),
    sa.Column('aircraft_type', sa.String(length=48), nullable=True),
    sa.Column('aircraft_serial', sa.String(length=48), nullable=True),
    sa.Column('registry_authority', sa.String(length=48), nullable=True),
    sa.Column('operator', sa.String(length=48), nullable=True),
    sa.Column('modifications', sa.JSON(), nullable=False),
    sa.Column('replaces', sa.String(length=48), nullable=True),
    sa.Column('without_aircraft', sa.String(length=200), nullable=True),
    sa.CheckConstraint('(aircraft_type IS NULL) = (without_aircraft IS NOT NULL)', name=op.f('ck_stock_issue_aircraft_or_reason')),
    sa.ForeignKeyConstraint(['move_id'], ['stock_move.move_id'], name=op.f('fk_stock_issue_move_id_stock_move')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_stock_issue_place_id_place')),
    sa.PrimaryKeyConstraint('move_id', name=op.f('pk_stock_issue'))
    )
    with op.batch_alter_table('stock_issue', schema=None) as batch_op:
        batch_op.create_index('ix_stock_issue_aircraft_serial', ['aircraft_serial'], unique=False, sqlite_where=sa.text('aircraft_serial IS NOT NULL'), postgresql_where=sa.text('aircraft_serial IS NOT NULL'))

    _protect_the_entries()
    _permit()
    _deliver_rules()
    fact = sa.table('installation_fact', sa.column('name'), sa.column('value'))
    op.bulk_insert(fact, [{'name': 'lanes_revision', 'value': uuid7().hex}])


def downgrade() -> None:
    op.execute("DELETE FROM installation_fact WHERE name = 'lanes_revision'")
    held = sa.table('role_permission', sa.column('permission'))
    op.execute(held.delete().where(held.c.permission.in_(sorted(_GIVEN))))
    _let_go_of_the_entries()
    with op.batch_alter_table('stock_issue', schema=None) as batch_op:
        batch_op.drop_index('ix_stock_issue_aircraft_serial', sqlite_where=sa.text('aircraft_serial IS NOT NULL'), postgresql_where=sa.text('aircraft_serial IS NOT NULL'))

    op.drop_table('stock_issue')
    with op.batch_alter_table('stock_move', schema=None) as batch_op:
        batch_op.drop_index('ix_stock_move_reverses', sqlite_where=sa.text('reverses IS NOT NULL'), postgresql_where=sa.text('reverses IS NOT NULL'))
        batch_op.create_unique_constraint(batch_op.f('uq_stock_move_reverses'), ['reverses'])
        batch_op.drop_index('ix_stock_move_lot_id')
        batch_op.create_index('ix_stock_move_lot_id', ['lot_id'], unique=False)
        batch_op.drop_column('digest')

    with op.batch_alter_table('stock_balance', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_stock_balance_reserved'), type_='check')
        batch_op.drop_column('checksum')
        batch_op.drop_column('reserved')

    op.drop_table('operator_period')
    op.drop_table('lot_reading')
    with op.batch_alter_table('lot_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_lot_link_other_id'))

    op.drop_table('lot_link')
    with op.batch_alter_table('lot_document', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_lot_document_document_id'))

    op.drop_table('lot_document')
    with op.batch_alter_table('inspection', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_inspection_place_id'))
        batch_op.drop_index(batch_op.f('ix_inspection_part_id'))
        batch_op.drop_index(batch_op.f('ix_inspection_lot_id'))

    op.drop_table('inspection')
    with op.batch_alter_table('count_line', schema=None) as batch_op:
        batch_op.drop_index('ix_count_line_place_id')

    op.drop_table('count_line')
    with op.batch_alter_table('asset_value', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_asset_value_lot_id'))

    op.drop_table('asset_value')
    with op.batch_alter_table('asset_addition', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_asset_addition_lot_id'))

    op.drop_table('asset_addition')
    with op.batch_alter_table('stocktake', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stocktake_state'))
        batch_op.drop_index(batch_op.f('ix_stocktake_place_id'))

    op.drop_table('stocktake')
    with op.batch_alter_table('reservation', schema=None) as batch_op:
        batch_op.drop_index('ix_reservation_state_expires_at')
        batch_op.drop_index(batch_op.f('ix_reservation_place_id'))
        batch_op.drop_index(batch_op.f('ix_reservation_part_id'))
        batch_op.drop_index(batch_op.f('ix_reservation_destination_id'))
        batch_op.drop_index(batch_op.f('ix_reservation_demand'))
        batch_op.drop_index('ix_reservation_cell_state')

    op.drop_table('reservation')
    with op.batch_alter_table('watch_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_watch_entry_kind_sought')

    op.drop_table('watch_entry')
    op.drop_table('part_cost')
    op.drop_table('life_limit')
    op.drop_table('depreciation_policy')
    with op.batch_alter_table('cost_change', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_cost_change_recorded_at'))
        batch_op.drop_index('ix_cost_change_part_id_recorded_at')

    op.drop_table('cost_change')
    op.drop_table('release_document')
    with op.batch_alter_table('acceptance_rule', schema=None) as batch_op:
        batch_op.drop_index('ix_acceptance_rule_authority_part_group_usage')

    op.drop_table('acceptance_rule')
