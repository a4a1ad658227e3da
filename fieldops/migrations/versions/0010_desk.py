"""the desk: answers that can be taken for some minutes, and undone; jobs that are locked

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'desk_answer',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('job_id', sa.Uuid(), nullable=False),
        sa.Column('plan_id', sa.Uuid(), nullable=False),
        sa.Column('made_by', sa.String(length=64), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('taken_by', sa.String(length=64), nullable=True),
        sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('locks', sa.Boolean(), server_default='0', nullable=False),
        sa.Column('reason', sa.String(length=400), nullable=True),
        sa.Column('undone_by', sa.String(length=64), nullable=True),
        sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('document', sa.JSON(), nullable=False),
        sa.Column('undo', sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_desk_answer_job_id_job')),
        sa.ForeignKeyConstraint(['plan_id'], ['day_plan.id'], name=op.f('fk_desk_answer_plan_id_day_plan')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_desk_answer')),
    )
    with op.batch_alter_table('desk_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_desk_answer_job_id'), ['job_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_desk_answer_expires_at'), ['expires_at'], unique=False)
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.add_column(sa.Column('locked_by', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('locked_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('lock_reason', sa.String(length=400), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_column('lock_reason')
        batch_op.drop_column('locked_at')
        batch_op.drop_column('locked_by')
    op.drop_table('desk_answer')
