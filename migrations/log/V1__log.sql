-- The log: the only truth. Every other table can be dropped and rebuilt from it.

create table log.events (
    position        bigint      not null,
    tenant_id       text        not null,
    tenant_position bigint      not null,
    event_id        uuid        not null,
    aggregate_type  text        not null,
    aggregate_id    text        not null,
    sequence_number bigint      not null,
    event_type      text        not null,
    event_version   integer     not null,
    occurred_at     timestamptz not null,
    metadata        text        not null,
    payload         text        not null,
    prev_hash       bytea       not null,
    hash            bytea       not null,
    constraint events_pkey primary key (position),
    constraint events_tenant_position_key unique (tenant_id, tenant_position),
    constraint events_aggregate_sequence_key unique (aggregate_id, sequence_number),
    constraint events_event_id_key unique (event_id),
    constraint events_position_check check (position >= 1 and tenant_position >= 1),
    constraint events_sequence_check check (sequence_number >= 0 and event_version >= 1),
    constraint events_hash_check check (octet_length(prev_hash) = 32 and octet_length(hash) = 32)
);

comment on table log.events is 'Append-only, hash-chained per tenant: hash = SHA-256(prev_hash || record)';
comment on column log.events.position is 'Gapless over all tenants, in commit order, from 1; outside the hash';
comment on column log.events.tenant_position is 'Gapless in the tenant, from 1; inside the hash';
comment on column log.events.metadata is 'RFC 8785 canonical JSON, hashed as stored';
comment on column log.events.payload is 'RFC 8785 canonical JSON, hashed as stored';
comment on column log.events.prev_hash is 'Hash of the tenant''s entry before; 32 zero bytes for its first';

-- The end of the log and of each chain. Whoever appends locks the one row of log.head first: nodes take turns on it.
create table log.head (
    only_row boolean not null default true primary key check (only_row),
    position bigint  not null
);
insert into log.head (position) values (0);

create table log.tenant_heads (
    tenant_id       text   not null primary key,
    tenant_position bigint not null,
    hash            bytea  not null check (octet_length(hash) = 32)
);

-- What people read: the same entries with their JSON as jsonb and their hashes as hex.
create view log.entries as
select position, tenant_id, tenant_position, event_id, aggregate_type, aggregate_id, sequence_number,
       event_type, event_version, occurred_at, metadata::jsonb as metadata, payload::jsonb as payload,
       encode(prev_hash, 'hex') as prev_hash, encode(hash, 'hex') as hash
from log.events;

-- Append-only is granted, not hoped for: the application may insert and read, nothing else.
-- The trigger says so to anyone else who is later granted more by mistake; the owner alone can overrule it,
-- and then the chain tells.
create function log.refuse_change() returns trigger language plpgsql as $$
begin
    if current_user = (select tableowner from pg_tables where schemaname = 'log' and tablename = 'events') then
        return case tg_op when 'UPDATE' then new when 'DELETE' then old else null end;
    end if;
    raise exception 'log.events is append-only: % is refused', lower(tg_op) using errcode = 'insufficient_privilege';
end
$$;

create trigger events_are_never_changed before update or delete on log.events
    for each row execute function log.refuse_change();
create trigger events_are_never_truncated before truncate on log.events
    for each statement execute function log.refuse_change();

do $$
begin
    if not exists (select from pg_roles where rolname = 'agentflow_app') then
        create role agentflow_app nologin;
    end if;
    execute format('grant agentflow_app to %I', current_user);
end
$$;

grant usage on schema log to agentflow_app;
grant select, insert on log.events to agentflow_app;
grant select, update on log.head to agentflow_app;
grant select, insert, update on log.tenant_heads to agentflow_app;
grant select on log.entries to agentflow_app;
