-- The second wall between tenants. What is read on a tenant's behalf is read as a role that sees the rows of the
-- tenant that its connection names, and where none is named, nothing. The application's own role sees all: the log's
-- writer, what follows the log, and the verifier are for all tenants.
--
-- The tenant is compared as an expression, so that no index on it is taken where a key's would find the one row.

do $$
begin
    if not exists (select from pg_roles where rolname = 'agentflow_tenant') then
        create role agentflow_tenant nologin;
    end if;
    execute format('grant agentflow_tenant to %I', current_user);
end
$$;

alter table log.events enable row level security;
create policy whole_log on log.events to agentflow_app using (true) with check (true);
create policy own_entries on log.events for select to agentflow_tenant
    using (tenant_id || '' = current_setting('agentflow.tenant', true));

alter table log.receipts enable row level security;
create policy all_receipts on log.receipts to agentflow_app using (true) with check (true);
create policy own_receipts on log.receipts to agentflow_tenant
    using (tenant_id || '' = current_setting('agentflow.tenant', true));

alter table log.tenant_heads enable row level security;
create policy all_heads on log.tenant_heads to agentflow_app using (true) with check (true);

-- A view asks as its owner unless it is told otherwise.
alter view log.entries set (security_invoker = true);

grant usage on schema log to agentflow_tenant;
grant select on log.events, log.entries to agentflow_tenant;
grant select, insert, delete on log.receipts to agentflow_tenant;
