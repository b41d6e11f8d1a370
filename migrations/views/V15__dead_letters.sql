-- Events that broke a projection. What their aggregates did from there on waits in the log.
create table views.dead_letters (
    processor       text        not null,
    aggregate_id    text        not null,
    tenant_id       text        not null,
    position        bigint      not null,
    sequence_number bigint      not null,
    event_type      text        not null,
    cause           text        not null,
    attempts        integer     not null,
    first_failed_at timestamptz not null,
    last_failed_at  timestamptz not null,
    primary key (processor, aggregate_id)
);

comment on table views.dead_letters is 'A row for each aggregate that a projection has set aside';
comment on column views.dead_letters.processor is 'The event processor: the projection''s name; with @next or @previous where it fills a copy';
comment on column views.dead_letters.aggregate_id is 'Whose events are not in its tables';
comment on column views.dead_letters.tenant_id is 'Whose that is';
comment on column views.dead_letters.position is 'Of the first of them in the log';
comment on column views.dead_letters.sequence_number is 'Of that event in its aggregate';
comment on column views.dead_letters.event_type is 'Of that event';
comment on column views.dead_letters.cause is 'What went wrong';
comment on column views.dead_letters.attempts is 'How often it was tried';
comment on column views.dead_letters.first_failed_at is 'When it went wrong first';
comment on column views.dead_letters.last_failed_at is 'When it went wrong last';

grant select, insert, update, delete on views.dead_letters to agentflow_app;
