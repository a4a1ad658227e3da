"""jobs: tasks, seats, crews, events from the field, releases, removed units

Revision: 0007, after 0006
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from uuid_utils.compat import uuid7

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

_GIVEN = {
    'dispatch.execute': ('administrator', 'aog_controller', 'dispatcher', 'engineer', 'regional_manager', 'technician'),
}
"""The roles that may do what is new, as delivered."""


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


def _carry_over() -> None:
    """A job that is open is planned; one that is closed was cancelled, as its events tell. Known tails are bound.

    Open work on an aircraft is released, as work on the line.
    """
    job = sa.table('job', *(sa.column(name) for name in ('status', 'state', 'aircraft', 'kind', 'release_level')), *(sa.column(name, sa.Uuid) for name in ('id', 'aircraft_id')))
    aircraft = sa.table('aircraft', sa.column('id', sa.Uuid), sa.column('registration'))
    op.execute(job.update().values(state=sa.case((job.c.status == 'closed', 'closed'), else_='planned')))
    bound = sa.select(aircraft.c.id).where(aircraft.c.registration == job.c.aircraft).scalar_subquery()
    op.execute(job.update().where(job.c.aircraft.is_not(None)).values(aircraft_id=bound))
    released = (job.c.status != 'closed', job.c.aircraft.is_not(None), job.c.kind != 'advisory')
    op.execute(job.update().where(*released).values(release_level='line'))
    closed = op.get_bind().scalars(sa.select(job.c.id).where(job.c.status == 'closed')).all()
    if not closed:
        return
    event = sa.table(
        'job_event',
        *(sa.column(name, sa.Uuid) for name in ('id', 'job_id')),
        *(sa.column(name, sa.String) for name in ('kind', 'recorded_by', 'device')),
        *(sa.column(name, sa.DateTime(timezone=True)) for name in ('happened_at', 'recorded_at')),
        sa.column('told', sa.JSON),
    )
    now = datetime.now(UTC)
    op.bulk_insert(
        event,
        [
            {
                'id': uuid7(),
                'job_id': key,
                'kind': 'cancel',
                'happened_at': now,
                'recorded_at': now,
                'recorded_by': 'system',
                'device': '',
                'told': {'reason': 'Closed before the steps of jobs were kept'},
            }
            for key in closed
        ],
    )


def _protect_what_happened() -> None:
    """The databases themselves refuse to change or remove what happened to a job."""
    refusal = 'what happened is never changed; discard it'
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            'CREATE OR REPLACE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS '
            f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
        )
        op.execute(
            'CREATE TRIGGER job_event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON job_event '
            'FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_change()'
        )
        return
    for verb in ('UPDATE', 'DELETE'):
        op.execute(
            f'CREATE TRIGGER job_event_no_{verb} BEFORE {verb} ON job_event '
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )
    # SQLite deletes what INSERT OR REPLACE collides with, and no trigger on DELETE is told
    op.execute(
        'CREATE TRIGGER job_event_no_replace BEFORE INSERT ON job_event '
        'WHEN EXISTS (SELECT 1 FROM job_event WHERE rowid = NEW.rowid OR id = NEW.id) '
        f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
    )


def _let_go_of_what_happened() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP TRIGGER job_event_no_change ON job_event')
        op.execute('DROP FUNCTION refuse_event_change()')
    else:
        for what in ('UPDATE', 'DELETE', 'replace'):
            op.execute(f'DROP TRIGGER job_event_no_{what}')


def upgrade() -> None:
    op.create_table('task',
    sa.Column('code', sa.String(length=48), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('title_zh', sa.String(length=200), nullable=True),
    sa.Column('ata', sa.String(length=8), nullable=False),
    sa.Column('critical', sa.Boolean(), nullable=False),
    sa.Column('inspection', sa.Boolean(), nullable=False),
    sa.Column('data_reference', sa.String(length=200), nullable=True),
    sa.Column('data_revision', sa.String(length=48), nullable=True),
    sa.Column('estimate_min', sa.Integer(), nullable=False),
    sa.Column('estimate_p90_min', sa.Integer(), nullable=False),
    sa.Column('learned_min', sa.Integer(), nullable=False),
    sa.Column('learned_p90_min', sa.Integer(), nullable=False),
    sa.Column('learned_from', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint('0 < estimate_min AND estimate_min <= estimate_p90_min', name=op.f('ck_task_estimate')),
    sa.CheckConstraint('0 < learned_min AND learned_min <= learned_p90_min', name=op.f('ck_task_learned')),
    sa.CheckConstraint('learned_from >= 0', name=op.f('ck_task_learned_from')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_task'))
    )
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_task_ata'), ['ata'], unique=False)

    op.create_table('quarantined_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('job', sa.String(length=48), nullable=False),
    sa.Column('place_id', sa.Uuid(), nullable=True),
    sa.Column('event', sa.JSON(), nullable=False),
    sa.Column('recorded_by', sa.String(length=64), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=48), nullable=False),
    sa.Column('detail', sa.String(length=1000), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('happened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('refused', sa.JSON(), nullable=True),
    sa.Column('resolved_by', sa.String(length=64), nullable=True),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.String(length=400), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_quarantined_event_place_id_place')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quarantined_event'))
    )
    with op.batch_alter_table('quarantined_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_quarantined_event_job'), ['job'], unique=False)
        batch_op.create_index(batch_op.f('ix_quarantined_event_place_id'), ['place_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_quarantined_event_state'), ['state'], unique=False)

    op.create_table('removed_unit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(length=48), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('place_id', sa.Uuid(), nullable=False),
    sa.Column('part_id', sa.Uuid(), nullable=False),
    sa.Column('serial', sa.String(length=48), nullable=True),
    sa.Column('owner', sa.String(length=64), nullable=False),
    sa.Column('tail', sa.String(length=48), nullable=True),
    sa.Column('job', sa.String(length=48), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=400), nullable=False),
    sa.Column('position', sa.String(length=48), nullable=True),
    sa.Column('tag', sa.String(length=48), nullable=True),
    sa.Column('value', sa.BigInteger(), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('closed_by', sa.String(length=64), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.String(length=400), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint('(value IS NULL) = (currency IS NULL)', name=op.f('ck_removed_unit_currency')),
    sa.CheckConstraint('value >= 0', name=op.f('ck_removed_unit_value')),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_removed_unit_part_id_part')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_removed_unit_place_id_place')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_removed_unit')),
    sa.UniqueConstraint('number', name=op.f('uq_removed_unit_number')),
    sa.UniqueConstraint('source', name=op.f('uq_removed_unit_source'))
    )
    with op.batch_alter_table('removed_unit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_removed_unit_job'), ['job'], unique=False)
        batch_op.create_index(batch_op.f('ix_removed_unit_part_id'), ['part_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_removed_unit_place_id'), ['place_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_removed_unit_state'), ['state'], unique=False)
        batch_op.create_index(batch_op.f('ix_removed_unit_tail'), ['tail'], unique=False)

    op.create_table('assignment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('job_id', sa.Uuid(), nullable=False),
    sa.Column('technician_id', sa.Uuid(), nullable=False),
    sa.Column('seat', sa.String(length=32), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_by', sa.String(length=64), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_assignment_span')),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_assignment_job_id_job')),
    sa.ForeignKeyConstraint(['technician_id'], ['technician.id'], name=op.f('fk_assignment_technician_id_technician')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment'))
    )
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_assignment_job_id'), ['job_id'], unique=False)
        batch_op.create_index('ix_assignment_technician_id_ends_at', ['technician_id', 'ends_at'], unique=False)

    op.create_table('job_alternate',
    sa.Column('job_id', sa.Uuid(), nullable=False),
    sa.Column('part_id', sa.Uuid(), nullable=False),
    sa.Column('alternate_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['alternate_id'], ['part.id'], name=op.f('fk_job_alternate_alternate_id_part')),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_job_alternate_job_id_job')),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_job_alternate_part_id_part')),
    sa.PrimaryKeyConstraint('job_id', 'part_id', 'alternate_id', name=op.f('pk_job_alternate'))
    )
    op.create_table('job_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('job_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('happened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.String(length=64), nullable=False),
    sa.Column('technician_id', sa.Uuid(), nullable=True),
    sa.Column('person', sa.String(length=48), nullable=True),
    sa.Column('device', sa.String(length=48), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=True),
    sa.Column('told', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_job_event_job_id_job')),
    sa.ForeignKeyConstraint(['technician_id'], ['technician.id'], name=op.f('fk_job_event_technician_id_technician')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_event'))
    )
    with op.batch_alter_table('job_event', schema=None) as batch_op:
        batch_op.create_index('ix_job_event_job_id_happened_at', ['job_id', 'happened_at'], unique=False)
        batch_op.create_index('ix_job_event_technician_id_happened_at', ['technician_id', 'happened_at'], unique=False)

    op.create_table('job_precedence',
    sa.Column('job_id', sa.Uuid(), nullable=False),
    sa.Column('after_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['after_id'], ['job.id'], name=op.f('fk_job_precedence_after_id_job')),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_job_precedence_job_id_job')),
    sa.PrimaryKeyConstraint('job_id', 'after_id', name=op.f('pk_job_precedence'))
    )
    with op.batch_alter_table('job_precedence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_job_precedence_after_id'), ['after_id'], unique=False)

    op.create_table('job_seat',
    sa.Column('job_id', sa.Uuid(), nullable=False),
    sa.Column('seat', sa.String(length=32), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('qualifications', sa.JSON(), nullable=False),
    sa.Column('security_level', sa.Integer(), server_default='0', nullable=False),
    sa.CheckConstraint('count > 0', name=op.f('ck_job_seat_count')),
    sa.CheckConstraint('security_level >= 0', name=op.f('ck_job_seat_security')),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_job_seat_job_id_job')),
    sa.PrimaryKeyConstraint('job_id', 'seat', name=op.f('pk_job_seat'))
    )
    op.create_table('job_tool',
    sa.Column('job_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=48), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.CheckConstraint('count > 0', name=op.f('ck_job_tool_count')),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_job_tool_job_id_job')),
    sa.ForeignKeyConstraint(['kind'], ['tool_kind.code'], name=op.f('fk_job_tool_kind_tool_kind')),
    sa.PrimaryKeyConstraint('job_id', 'kind', name=op.f('pk_job_tool'))
    )
    op.create_table('release_certificate',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(length=48), nullable=False),
    sa.Column('job_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('signatory_id', sa.Uuid(), nullable=False),
    sa.Column('signatory', sa.String(length=48), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('approval', sa.String(length=200), nullable=False),
    sa.Column('data_reference', sa.String(length=200), nullable=False),
    sa.Column('data_revision', sa.String(length=48), nullable=False),
    sa.Column('limitations', sa.String(length=400), nullable=True),
    sa.Column('deferrals', sa.JSON(), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['job_event.id'], name=op.f('fk_release_certificate_event_id_job_event')),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_release_certificate_job_id_job')),
    sa.ForeignKeyConstraint(['signatory_id'], ['technician.id'], name=op.f('fk_release_certificate_signatory_id_technician')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_release_certificate')),
    sa.UniqueConstraint('event_id', name=op.f('uq_release_certificate_event_id')),
    sa.UniqueConstraint('number', name=op.f('uq_release_certificate_number'))
    )
    with op.batch_alter_table('release_certificate', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_release_certificate_job_id'), ['job_id'], unique=False)

    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.add_column(sa.Column('state', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('aircraft_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('task', sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column('system', sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column('release_level', sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column('inspection', sa.Boolean(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('data_reference', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('data_revision', sa.String(length=48), nullable=True))

    _carry_over()
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.alter_column('state', existing_type=sa.String(length=32), nullable=False)
        batch_op.drop_index(batch_op.f('ix_job_status'))
        batch_op.create_index(batch_op.f('ix_job_aircraft_id'), ['aircraft_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_job_state'), ['state'], unique=False)
        batch_op.create_index(batch_op.f('ix_job_task'), ['task'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_job_aircraft_id_aircraft'), 'aircraft', ['aircraft_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_job_task_task'), 'task', ['task'], ['code'])
        batch_op.drop_column('status')

    with op.batch_alter_table('technician', schema=None) as batch_op:
        batch_op.add_column(sa.Column('user_name', sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_technician_user_name'), ['user_name'])

    _permit()
    _protect_what_happened()


def downgrade() -> None:
    _let_go_of_what_happened()
    held = sa.table('role_permission', sa.column('permission'))
    op.execute(held.delete().where(held.c.permission.in_(sorted(_GIVEN))))
    with op.batch_alter_table('technician', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_technician_user_name'), type_='unique')
        batch_op.drop_column('user_name')

    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.add_column(sa.Column('status', sa.String(length=32), nullable=True))

    job = sa.table('job', sa.column('status'), sa.column('state'))
    op.execute(job.update().values(status=sa.case((job.c.state == 'closed', 'closed'), else_='open')))
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.alter_column('status', existing_type=sa.String(length=32), nullable=False)
        batch_op.drop_constraint(batch_op.f('fk_job_task_task'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_job_aircraft_id_aircraft'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_job_task'))
        batch_op.drop_index(batch_op.f('ix_job_state'))
        batch_op.drop_index(batch_op.f('ix_job_aircraft_id'))
        batch_op.create_index(batch_op.f('ix_job_status'), ['status'], unique=False)
        batch_op.drop_column('data_revision')
        batch_op.drop_column('data_reference')
        batch_op.drop_column('inspection')
        batch_op.drop_column('release_level')
        batch_op.drop_column('system')
        batch_op.drop_column('task')
        batch_op.drop_column('aircraft_id')
        batch_op.drop_column('state')

    with op.batch_alter_table('release_certificate', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_release_certificate_job_id'))

    op.drop_table('release_certificate')
    op.drop_table('job_tool')
    op.drop_table('job_seat')
    with op.batch_alter_table('job_precedence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_job_precedence_after_id'))

    op.drop_table('job_precedence')
    with op.batch_alter_table('job_event', schema=None) as batch_op:
        batch_op.drop_index('ix_job_event_technician_id_happened_at')
        batch_op.drop_index('ix_job_event_job_id_happened_at')

    op.drop_table('job_event')
    op.drop_table('job_alternate')
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_index('ix_assignment_technician_id_ends_at')
        batch_op.drop_index(batch_op.f('ix_assignment_job_id'))

    op.drop_table('assignment')
    with op.batch_alter_table('removed_unit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_removed_unit_tail'))
        batch_op.drop_index(batch_op.f('ix_removed_unit_state'))
        batch_op.drop_index(batch_op.f('ix_removed_unit_place_id'))
        batch_op.drop_index(batch_op.f('ix_removed_unit_part_id'))
        batch_op.drop_index(batch_op.f('ix_removed_unit_job'))

    op.drop_table('removed_unit')
    with op.batch_alter_table('quarantined_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_quarantined_event_state'))
        batch_op.drop_index(batch_op.f('ix_quarantined_event_place_id'))
        batch_op.drop_index(batch_op.f('ix_quarantined_event_job'))

    op.drop_table('quarantined_event')
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_task_ata'))

    op.drop_table('task')
