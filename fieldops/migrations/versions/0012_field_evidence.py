"""checklists of jobs, and photos

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'checklist',
        sa.Column('code', sa.String(length=48), nullable=False),
        sa.Column('title', sa.String(length=200), nullable=False),
        sa.Column('title_zh', sa.String(length=200), nullable=True),
        sa.Column('task', sa.String(length=48), nullable=True),
        sa.Column('job_kind', sa.String(length=32), nullable=True),
        sa.Column('active', sa.Boolean(), nullable=False),
        sa.Column('steps', sa.JSON(), nullable=False),
        sa.Column('version', sa.Integer(), server_default='1', nullable=False),
        sa.CheckConstraint('(task IS NULL) <> (job_kind IS NULL)', name=op.f('ck_checklist_belongs')),
        sa.ForeignKeyConstraint(['task'], ['task.code'], name=op.f('fk_checklist_task_task')),
        sa.PrimaryKeyConstraint('code', name=op.f('pk_checklist')),
    )
    op.create_index(op.f('ix_checklist_task'), 'checklist', ['task'], unique=False)
    op.create_index(op.f('ix_checklist_job_kind'), 'checklist', ['job_kind'], unique=False)
    op.create_table(
        'job_photo',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('job_id', sa.Uuid(), nullable=False),
        sa.Column('step', sa.Integer(), nullable=True),
        sa.Column('note', sa.String(length=200), nullable=True),
        sa.Column('person', sa.String(length=48), nullable=True),
        sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('recorded_by', sa.String(length=64), nullable=False),
        sa.Column('media_type', sa.String(length=32), nullable=False),
        sa.Column('width', sa.Integer(), nullable=False),
        sa.Column('height', sa.Integer(), nullable=False),
        sa.Column('size_bytes', sa.Integer(), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.Column('struck_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('struck_by', sa.String(length=64), nullable=True),
        sa.Column('struck_reason', sa.String(length=200), nullable=True),
        sa.Column('version', sa.Integer(), server_default='1', nullable=False),
        sa.CheckConstraint('(struck_at IS NULL) = (struck_reason IS NULL)', name=op.f('ck_job_photo_struck')),
        sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_job_photo_job_id_job')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_job_photo')),
    )
    op.create_index(op.f('ix_job_photo_job_id'), 'job_photo', ['job_id'], unique=False)
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.add_column(sa.Column('checklist', sa.JSON(), nullable=True))
    op.execute(sa.table('job', sa.column('checklist', sa.JSON)).update().values(checklist=[]))
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.alter_column('checklist', existing_type=sa.JSON(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_column('checklist')
    op.drop_index(op.f('ix_job_photo_job_id'), table_name='job_photo')
    op.drop_table('job_photo')
    op.drop_index(op.f('ix_checklist_job_kind'), table_name='checklist')
    op.drop_index(op.f('ix_checklist_task'), table_name='checklist')
    op.drop_table('checklist')
