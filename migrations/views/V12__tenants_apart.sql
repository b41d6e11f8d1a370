-- As the log's entries: a tenant's role sees the rows of the tenant that its connection names.
do $$
declare
    of_tenant text;
begin
    foreach of_tenant in array array['workflows', 'steps', 'approvals', 'agents', 'budgets', 'schedules'] loop
        execute format('alter table views.%I enable row level security', of_tenant);
        execute format('create policy all_rows on views.%I to agentflow_app using (true) with check (true)', of_tenant);
        execute format('create policy own_rows on views.%I for select to agentflow_tenant'
            ' using (tenant_id || '''' = current_setting(''agentflow.tenant'', true))', of_tenant);
        execute format('grant select on views.%I to agentflow_tenant', of_tenant);
    end loop;
end
$$;

-- A snapshot is its tenant's whose entry it was taken at, and it is looked up beside that entry.
alter table views.snapshots enable row level security;
create policy all_snapshots on views.snapshots to agentflow_app using (true) with check (true);
create policy own_snapshots on views.snapshots for select to agentflow_tenant
    using (exists (select from log.events e
                   where e.aggregate_id = snapshots.aggregate_id and e.sequence_number = snapshots.sequence_number));
grant select on views.snapshots to agentflow_tenant;

grant usage on schema views to agentflow_tenant;

-- Containment of JSON is not known to be leakproof, so that under row security no index can serve it.
drop index views.workflows_by_label;
drop index views.agents_by_capability;
