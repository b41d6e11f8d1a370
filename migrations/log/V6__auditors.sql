-- What people read with SQL who have no business with anything but their tenant's log: views over the log alone, in
-- a schema that stays, for logins that are members of af_auditor.
--
-- Which tenant a login is shown stands in a table that no such login can read or write. It is found by
-- session_user: that is who has logged in, whatever SET ROLE or a setting say. A setting will not do here, since who
-- has SQL can set it.

create schema audit;
comment on schema audit is 'What auditors read: views over the log, each login''s own tenant';

create table audit.auditors (
    login     text        not null primary key,
    tenant_id text        not null,
    added_at  timestamptz not null default now(),
    added_by  text        not null default session_user
);
comment on table audit.auditors is 'Which tenant''s log a login is shown; written by the database''s owner alone';
comment on column audit.auditors.login is 'Name of a role that may log in and is a member of af_auditor';
comment on column audit.auditors.tenant_id is 'The one tenant that it is shown';
comment on column audit.auditors.added_at is 'Since when, by the database''s clock';
comment on column audit.auditors.added_by is 'Who had logged in then';

create function audit.tenant() returns text
    language sql stable parallel safe security definer
    return (select auditor.tenant_id from audit.auditors auditor where auditor.login = session_user);
comment on function audit.tenant() is 'The tenant of who has logged in; null where it is nobody''s login';

do $$
begin
    if not exists (select from pg_roles where rolname = 'af_auditor') then
        create role af_auditor nologin;
    end if;
end
$$;

create policy auditors_tenant on log.events for select to af_auditor
    using (tenant_id = (select audit.tenant()));
create policy auditors_tenant on log.tenant_heads for select to af_auditor
    using (tenant_id = (select audit.tenant()));

-- A view asks as who asks the view, so that the policies hold.

create view audit.events with (security_invoker = true) as
select position, tenant_id, tenant_position, event_id, event_type, event_version, aggregate_type, aggregate_id,
       sequence_number, occurred_at,
       metadata::jsonb ->> 'actor' as actor,
       metadata::jsonb ->> 'correlationId' as correlation_id,
       metadata::jsonb ->> 'causationId' as causation_id,
       metadata::jsonb as metadata, payload::jsonb as payload,
       encode(prev_hash, 'hex') as prev_hash, encode(hash, 'hex') as hash
from log.events;

comment on view audit.events is 'Each entry of the log';
comment on column audit.events.position is 'Place in the log of all tenants; it has gaps where others appended';
comment on column audit.events.tenant_id is 'Whose log it is';
comment on column audit.events.tenant_position is 'Place in the tenant''s chain, from 1 and without gap';
comment on column audit.events.event_id is 'Unique; also the id of its message on NATS';
comment on column audit.events.event_type is 'What happened, as docs/events.md spells it';
comment on column audit.events.event_version is 'Version of the payload''s form';
comment on column audit.events.aggregate_type is 'Whom it happened to: workflow, agent, budget, schedule or tenant';
comment on column audit.events.aggregate_id is 'The id of that one';
comment on column audit.events.sequence_number is 'Place in that one''s history, from 0';
comment on column audit.events.occurred_at is 'Clock of the node that decided, to the microsecond';
comment on column audit.events.actor is 'Who acted: sub of a token, key:… of a key, or agentflow, the server itself';
comment on column audit.events.correlation_id is 'The same on all that belongs to one request, as far as it led';
comment on column audit.events.causation_id is 'The command that was decided; the same on all that it led to at once';
comment on column audit.events.metadata is 'Who and why, as it was recorded';
comment on column audit.events.payload is 'What is recorded; docs/events has a schema for each type';
comment on column audit.events.prev_hash is 'Hash of the tenant''s entry before, in hex; zeros for the first';
comment on column audit.events.hash is 'SHA-256 over prev_hash and the record, in hex';

create view audit.approvals with (security_invoker = true) as
with asked as (
    select position, tenant_id, occurred_at, payload::jsonb as payload
    from log.events where event_type = 'workflow.approval-requested'
), answered as (
    select position, tenant_id, occurred_at, payload::jsonb as payload, substr(event_type, 19) as answer
    from log.events
    where event_type in ('workflow.approval-granted', 'workflow.approval-denied',
                         'workflow.approval-expired', 'workflow.approval-withdrawn')
)
select asked.tenant_id,
       asked.payload ->> 'workflowId' as workflow_id,
       asked.payload ->> 'approvalId' as approval_id,
       asked.payload ->> 'stepId' as step_id,
       asked.payload ->> 'digest' as digest,
       asked.payload ->> 'requestedBy' as requested_by,
       asked.occurred_at as requested_at,
       asked.payload -> 'people' as people,
       asked.payload -> 'roles' as roles,
       (asked.payload ->> 'required')::integer as required,
       (asked.payload ->> 'expiresAt')::timestamptz as expires_at,
       answered.answer,
       answered.payload ->> 'by' as answered_by,
       answered.occurred_at as answered_at,
       (answered.payload ->> 'granted')::integer as granted,
       answered.payload ->> 'reason' as reason,
       asked.position as requested_position,
       answered.position as answered_position
from asked
left join answered on answered.tenant_id = asked.tenant_id
    and answered.payload ->> 'workflowId' = asked.payload ->> 'workflowId'
    and answered.payload ->> 'approvalId' = asked.payload ->> 'approvalId';

comment on view audit.approvals is 'What people were asked to approve: a row for each answer, and one for what has none';
comment on column audit.approvals.tenant_id is 'Whose workflow it is';
comment on column audit.approvals.workflow_id is 'The workflow that asked';
comment on column audit.approvals.approval_id is 'Unique in the workflow';
comment on column audit.approvals.step_id is 'The step to approve; null where it is the plan';
comment on column audit.approvals.digest is 'Of what was to be approved; an approval counts for this alone';
comment on column audit.approvals.requested_by is 'Who asked, and may not approve';
comment on column audit.approvals.requested_at is 'When';
comment on column audit.approvals.people is 'Who may answer, by name';
comment on column audit.approvals.roles is 'Who may answer, by role';
comment on column audit.approvals.required is 'How many people have to grant it';
comment on column audit.approvals.expires_at is 'Until when an answer is taken';
comment on column audit.approvals.answer is 'granted, denied, expired or withdrawn; null while nobody has answered';
comment on column audit.approvals.answered_by is 'Which person; null where it expired or was withdrawn';
comment on column audit.approvals.answered_at is 'When';
comment on column audit.approvals.granted is 'How many people had granted it with this answer; enough are required';
comment on column audit.approvals.reason is 'Why it was denied';
comment on column audit.approvals.requested_position is 'The entry that asked';
comment on column audit.approvals.answered_position is 'The entry that answered';

create view audit.tool_calls with (security_invoker = true) as
with entry as (
    select position, tenant_id, occurred_at, event_type, metadata::jsonb ->> 'actor' as actor, payload::jsonb as payload
    from log.events
    where event_type in ('workflow.tool-called', 'workflow.tool-returned', 'workflow.step-ready',
        'workflow.step-assigned', 'workflow.step-completed', 'workflow.step-compensated', 'workflow.step-failed')
)
select called.tenant_id,
       called.payload ->> 'workflowId' as workflow_id,
       called.payload ->> 'callId' as call_id,
       null::text as step_id,
       null::integer as attempt,
       called.payload ->> 'agentId' as agent_id,
       called.payload ->> 'tool' as tool,
       called.payload ->> 'arguments' as arguments,
       called.occurred_at as called_at,
       called.actor as recorded_by,
       case when returned.position is not null then 'returned' end as outcome,
       returned.payload ->> 'result' as result,
       returned.occurred_at as returned_at,
       (called.payload ->> 'tokens')::bigint + coalesce((returned.payload ->> 'tokens')::bigint, 0) as tokens,
       (called.payload ->> 'microDollars')::bigint
           + coalesce((returned.payload ->> 'microDollars')::bigint, 0) as micro_dollars,
       called.position as called_position,
       returned.position as returned_position
from entry called
left join entry returned on returned.event_type = 'workflow.tool-returned' and returned.tenant_id = called.tenant_id
    and returned.payload ->> 'workflowId' = called.payload ->> 'workflowId'
    and returned.payload ->> 'callId' = called.payload ->> 'callId'
where called.event_type = 'workflow.tool-called'
union all
select assigned.tenant_id,
       assigned.payload ->> 'workflowId',
       null,
       assigned.payload ->> 'stepId',
       (assigned.payload ->> 'attempt')::integer,
       assigned.payload ->> 'agentId',
       ready.payload ->> 'tool',
       null,
       assigned.occurred_at,
       ended.actor,
       substr(ended.event_type, 15),
       coalesce(ended.payload ->> 'result', ended.payload ->> 'reason'),
       ended.occurred_at,
       coalesce((ended.payload ->> 'tokens')::bigint, 0),
       coalesce((ended.payload ->> 'microDollars')::bigint, 0),
       assigned.position,
       ended.position
from entry assigned
join entry ready on ready.event_type = 'workflow.step-ready' and ready.tenant_id = assigned.tenant_id
    and ready.payload ->> 'workflowId' = assigned.payload ->> 'workflowId'
    and ready.payload ->> 'stepId' = assigned.payload ->> 'stepId'
    and ready.payload ->> 'attempt' = assigned.payload ->> 'attempt'
left join entry ended on ended.tenant_id = assigned.tenant_id
    and ended.event_type in ('workflow.step-completed', 'workflow.step-compensated', 'workflow.step-failed')
    and ended.payload ->> 'workflowId' = assigned.payload ->> 'workflowId'
    and ended.payload ->> 'stepId' = assigned.payload ->> 'stepId'
    and ended.payload ->> 'attempt' = assigned.payload ->> 'attempt'
where assigned.event_type = 'workflow.step-assigned' and ready.payload ? 'tool';

comment on view audit.tool_calls is 'Each call of a tool: those that were recorded, and the attempts at steps that name one';
comment on column audit.tool_calls.tenant_id is 'Whose workflow it is';
comment on column audit.tool_calls.workflow_id is 'The workflow in which it was called';
comment on column audit.tool_calls.call_id is 'Unique in the workflow; null for a step';
comment on column audit.tool_calls.step_id is 'The plan''s step; null for a call that was recorded';
comment on column audit.tool_calls.attempt is 'Which attempt at the step, from 1';
comment on column audit.tool_calls.agent_id is 'Which agent called';
comment on column audit.tool_calls.tool is 'What it called';
comment on column audit.tool_calls.arguments is 'With what; null for a step, whose input is in the plan';
comment on column audit.tool_calls.called_at is 'When it was recorded, or the step assigned';
comment on column audit.tool_calls.recorded_by is 'Who recorded the call, or the step''s end; null while it has none';
comment on column audit.tool_calls.outcome is 'returned, completed, compensated or failed; null where no end is recorded';
comment on column audit.tool_calls.result is 'What came back, or why the step failed';
comment on column audit.tool_calls.returned_at is 'When it ended';
comment on column audit.tool_calls.tokens is 'Used by the call and by its return';
comment on column audit.tool_calls.micro_dollars is 'Likewise; 1,000,000 are a dollar';
comment on column audit.tool_calls.called_position is 'The entry of the call or the assignment';
comment on column audit.tool_calls.returned_position is 'The entry of its end';

-- Windows instead of joins: no statistics tell how many rows a join on what stands in JSON has, and a plan by a wrong
-- guess took more than minutes over 244,000 entries.
create view audit.spend with (security_invoker = true) as
with entry as (
    select position, tenant_id, occurred_at, event_type, metadata::jsonb ->> 'actor' as actor, payload::jsonb as payload
    from log.events
    where event_type in ('workflow.created', 'workflow.message-recorded', 'workflow.tool-called',
        'workflow.tool-returned', 'workflow.step-assigned', 'workflow.step-completed', 'workflow.step-compensated',
        'workflow.step-failed', 'budget.settled')
), named as (
    select *, payload ->> 'workflowId' as workflow_id, payload ->> 'agentId' as agent_id,
           payload ->> 'budgetId' as budget_id, (payload ->> 'tokens')::bigint as tokens,
           (payload ->> 'microDollars')::bigint as micro_dollars,
           event_type in ('workflow.step-completed', 'workflow.step-compensated', 'workflow.step-failed') as ends_step,
           -- An attempt's reservation has this id, too.
           case when event_type = 'budget.settled' then payload ->> 'reservationId'
                when payload ? 'stepId'
                    then (payload ->> 'workflowId') || ':' || (payload ->> 'stepId') || ':' || (payload ->> 'attempt')
                when payload ? 'callId' then (payload ->> 'workflowId') || ' ' || (payload ->> 'callId')
           end as use_id
    from entry
), used as (
    select *,
           max(agent_id) filter (where use_id is not null and event_type <> 'budget.settled')
               over (partition by tenant_id, use_id) as agent_of_use,
           max(agent_id) filter (where event_type = 'workflow.created')
               over (partition by tenant_id, workflow_id) as agent_of_workflow,
           bool_or(ends_step) over (partition by tenant_id, use_id, budget_id) as is_of_step
    from named
)
select tenant_id,
       (occurred_at at time zone 'UTC')::date as day,
       workflow_id,
       case when event_type <> 'budget.settled' then coalesce(agent_of_use, agent_of_workflow) end as agent_id,
       budget_id,
       actor as recorded_by,
       tokens,
       micro_dollars,
       occurred_at,
       event_type,
       position
from used
where (tokens > 0 or micro_dollars > 0)
    -- What a step has used is settled on its budget as well: it is counted once, where it was used.
    and not (event_type = 'budget.settled' and is_of_step);

comment on view audit.spend is 'Each entry that tells of tokens or money used, each use once: sum it by what you ask for';
comment on column audit.spend.tenant_id is 'Whose';
comment on column audit.spend.day is 'In UTC';
comment on column audit.spend.workflow_id is 'For which workflow; null where a budget was settled for none';
comment on column audit.spend.agent_id is 'Which agent did the step or called the tool; else the one that the workflow names, if any';
comment on column audit.spend.budget_id is 'The budget it was reserved on; null where on none';
comment on column audit.spend.recorded_by is 'Who recorded it';
comment on column audit.spend.tokens is 'Used';
comment on column audit.spend.micro_dollars is 'Used; 1,000,000 are a dollar';
comment on column audit.spend.occurred_at is 'When it was recorded';
comment on column audit.spend.event_type is 'What kind of entry tells of it';
comment on column audit.spend.position is 'The entry that tells of it';

create view audit.access_changes with (security_invoker = true) as
select position, tenant_id, occurred_at as changed_at,
       metadata::jsonb ->> 'actor' as changed_by,
       substr(event_type, 8) as change,
       coalesce(payload::jsonb ->> 'principal', 'key:' || (payload::jsonb ->> 'keyId')) as principal,
       coalesce(payload::jsonb -> 'roles',
                case when payload::jsonb ? 'role' then jsonb_build_array(payload::jsonb -> 'role') end) as roles,
       payload::jsonb ->> 'project' as project,
       payload::jsonb ->> 'environment' as environment,
       payload::jsonb ->> 'bindingId' as binding_id,
       payload::jsonb ->> 'name' as key_name,
       (payload::jsonb ->> 'expiresAt')::timestamptz as key_expires_at
from log.events
where event_type in ('tenant.role-bound', 'tenant.role-unbound', 'tenant.key-issued', 'tenant.key-revoked');

comment on view audit.access_changes is 'Each role that the tenant has given or taken, each key that it has issued or revoked';
comment on column audit.access_changes.position is 'The entry';
comment on column audit.access_changes.tenant_id is 'Which tenant';
comment on column audit.access_changes.changed_at is 'When';
comment on column audit.access_changes.changed_by is 'Who gave or took';
comment on column audit.access_changes.change is 'role-bound, role-unbound, key-issued or key-revoked';
comment on column audit.access_changes.principal is 'To or from whom; a key is called as its actor, key:…';
comment on column audit.access_changes.roles is 'Which roles; null where a key is revoked';
comment on column audit.access_changes.project is 'In which project; null for the whole tenant';
comment on column audit.access_changes.environment is 'In which environment; null for all of the project';
comment on column audit.access_changes.binding_id is 'Which binding; null for a key';
comment on column audit.access_changes.key_name is 'What the key is called; null for a binding';
comment on column audit.access_changes.key_expires_at is 'Until when it is good, where it is issued';

create view audit.chain with (security_invoker = true) as
select head.tenant_id, head.tenant_position, encode(head.hash, 'hex') as hash,
       last.position, last.occurred_at, encode(last.hash, 'hex') as last_entry_hash
from log.tenant_heads head
left join log.events last on last.tenant_id = head.tenant_id and last.tenant_position = head.tenant_position;

comment on view audit.chain is 'Where the tenant''s chain ends: keep the hash, and nothing before it can be written anew unseen';
comment on column audit.chain.tenant_id is 'Whose chain';
comment on column audit.chain.tenant_position is 'How many entries it has';
comment on column audit.chain.hash is 'Of its last entry, as the writer recorded it, in hex';
comment on column audit.chain.position is 'Place of the last entry in the log of all tenants';
comment on column audit.chain.occurred_at is 'When the last entry was decided';
comment on column audit.chain.last_entry_hash is 'As the entry itself has it; it differs, or is null, only where somebody interfered';

revoke all on function audit.tenant() from public;
grant execute on function audit.tenant() to af_auditor;
grant usage on schema log, audit to af_auditor;
grant select on log.events, log.tenant_heads to af_auditor;
grant select on audit.events, audit.approvals, audit.tool_calls, audit.spend, audit.access_changes, audit.chain
    to af_auditor;

-- What else the log's schema has, told where it is looked up.

comment on schema log is 'The truth, for ever: everything else is derived from it or can be forgotten';
comment on column log.events.tenant_id is 'Whose entry it is';
comment on column log.events.event_id is 'Unique; also the id of its message on NATS';
comment on column log.events.aggregate_type is 'Whom it happened to: workflow, agent, budget, schedule or tenant';
comment on column log.events.aggregate_id is 'The id of that one, unique over all tenants';
comment on column log.events.sequence_number is 'Place in that one''s history, from 0';
comment on column log.events.event_type is 'What happened, by its spoken name';
comment on column log.events.event_version is 'Version of the payload''s form, from 1';
comment on column log.events.occurred_at is 'Clock of the node that decided, to the microsecond';
comment on column log.events.hash is 'SHA-256 over prev_hash and the record';
comment on table log.head is 'Where the log ends; who appends locks its one row';
comment on column log.head.only_row is 'True: there is one row';
comment on table log.tenant_heads is 'Where the chain of each tenant ends, as the writer recorded it';
comment on column log.tenant_heads.tenant_id is 'Whose chain';
comment on column log.tenant_heads.tenant_position is 'How many entries it has';
comment on column log.tenant_heads.hash is 'Of its last entry';
comment on view log.entries is 'log.events with JSON as jsonb and hashes in hex';
comment on column log.entries.position is 'As in log.events';
comment on column log.entries.tenant_id is 'As in log.events';
comment on column log.entries.tenant_position is 'As in log.events';
comment on column log.entries.event_id is 'As in log.events';
comment on column log.entries.aggregate_type is 'As in log.events';
comment on column log.entries.aggregate_id is 'As in log.events';
comment on column log.entries.sequence_number is 'As in log.events';
comment on column log.entries.event_type is 'As in log.events';
comment on column log.entries.event_version is 'As in log.events';
comment on column log.entries.occurred_at is 'As in log.events';
comment on column log.entries.metadata is 'Who and why';
comment on column log.entries.payload is 'What';
comment on column log.entries.prev_hash is 'In hex';
comment on column log.entries.hash is 'In hex';
comment on column log.receipts.tenant_id is 'Whose request it was';
comment on column log.receipts.principal is 'Who sent it';
comment on column log.receipts.route is 'Its method and path';
comment on column log.receipts.key is 'Its Idempotency-Key';
comment on column log.receipts.status is 'Of the answer';
comment on column log.receipts.aggregate_id is 'Whom the entry that the answer names happened to';
comment on column log.receipts.sequence_number is 'Of that entry';
comment on column log.receipts.position is 'Of that entry';
comment on column log.receipts.headers is 'Of the answer, where nothing was appended';
comment on column log.receipts.created_at is 'When it was answered';
comment on column log.receipts.expires_at is 'From when on it may be forgotten';
