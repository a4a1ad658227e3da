"""orders that move stock

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'stock_order',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('number', sa.String(length=24), nullable=False),
        sa.Column('kind', sa.String(length=32), nullable=False),
        sa.Column('state', sa.String(length=32), nullable=False),
        sa.Column('origin_id', sa.Uuid(), nullable=True),
        sa.Column('destination_id', sa.Uuid(), nullable=False),
        sa.Column('transit_id', sa.Uuid(), nullable=True),
        sa.Column('region', sa.String(length=48), nullable=False),
        sa.Column('priority', sa.String(length=32), nullable=False),
        sa.Column('mode', sa.String(length=48), nullable=True),
        sa.Column('carrier', sa.String(length=200), nullable=True),
        sa.Column('waybill', sa.String(length=48), nullable=True),
        sa.Column('departs_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('arrives_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('currency', sa.String(length=3), nullable=False),
        sa.Column('freight', sa.BigInteger(), nullable=False),
        sa.Column('plan_id', sa.Uuid(), nullable=True),
        sa.Column('proposal', sa.String(length=48), nullable=True),
        sa.Column('made_by', sa.String(length=64), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('payer_agreed_by', sa.String(length=64), nullable=True),
        sa.Column('approval', sa.String(length=24), nullable=True),
        sa.Column('released_by', sa.String(length=64), nullable=True),
        sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('shipped_by', sa.String(length=64), nullable=True),
        sa.Column('shipped_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('received_by', sa.String(length=64), nullable=True),
        sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('cancelled_by', sa.String(length=64), nullable=True),
        sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('reason', sa.String(length=400), nullable=True),
        sa.Column('version', sa.Integer(), server_default='1', nullable=False),
        sa.CheckConstraint("origin_id IS NOT NULL OR kind = 'purchase'", name=op.f('ck_stock_order_origin')),
        sa.CheckConstraint(
            "state NOT IN ('shipped', 'received') OR transit_id IS NOT NULL", name=op.f('ck_stock_order_transit')
        ),
        sa.CheckConstraint('(plan_id IS NULL) = (proposal IS NULL)', name=op.f('ck_stock_order_made_from')),
        sa.CheckConstraint('departs_at <= arrives_at', name=op.f('ck_stock_order_period')),
        sa.CheckConstraint('freight >= 0', name=op.f('ck_stock_order_freight')),
        sa.CheckConstraint('origin_id <> destination_id', name=op.f('ck_stock_order_ends_differ')),
        sa.ForeignKeyConstraint(['destination_id'], ['place.id'], name=op.f('fk_stock_order_destination_id_place')),
        sa.ForeignKeyConstraint(['origin_id'], ['place.id'], name=op.f('fk_stock_order_origin_id_place')),
        sa.ForeignKeyConstraint(['transit_id'], ['place.id'], name=op.f('fk_stock_order_transit_id_place')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_order')),
        sa.UniqueConstraint('number', name=op.f('uq_stock_order_number')),
        sa.UniqueConstraint('plan_id', 'proposal', name=op.f('uq_stock_order_plan_id_proposal')),
    )
    op.create_index(op.f('ix_stock_order_destination_id'), 'stock_order', ['destination_id'], unique=False)
    op.create_index(op.f('ix_stock_order_origin_id'), 'stock_order', ['origin_id'], unique=False)
    op.create_index('ix_stock_order_state_destination_id', 'stock_order', ['state', 'destination_id'], unique=False)
    op.create_table(
        'stock_order_line',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('line', sa.Integer(), nullable=False),
        sa.Column('part_id', sa.Uuid(), nullable=False),
        sa.Column('quantity', sa.BigInteger(), nullable=False),
        sa.Column('lot', sa.String(length=48), nullable=True),
        sa.Column('condition', sa.String(length=32), nullable=True),
        sa.Column('owner', sa.String(length=64), nullable=False),
        sa.Column('cost', sa.BigInteger(), nullable=False),
        sa.Column('serves_job', sa.String(length=48), nullable=True),
        sa.CheckConstraint('cost >= 0', name=op.f('ck_stock_order_line_cost')),
        sa.CheckConstraint('quantity > 0', name=op.f('ck_stock_order_line_quantity')),
        sa.ForeignKeyConstraint(
            ['order_id'], ['stock_order.id'], name=op.f('fk_stock_order_line_order_id_stock_order')
        ),
        sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_stock_order_line_part_id_part')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_order_line')),
        sa.UniqueConstraint('order_id', 'line', name=op.f('uq_stock_order_line_order_id_line')),
    )
    op.create_index(op.f('ix_stock_order_line_part_id'), 'stock_order_line', ['part_id'], unique=False)
    op.create_index(op.f('ix_stock_order_line_serves_job'), 'stock_order_line', ['serves_job'], unique=False)
    op.create_table(
        'order_piece',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('line_id', sa.Uuid(), nullable=False),
        sa.Column('lot', sa.String(length=48), nullable=True),
        sa.Column('condition', sa.String(length=32), nullable=False),
        sa.Column('shipped', sa.BigInteger(), nullable=False),
        sa.Column('received', sa.BigInteger(), nullable=False),
        sa.Column('lost', sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            'received >= 0 AND lost >= 0 AND received + lost <= shipped', name=op.f('ck_order_piece_never_more')
        ),
        sa.CheckConstraint('shipped > 0', name=op.f('ck_order_piece_shipped')),
        sa.ForeignKeyConstraint(
            ['line_id'], ['stock_order_line.id'], name=op.f('fk_order_piece_line_id_stock_order_line')
        ),
        sa.ForeignKeyConstraint(['order_id'], ['stock_order.id'], name=op.f('fk_order_piece_order_id_stock_order')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_order_piece')),
    )
    op.create_index(op.f('ix_order_piece_line_id'), 'order_piece', ['line_id'], unique=False)
    op.create_index('ix_order_piece_order_id', 'order_piece', ['order_id'], unique=False)


def downgrade() -> None:
    op.drop_table('order_piece')
    op.drop_table('stock_order_line')
    op.drop_table('stock_order')
