-- Who has which role by AgentFlow's bindings, and which keys there are, for people who write SQL. What decides whether a
-- request may pass is folded by each node itself. What opens a key, and its hash, stand in no table.
create table views.role_bindings (
    tenant_id        text        not null,
    binding_id       text        not null,
    principal        text        not null,
    role             text        not null,
    project          text,
    environment      text,
    removed_at       timestamptz,
    version          bigint      not null,
    position         bigint      not null,
    created_position bigint      not null,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    primary key (tenant_id, binding_id)
);

comment on table views.role_bindings is 'A row for each role that a tenant has given, also where it took it away again';
comment on column views.role_bindings.tenant_id is 'Whose it is';
comment on column views.role_bindings.binding_id is 'Unique in the tenant';
comment on column views.role_bindings.principal is 'Who has the role: the subject of its tokens';
comment on column views.role_bindings.role is 'Which role';
comment on column views.role_bindings.project is 'Where it counts; null for the whole tenant';
comment on column views.role_bindings.environment is 'Where in the project it counts; null for all of it';
comment on column views.role_bindings.removed_at is 'Since when it counts no more; null while it does';
comment on column views.role_bindings.version is 'Sequence number of the last event that is told here';
comment on column views.role_bindings.position is 'Of that event in the log';
comment on column views.role_bindings.created_position is 'Of its first event in the log';
comment on column views.role_bindings.created_at is 'When that was';
comment on column views.role_bindings.updated_at is 'When the last event was';

create table views.api_keys (
    tenant_id        text        not null,
    key_id           text        not null,
    name             text        not null,
    roles            jsonb       not null,
    project          text,
    environment      text,
    expires_at       timestamptz not null,
    revoked_at       timestamptz,
    version          bigint      not null,
    position         bigint      not null,
    created_position bigint      not null,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    primary key (tenant_id, key_id)
);

comment on table views.api_keys is 'A row for each key that a tenant has issued, also where it was revoked';
comment on column views.api_keys.tenant_id is 'Which tenant it opens';
comment on column views.api_keys.key_id is 'Unique in the tenant; its actor is key:KEY_ID';
comment on column views.api_keys.name is 'What it is called';
comment on column views.api_keys.roles is 'What it may do';
comment on column views.api_keys.project is 'Where; null for the whole tenant';
comment on column views.api_keys.environment is 'Where in the project; null for all of it';
comment on column views.api_keys.expires_at is 'Until when it is good, unless it is revoked';
comment on column views.api_keys.revoked_at is 'When it was revoked; null where it was not';
comment on column views.api_keys.version is 'Sequence number of the last event that is told here';
comment on column views.api_keys.position is 'Of that event in the log';
comment on column views.api_keys.created_position is 'Of its first event in the log';
comment on column views.api_keys.created_at is 'When that was';
comment on column views.api_keys.updated_at is 'When the last event was';

alter table views.role_bindings enable row level security;
alter table views.api_keys enable row level security;
create policy all_rows on views.role_bindings to agentflow_app using (true) with check (true);
create policy all_rows on views.api_keys to agentflow_app using (true) with check (true);
create policy own_rows on views.role_bindings for select to agentflow_tenant
    using (tenant_id || '' = current_setting('agentflow.tenant', true));
create policy own_rows on views.api_keys for select to agentflow_tenant
    using (tenant_id || '' = current_setting('agentflow.tenant', true));
grant select, insert, update, delete, truncate on views.role_bindings, views.api_keys to agentflow_app;
grant select on views.role_bindings, views.api_keys to agentflow_tenant;

-- A tenant comes to be with its first entry, and its chain's head knows how many there are: no table has to count.
create view views.tenants with (security_invoker = true) as
select head.tenant_id,
       head.tenant_position as entries,
       first.position as created_position,
       first.occurred_at as created_at,
       last.position,
       last.occurred_at as updated_at
from log.tenant_heads head
join log.events first on first.tenant_id = head.tenant_id and first.tenant_position = 1
join log.events last on last.tenant_id = head.tenant_id and last.tenant_position = head.tenant_position;

comment on view views.tenants is 'A row for each tenant, asked of the log';
comment on column views.tenants.tenant_id is 'Its name';
comment on column views.tenants.entries is 'How many entries its log has';
comment on column views.tenants.created_position is 'Of its first entry in the log';
comment on column views.tenants.created_at is 'When that was';
comment on column views.tenants.position is 'Of its last entry in the log';
comment on column views.tenants.updated_at is 'When that was';

grant select on views.tenants to agentflow_app;
