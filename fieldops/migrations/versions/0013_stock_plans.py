"""what aircraft were used, and what is known of the removals of parts

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

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
        sa.Column('source', sa.String(length=200), nullable=False),
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


def downgrade() -> None:
    op.drop_table('part_fit')
    op.drop_table('part_reliability')
    op.drop_index(op.f('ix_utilisation_month'), table_name='utilisation')
    op.drop_table('utilisation')
