-- What was said, a row for each message, and where its words are found.

-- The words of a text are the same wherever the database runs: runs of letters and digits in lower case, character by
-- character and by Unicode; not by the database's locale, and not by the guesses of PostgreSQL's parser, to which a path
-- is one word. No word is left out and none is cut to a stem, since texts are in any language. Of a long text the first
-- 50,000 characters count, as a tsvector has an end. The tenant stands among the words, as one that no text has, so that
-- an index finds its texts alone.
create function views.words(tenant_id text, content text) returns tsvector
    language plpgsql immutable strict parallel safe cost 5000
as $$
begin
    return to_tsvector('pg_catalog.simple', regexp_replace(
               lower(left(content, 50000) collate "pg_c_utf8") collate "pg_unicode_fast",
               '[^[:alnum:]]+', ' ', 'g'))
        || array_to_tsvector(array['tenant:' || tenant_id]);
end
$$;
comment on function views.words(text, text) is 'What a text of a tenant is found by';

-- The same of a search, whose phrases stand in quotation marks and whose unwanted words behind a minus.
create function views.words_wanted(tenant_id text, search text) returns tsquery
    language plpgsql immutable strict parallel safe
as $$
begin
    return websearch_to_tsquery('pg_catalog.simple', regexp_replace(
               lower(search collate "pg_c_utf8") collate "pg_unicode_fast",
               '[^[:alnum:]"-]+', ' ', 'g'))
        && quote_literal('tenant:' || tenant_id)::tsquery;
end
$$;
comment on function views.words_wanted(text, text) is 'What a tenant''s texts have to be found by';

create table views.messages (
    workflow_id         text        not null,
    message_id          text        not null,
    tenant_id           text        not null,
    role                text        not null,
    sender              text        not null,
    recipient           text        not null,
    content             text        not null,
    tokens              bigint      not null,
    micro_dollars       bigint      not null,
    version             bigint      not null,
    position            bigint      not null,
    created_position    bigint      not null,
    created_at          timestamptz not null,
    updated_at          timestamptz not null,
    words               tsvector    not null generated always as (views.words(tenant_id, content)) stored,
    primary key (workflow_id, message_id)
);
create index messages_newest_first on views.messages (tenant_id, created_position desc);
create index messages_of_workflow on views.messages (workflow_id, created_position);
create index messages_by_words on views.messages using gin (words);
-- Words of what a workflow is called and is for; computed once, since both stay as they are.
create index workflows_by_words on views.workflows using gin (views.words(tenant_id, name || ' ' || intent));

comment on table views.messages is 'A row for each message that was recorded';
comment on column views.messages.workflow_id is 'In which workflow';
comment on column views.messages.message_id is 'Unique in the workflow';
comment on column views.messages.tenant_id is 'Whose it is';
comment on column views.messages.role is 'Whose voice: system, user, assistant or tool';
comment on column views.messages.sender is 'Who said it';
comment on column views.messages.recipient is 'To whom';
comment on column views.messages.content is 'What was said';
comment on column views.messages.tokens is 'Used by it';
comment on column views.messages.micro_dollars is 'Used by it; 1,000,000 are a dollar';
comment on column views.messages.version is 'Sequence number of its event in the workflow';
comment on column views.messages.position is 'Of that event in the log';
comment on column views.messages.created_position is 'Of that event in the log';
comment on column views.messages.created_at is 'When that was';
comment on column views.messages.updated_at is 'When that was';
comment on column views.messages.words is 'What it is found by';

alter table views.messages enable row level security;
create policy all_rows on views.messages to agentflow_app using (true) with check (true);
create policy own_rows on views.messages for select to agentflow_tenant
    using (tenant_id || '' = current_setting('agentflow.tenant', true));
grant select, insert, update, delete, truncate on views.messages to agentflow_app;
grant select on views.messages to agentflow_tenant;

-- Under row security no index serves @@, which is not known to be leakproof. So these two ask as the tables' owner,
-- whom no policy fences, and fence themselves: they answer ids alone, of the tenant that the connection names.

create function views.messages_with(
    query text, of_workflow text, of_role text, before_position bigint, rows_max integer)
    returns table (workflow_id text, message_id text)
    language plpgsql stable security definer rows 50
    set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    tenant constant text := nullif(current_setting('agentflow.tenant', true), '');
    wanted constant tsquery := views.words_wanted(tenant, query);
begin
    return query
        select m.workflow_id, m.message_id
        from views.messages m
        where m.tenant_id = tenant
          and m.words @@ wanted
          and m.created_position < before_position
          and (of_workflow is null or m.workflow_id = of_workflow)
          and (of_role is null or m.role = of_role)
        order by m.created_position desc
        limit rows_max;
end
$$;
comment on function views.messages_with(text, text, text, bigint, integer) is
    'The newest messages with these words, of the tenant that the connection names';

create function views.workflows_with(query text) returns setof text
    language plpgsql stable security definer rows 500
    set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_custom_plan
as $$
declare
    tenant constant text := nullif(current_setting('agentflow.tenant', true), '');
    wanted constant tsquery := views.words_wanted(tenant, query);
begin
    return query
        select w.workflow_id from views.workflows w
        where w.tenant_id = tenant and views.words(w.tenant_id, w.name || ' ' || w.intent) @@ wanted
        union
        select m.workflow_id from views.messages m
        where m.tenant_id = tenant and m.words @@ wanted;
end
$$;
comment on function views.workflows_with(text) is
    'Workflows with these words in name and intent, or in one of their messages, of the tenant that the connection names';

revoke all on function views.messages_with(text, text, text, bigint, integer), views.workflows_with(text) from public;
grant execute on function views.messages_with(text, text, text, bigint, integer), views.workflows_with(text)
    to agentflow_tenant;
