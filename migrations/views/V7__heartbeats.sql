-- How far workers have prolonged their leases: seen by whichever node looks after the timers.
create table views.heartbeats (
    lease_token text        not null primary key,
    lease_until timestamptz not null
);
create index heartbeats_by_time on views.heartbeats (lease_until);

grant select, insert, update, delete, truncate on views.heartbeats to agentflow_app;
