"""people: the fleet, certificates, rosters, rules of release and rest, tools

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op
from uuid_utils.compat import uuid7

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

_PLANNERS = ('administrator', 'aog_controller', 'central_planner', 'dispatcher', 'engineer', 'finance', 'regional_manager')
_GIVEN = {
    'fleet.read': (*_PLANNERS, 'auditor', 'customer', 'technician'),
    'fleet.write': ('administrator', 'central_planner', 'dispatcher', 'regional_manager'),
    'tools.read': (*_PLANNERS, 'auditor', 'storekeeper', 'technician'),
    'tools.write': ('administrator', 'dispatcher', 'regional_manager', 'storekeeper'),
}
"""The roles that may do what is new, as delivered."""

_UNCHECKED = 'delivered default, to be checked against the edition in force'
_STANDARDS = (
    ('CCAR-66', 'CAAC', 'Civil aircraft maintenance personnel licence', 'CCAR-66'),
    ('FAA-65', 'FAA', 'Mechanic certificate', '14 CFR Part 65, subpart D'),
    ('PART-66', 'EASA', 'Aircraft maintenance licence', 'Regulation (EU) No 1321/2014, Annex III'),
)
_RELEASES = {
    'CAAC': ('CCAR-66', [], True, 'CCAR-145 and CCAR-66 (certifying staff, recency, continuation training)'),
    'EASA': ('PART-66', [], True, 'Regulation (EU) No 1321/2014, 145.A.30 and 145.A.35'),
    'FAA': ('FAA-65', ['A', 'P', 'A&P'], False, '14 CFR 65.81, 65.83 and 145.157'),
}
"""By authority of the registry: the licence, its categories, whether a type rating is asked for, and the source."""


def _deliver_standards() -> None:
    names = ('code', 'authority', 'name', 'source', 'edition')
    table = sa.table('licence_standard', *(sa.column(name, sa.String) for name in names))
    op.bulk_insert(table, [dict(zip(names, (*row, _UNCHECKED), strict=True)) for row in _STANDARDS])


def _deliver_release_rules() -> None:
    table = sa.table(
        'release_rule',
        sa.column('id', sa.Uuid),
        *(sa.column(name, sa.String) for name in ('code', 'authority', 'seat', 'scope', 'source', 'edition')),
        *(sa.column(name, sa.JSON) for name in ('standards', 'categories', 'trainings')),
        *(sa.column(name, sa.Boolean) for name in ('validation', 'rating', 'authorisation', 'approval')),
        *(sa.column(name, sa.Integer) for name in ('experience_months', 'within_months', 'margin_days')),
    )
    op.bulk_insert(
        table,
        [
            {
                'id': uuid7(),
                'code': f'{authority}-{word}',
                'authority': authority,
                'seat': seat,
                'scope': scope,
                'source': source,
                'edition': _UNCHECKED,
                'standards': [standard],
                'categories': categories,
                'trainings': ['CONTINUATION', 'HUMAN_FACTORS'],
                'validation': True,
                'rating': rating,
                'authorisation': True,
                'approval': True,
                'experience_months': 6,
                'within_months': 24,
                'margin_days': 1,
            }
            for authority, (standard, categories, rating, source) in _RELEASES.items()
            for seat, word, scope in (
                ('release_signatory', 'RELEASE', None),
                ('independent_inspector', 'INSPECTION', 'inspection'),
            )
        ],
    )


def _deliver_rest_rules() -> None:
    """The limits are kept in millionths of an hour."""
    hours = ('duty_max_h', 'break_h', 'rest_min_h', 'night_rest_h', 'weekly_rest_h', 'regular_day_h', 'overtime_month_h')
    table = sa.table(
        'rest_rule',
        sa.column('id', sa.Uuid),
        *(sa.column(name, sa.String) for name in ('code', 'country', 'authority', 'source', 'edition')),
        *(sa.column(name, sa.BigInteger) for name in hours),
        *(sa.column(name, sa.Integer) for name in ('night_from_h', 'night_to_h')),
        sa.column('travel_counts', sa.Boolean),
    )
    rules = (
        ('CN-LABOUR', 'CN', 'MOHRSS', 'Labour Law of the PRC, art. 36, 38 and 41', (11, 2, 11, 12, 24, 8, 36)),
        ('GENERAL', None, 'ILO', 'ILO C001, C014; Directive 2003/88/EC, art. 3, 5 and 6', (13, 2, 11, 12, 24, 8, None)),
    )
    op.bulk_insert(
        table,
        [
            {
                'id': uuid7(),
                'code': code,
                'country': country,
                'authority': authority,
                'source': source,
                'edition': _UNCHECKED,
                'night_from_h': 23,
                'night_to_h': 6,
                'travel_counts': True,
            }
            | {name: None if value is None else value * 10**6 for name, value in zip(hours, limits, strict=True)}
            for code, country, authority, source, limits in rules
        ],
    )


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


def upgrade() -> None:
    op.create_table('access_rule',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=48), nullable=False),
    sa.Column('place', sa.String(length=48), nullable=True),
    sa.Column('country', sa.String(length=2), nullable=True),
    sa.Column('kinds', sa.JSON(), nullable=False),
    sa.Column('security_level', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('edition', sa.String(length=200), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.CheckConstraint('(place IS NULL) <> (country IS NULL)', name=op.f('ck_access_rule_where')),
    sa.CheckConstraint('security_level >= 0', name=op.f('ck_access_rule_security')),
    sa.CheckConstraint('starts_on <= ends_on', name=op.f('ck_access_rule_dates')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access_rule')),
    sa.UniqueConstraint('code', name=op.f('uq_access_rule_code'))
    )
    with op.batch_alter_table('access_rule', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_access_rule_country'), ['country'], unique=False)
        batch_op.create_index(batch_op.f('ix_access_rule_place'), ['place'], unique=False)

    op.create_table('licence_standard',
    sa.Column('code', sa.String(length=48), nullable=False),
    sa.Column('authority', sa.String(length=48), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('edition', sa.String(length=200), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_licence_standard'))
    )
    op.create_table('organisation_approval',
    sa.Column('number', sa.String(length=48), nullable=False),
    sa.Column('authority', sa.String(length=48), nullable=False),
    sa.Column('aircraft_types', sa.JSON(), nullable=False),
    sa.Column('levels', sa.JSON(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.CheckConstraint('valid_from <= valid_until', name=op.f('ck_organisation_approval_validity')),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_organisation_approval'))
    )
    op.create_table('release_rule',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=48), nullable=False),
    sa.Column('authority', sa.String(length=48), nullable=False),
    sa.Column('seat', sa.String(length=32), nullable=False),
    sa.Column('standards', sa.JSON(), nullable=False),
    sa.Column('categories', sa.JSON(), nullable=False),
    sa.Column('validation', sa.Boolean(), nullable=False),
    sa.Column('rating', sa.Boolean(), nullable=False),
    sa.Column('authorisation', sa.Boolean(), nullable=False),
    sa.Column('scope', sa.String(length=48), nullable=True),
    sa.Column('approval', sa.Boolean(), nullable=False),
    sa.Column('experience_months', sa.Integer(), nullable=False),
    sa.Column('within_months', sa.Integer(), nullable=False),
    sa.Column('trainings', sa.JSON(), nullable=False),
    sa.Column('margin_days', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('edition', sa.String(length=200), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.CheckConstraint('experience_months >= 0 AND experience_months <= within_months', name=op.f('ck_release_rule_experience')),
    sa.CheckConstraint('margin_days >= 0', name=op.f('ck_release_rule_margin')),
    sa.CheckConstraint('starts_on <= ends_on', name=op.f('ck_release_rule_dates')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_release_rule')),
    sa.UniqueConstraint('code', name=op.f('uq_release_rule_code'))
    )
    with op.batch_alter_table('release_rule', schema=None) as batch_op:
        batch_op.create_index('ix_release_rule_authority_seat', ['authority', 'seat'], unique=False)

    op.create_table('rest_rule',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=48), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=True),
    sa.Column('authority', sa.String(length=48), nullable=False),
    sa.Column('duty_max_h', sa.BigInteger(), nullable=False),
    sa.Column('break_h', sa.BigInteger(), nullable=False),
    sa.Column('rest_min_h', sa.BigInteger(), nullable=False),
    sa.Column('night_from_h', sa.Integer(), nullable=False),
    sa.Column('night_to_h', sa.Integer(), nullable=False),
    sa.Column('night_rest_h', sa.BigInteger(), nullable=False),
    sa.Column('weekly_rest_h', sa.BigInteger(), nullable=False),
    sa.Column('travel_counts', sa.Boolean(), nullable=False),
    sa.Column('regular_day_h', sa.BigInteger(), nullable=False),
    sa.Column('overtime_month_h', sa.BigInteger(), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('edition', sa.String(length=200), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.CheckConstraint('break_h >= 0 AND break_h < rest_min_h', name=op.f('ck_rest_rule_break')),
    sa.CheckConstraint('duty_max_h > 0 AND rest_min_h > 0 AND weekly_rest_h > 0', name=op.f('ck_rest_rule_hours')),
    sa.CheckConstraint('starts_on <= ends_on', name=op.f('ck_rest_rule_dates')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rest_rule')),
    sa.UniqueConstraint('code', name=op.f('uq_rest_rule_code'))
    )
    op.create_table('shift_pattern',
    sa.Column('code', sa.String(length=48), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('cycle_days', sa.Integer(), nullable=False),
    sa.Column('duties', sa.JSON(), nullable=False),
    sa.CheckConstraint('cycle_days > 0', name=op.f('ck_shift_pattern_cycle')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_shift_pattern'))
    )
    op.create_table('tool_kind',
    sa.Column('code', sa.String(length=48), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('calibration_days', sa.Integer(), nullable=True),
    sa.CheckConstraint('calibration_days > 0', name=op.f('ck_tool_kind_calibration')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_tool_kind'))
    )
    op.create_table('tool_equivalent',
    sa.Column('kind', sa.String(length=48), nullable=False),
    sa.Column('equivalent', sa.String(length=48), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['equivalent'], ['tool_kind.code'], name=op.f('fk_tool_equivalent_equivalent_tool_kind')),
    sa.ForeignKeyConstraint(['kind'], ['tool_kind.code'], name=op.f('fk_tool_equivalent_kind_tool_kind')),
    sa.PrimaryKeyConstraint('kind', 'equivalent', name=op.f('pk_tool_equivalent'))
    )
    op.create_table('aircraft',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('registration', sa.String(length=48), nullable=False),
    sa.Column('aircraft_type', sa.String(length=48), nullable=False),
    sa.Column('serial', sa.String(length=48), nullable=False),
    sa.Column('authority', sa.String(length=48), nullable=False),
    sa.Column('operator_id', sa.Uuid(), nullable=True),
    sa.Column('base_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.ForeignKeyConstraint(['base_id'], ['place.id'], name=op.f('fk_aircraft_base_id_place')),
    sa.ForeignKeyConstraint(['operator_id'], ['operator.id'], name=op.f('fk_aircraft_operator_id_operator')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_aircraft')),
    sa.UniqueConstraint('registration', name=op.f('uq_aircraft_registration'))
    )
    with op.batch_alter_table('aircraft', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_aircraft_aircraft_type'), ['aircraft_type'], unique=False)
        batch_op.create_index(batch_op.f('ix_aircraft_base_id'), ['base_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_aircraft_operator_id'), ['operator_id'], unique=False)

    op.create_table('authorisation_need',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('authorisation', sa.String(length=48), nullable=False),
    sa.Column('qualification', sa.String(length=48), nullable=True),
    sa.Column('kind', sa.String(length=32), nullable=True),
    sa.Column('aircraft_type', sa.String(length=48), nullable=True),
    sa.Column('experience_months', sa.Integer(), nullable=True),
    sa.Column('within_months', sa.Integer(), nullable=True),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.CheckConstraint('experience_months > 0 AND experience_months <= within_months', name=op.f('ck_authorisation_need_experience')),
    sa.ForeignKeyConstraint(['authorisation'], ['qualification.code'], name=op.f('fk_authorisation_need_authorisation_qualification')),
    sa.ForeignKeyConstraint(['qualification'], ['qualification.code'], name=op.f('fk_authorisation_need_qualification_qualification')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_authorisation_need'))
    )
    with op.batch_alter_table('authorisation_need', schema=None) as batch_op:
        batch_op.create_index('ix_authorisation_need_authorisation', ['authorisation'], unique=False)

    op.create_table('quarantined_rotation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('registration', sa.String(length=48), nullable=False),
    sa.Column('station', sa.String(length=48), nullable=False),
    sa.Column('arrives_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('departs_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('flight', sa.String(length=48), nullable=True),
    sa.Column('reason', sa.String(length=32), nullable=False),
    sa.Column('detail', sa.String(length=400), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('base_id', sa.Uuid(), nullable=True),
    sa.Column('found_by', sa.String(length=64), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('resolved_by', sa.String(length=64), nullable=True),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.String(length=400), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.ForeignKeyConstraint(['base_id'], ['place.id'], name=op.f('fk_quarantined_rotation_base_id_place')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quarantined_rotation'))
    )
    with op.batch_alter_table('quarantined_rotation', schema=None) as batch_op:
        batch_op.create_index('ix_quarantined_rotation_state', ['state'], unique=False)

    op.create_table('tool',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=48), nullable=False),
    sa.Column('serial', sa.String(length=48), nullable=False),
    sa.Column('place_id', sa.Uuid(), nullable=False),
    sa.Column('calibrated_on', sa.Date(), nullable=True),
    sa.Column('calibration_due', sa.Date(), nullable=True),
    sa.Column('out_of_service', sa.Boolean(), nullable=False),
    sa.Column('lent_to', sa.String(length=200), nullable=True),
    sa.Column('lent_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.ForeignKeyConstraint(['kind'], ['tool_kind.code'], name=op.f('fk_tool_kind_tool_kind')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_tool_place_id_place')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tool')),
    sa.UniqueConstraint('kind', 'serial', name=op.f('uq_tool_kind_serial'))
    )
    with op.batch_alter_table('tool', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tool_place_id'), ['place_id'], unique=False)

    op.create_table('absence',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('technician_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=True),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_absence_span')),
    sa.ForeignKeyConstraint(['technician_id'], ['technician.id'], name=op.f('fk_absence_technician_id_technician')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absence'))
    )
    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.create_index('ix_absence_technician_id_ends_at', ['technician_id', 'ends_at'], unique=False)

    op.create_table('calibration',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tool_id', sa.Uuid(), nullable=False),
    sa.Column('calibrated_on', sa.Date(), nullable=False),
    sa.Column('verdict', sa.String(length=32), nullable=False),
    sa.Column('due', sa.Date(), nullable=True),
    sa.Column('certificate', sa.String(length=200), nullable=False),
    sa.Column('laboratory', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['tool_id'], ['tool.id'], name=op.f('fk_calibration_tool_id_tool')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calibration')),
    sa.UniqueConstraint('tool_id', 'calibrated_on', name=op.f('uq_calibration_tool_id_calibrated_on'))
    )
    op.create_table('cost_rate',
    sa.Column('technician_id', sa.Uuid(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('per_h', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('overtime', sa.BigInteger(), nullable=False),
    sa.Column('rest_day', sa.BigInteger(), nullable=False),
    sa.Column('holiday', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('overtime > 0 AND rest_day > 0 AND holiday > 0', name=op.f('ck_cost_rate_factors')),
    sa.CheckConstraint('per_h >= 0', name=op.f('ck_cost_rate_per_h')),
    sa.ForeignKeyConstraint(['technician_id'], ['technician.id'], name=op.f('fk_cost_rate_technician_id_technician')),
    sa.PrimaryKeyConstraint('technician_id', 'valid_from', name=op.f('pk_cost_rate'))
    )
    op.create_table('experience',
    sa.Column('technician_id', sa.Uuid(), nullable=False),
    sa.Column('aircraft_type', sa.String(length=48), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.CheckConstraint('starts_on <= ends_on', name=op.f('ck_experience_dates')),
    sa.ForeignKeyConstraint(['technician_id'], ['technician.id'], name=op.f('fk_experience_technician_id_technician')),
    sa.PrimaryKeyConstraint('technician_id', 'aircraft_type', 'starts_on', name=op.f('pk_experience'))
    )
    op.create_table('rotation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('aircraft_id', sa.Uuid(), nullable=False),
    sa.Column('station_id', sa.Uuid(), nullable=False),
    sa.Column('arrives_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('departs_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('flight', sa.String(length=48), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint('arrives_at < departs_at', name=op.f('ck_rotation_window')),
    sa.ForeignKeyConstraint(['aircraft_id'], ['aircraft.id'], name=op.f('fk_rotation_aircraft_id_aircraft')),
    sa.ForeignKeyConstraint(['station_id'], ['place.id'], name=op.f('fk_rotation_station_id_place')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rotation'))
    )
    with op.batch_alter_table('rotation', schema=None) as batch_op:
        batch_op.create_index('ix_rotation_aircraft_id_departs_at', ['aircraft_id', 'departs_at'], unique=False)

    op.create_table('secondment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('technician_id', sa.Uuid(), nullable=False),
    sa.Column('region_id', sa.Uuid(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('granted_by', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_secondment_span')),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_secondment_region_id_region')),
    sa.ForeignKeyConstraint(['technician_id'], ['technician.id'], name=op.f('fk_secondment_technician_id_technician')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_secondment'))
    )
    with op.batch_alter_table('secondment', schema=None) as batch_op:
        batch_op.create_index('ix_secondment_technician_id_ends_at', ['technician_id', 'ends_at'], unique=False)

    op.create_table('standby',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('technician_id', sa.Uuid(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('callout_min', sa.Integer(), nullable=False),
    sa.CheckConstraint('callout_min > 0', name=op.f('ck_standby_callout')),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_standby_span')),
    sa.ForeignKeyConstraint(['technician_id'], ['technician.id'], name=op.f('fk_standby_technician_id_technician')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_standby'))
    )
    with op.batch_alter_table('standby', schema=None) as batch_op:
        batch_op.create_index('ix_standby_technician_id_ends_at', ['technician_id', 'ends_at'], unique=False)

    op.create_table('tool_booking',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tool_id', sa.Uuid(), nullable=False),
    sa.Column('document', sa.String(length=48), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('booked_by', sa.String(length=64), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('release_reason', sa.String(length=200), nullable=True),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_tool_booking_span')),
    sa.ForeignKeyConstraint(['tool_id'], ['tool.id'], name=op.f('fk_tool_booking_tool_id_tool')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tool_booking'))
    )
    with op.batch_alter_table('tool_booking', schema=None) as batch_op:
        batch_op.create_index('ix_tool_booking_document', ['document'], unique=False)
        batch_op.create_index('ix_tool_booking_tool_id_ends_at', ['tool_id', 'ends_at'], unique=False)

    with op.batch_alter_table('held_qualification', schema=None) as batch_op:
        batch_op.add_column(sa.Column('issued_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('issuer', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('reference', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('evidence', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('limits', sa.String(length=200), nullable=True))
        batch_op.create_check_constraint(batch_op.f('ck_held_qualification_issue'), 'issued_on <= valid_until')
        batch_op.create_index('ix_held_qualification_qualification_code_valid_until', ['qualification_code', 'valid_until'], unique=False)

    with op.batch_alter_table('qualification', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=32), server_default='other', nullable=False))
        batch_op.add_column(sa.Column('standard', sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column('authority', sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column('category', sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column('aircraft_type', sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column('country', sa.String(length=2), nullable=True))
        batch_op.add_column(sa.Column('places', sa.JSON(), server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('scope', sa.JSON(), server_default='[]', nullable=False))
        batch_op.create_foreign_key(batch_op.f('fk_qualification_standard_licence_standard'), 'licence_standard', ['standard'], ['code'])

    with op.batch_alter_table('technician', schema=None) as batch_op:
        batch_op.add_column(sa.Column('employment', sa.String(length=32), server_default='own', nullable=False))
        batch_op.add_column(sa.Column('home_country', sa.String(length=2), nullable=True))
        batch_op.add_column(sa.Column('languages', sa.JSON(), server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('security_level', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('advisory_only', sa.Boolean(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
        batch_op.create_check_constraint(batch_op.f('ck_technician_security'), 'security_level >= 0')

    with op.batch_alter_table('qualification', schema=None) as batch_op:
        batch_op.alter_column('places', existing_type=sa.JSON(), server_default=None)
        batch_op.alter_column('scope', existing_type=sa.JSON(), server_default=None)
    with op.batch_alter_table('technician', schema=None) as batch_op:
        batch_op.alter_column('languages', existing_type=sa.JSON(), server_default=None)

    _deliver_standards()
    _deliver_release_rules()
    _deliver_rest_rules()
    _permit()


def downgrade() -> None:
    held = sa.table('role_permission', sa.column('permission'))
    op.execute(held.delete().where(held.c.permission.in_(sorted(_GIVEN))))
    with op.batch_alter_table('technician', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_technician_security'), type_='check')
        batch_op.drop_column('version')
        batch_op.drop_column('advisory_only')
        batch_op.drop_column('security_level')
        batch_op.drop_column('languages')
        batch_op.drop_column('home_country')
        batch_op.drop_column('employment')

    with op.batch_alter_table('qualification', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_qualification_standard_licence_standard'), type_='foreignkey')
        batch_op.drop_column('scope')
        batch_op.drop_column('places')
        batch_op.drop_column('country')
        batch_op.drop_column('aircraft_type')
        batch_op.drop_column('category')
        batch_op.drop_column('authority')
        batch_op.drop_column('standard')
        batch_op.drop_column('kind')

    with op.batch_alter_table('held_qualification', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_held_qualification_issue'), type_='check')
        batch_op.drop_index('ix_held_qualification_qualification_code_valid_until')
        batch_op.drop_column('limits')
        batch_op.drop_column('evidence')
        batch_op.drop_column('reference')
        batch_op.drop_column('issuer')
        batch_op.drop_column('issued_on')

    with op.batch_alter_table('tool_booking', schema=None) as batch_op:
        batch_op.drop_index('ix_tool_booking_tool_id_ends_at')
        batch_op.drop_index('ix_tool_booking_document')

    op.drop_table('tool_booking')
    with op.batch_alter_table('standby', schema=None) as batch_op:
        batch_op.drop_index('ix_standby_technician_id_ends_at')

    op.drop_table('standby')
    with op.batch_alter_table('secondment', schema=None) as batch_op:
        batch_op.drop_index('ix_secondment_technician_id_ends_at')

    op.drop_table('secondment')
    with op.batch_alter_table('rotation', schema=None) as batch_op:
        batch_op.drop_index('ix_rotation_aircraft_id_departs_at')

    op.drop_table('rotation')
    op.drop_table('experience')
    op.drop_table('cost_rate')
    op.drop_table('calibration')
    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.drop_index('ix_absence_technician_id_ends_at')

    op.drop_table('absence')
    with op.batch_alter_table('tool', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_tool_place_id'))

    op.drop_table('tool')
    with op.batch_alter_table('quarantined_rotation', schema=None) as batch_op:
        batch_op.drop_index('ix_quarantined_rotation_state')

    op.drop_table('quarantined_rotation')
    with op.batch_alter_table('authorisation_need', schema=None) as batch_op:
        batch_op.drop_index('ix_authorisation_need_authorisation')

    op.drop_table('authorisation_need')
    with op.batch_alter_table('aircraft', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_aircraft_operator_id'))
        batch_op.drop_index(batch_op.f('ix_aircraft_base_id'))
        batch_op.drop_index(batch_op.f('ix_aircraft_aircraft_type'))

    op.drop_table('aircraft')
    op.drop_table('tool_equivalent')
    op.drop_table('tool_kind')
    op.drop_table('shift_pattern')
    op.drop_table('rest_rule')
    with op.batch_alter_table('release_rule', schema=None) as batch_op:
        batch_op.drop_index('ix_release_rule_authority_seat')

    op.drop_table('release_rule')
    op.drop_table('organisation_approval')
    op.drop_table('licence_standard')
    with op.batch_alter_table('access_rule', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_access_rule_place'))
        batch_op.drop_index(batch_op.f('ix_access_rule_country'))

    op.drop_table('access_rule')
