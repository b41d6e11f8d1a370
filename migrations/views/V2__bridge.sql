-- How far the bridge has published; only a hint: what a stream already holds is asked of the stream.
create table views.bridge_cursor (
    only_row boolean not null default true primary key check (only_row),
    position bigint  not null
);
insert into views.bridge_cursor (position) values (0);

grant select, update on views.bridge_cursor to agentflow_app;
