"""calendars: the secret with which a telephone reads them

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('calendar_secret',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_calendar_secret_user_id_user_account')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_calendar_secret')),
    sa.UniqueConstraint('digest', name=op.f('uq_calendar_secret_digest'))
    )


def downgrade() -> None:
    op.drop_table('calendar_secret')
