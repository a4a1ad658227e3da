"""calendars: the secret with which a telephone reads them; ways as measured; SQLite replaces nothing that is kept

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

_POSTED, _TRAIL = 'what was posted is never changed; reverse it', 'the audit trail is never changed'
_KEPT = (
    ('stock_move', ('rowid', 'move_id', 'reverses'), _POSTED),
    ('stock_issue', ('rowid', 'move_id'), _POSTED),
    ('audit_seal', ('rowid', 'position', 'audit_id'), _TRAIL),
)
"""What is never changed, what of it may not be there twice, and the refusal."""


def _refuse_replacing(table: str, keys: tuple[str, ...], refusal: str) -> None:
    """SQLite deletes what INSERT OR REPLACE collides with, and no trigger on DELETE is told: one on INSERT refuses."""
    collides = ' OR '.join(f'{key} = NEW.{key}' for key in keys)
    op.execute(
        f'CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} '
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {collides}) BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
    )


def upgrade() -> None:
    op.create_table('calendar_secret',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_calendar_secret_user_id_user_account')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_calendar_secret')),
    sa.UniqueConstraint('digest', name=op.f('uq_calendar_secret_digest'))
    )
    op.create_table('travel_time',
    sa.Column('service', sa.String(length=16), nullable=False),
    sa.Column('origin', sa.String(length=24), nullable=False),
    sa.Column('destination', sa.String(length=24), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=True),
    sa.Column('metres', sa.Integer(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(seconds IS NULL) = (metres IS NULL)', name=op.f('ck_travel_time_both')),
    sa.CheckConstraint('seconds >= 0 AND metres >= 0', name=op.f('ck_travel_time_not_negative')),
    sa.PrimaryKeyConstraint('service', 'origin', 'destination', name=op.f('pk_travel_time'))
    )
    if op.get_bind().dialect.name == 'sqlite':
        op.execute('DROP TRIGGER audit_seal_no_replace')
        for table, keys, refusal in _KEPT:
            _refuse_replacing(table, keys, refusal)


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for table, _keys, _refusal in _KEPT:
            op.execute(f'DROP TRIGGER {table}_no_replace')
        _refuse_replacing('audit_seal', ('position',), _TRAIL)
    op.drop_table('travel_time')
    op.drop_table('calendar_secret')
