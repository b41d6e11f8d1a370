-- How far each stream is published; one that is full or refused does not hold up the others.
create table views.bridge_cursors (
    stream      text        not null primary key,
    position    bigint      not null,
    sequence    bigint      not null,
    moved_at    timestamptz not null default now(),
    yield_until timestamptz
);

insert into views.bridge_cursors (stream, position, sequence)
select stream, position, -1
  from views.bridge_cursor, unnest(array['AF_MESSAGES', 'AF_TOOLS', 'AF_SYSTEM']) as stream;

drop table views.bridge_cursor;

comment on table views.bridge_cursors is 'How far the bridge has published each stream';
comment on column views.bridge_cursors.stream is 'The stream''s name in JetStream';
comment on column views.bridge_cursors.position is 'Up to this entry of the log, all that the stream tells is acknowledged';
comment on column views.bridge_cursors.sequence is 'The stream''s last sequence number then; -1 where nobody knows';
comment on column views.bridge_cursors.moved_at is 'When the cursor moved last';
comment on column views.bridge_cursors.yield_until is 'Until then nobody begins to publish, and who publishes lets go: somebody wants to repair the stream';

grant select, insert, update on views.bridge_cursors to agentflow_app;
