"""rolling plans: how the plan of a region is made anew on events

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'rolling_policy',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('region', sa.String(length=48), nullable=False),
        sa.Column('enabled', sa.Boolean(), nullable=False),
        sa.Column('mode', sa.Enum('propose', 'apply', name='planmode', native_enum=False, length=32), nullable=False),
        sa.Column('freeze_minutes', sa.Integer(), nullable=False),
        sa.Column('quiet_minutes', sa.Integer(), nullable=False),
        sa.Column('changes_max', sa.Integer(), nullable=False),
        sa.Column('iterations', sa.Integer(), nullable=False),
        sa.Column('version', sa.Integer(), server_default='1', nullable=False),
        sa.CheckConstraint('freeze_minutes >= 0', name=op.f('ck_rolling_policy_freeze')),
        sa.CheckConstraint('quiet_minutes >= 0', name=op.f('ck_rolling_policy_quiet')),
        sa.CheckConstraint('changes_max >= 0', name=op.f('ck_rolling_policy_changes')),
        sa.CheckConstraint('iterations > 0', name=op.f('ck_rolling_policy_iterations')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_rolling_policy')),
        sa.UniqueConstraint('region', name=op.f('uq_rolling_policy_region')),
    )
    op.create_table(
        'rolling_progress',
        sa.Column('region', sa.String(length=48), nullable=False),
        sa.Column('number', sa.BigInteger(), nullable=False),
        sa.Column('replanned_at', sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('region', name=op.f('pk_rolling_progress')),
    )


def downgrade() -> None:
    op.drop_table('rolling_progress')
    op.drop_table('rolling_policy')
