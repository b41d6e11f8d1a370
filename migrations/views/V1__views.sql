-- Everything in this schema is derived from the log: drop the schema, start again, and it is rebuilt.

create table views.workflows (
    workflow_id        text        not null primary key,
    tenant_id          text        not null,
    name               text        not null,
    intent             text        not null,
    status             text        not null check (status in ('created', 'running', 'completed', 'failed')),
    agent_id           text,
    budget_id          text,
    labels             jsonb       not null,
    messages           bigint      not null,
    tool_calls         bigint      not null,
    total_tokens       bigint      not null,
    total_micro_dollars bigint     not null,
    outcome            text,
    version            bigint      not null,
    position           bigint      not null,
    created_position   bigint      not null,
    created_at         timestamptz not null,
    updated_at         timestamptz not null
);
create index workflows_newest_first on views.workflows (tenant_id, created_position desc);

create table views.agents (
    agent_id         text        not null primary key,
    tenant_id        text        not null,
    name             text        not null,
    role             text        not null,
    model            text,
    tools            jsonb       not null,
    status           text        not null check (status in ('active', 'retired')),
    version          bigint      not null,
    position         bigint      not null,
    created_position bigint      not null,
    created_at       timestamptz not null,
    updated_at       timestamptz not null
);
create index agents_newest_first on views.agents (tenant_id, created_position desc);

create table views.budgets (
    budget_id               text        not null primary key,
    tenant_id               text        not null,
    name                    text        not null,
    parent_budget_id        text,
    limit_tokens            bigint      not null,
    limit_micro_dollars     bigint      not null,
    spent_tokens            bigint      not null,
    spent_micro_dollars     bigint      not null,
    remaining_tokens        bigint      not null,
    remaining_micro_dollars bigint      not null,
    version                 bigint      not null,
    position                bigint      not null,
    created_position        bigint      not null,
    created_at              timestamptz not null,
    updated_at              timestamptz not null
);
create index budgets_newest_first on views.budgets (tenant_id, created_position desc);

-- How far each event processor has come; moves in the same transaction as the rows it wrote.
create table views.token_entry (
    processor_name text    not null,
    segment        integer not null,
    token          bytea,
    token_type     text,
    timestamp      text,
    owner          text,
    primary key (processor_name, segment)
);

grant usage on schema views to agentflow_app;
grant select, insert, update, delete, truncate on all tables in schema views to agentflow_app;
