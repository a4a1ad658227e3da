"""crews and versions of plans: an assignment of a plan is for one seat of its job, and a plan may wait to be published

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

_WORKING = ('mechanic', 'release_signatory', 'advisory_engineer', 'independent_inspector', 'trainee')
"""The seats, of which a plan gave the first that a job has."""


def _seats(job: sa.Row, named: set[str], scopes: set[str]) -> set[str]:
    seats = set(named)
    if not seats:
        if job.kind == 'advisory':
            seats = {'advisory_engineer'}
        elif scopes & {'line', 'base'}:
            seats = {'release_signatory'}
        else:
            seats = {'independent_inspector' if 'inspection' in scopes else 'mechanic'}
    if job.kind != 'advisory' and (job.release_level is not None or job.aircraft is not None):
        seats.add('release_signatory')
    return seats | ({'independent_inspector'} if job.inspection else set())


def _carry_over() -> None:
    """What plans gave was the seat of who does the work, the first of its job."""
    connection = op.get_bind()
    line = sa.table('plan_assignment', sa.column('job_id', sa.Uuid), sa.column('seat', sa.String))
    job = sa.table('job', sa.column('id', sa.Uuid), *(sa.column(name) for name in ('kind', 'aircraft', 'release_level')), sa.column('inspection', sa.Boolean))
    seat = sa.table('job_seat', sa.column('job_id', sa.Uuid), sa.column('seat'))
    asked = sa.table('job_qualification', sa.column('job_id', sa.Uuid), sa.column('qualification_code'))
    paper = sa.table('qualification', sa.column('code'), sa.column('kind'), sa.column('scope', sa.JSON))
    planned = sa.select(line.c.job_id)
    named: dict = {}
    for key, kind in connection.execute(sa.select(seat.c.job_id, seat.c.seat).where(seat.c.job_id.in_(planned))):
        named.setdefault(key, set()).add(kind)
    scopes: dict = {}
    papers = sa.select(asked.c.job_id, paper.c.scope).join(paper, paper.c.code == asked.c.qualification_code)
    papers = papers.where(asked.c.job_id.in_(planned), paper.c.kind == 'authorisation')
    for key, scope in connection.execute(papers):
        scopes.setdefault(key, set()).update(scope)
    found: dict = {}
    for one in connection.execute(sa.select(job).where(job.c.id.in_(planned))):
        working = min(_seats(one, named.get(one.id, set()), scopes.get(one.id, set())), key=_WORKING.index)
        found.setdefault(working, []).append(one.id)
    for working, keys in sorted(found.items()):
        for start in range(0, len(keys), 500):
            some = line.c.job_id.in_(keys[start : start + 500])
            op.execute(line.update().where(some).values(seat=working))


def _versions() -> None:
    """Plans of before were in force from the moment that they were made."""
    with op.batch_alter_table('day_plan', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=32), nullable=False, server_default='day'))
        batch_op.add_column(sa.Column('basis', sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column('revision', sa.Integer(), nullable=False, server_default='1'))
    with op.batch_alter_table('plan_region', schema=None) as batch_op:
        batch_op.add_column(sa.Column('base_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('published_by', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('published_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_plan_region_base_id_day_plan'), 'day_plan', ['base_id'], ['id'])
    plan = sa.table('day_plan', *(sa.column(name) for name in ('id', 'made_by', 'made_at')))
    region = sa.table('plan_region', *(sa.column(name) for name in ('plan_id', 'published_by', 'published_at')))
    made = {name: sa.select(plan.c[name]).where(plan.c.id == region.c.plan_id).scalar_subquery() for name in ('made_by', 'made_at')}
    op.execute(region.update().values(published_by=made['made_by'], published_at=made['made_at']))


def _without_versions() -> None:
    """What was never in force goes; what was undone counts as superseded."""
    region = sa.table('plan_region', sa.column('status'))
    op.execute(region.delete().where(region.c.status == 'proposed'))
    op.execute(region.update().where(region.c.status == 'withdrawn').values(status='superseded'))
    with op.batch_alter_table('plan_region', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_plan_region_base_id_day_plan'), type_='foreignkey')
        for name in ('published_at', 'published_by', 'base_id'):
            batch_op.drop_column(name)
    with op.batch_alter_table('day_plan', schema=None) as batch_op:
        for name in ('revision', 'basis', 'kind'):
            batch_op.drop_column(name)


def upgrade() -> None:
    _versions()
    with op.batch_alter_table('plan_assignment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('position', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('seat', sa.String(length=32), nullable=False, server_default='mechanic'))
        batch_op.drop_constraint(batch_op.f('uq_plan_assignment_plan_id_job_id'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_plan_assignment_plan_id_job_id_position'), ['plan_id', 'job_id', 'position'])
    _carry_over()
    with op.batch_alter_table('plan_assignment', schema=None) as batch_op:
        batch_op.alter_column('position', existing_type=sa.Integer(), server_default=None)
        batch_op.alter_column('seat', existing_type=sa.String(length=32), server_default=None)


def downgrade() -> None:
    _without_versions()
    line = sa.table('plan_assignment', *(sa.column(name, sa.Uuid) for name in ('plan_id', 'job_id')), sa.column('position', sa.Integer))
    first = line.alias()
    of_job = sa.select(sa.func.min(first.c.position)).where(first.c.plan_id == line.c.plan_id, first.c.job_id == line.c.job_id)
    op.execute(line.delete().where(line.c.position > of_job.scalar_subquery()))
    with op.batch_alter_table('plan_assignment', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_plan_assignment_plan_id_job_id_position'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_plan_assignment_plan_id_job_id'), ['plan_id', 'job_id'])
        batch_op.drop_column('seat')
        batch_op.drop_column('position')
