"""inventory core

Revision: 0003, after 0002
"""

import uuid

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def _cell(part, place, condition) -> uuid.UUID:
    """The key of a cell without hold and number, of our own: as the ledger makes it."""
    return uuid.uuid5(part, f'{place.hex} {condition} none own {uuid.UUID(int=0).hex}')


_MOVE = sa.table(
    'stock_move',
    *(sa.column(name, sa.Uuid) for name in ('part_id', 'from_place_id', 'to_place_id', 'from_cell', 'to_cell')),
    *(sa.column(name) for name in ('id', 'condition', 'to_condition', 'hold', 'owner', 'lot_id', 'quantity')),
)


def _number_the_cells() -> None:
    """Each move says from which cell to which it went; there were no holds, owners and numbers before."""
    change = (
        sa.update(_MOVE)
        .where(_MOVE.c.id == sa.bindparam('of'))
        .values(from_cell=sa.bindparam('taken'), to_cell=sa.bindparam('given'))
    )
    connection, last = op.get_bind(), 0
    told = sa.select(
        _MOVE.c.id, _MOVE.c.part_id, _MOVE.c.from_place_id, _MOVE.c.to_place_id, _MOVE.c.condition
    ).order_by(_MOVE.c.id)
    while rows := connection.execute(told.where(_MOVE.c.id > last).limit(10_000)).all():
        connection.execute(
            change,
            [
                {'of': key, 'taken': _cell(part, origin, condition), 'given': _cell(part, destination, condition)}
                for key, part, origin, destination, condition in rows
            ],
        )
        last = rows[-1].id


_HELD = (
    sa.table('place', sa.column('id', sa.Uuid), sa.column('tier')),
    ('supplier', 'customer', 'repair_shop', 'in_transit', 'scrap', 'adjustment'),
)


def _sums():
    """Return {(part, place, condition): what the moves add up to} and the places without shelf."""
    connection = op.get_bind()
    place, virtual = _HELD
    sums = {}
    for end, sign in ((_MOVE.c.from_place_id, -1), (_MOVE.c.to_place_id, 1)):
        net = sa.select(_MOVE.c.part_id, end, _MOVE.c.condition, sa.func.sum(_MOVE.c.quantity))
        for part, where, condition, moved in connection.execute(net.group_by(_MOVE.c.part_id, end, _MOVE.c.condition)):
            sums[part, where, condition] = sums.get((part, where, condition), 0) + sign * int(moved)
    return sums, set(connection.scalars(sa.select(place.c.id).where(place.c.tier.in_(virtual))))


def _fill_balances() -> None:
    sums, virtual = _sums()
    balance = sa.table(
        'stock_balance',
        *(sa.column(name, sa.Uuid) for name in ('cell', 'part_id', 'place_id', 'lot_id')),
        *(sa.column(name) for name in ('condition', 'hold', 'owner', 'quantity', 'is_virtual')),
    )
    rows = [
        {
            'cell': _cell(part, place, condition),
            'part_id': part,
            'place_id': place,
            'condition': condition,
            'hold': 'none',
            'owner': 'own',
            'lot_id': uuid.UUID(int=0),
            'quantity': quantity,
            'is_virtual': place in virtual,
        }
        for (part, place, condition), quantity in sums.items()
    ]
    if rows:
        op.bulk_insert(balance, rows)


def _refuse_what_cannot_go_back() -> None:
    newer = sa.or_(
        _MOVE.c.hold != 'none',
        _MOVE.c.owner != 'own',
        _MOVE.c.lot_id.is_not(None),
        _MOVE.c.condition != _MOVE.c.to_condition,
        _MOVE.c.condition.not_in(('serviceable', 'unserviceable')),
        _MOVE.c.from_place_id == _MOVE.c.to_place_id,
    )
    if op.get_bind().scalar(sa.select(sa.func.count()).select_from(_MOVE).where(newer)):
        raise RuntimeError('The ledger holds moves that the older schema cannot tell; restore a backup instead')


def _empty_old_balances() -> None:
    sums, virtual = _sums()
    balance = sa.table(
        'stock_balance',
        *(sa.column(name, sa.Uuid) for name in ('part_id', 'place_id')),
        *(sa.column(name) for name in ('condition', 'quantity', 'is_virtual')),
    )
    rows = [
        {'part_id': part, 'place_id': place, 'condition': condition, 'quantity': held, 'is_virtual': place in virtual}
        for (part, place, condition), held in sums.items()
    ]
    if rows:
        op.bulk_insert(balance, rows)


def upgrade() -> None:
    op.create_table('calendar',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=48), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar')),
    sa.UniqueConstraint('code', name=op.f('uq_calendar_code'))
    )
    op.create_table('calendar_closure',
    sa.Column('calendar_id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['calendar_id'], ['calendar.id'], name=op.f('fk_calendar_closure_calendar_id_calendar')),
    sa.PrimaryKeyConstraint('calendar_id', 'day', name=op.f('pk_calendar_closure'))
    )
    op.create_table('calendar_hours',
    sa.Column('calendar_id', sa.Uuid(), nullable=False),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('opens_min', sa.Integer(), nullable=False),
    sa.Column('closes_min', sa.Integer(), nullable=False),
    sa.CheckConstraint('0 <= opens_min AND opens_min < closes_min AND closes_min <= 1440', name=op.f('ck_calendar_hours_interval')),
    sa.CheckConstraint('weekday BETWEEN 1 AND 7', name=op.f('ck_calendar_hours_weekday')),
    sa.ForeignKeyConstraint(['calendar_id'], ['calendar.id'], name=op.f('fk_calendar_hours_calendar_id_calendar')),
    sa.PrimaryKeyConstraint('calendar_id', 'weekday', 'opens_min', name=op.f('pk_calendar_hours'))
    )
    op.create_table('in_store_action',
    sa.Column('part_id', sa.Uuid(), nullable=False),
    sa.Column('action', sa.String(length=200), nullable=False),
    sa.Column('every_days', sa.Integer(), nullable=False),
    sa.CheckConstraint('every_days > 0', name=op.f('ck_in_store_action_every')),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_in_store_action_part_id_part')),
    sa.PrimaryKeyConstraint('part_id', 'action', name=op.f('pk_in_store_action'))
    )
    op.create_table('interchange',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('part_id', sa.Uuid(), nullable=False),
    sa.Column('alternative_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('effectivity', sa.JSON(), nullable=False),
    sa.Column('modifications', sa.JSON(), nullable=False),
    sa.Column('ship_set', sa.Boolean(), nullable=False),
    sa.Column('needs_acceptance', sa.Boolean(), nullable=False),
    sa.Column('accepted_by', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint('part_id <> alternative_id', name=op.f('ck_interchange_other')),
    sa.CheckConstraint('starts_on <= ends_on', name=op.f('ck_interchange_dates')),
    sa.ForeignKeyConstraint(['alternative_id'], ['part.id'], name=op.f('fk_interchange_alternative_id_part')),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_interchange_part_id_part')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_interchange')),
    sa.UniqueConstraint('part_id', 'alternative_id', 'kind', 'source', name=op.f('uq_interchange_part_id_alternative_id_kind_source'))
    )
    with op.batch_alter_table('interchange', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_interchange_alternative_id'), ['alternative_id'], unique=False)

    op.create_table('part_component',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('assembly_id', sa.Uuid(), nullable=False),
    sa.Column('component_id', sa.Uuid(), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.String(length=48), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint('assembly_id <> component_id', name=op.f('ck_part_component_other')),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_part_component_quantity')),
    sa.ForeignKeyConstraint(['assembly_id'], ['part.id'], name=op.f('fk_part_component_assembly_id_part')),
    sa.ForeignKeyConstraint(['component_id'], ['part.id'], name=op.f('fk_part_component_component_id_part')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_part_component')),
    sa.UniqueConstraint('assembly_id', 'component_id', 'position', name=op.f('uq_part_component_assembly_id_component_id_position'))
    )
    with op.batch_alter_table('part_component', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_part_component_component_id'), ['component_id'], unique=False)

    op.create_table('part_text',
    sa.Column('part_id', sa.Uuid(), nullable=False),
    sa.Column('language', sa.String(length=16), nullable=False),
    sa.Column('description', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_part_text_part_id_part')),
    sa.PrimaryKeyConstraint('part_id', 'language', name=op.f('pk_part_text'))
    )
    op.create_table('lot',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('part_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(length=48), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('made_on', sa.Date(), nullable=True),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('place_id', sa.Uuid(), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_lot_part_id_part')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_lot_place_id_place')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lot')),
    sa.UniqueConstraint('part_id', 'number', name=op.f('uq_lot_part_id_number'))
    )
    with op.batch_alter_table('lot', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lot_number'), ['number'], unique=False)
        batch_op.create_index(batch_op.f('ix_lot_place_id'), ['place_id'], unique=False)

    op.create_table('source',
    sa.Column('place_id', sa.Uuid(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('place_id <> source_id', name=op.f('ck_source_other')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_source_place_id_place')),
    sa.ForeignKeyConstraint(['source_id'], ['place.id'], name=op.f('fk_source_source_id_place')),
    sa.PrimaryKeyConstraint('place_id', 'sequence', name=op.f('pk_source')),
    sa.UniqueConstraint('place_id', 'source_id', name=op.f('uq_source_place_id_source_id'))
    )
    op.create_table('lane_leg',
    sa.Column('lane_id', sa.Uuid(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('median_s', sa.Integer(), nullable=False),
    sa.Column('p90_s', sa.Integer(), nullable=False),
    sa.Column('calendar_id', sa.Uuid(), nullable=True),
    sa.Column('cut_off_min', sa.Integer(), nullable=True),
    sa.Column('zone', sa.String(length=32), nullable=False),
    sa.CheckConstraint('0 <= median_s AND median_s <= p90_s', name=op.f('ck_lane_leg_duration')),
    sa.CheckConstraint('cut_off_min BETWEEN 0 AND 1440', name=op.f('ck_lane_leg_cut_off')),
    sa.ForeignKeyConstraint(['calendar_id'], ['calendar.id'], name=op.f('fk_lane_leg_calendar_id_calendar')),
    sa.ForeignKeyConstraint(['lane_id'], ['lane.id'], name=op.f('fk_lane_leg_lane_id_lane')),
    sa.PrimaryKeyConstraint('lane_id', 'sequence', name=op.f('pk_lane_leg'))
    )
    with op.batch_alter_table('lane', schema=None) as batch_op:
        batch_op.add_column(sa.Column('dg_allowed', sa.String(length=32), server_default='none', nullable=False))
        batch_op.add_column(sa.Column('max_weight_kg', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('active', sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.create_check_constraint(op.f('ck_lane_weight'), 'max_weight_kg > 0')
    with op.batch_alter_table('lane', schema=None) as batch_op:
        for column in ('dg_allowed', 'active'):
            batch_op.alter_column(column, server_default=None)

    with op.batch_alter_table('part', schema=None) as batch_op:
        batch_op.add_column(sa.Column('mel_category', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('mel_interval_days', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('tracking', sa.String(length=32), server_default='none', nullable=False))
        batch_op.add_column(sa.Column('shelf_life_days', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('minimum_order_quantity', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('pack_quantity', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('length_mm', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('width_mm', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('height_mm', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('dg_limit', sa.String(length=32), server_default='none', nullable=False))
        batch_op.add_column(sa.Column('dg_class', sa.String(length=4), nullable=True))
        batch_op.add_column(sa.Column('packing_instruction', sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column('dg_quantity_per_package', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('hs_code', sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column('origin_country', sa.String(length=2), nullable=True))
        batch_op.add_column(sa.Column('export_classification', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))

    # what is counted by number, and what may fly, was not told before; nobody has said that a dangerous good may
    op.execute("UPDATE part SET tracking = 'serial' WHERE part_class IN ('rotable', 'repairable')")
    op.execute("UPDATE part SET dg_limit = 'unknown' WHERE un_number IS NOT NULL")
    with op.batch_alter_table('part', schema=None) as batch_op:
        for column in ('tracking', 'dg_limit'):
            batch_op.alter_column(column, server_default=None)

    with op.batch_alter_table('place', schema=None) as batch_op:
        batch_op.add_column(sa.Column('calendar_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
        batch_op.create_foreign_key(batch_op.f('fk_place_calendar_id_calendar'), 'calendar', ['calendar_id'], ['id'])

    with op.batch_alter_table('stock_move', schema=None) as batch_op:
        batch_op.add_column(sa.Column('lot_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('from_cell', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('to_cell', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('to_condition', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('hold', sa.String(length=32), server_default='none', nullable=False))
        batch_op.add_column(sa.Column('to_hold', sa.String(length=32), server_default='none', nullable=False))
        batch_op.add_column(sa.Column('owner', sa.String(length=64), server_default='own', nullable=False))
        batch_op.add_column(sa.Column('to_owner', sa.String(length=64), server_default='own', nullable=False))
        batch_op.add_column(sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('reverses', sa.Uuid(), nullable=True))
    op.execute('UPDATE stock_move SET to_condition = condition, recorded_at = moved_at')
    _number_the_cells()
    with op.batch_alter_table('stock_move', schema=None) as batch_op:
        for column in ('from_cell', 'to_cell', 'to_condition', 'recorded_at'):
            batch_op.alter_column(column, nullable=False)
        for column in ('hold', 'to_hold', 'owner', 'to_owner'):
            batch_op.alter_column(column, server_default=None)
        batch_op.drop_constraint(op.f('ck_stock_move_places_differ'), type_='check')
        batch_op.create_check_constraint(op.f('ck_stock_move_cells_differ'), 'from_cell <> to_cell')
        batch_op.create_check_constraint(op.f('ck_stock_move_not_ahead'), 'moved_at <= recorded_at')
        batch_op.create_unique_constraint(op.f('uq_stock_move_reverses'), ['reverses'])
        batch_op.create_foreign_key(op.f('fk_stock_move_lot_id_lot'), 'lot', ['lot_id'], ['id'])
        batch_op.drop_index(op.f('ix_stock_move_part_id_condition'))
        batch_op.create_index('ix_stock_move_from_cell_moved_at', ['from_cell', 'moved_at'], unique=False)
        batch_op.create_index('ix_stock_move_to_cell_moved_at', ['to_cell', 'moved_at'], unique=False)
        batch_op.create_index('ix_stock_move_lot_id', ['lot_id'], unique=False)
        batch_op.create_index(op.f('ix_stock_move_part_id'), ['part_id'], unique=False)

    op.drop_table('stock_balance')
    op.create_table(
        'stock_balance',
        sa.Column('cell', sa.Uuid(), nullable=False),
        sa.Column('part_id', sa.Uuid(), nullable=False),
        sa.Column('place_id', sa.Uuid(), nullable=False),
        sa.Column('condition', sa.String(length=32), nullable=False),
        sa.Column('hold', sa.String(length=32), nullable=False),
        sa.Column('owner', sa.String(length=64), nullable=False),
        sa.Column('lot_id', sa.Uuid(), nullable=False),
        sa.Column('quantity', sa.BigInteger(), nullable=False),
        sa.Column('is_virtual', sa.Boolean(), nullable=False),
        sa.CheckConstraint('is_virtual OR quantity >= 0', name=op.f('ck_stock_balance_never_negative')),
        sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_stock_balance_part_id_part')),
        sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_stock_balance_place_id_place')),
        sa.PrimaryKeyConstraint('cell', name=op.f('pk_stock_balance')),
    )
    with op.batch_alter_table('stock_balance', schema=None) as batch_op:
        batch_op.create_index('ix_stock_balance_place_id_part_id', ['place_id', 'part_id'], unique=False)
        batch_op.create_index('ix_stock_balance_part_id', ['part_id'], unique=False)
    _fill_balances()


def downgrade() -> None:
    _refuse_what_cannot_go_back()
    op.drop_table('stock_balance')
    op.create_table(
        'stock_balance',
        sa.Column('part_id', sa.Uuid(), nullable=False),
        sa.Column('place_id', sa.Uuid(), nullable=False),
        sa.Column('condition', sa.String(length=32), nullable=False),
        sa.Column('quantity', sa.BigInteger(), nullable=False),
        sa.Column('is_virtual', sa.Boolean(), nullable=False),
        sa.CheckConstraint('is_virtual OR quantity >= 0', name=op.f('ck_stock_balance_never_negative')),
        sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_stock_balance_part_id_part')),
        sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_stock_balance_place_id_place')),
        sa.PrimaryKeyConstraint('part_id', 'place_id', 'condition', name=op.f('pk_stock_balance')),
    )
    with op.batch_alter_table('stock_balance', schema=None) as batch_op:
        batch_op.create_index('ix_stock_balance_place_id', ['place_id'], unique=False)
    _empty_old_balances()
    with op.batch_alter_table('stock_move', schema=None) as batch_op:
        batch_op.drop_index(op.f('ix_stock_move_part_id'))
        batch_op.drop_index('ix_stock_move_lot_id')
        batch_op.drop_index('ix_stock_move_to_cell_moved_at')
        batch_op.drop_index('ix_stock_move_from_cell_moved_at')
        batch_op.drop_constraint(op.f('fk_stock_move_lot_id_lot'), type_='foreignkey')
        batch_op.drop_constraint(op.f('uq_stock_move_reverses'), type_='unique')
        batch_op.drop_constraint(op.f('ck_stock_move_not_ahead'), type_='check')
        batch_op.drop_constraint(op.f('ck_stock_move_cells_differ'), type_='check')
        batch_op.create_check_constraint(op.f('ck_stock_move_places_differ'), 'from_place_id <> to_place_id')
        for column in (
            'reverses',
            'recorded_at',
            'to_owner',
            'owner',
            'to_hold',
            'hold',
            'to_condition',
            'to_cell',
            'from_cell',
            'lot_id',
        ):
            batch_op.drop_column(column)
        batch_op.create_index('ix_stock_move_part_id_condition', ['part_id', 'condition'], unique=False)

    with op.batch_alter_table('place', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_place_calendar_id_calendar'), type_='foreignkey')
        batch_op.drop_column('version')
        batch_op.drop_column('calendar_id')

    with op.batch_alter_table('part', schema=None) as batch_op:
        batch_op.drop_column('version')
        batch_op.drop_column('export_classification')
        batch_op.drop_column('origin_country')
        batch_op.drop_column('hs_code')
        batch_op.drop_column('dg_quantity_per_package')
        batch_op.drop_column('packing_instruction')
        batch_op.drop_column('dg_class')
        batch_op.drop_column('dg_limit')
        batch_op.drop_column('height_mm')
        batch_op.drop_column('width_mm')
        batch_op.drop_column('length_mm')
        batch_op.drop_column('pack_quantity')
        batch_op.drop_column('minimum_order_quantity')
        batch_op.drop_column('shelf_life_days')
        batch_op.drop_column('tracking')
        batch_op.drop_column('mel_interval_days')
        batch_op.drop_column('mel_category')

    with op.batch_alter_table('lane', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_lane_weight'), type_='check')
        batch_op.drop_column('active')
        batch_op.drop_column('max_weight_kg')
        batch_op.drop_column('dg_allowed')

    op.drop_table('lane_leg')
    op.drop_table('source')
    with op.batch_alter_table('lot', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_lot_place_id'))
        batch_op.drop_index(batch_op.f('ix_lot_number'))

    op.drop_table('lot')
    op.drop_table('part_text')
    with op.batch_alter_table('part_component', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_part_component_component_id'))

    op.drop_table('part_component')
    with op.batch_alter_table('interchange', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_interchange_alternative_id'))

    op.drop_table('interchange')
    op.drop_table('in_store_action')
    op.drop_table('calendar_hours')
    op.drop_table('calendar_closure')
    op.drop_table('calendar')
