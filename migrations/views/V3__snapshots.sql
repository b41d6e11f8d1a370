-- The state of aggregates with long histories, so that not every event has to be folded again. Never truth:
-- a snapshot counts only while the log has the entry that it was taken at, and for the code that took it.
create table views.snapshots (
    aggregate_id    text   not null primary key,
    sequence_number bigint not null,
    entry_hash      bytea  not null,
    code            text   not null,
    state_type      text   not null,
    state           text   not null
);

comment on column views.snapshots.entry_hash is 'Hash of the log''s entry with this sequence number';
comment on column views.snapshots.code is 'Which code folded the state; another code ignores it';

grant select, insert, update, delete on views.snapshots to agentflow_app;
