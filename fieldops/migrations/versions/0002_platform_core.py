"""platform core

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

ROLES = {'administrator': ('Administrator',
                   ['audit.read', 'budget.approve', 'budget.limits', 'budget.read', 'budget.write', 'catalogue.read',
                    'catalogue.write', 'customers.read', 'customers.write', 'dispatch.read', 'dispatch.write',
                    'erp.read', 'erp.run', 'events.read', 'grants.control', 'grants.decide', 'grants.read',
                    'grants.request', 'metrics.read', 'network.read', 'network.write', 'operations.read',
                    'operations.run', 'plan.make', 'plan.override', 'plan.read', 'schedules.write', 'stock.move',
                    'stock.read', 'targets.read', 'targets.write', 'users.read', 'users.write', 'webhooks.write',
                    'workforce.read', 'workforce.write']),
 'aog_controller': ('AOG controller',
                    ['budget.read', 'catalogue.read', 'customers.read', 'dispatch.read', 'dispatch.write',
                     'events.read', 'grants.control', 'grants.read', 'grants.request', 'network.read',
                     'operations.read', 'operations.run', 'plan.make', 'plan.read', 'stock.move', 'stock.read',
                     'targets.read', 'workforce.read']),
 'auditor': ('Auditor',
             ['audit.read', 'budget.read', 'catalogue.read', 'customers.read', 'dispatch.read', 'erp.read',
              'events.read', 'grants.read', 'metrics.read', 'network.read', 'operations.read', 'plan.read',
              'stock.read', 'targets.read', 'users.read', 'workforce.read']),
 'central_planner': ('Central planner',
                     ['budget.read', 'catalogue.read', 'catalogue.write', 'customers.read', 'dispatch.read',
                      'erp.read', 'events.read', 'grants.decide', 'grants.read', 'grants.request', 'network.read',
                      'network.write', 'operations.read', 'operations.run', 'plan.make', 'plan.read',
                      'schedules.write', 'stock.move', 'stock.read', 'targets.read', 'targets.write',
                      'workforce.read']),
 'customer': ('Customer', ['customers.read', 'events.read']),
 'dispatcher': ('Dispatcher',
                ['budget.read', 'catalogue.read', 'customers.read', 'dispatch.read', 'dispatch.write', 'events.read',
                 'grants.read', 'grants.request', 'network.read', 'operations.read', 'operations.run', 'plan.make',
                 'plan.read', 'stock.read', 'targets.read', 'workforce.read']),
 'engineer': ('Engineer',
              ['catalogue.read', 'catalogue.write', 'customers.read', 'dispatch.read', 'events.read', 'grants.read',
               'network.read', 'operations.read', 'plan.read', 'stock.read', 'targets.read', 'workforce.read']),
 'finance': ('Finance',
             ['budget.approve', 'budget.limits', 'budget.read', 'budget.write', 'catalogue.read', 'customers.read',
              'dispatch.read', 'erp.read', 'erp.run', 'events.read', 'grants.read', 'network.read', 'operations.read',
              'plan.read', 'stock.read', 'targets.read', 'workforce.read']),
 'receiving_inspector': ('Receiving inspector',
                         ['catalogue.read', 'events.read', 'grants.read', 'network.read', 'stock.move', 'stock.read',
                          'targets.read']),
 'regional_manager': ('Regional manager',
                      ['budget.approve', 'budget.read', 'catalogue.read', 'customers.read', 'dispatch.read',
                       'dispatch.write', 'events.read', 'grants.decide', 'grants.read', 'grants.request',
                       'network.read', 'operations.read', 'operations.run', 'plan.make', 'plan.override', 'plan.read',
                       'stock.move', 'stock.read', 'targets.read', 'targets.write', 'workforce.read',
                       'workforce.write']),
 'storekeeper': ('Storekeeper',
                 ['catalogue.read', 'events.read', 'grants.read', 'grants.request', 'network.read', 'stock.move',
                  'stock.read', 'targets.read']),
 'technician': ('Technician',
                ['catalogue.read', 'dispatch.read', 'events.read', 'network.read', 'plan.read', 'stock.read',
                 'workforce.read']),
 'trade_compliance': ('Trade compliance',
                      ['catalogue.read', 'customers.read', 'customers.write', 'events.read', 'grants.read',
                       'network.read', 'stock.read', 'targets.read'])}


def _add_roles() -> None:
    role = sa.table('role', sa.column('code', sa.String), sa.column('name', sa.String))
    permission = sa.table('role_permission', sa.column('role', sa.String), sa.column('permission', sa.String))
    op.bulk_insert(role, [{'code': code, 'name': name} for code, (name, _permissions) in ROLES.items()])
    op.bulk_insert(
        permission,
        [{'role': code, 'permission': one} for code, (_name, permissions) in ROLES.items() for one in permissions],
    )


_PARAMETERS = {
    '--region': ('region', str),
    '--iterations': ('iterations', int),
    '--time-limit': ('seconds', float),
    '--seed': ('seed', int),
    '--budget': ('budget', str),
}


def _keep_schedules() -> None:
    """A schedule ran a command of the program; from now on it submits an operation with parameters."""
    schedule = sa.table(
        'schedule', sa.column('id', sa.Uuid), sa.column('arguments', sa.JSON), sa.column('parameters', sa.JSON)
    )
    connection = op.get_bind()
    for key, arguments in connection.execute(sa.select(schedule.c.id, schedule.c.arguments)).all():
        words = [part for word in arguments[2:] for part in word.split('=', 1)]
        parameters = {
            name: kind(value)
            for option, value in zip(words, words[1:])
            if option in _PARAMETERS
            for name, kind in [_PARAMETERS[option]]
        }
        connection.execute(sa.update(schedule).where(schedule.c.id == key).values(parameters=parameters))


def _protect_the_trail() -> None:
    """The databases themselves refuse to change or remove what the audit trail holds."""
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            'CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS '
            "$$ BEGIN RAISE EXCEPTION 'the audit trail is never changed'; END $$"
        )
        for table in ('audit_row', 'audit_seal'):
            op.execute(
                f'CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} '
                'FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()'
            )
        return
    refusal = "BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END"
    for table, key in (('audit_row', 'id'), ('audit_seal', 'position')):
        for verb in ('UPDATE', 'DELETE'):
            op.execute(f'CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} {refusal}')
        op.execute(
            f'CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} '
            f'WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) {refusal}'
        )


def _let_go_of_the_trail() -> None:
    for table in ('audit_row', 'audit_seal'):
        if op.get_bind().dialect.name == 'postgresql':
            op.execute(f'DROP TRIGGER {table}_no_change ON {table}')
        else:
            for what in ('UPDATE', 'DELETE', 'replace'):
                op.execute(f'DROP TRIGGER {table}_no_{what}')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP FUNCTION refuse_audit_change()')


def upgrade() -> None:
    op.create_table('audit_row',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=64), nullable=False),
    sa.Column('origin', sa.String(length=200), nullable=False),
    sa.Column('request_id', sa.String(length=64), nullable=True),
    sa.Column('action', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('subject_key', sa.String(length=200), nullable=False),
    sa.Column('audience', sa.String(length=48), nullable=False),
    sa.Column('before', sa.JSON(), nullable=True),
    sa.Column('after', sa.JSON(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_row'))
    )
    with op.batch_alter_table('audit_row', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_row_actor'), ['actor'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_row_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_row_subject'), ['subject'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_row_subject_key'), ['subject_key'], unique=False)

    op.create_table('event_reader',
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_event_reader'))
    )
    op.create_table('idempotency_record',
    sa.Column('actor', sa.String(length=64), nullable=False),
    sa.Column('route', sa.String(length=200), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('body_hash', sa.String(length=64), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('headers', sa.JSON(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('kept_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('actor', 'route', 'key', name=op.f('pk_idempotency_record'))
    )
    with op.batch_alter_table('idempotency_record', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_idempotency_record_kept_at'), ['kept_at'], unique=False)

    op.create_table('login_throttle',
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('strikes', sa.Integer(), nullable=False),
    sa.Column('blocked_until', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_login_throttle'))
    )
    with op.batch_alter_table('login_throttle', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_login_throttle_blocked_until'), ['blocked_until'], unique=False)

    op.create_table('mail_outbox',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(length=128), nullable=False),
    sa.Column('to', sa.String(length=320), nullable=False),
    sa.Column('subject', sa.String(length=400), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.String(length=400), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_outbox')),
    sa.UniqueConstraint('key', name=op.f('uq_mail_outbox_key'))
    )
    with op.batch_alter_table('mail_outbox', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mail_outbox_state_next_at'), ['state', 'next_at'], unique=False)

    op.create_table('oidc_login',
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('nonce', sa.String(length=64), nullable=False),
    sa.Column('verifier', sa.String(length=128), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('state', name=op.f('pk_oidc_login'))
    )
    with op.batch_alter_table('oidc_login', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_oidc_login_expires_at'), ['expires_at'], unique=False)

    op.create_table('operator',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=48), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_operator')),
    sa.UniqueConstraint('code', name=op.f('uq_operator_code'))
    )
    op.create_table('role',
    sa.Column('code', sa.String(length=48), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_role'))
    )
    op.create_table('user_account',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=48), nullable=False),
    sa.Column('display_name', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=200), nullable=True),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('operator_id', sa.Uuid(), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_account')),
    sa.UniqueConstraint('name', name=op.f('uq_user_account_name'))
    )
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_user_account_email'), ['email'], unique=False)

    op.create_table('webhook',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('kinds', sa.JSON(), nullable=False),
    sa.Column('region', sa.String(length=48), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('secret', sa.String(length=64), nullable=False),
    sa.Column('owner', sa.String(length=64), nullable=False),
    sa.Column('acting', sa.JSON(), nullable=False),
    sa.Column('since', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook'))
    )
    with op.batch_alter_table('webhook', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_webhook_region'), ['region'], unique=False)

    op.create_table('worker_lease',
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('worker', sa.String(length=64), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_worker_lease'))
    )
    op.create_table('api_token',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=48), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('permissions', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_api_token_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_token')),
    sa.UniqueConstraint('digest', name=op.f('uq_api_token_digest'))
    )
    with op.batch_alter_table('api_token', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_api_token_user_id'), ['user_id'], unique=False)

    op.create_table('audit_seal',
    sa.Column('position', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('audit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['audit_id'], ['audit_row.id'], name=op.f('fk_audit_seal_audit_id_audit_row')),
    sa.PrimaryKeyConstraint('position', name=op.f('pk_audit_seal')),
    sa.UniqueConstraint('audit_id', name=op.f('uq_audit_seal_audit_id'))
    )
    op.create_table('credential',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('totp_secret', sa.String(length=64), nullable=True),
    sa.Column('totp_step', sa.Integer(), nullable=True),
    sa.Column('last_login_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_credential_user_id_user_account')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_credential'))
    )
    op.create_table('login_link',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_login_link_user_id_user_account')),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_login_link'))
    )
    with op.batch_alter_table('login_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_login_link_expires_at'), ['expires_at'], unique=False)

    op.create_table('login_session',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_login_session_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_session'))
    )
    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_login_session_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_login_session_user_id'), ['user_id'], unique=False)

    op.create_table('membership',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('code', sa.String(length=48), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_membership_user_id_user_account')),
    sa.PrimaryKeyConstraint('user_id', 'kind', 'code', name=op.f('pk_membership'))
    )
    op.create_table('role_permission',
    sa.Column('role', sa.String(length=48), nullable=False),
    sa.Column('permission', sa.String(length=48), nullable=False),
    sa.ForeignKeyConstraint(['role'], ['role.code'], name=op.f('fk_role_permission_role_role')),
    sa.PrimaryKeyConstraint('role', 'permission', name=op.f('pk_role_permission'))
    )
    op.create_table('schedule_run',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('schedule_id', sa.Uuid(), nullable=False),
    sa.Column('slot', sa.DateTime(timezone=True), nullable=False),
    sa.Column('fired_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('manual', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['schedule_id'], ['schedule.id'], name=op.f('fk_schedule_run_schedule_id_schedule'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_schedule_run')),
    sa.UniqueConstraint('schedule_id', 'slot', name=op.f('uq_schedule_run_schedule_id_slot'))
    )
    op.create_table('user_identity',
    sa.Column('issuer', sa.String(length=400), nullable=False),
    sa.Column('subject', sa.String(length=255), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_user_identity_user_id_user_account')),
    sa.PrimaryKeyConstraint('issuer', 'subject', name=op.f('pk_user_identity')),
    sa.UniqueConstraint('issuer', 'user_id', name=op.f('uq_user_identity_issuer_user_id'))
    )
    with op.batch_alter_table('user_identity', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_user_identity_user_id'), ['user_id'], unique=False)

    op.create_table('user_role',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.String(length=48), nullable=False),
    sa.ForeignKeyConstraint(['role'], ['role.code'], name=op.f('fk_user_role_role_role')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_user_role_user_id_user_account')),
    sa.PrimaryKeyConstraint('user_id', 'role', name=op.f('pk_user_role'))
    )
    with op.batch_alter_table('user_role', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_user_role_role'), ['role'], unique=False)

    op.create_table('webhook_delivery',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('webhook_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=True),
    sa.Column('last_status', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.String(length=400), nullable=True),
    sa.ForeignKeyConstraint(['webhook_id'], ['webhook.id'], name=op.f('fk_webhook_delivery_webhook_id_webhook'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_delivery')),
    sa.UniqueConstraint('webhook_id', 'number', name=op.f('uq_webhook_delivery_webhook_id_number'))
    )
    with op.batch_alter_table('webhook_delivery', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_webhook_delivery_state_next_at'), ['state', 'next_at'], unique=False)

    op.create_table('operation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('parameters', sa.JSON(), nullable=False),
    sa.Column('actor', sa.String(length=64), nullable=False),
    sa.Column('acting', sa.JSON(), nullable=False),
    sa.Column('region', sa.String(length=48), nullable=False),
    sa.Column('urgency', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stage', sa.String(length=200), nullable=True),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('incumbent', sa.JSON(), nullable=True),
    sa.Column('result', sa.JSON(), nullable=True),
    sa.Column('code', sa.String(length=64), nullable=True),
    sa.Column('text', sa.String(length=400), nullable=True),
    sa.Column('values', sa.JSON(), nullable=True),
    sa.Column('cancel_requested', sa.Boolean(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('worker', sa.String(length=64), nullable=True),
    sa.Column('heartbeat_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('run_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['run_id'], ['schedule_run.id'], name=op.f('fk_operation_run_id_schedule_run')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_operation'))
    )
    with op.batch_alter_table('operation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_operation_actor'), ['actor'], unique=False)
        batch_op.create_index(batch_op.f('ix_operation_kind'), ['kind'], unique=False)
        batch_op.create_index(batch_op.f('ix_operation_region'), ['region'], unique=False)
        batch_op.create_index(batch_op.f('ix_operation_state'), ['state'], unique=False)

    op.create_table('region_grant',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('asking_region', sa.String(length=48), nullable=False),
    sa.Column('granting_region', sa.String(length=48), nullable=False),
    sa.Column('part_id', sa.Uuid(), nullable=True),
    sa.Column('quantity', sa.BigInteger(), nullable=True),
    sa.Column('destination_id', sa.Uuid(), nullable=True),
    sa.Column('purpose', sa.String(length=400), nullable=False),
    sa.Column('aog', sa.Boolean(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('asked_by', sa.String(length=64), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('takeable_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(length=64), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.String(length=400), nullable=True),
    sa.Column('withdrawn_by', sa.String(length=64), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('review_by', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reviewed_by', sa.String(length=64), nullable=True),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('review', sa.String(length=400), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint("(kind = 'stock') = (part_id IS NOT NULL)", name=op.f('ck_region_grant_part')),
    sa.CheckConstraint("(kind = 'stock') = (quantity IS NOT NULL)", name=op.f('ck_region_grant_quantity')),
    sa.CheckConstraint('asking_region <> granting_region', name=op.f('ck_region_grant_regions_differ')),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_region_grant_period')),
    sa.ForeignKeyConstraint(['destination_id'], ['place.id'], name=op.f('fk_region_grant_destination_id_place')),
    sa.ForeignKeyConstraint(['part_id'], ['part.id'], name=op.f('fk_region_grant_part_id_part')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_region_grant')),
    sa.UniqueConstraint('number', name=op.f('uq_region_grant_number'))
    )
    with op.batch_alter_table('region_grant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_region_grant_asking_region'), ['asking_region'], unique=False)
        batch_op.create_index(batch_op.f('ix_region_grant_granting_region'), ['granting_region'], unique=False)
        batch_op.create_index(batch_op.f('ix_region_grant_state'), ['state'], unique=False)

    with op.batch_alter_table('approval_limit', schema=None) as batch_op:
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))

    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))

    with op.batch_alter_table('outbox_event', schema=None) as batch_op:
        batch_op.add_column(sa.Column('audience', sa.String(length=48), server_default='-', nullable=False))
        batch_op.add_column(sa.Column('area', sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column('place', sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column('number', sa.BigInteger(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_outbox_event_number'), ['number'])

    with op.batch_alter_table('schedule', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=64), server_default='plan.day', nullable=False))
        batch_op.add_column(sa.Column('parameters', sa.JSON(), server_default='{}', nullable=False))
        batch_op.add_column(sa.Column('effective_from', sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False))
        batch_op.add_column(sa.Column('owner', sa.String(length=64), server_default='system', nullable=False))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))

    _keep_schedules()
    with op.batch_alter_table('schedule', schema=None) as batch_op:
        batch_op.drop_column('last_exit_status')
        batch_op.drop_column('arguments')
        batch_op.drop_column('last_started_at')
        for column in ('kind', 'parameters', 'effective_from'):
            batch_op.alter_column(column, server_default=None)

    _add_roles()
    _protect_the_trail()


def downgrade() -> None:
    _let_go_of_the_trail()
    op.execute(sa.text("DELETE FROM schedule WHERE kind <> 'plan.day'"))
    with op.batch_alter_table('schedule', schema=None) as batch_op:
        batch_op.add_column(sa.Column('arguments', sa.JSON(), server_default='["plan", "day"]', nullable=False))
        batch_op.add_column(sa.Column('last_started_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('last_exit_status', sa.Integer(), nullable=True))
        batch_op.drop_column('version')
        batch_op.drop_column('owner')
        batch_op.drop_column('effective_from')
        batch_op.drop_column('parameters')
        batch_op.drop_column('kind')
    with op.batch_alter_table('schedule', schema=None) as batch_op:
        batch_op.alter_column('arguments', server_default=None)

    with op.batch_alter_table('outbox_event', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_outbox_event_number'), type_='unique')
        batch_op.drop_column('number')
        batch_op.drop_column('place')
        batch_op.drop_column('area')
        batch_op.drop_column('audience')

    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_column('version')

    with op.batch_alter_table('approval_limit', schema=None) as batch_op:
        batch_op.drop_column('version')

    with op.batch_alter_table('region_grant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_region_grant_state'))
        batch_op.drop_index(batch_op.f('ix_region_grant_granting_region'))
        batch_op.drop_index(batch_op.f('ix_region_grant_asking_region'))

    op.drop_table('region_grant')
    with op.batch_alter_table('operation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_operation_state'))
        batch_op.drop_index(batch_op.f('ix_operation_region'))
        batch_op.drop_index(batch_op.f('ix_operation_kind'))
        batch_op.drop_index(batch_op.f('ix_operation_actor'))

    op.drop_table('operation')
    with op.batch_alter_table('webhook_delivery', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_webhook_delivery_state_next_at'))

    op.drop_table('webhook_delivery')
    with op.batch_alter_table('user_role', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_user_role_role'))

    op.drop_table('user_role')
    with op.batch_alter_table('user_identity', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_user_identity_user_id'))

    op.drop_table('user_identity')
    op.drop_table('schedule_run')
    op.drop_table('role_permission')
    op.drop_table('membership')
    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_login_session_user_id'))
        batch_op.drop_index(batch_op.f('ix_login_session_expires_at'))

    op.drop_table('login_session')
    with op.batch_alter_table('login_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_login_link_expires_at'))

    op.drop_table('login_link')
    op.drop_table('credential')
    op.drop_table('audit_seal')
    with op.batch_alter_table('api_token', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_api_token_user_id'))

    op.drop_table('api_token')
    op.drop_table('worker_lease')
    with op.batch_alter_table('webhook', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_webhook_region'))

    op.drop_table('webhook')
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_user_account_email'))

    op.drop_table('user_account')
    op.drop_table('role')
    op.drop_table('operator')
    with op.batch_alter_table('oidc_login', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_oidc_login_expires_at'))

    op.drop_table('oidc_login')
    with op.batch_alter_table('mail_outbox', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_mail_outbox_state_next_at'))

    op.drop_table('mail_outbox')
    with op.batch_alter_table('login_throttle', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_login_throttle_blocked_until'))

    op.drop_table('login_throttle')
    with op.batch_alter_table('idempotency_record', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_idempotency_record_kept_at'))

    op.drop_table('idempotency_record')
    op.drop_table('event_reader')
    with op.batch_alter_table('audit_row', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_row_subject_key'))
        batch_op.drop_index(batch_op.f('ix_audit_row_subject'))
        batch_op.drop_index(batch_op.f('ix_audit_row_at'))
        batch_op.drop_index(batch_op.f('ix_audit_row_actor'))

    op.drop_table('audit_row')
