-- Plans have rows like all others, so that they are folded alike: what stands in them comes from the log again.
truncate views.plans, views.steps;
delete from views.token_entry where processor_name = 'steps';

alter table views.plans
    add column tenant_id        text        not null,
    add column version          bigint      not null,
    add column position         bigint      not null,
    add column created_position bigint      not null,
    add column created_at       timestamptz not null,
    add column updated_at       timestamptz not null,
    enable row level security;

create policy all_rows on views.plans to agentflow_app using (true) with check (true);
create policy own_rows on views.plans for select to agentflow_tenant
    using (tenant_id || '' = current_setting('agentflow.tenant', true));
grant select on views.plans to agentflow_tenant;

comment on column views.plans.tenant_id is 'Whose it is';
comment on column views.plans.version is 'Sequence number of the event that proposed it';
comment on column views.plans.position is 'Of that event in the log';
comment on column views.plans.created_position is 'Of that event in the log';
comment on column views.plans.created_at is 'When that was';
comment on column views.plans.updated_at is 'When that was';

-- As it was given, and not as a parser would write it.
alter table views.schedules alter column plan type text;
