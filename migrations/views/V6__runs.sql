-- Plans and how they are carried out.

alter table views.workflows
    drop constraint workflows_status_check,
    add constraint workflows_status_check check (status in
        ('created', 'running', 'paused', 'compensating', 'completed', 'failed', 'cancelled')),
    add column autonomy              text,
    add column plan_version          integer,
    add column steps_total           integer not null default 0,
    add column steps_done            integer not null default 0,
    add column paused_because        text,
    add column deadline              timestamptz,
    add column proposed_plan_version integer,
    add column proposed_autonomy     text,
    add column proposed_steps_total  integer;

comment on column views.workflows.steps_done is 'Completed or skipped, and not undone';
comment on column views.workflows.proposed_plan_version is 'The version that waits for its approval';

-- What each version of a plan has for steps; views.steps is filled from it once the version is approved.
create table views.plans (
    workflow_id  text    not null,
    plan_version integer not null,
    steps        jsonb   not null,
    primary key (workflow_id, plan_version)
);

create table views.steps (
    workflow_id      text        not null,
    step_id          text        not null,
    tenant_id        text        not null,
    ordinal          integer,
    name             text        not null,
    kind             text        not null check (kind in ('agent', 'tool', 'approval', 'wait')),
    needs            jsonb       not null,
    status           text        not null check (status in
        ('waiting', 'asking', 'ready', 'assigned', 'backing_off', 'timed',
         'completed', 'failed', 'skipped', 'cancelled', 'undone')),
    attempt          integer     not null,
    compensation     boolean     not null,
    agent_id         text,
    lease_until      timestamptz,
    due_at           timestamptz,
    approval_id      text,
    result           text,
    reason           text,
    tokens           bigint      not null,
    micro_dollars    bigint      not null,
    autonomy         text,
    risk             text        not null,
    rule             text,
    progress_note    text,
    progress_percent integer,
    version          bigint      not null,
    position         bigint      not null,
    created_position bigint      not null,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    primary key (workflow_id, step_id)
);

comment on column views.steps.ordinal is 'Where the step stands in the plan, from 0; null where the last version has it no more';
comment on column views.steps.tokens is 'Used by all attempts together, as micro_dollars are';

create table views.approvals (
    workflow_id      text        not null,
    approval_id      text        not null,
    tenant_id        text        not null,
    step_id          text,
    digest           text        not null,
    requested_by     text        not null,
    required         integer     not null,
    people           jsonb       not null,
    roles            jsonb       not null,
    granted_by       jsonb       not null,
    delegates        jsonb       not null,
    status           text        not null check (status in
        ('open', 'granted', 'denied', 'expired', 'withdrawn')),
    denied_by        text,
    reason           text,
    expires_at       timestamptz not null,
    remind_at        timestamptz,
    reminded_at      timestamptz,
    version          bigint      not null,
    position         bigint      not null,
    created_position bigint      not null,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    primary key (workflow_id, approval_id)
);
create index approvals_newest_first on views.approvals (tenant_id, created_position desc);
create index approvals_by_status on views.approvals (tenant_id, status, created_position desc);

grant select, insert, update, delete, truncate on views.plans, views.steps, views.approvals to agentflow_app;
