-- What was called: tools that were recorded, and attempts at steps that name one.
create table views.tool_calls (
    workflow_id      text        not null,
    call_id          text        not null,
    tenant_id        text        not null,
    step_id          text,
    attempt          integer,
    agent_id         text,
    tool             text        not null,
    status           text        not null check (status in
        ('waiting', 'called', 'returned', 'completed', 'failed', 'undone', 'cancelled')),
    called_at        timestamptz,
    ended_at         timestamptz,
    tokens           bigint      not null,
    micro_dollars    bigint      not null,
    version          bigint      not null,
    position         bigint      not null,
    created_position bigint      not null,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    primary key (workflow_id, call_id)
);
create index tool_calls_by_tool on views.tool_calls (tenant_id, tool, workflow_id);

comment on table views.tool_calls is 'A row for each call of a tool that was recorded, and for each attempt at a step that names one';
comment on column views.tool_calls.workflow_id is 'In which workflow';
comment on column views.tool_calls.call_id is 'Unique in the workflow; of an attempt STEP/ATTEMPT';
comment on column views.tool_calls.tenant_id is 'Whose it is';
comment on column views.tool_calls.step_id is 'Which step of the plan; null for a call that was recorded';
comment on column views.tool_calls.attempt is 'Which attempt at the step, from 1';
comment on column views.tool_calls.agent_id is 'Which agent called';
comment on column views.tool_calls.tool is 'What was called';
comment on column views.tool_calls.status is 'waiting for a worker, called, or how it ended';
comment on column views.tool_calls.called_at is 'When it was recorded, or the attempt first assigned; null while it is not';
comment on column views.tool_calls.ended_at is 'When it ended; null while it has not';
comment on column views.tool_calls.tokens is 'Used by the call and by its return';
comment on column views.tool_calls.micro_dollars is 'Likewise; 1,000,000 are a dollar';
comment on column views.tool_calls.version is 'Sequence number of the last event that is told here';
comment on column views.tool_calls.position is 'Of that event in the log';
comment on column views.tool_calls.created_position is 'Of its first event in the log';
comment on column views.tool_calls.created_at is 'When that was';
comment on column views.tool_calls.updated_at is 'When the last event was';

alter table views.tool_calls enable row level security;
create policy all_rows on views.tool_calls to agentflow_app using (true) with check (true);
create policy own_rows on views.tool_calls for select to agentflow_tenant
    using (tenant_id || '' = current_setting('agentflow.tenant', true));
grant select, insert, update, delete, truncate on views.tool_calls to agentflow_app;
grant select on views.tool_calls to agentflow_tenant;
