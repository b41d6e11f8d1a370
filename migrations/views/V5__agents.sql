-- What an agent can do, its standing, and whether it is there.
alter table views.agents
    add column capabilities  jsonb   not null default '[]',
    add column concurrency   integer not null default 1,
    add column autonomy      text    not null default 'full_auto',
    add column status_reason text,
    add column online        boolean not null default false,
    add column last_seen_at  timestamptz,
    drop constraint agents_status_check,
    add constraint agents_status_check check (status in ('active', 'suspended', 'retired'));

comment on column views.agents.status_reason is 'Why it is suspended or retired';
comment on column views.agents.last_seen_at is 'When it came online; once it is offline, when it was last seen';
