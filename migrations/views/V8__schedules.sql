-- What starts workflows by itself. Lists of ids are of workflows, in the order of their start or of their turn.
create table views.schedules (
    schedule_id          text        not null primary key,
    tenant_id            text        not null,
    name                 text        not null,
    cron                 text        not null,
    zone                 text        not null,
    overlap              text        not null check (overlap in ('skip', 'queue', 'allow')),
    queue_max            integer     not null,
    catch_up_millis      bigint      not null,
    workflow_name        text        not null,
    intent               text        not null,
    labels               jsonb       not null,
    budget_id            text,
    budget_tokens        bigint,
    budget_micro_dollars bigint,
    plan                 json        not null,
    created_by           text        not null,
    status               text        not null check (status in ('active', 'paused', 'deleted')),
    paused_because       text,
    next_due_at          timestamptz,
    running              jsonb       not null,
    waiting              jsonb       not null,
    last_scheduled_at    timestamptz,
    last_workflow_id     text,
    last_end             text,
    skipped_from         timestamptz,
    skipped_because      text,
    version              bigint      not null,
    position             bigint      not null,
    created_position     bigint      not null,
    created_at           timestamptz not null,
    updated_at           timestamptz not null
);
create index schedules_newest_first on views.schedules (tenant_id, created_position desc);

comment on column views.schedules.next_due_at is 'Null unless it is active';
comment on column views.schedules.last_scheduled_at is 'The time for which it fired last';
comment on column views.schedules.last_end is 'How the last of its workflows to end ended';
comment on column views.schedules.skipped_from is 'The first of the times that it skipped last';

grant select, insert, update, delete, truncate on views.schedules to agentflow_app;
