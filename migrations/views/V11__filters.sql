-- What lists are asked for by; newest first within it.
create index workflows_by_status on views.workflows (tenant_id, status, created_position desc);
create index workflows_by_agent on views.workflows (tenant_id, agent_id, created_position desc)
    where agent_id is not null;
create index workflows_by_budget on views.workflows (tenant_id, budget_id, created_position desc)
    where budget_id is not null;
create index workflows_by_label on views.workflows using gin (labels jsonb_path_ops)
    where labels <> '{}';
create index agents_by_capability on views.agents using gin (capabilities jsonb_path_ops);
