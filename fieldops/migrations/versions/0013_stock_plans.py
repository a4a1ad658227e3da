"""what aircraft were used, what is known of the removals of parts, and plans of stock targets

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

_WEIGHTS = (
    ('NO_GO', '', 0, 1.0, 1.0),
    ('GO_IF', '', 10, 1.0, 0.02),
    ('GO_IF', 'A', None, 1.0, 0.02),
    ('GO_IF', 'B', 3, 1.0, 0.02),
    ('GO_IF', 'C', 10, 1.0, 0.02),
    ('GO_IF', 'D', 120, 1.0, 0.02),
    ('GO', '', None, 0.02, 0.02),
)
"""Essentiality, MEL category, days that it may be missing, consequence and least weight."""
_TIERS = (
    'central',
    'regional',
    'centre',
    'outlet',
    'kit',
    'supplier',
    'customer',
    'repair_shop',
    'in_transit',
    'scrap',
    'adjustment',
)


def upgrade() -> None:
    op.create_table(
        'utilisation',
        sa.Column('place_id', sa.Uuid(), nullable=False),
        sa.Column('aircraft_type', sa.String(length=48), nullable=False),
        sa.Column('tail', sa.String(length=48), nullable=False),
        sa.Column('month', sa.Date(), nullable=False),
        sa.Column('flight_hours', sa.BigInteger(), nullable=False),
        sa.Column('cycles', sa.BigInteger(), nullable=False),
        sa.Column('landings', sa.BigInteger(), nullable=False),
        sa.Column('apu_hours', sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            'flight_hours >= 0 AND cycles >= 0 AND landings >= 0 AND apu_hours >= 0',
            name=op.f('ck_utilisation_never_negative'),
        ),
        sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_utilisation_place_id_place')),
        sa.PrimaryKeyConstraint('place_id', 'aircraft_type', 'tail', 'month', name=op.f('pk_utilisation')),
    )
    op.create_index(op.f('ix_utilisation_month'), 'utilisation', ['month'], unique=False)
    op.create_table(
        'part_reliability',
        sa.Column('part_id', sa.Uuid(), nullable=False),
        sa.Column('no_fault_found_share', sa.BigInteger(), nullable=False),
        sa.Column('condemned_share', sa.BigInteger(), nullable=False),
        sa.Column('repair_tier', sa.Enum(*_TIERS, name='tier', native_enum=False, length=32), nullable=True),
        sa.Column('bench_days', sa.BigInteger(), nullable=True),
        sa.Column('source', sa.String(length=200), nullable=False),
        sa.CheckConstraint('bench_days > 0', name=op.f('ck_part_reliability_bench_days')),
        sa.CheckConstraint(
            'no_fault_found_share BETWEEN 0 AND 1000000', name=op.f('ck_part_reliability_no_fault_found')
        ),
        sa.CheckConstraint('condemned_share BETWEEN 0 AND 1000000', name=op.f('ck_part_reliability_condemned')),
        sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_part_reliability_part_id_part')),
        sa.PrimaryKeyConstraint('part_id', name=op.f('pk_part_reliability')),
    )
    op.create_table(
        'part_fit',
        sa.Column('part_id', sa.Uuid(), nullable=False),
        sa.Column('aircraft_type', sa.String(length=48), nullable=False),
        sa.Column('quantity', sa.Integer(), nullable=False),
        sa.CheckConstraint('quantity > 0', name=op.f('ck_part_fit_quantity')),
        sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_part_fit_part_id_part')),
        sa.PrimaryKeyConstraint('part_id', 'aircraft_type', name=op.f('pk_part_fit')),
    )
    op.create_table(
        'repair_need',
        sa.Column('unit_id', sa.Uuid(), nullable=False),
        sa.Column('part_id', sa.Uuid(), nullable=False),
        sa.Column('share', sa.BigInteger(), nullable=False),
        sa.CheckConstraint('share > 0 AND share <= 1000000', name=op.f('ck_repair_need_share')),
        sa.CheckConstraint('unit_id <> part_id', name=op.f('ck_repair_need_other')),
        sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_repair_need_part_id_part')),
        sa.ForeignKeyConstraint(['unit_id'], ['part.id'], name=op.f('fk_repair_need_unit_id_part')),
        sa.PrimaryKeyConstraint('unit_id', 'part_id', name=op.f('pk_repair_need')),
    )
    op.create_table(
        'repair_bench',
        sa.Column('place_id', sa.Uuid(), nullable=False),
        sa.Column('chapter', sa.String(length=2), nullable=False),
        sa.Column('benches', sa.Integer(), nullable=False),
        sa.Column('source', sa.String(length=200), nullable=False),
        sa.CheckConstraint('benches > 0', name=op.f('ck_repair_bench_benches')),
        sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_repair_bench_place_id_place')),
        sa.PrimaryKeyConstraint('place_id', 'chapter', name=op.f('pk_repair_bench')),
    )
    weights = op.create_table(
        'stocking_weight',
        sa.Column(
            'essentiality',
            sa.Enum('NO_GO', 'GO_IF', 'GO', name='essentiality', native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column('mel_category', sa.String(length=1), nullable=False),
        sa.Column('interval_days', sa.Integer(), nullable=True),
        sa.Column('consequence', sa.BigInteger(), nullable=False),
        sa.Column('least', sa.BigInteger(), nullable=False),
        sa.Column('authority', sa.String(length=48), nullable=False),
        sa.Column('edition', sa.String(length=48), nullable=False),
        sa.Column('source', sa.String(length=200), nullable=False),
        sa.CheckConstraint('interval_days >= 0', name=op.f('ck_stocking_weight_interval')),
        sa.CheckConstraint('consequence >= 0 AND least >= 0', name=op.f('ck_stocking_weight_never_negative')),
        sa.PrimaryKeyConstraint('essentiality', 'mel_category', name=op.f('pk_stocking_weight')),
    )
    op.bulk_insert(
        weights,
        [
            {
                'essentiality': essentiality,
                'mel_category': category,
                'interval_days': days,
                'consequence': round(consequence * 10**6),
                'least': round(least * 10**6),
                'authority': 'ANY',
                'edition': 'unchecked',
                'source': 'Delivered with the product: usual MEL repair intervals; check against your MEL',
            }
            for essentiality, category, days, consequence, least in _WEIGHTS
        ],
    )
    op.create_table(
        'target_plan',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('number', sa.String(length=24), nullable=False),
        sa.Column('region', sa.String(length=48), nullable=False),
        sa.Column('currency', sa.String(length=3), nullable=False),
        sa.Column('input_hash', sa.String(length=64), nullable=False),
        sa.Column('made_with', sa.String(length=32), nullable=False),
        sa.Column('document', sa.JSON(), nullable=False),
        sa.Column('made_by', sa.String(length=64), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('version', sa.Integer(), server_default='1', nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_target_plan')),
        sa.UniqueConstraint('number', name=op.f('uq_target_plan_number')),
    )
    op.create_index(op.f('ix_target_plan_region'), 'target_plan', ['region'], unique=False)
    op.create_table(
        'target_acceptance',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('plan_id', sa.Uuid(), nullable=False),
        sa.Column('region', sa.String(length=48), nullable=False),
        sa.Column('reverses', sa.Uuid(), nullable=True),
        sa.Column('lines', sa.Integer(), nullable=False),
        sa.Column('reason', sa.String(length=400), nullable=True),
        sa.Column('made_by', sa.String(length=64), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['plan_id'], ['target_plan.id'], name=op.f('fk_target_acceptance_plan_id_target_plan')
        ),
        sa.ForeignKeyConstraint(
            ['reverses'], ['target_acceptance.id'], name=op.f('fk_target_acceptance_reverses_target_acceptance')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_target_acceptance')),
        sa.UniqueConstraint('reverses', name=op.f('uq_target_acceptance_reverses')),
    )
    op.create_index(op.f('ix_target_acceptance_plan_id'), 'target_acceptance', ['plan_id'], unique=False)
    op.create_table(
        'target_plan_simulation',
        sa.Column('plan_id', sa.Uuid(), nullable=False),
        sa.Column('plan_version', sa.Integer(), nullable=False),
        sa.Column('document', sa.JSON(), nullable=False),
        sa.Column('made_by', sa.String(length=64), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['plan_id'], ['target_plan.id'], name=op.f('fk_target_plan_simulation_plan_id_target_plan')
        ),
        sa.PrimaryKeyConstraint('plan_id', name=op.f('pk_target_plan_simulation')),
    )
    op.create_table(
        'target_acceptance_line',
        sa.Column('acceptance_id', sa.Uuid(), nullable=False),
        sa.Column('part_id', sa.Uuid(), nullable=False),
        sa.Column('place_id', sa.Uuid(), nullable=False),
        sa.Column('before', sa.BigInteger(), nullable=False),
        sa.Column('after', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ['acceptance_id'],
            ['target_acceptance.id'],
            name=op.f('fk_target_acceptance_line_acceptance_id_target_acceptance'),
        ),
        sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_target_acceptance_line_part_id_part')),
        sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_target_acceptance_line_place_id_place')),
        sa.PrimaryKeyConstraint('acceptance_id', 'part_id', 'place_id', name=op.f('pk_target_acceptance_line')),
    )
    op.create_table(
        'target_plan_line',
        sa.Column('plan_id', sa.Uuid(), nullable=False),
        sa.Column('part_id', sa.Uuid(), nullable=False),
        sa.Column('place_id', sa.Uuid(), nullable=False),
        sa.Column('before', sa.BigInteger(), nullable=False),
        sa.Column('after', sa.BigInteger(), nullable=False),
        sa.Column('price', sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.Double(), nullable=False)
            for name in (
                'weight',
                'per_day',
                'waits_before',
                'waits_after',
                'fill_before',
                'fill_after',
                'worth',
            )
        ),
        sa.Column('override', sa.BigInteger(), nullable=True),
        sa.Column('override_reason', sa.String(length=400), nullable=True),
        sa.Column('override_by', sa.String(length=64), nullable=True),
        sa.Column('override_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('override_waits', sa.Double(), nullable=True),
        sa.Column('acceptance_id', sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            '"before" >= 0 AND "after" >= 0 AND override >= 0', name=op.f('ck_target_plan_line_never_negative')
        ),
        sa.CheckConstraint(
            '(override IS NULL) = (override_reason IS NULL)', name=op.f('ck_target_plan_line_override')
        ),
        sa.ForeignKeyConstraint(
            ['acceptance_id'],
            ['target_acceptance.id'],
            name=op.f('fk_target_plan_line_acceptance_id_target_acceptance'),
        ),
        sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_target_plan_line_part_id_part')),
        sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_target_plan_line_place_id_place')),
        sa.ForeignKeyConstraint(['plan_id'], ['target_plan.id'], name=op.f('fk_target_plan_line_plan_id_target_plan')),
        sa.PrimaryKeyConstraint('plan_id', 'part_id', 'place_id', name=op.f('pk_target_plan_line')),
    )
    op.create_index(op.f('ix_target_plan_line_place_id'), 'target_plan_line', ['place_id'], unique=False)
    op.create_table(
        'target_plan_note',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('plan_id', sa.Uuid(), nullable=False),
        sa.Column('reason', sa.String(length=32), nullable=False),
        sa.Column('part_id', sa.Uuid(), nullable=True),
        sa.Column('place_id', sa.Uuid(), nullable=True),
        sa.Column('lines', sa.Integer(), nullable=False),
        sa.Column('days', sa.Double(), nullable=True),
        sa.Column('worth', sa.BigInteger(), nullable=True),
        sa.Column('other_id', sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(['other_id'], ['part.id'], name=op.f('fk_target_plan_note_other_id_part')),
        sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_target_plan_note_part_id_part')),
        sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_target_plan_note_place_id_place')),
        sa.ForeignKeyConstraint(['plan_id'], ['target_plan.id'], name=op.f('fk_target_plan_note_plan_id_target_plan')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_target_plan_note')),
    )
    op.create_index(op.f('ix_target_plan_note_plan_id'), 'target_plan_note', ['plan_id'], unique=False)
    op.create_table(
        'target_plan_forecast',
        sa.Column('plan_id', sa.Uuid(), nullable=False),
        sa.Column('part_id', sa.Uuid(), nullable=False),
        sa.Column('method', sa.String(length=16), nullable=False),
        sa.Column('months', sa.Integer(), nullable=False),
        sa.Column('events', sa.Integer(), nullable=False),
        sa.Column('pieces', sa.Integer(), nullable=False),
        sa.Column('months_left_out', sa.Integer(), nullable=False),
        sa.Column('months_short', sa.Integer(), nullable=False),
        sa.Column('pieces_left_out', sa.Integer(), nullable=False),
        sa.Column('per_year', sa.Double(), nullable=False),
        sa.Column('deviation', sa.Double(), nullable=False),
        sa.Column('dispersion', sa.Double(), nullable=False),
        sa.Column('replaces', sa.JSON(), nullable=False),
        sa.Column('driver', sa.String(length=16), nullable=True),
        sa.Column('mean_told', sa.Double(), nullable=True),
        sa.Column('mean_found', sa.Double(), nullable=True),
        sa.Column('order_quantity', sa.Integer(), nullable=True),
        sa.Column('weighted', sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_target_plan_forecast_part_id_part')),
        sa.ForeignKeyConstraint(
            ['plan_id'], ['target_plan.id'], name=op.f('fk_target_plan_forecast_plan_id_target_plan')
        ),
        sa.PrimaryKeyConstraint('plan_id', 'part_id', name=op.f('pk_target_plan_forecast')),
    )


def downgrade() -> None:
    for table in (
        'target_plan_forecast',
        'target_plan_simulation',
        'target_plan_note',
        'target_plan_line',
        'target_acceptance_line',
        'target_acceptance',
        'target_plan',
    ):
        op.drop_table(table)
    op.drop_table('stocking_weight')
    op.drop_table('repair_bench')
    op.drop_table('repair_need')
    op.drop_table('part_fit')
    op.drop_table('part_reliability')
    op.drop_index(op.f('ix_utilisation_month'), table_name='utilisation')
    op.drop_table('utilisation')
