-- The log under the names and columns that products give it which write an audit trail beside their tables: for people
-- and programs that ask those. They show what audit.events shows, fenced alike.

create view audit.audits with (security_invoker = true) as
select event_id as id, tenant_id,
       case when metadata::jsonb ->> 'actor' = 'agentflow' then 'system'
            when metadata::jsonb ->> 'actor' like 'key:%' then 'key'
            else 'user'
       end as actor_type,
       metadata::jsonb ->> 'actor' as actor_id,
       event_type as action,
       aggregate_type as resource_type,
       aggregate_id as resource_id,
       payload::jsonb as details,
       occurred_at as ts,
       prev_hash, hash, position
from log.events;

comment on view audit.audits is 'Each entry of the log, under the names of a table audits';
comment on column audit.audits.id is 'Unique; event_id of audit.events';
comment on column audit.audits.tenant_id is 'Whose log it is';
comment on column audit.audits.actor_type is 'system for the server itself, key for a key, else user: a person or a program with a token';
comment on column audit.audits.actor_id is 'Who acted: sub of a token, key:… of a key, or agentflow';
comment on column audit.audits.action is 'What happened; event_type of audit.events';
comment on column audit.audits.resource_type is 'Whom it happened to: workflow, agent, budget, schedule or tenant';
comment on column audit.audits.resource_id is 'The id of that one';
comment on column audit.audits.details is 'What is recorded; payload of audit.events';
comment on column audit.audits.ts is 'Clock of the node that decided; the order is that of position';
comment on column audit.audits.prev_hash is 'Hash of the tenant''s entry before; 32 zero bytes for the first';
comment on column audit.audits.hash is 'SHA-256 over prev_hash and the record';
comment on column audit.audits.position is 'Place in the log of all tenants; it has gaps where others appended';

create view audit.audit_events with (security_invoker = true) as
select event_id as id, tenant_id, event_type,
       metadata::jsonb ->> 'actor' as actor,
       occurred_at as "timestamp",
       coalesce(nullif(split_part(metadata::jsonb ->> 'traceparent', '-', 2), ''),
                metadata::jsonb ->> 'correlationId') as trace_id,
       payload::jsonb as metadata,
       position
from log.events;

comment on view audit.audit_events is 'Each entry of the log, under the names of a table audit_events';
comment on column audit.audit_events.id is 'Unique; event_id of audit.events';
comment on column audit.audit_events.tenant_id is 'Whose log it is';
comment on column audit.audit_events.event_type is 'What happened, as docs/events.md spells it';
comment on column audit.audit_events.actor is 'Who acted; the log has no roles, which are the token''s or the tenant''s to give';
comment on column audit.audit_events."timestamp" is 'Clock of the node that decided; the order is that of position';
comment on column audit.audit_events.trace_id is 'The trace that the request named; else its correlation_id';
comment on column audit.audit_events.metadata is 'What is recorded; payload of audit.events';
comment on column audit.audit_events.position is 'Place in the log of all tenants; it has gaps where others appended';

create view audit.actors with (security_invoker = true) as
select tenant_id, metadata::jsonb ->> 'actor' as actor,
       min(occurred_at) as first_seen_at,
       max(occurred_at) as last_seen_at,
       count(distinct metadata::jsonb ->> 'causationId') as commands,
       count(*) as entries
from log.events
group by tenant_id, metadata::jsonb ->> 'actor';

comment on view audit.actors is 'Each person, program and key that the log knows of: who has changed anything';
comment on column audit.actors.tenant_id is 'In which tenant';
comment on column audit.actors.actor is 'sub of a token, key:… of a key, or agentflow, the server itself';
comment on column audit.actors.first_seen_at is 'When its first entry was decided';
comment on column audit.actors.last_seen_at is 'When its last entry was decided';
comment on column audit.actors.commands is 'How many of its commands led to entries';
comment on column audit.actors.entries is 'To how many';

grant select on audit.audits, audit.audit_events, audit.actors to af_auditor;
