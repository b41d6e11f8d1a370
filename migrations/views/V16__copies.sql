-- Copies of a projection's tables, beside those that are asked: the next, which are filled from the log's
-- beginning, and the previous, which are kept up so that they can answer again.
drop schema if exists views_next, views_previous cascade; -- left where the schema views was dropped
create schema views_next;
create schema views_previous;
comment on schema views_next is 'Tables that are built again, to take the place of those of the same name in views';
comment on schema views_previous is 'Tables that were asked before those that took their place';
grant usage on schema views_next, views_previous to agentflow_app;

create table views.copies (
    projection      text        not null primary key,
    copy            text        not null check (copy in ('next', 'previous')),
    started_at      timestamptz not null,
    target_position bigint      not null,
    switched_at     timestamptz
);
comment on table views.copies is 'A row for each projection that has a copy of its tables';
comment on column views.copies.projection is 'Its name';
comment on column views.copies.copy is 'next while it is built; previous once it is asked, and those that were asked before are kept';
comment on column views.copies.started_at is 'When it was begun';
comment on column views.copies.target_position is 'Where the log ended then';
comment on column views.copies.switched_at is 'When it took the place of the others, or gave it back';
grant select, insert, update, delete on views.copies to agentflow_app;

-- An empty table like another one: its columns, constraints, indexes under the same names, comments, room on its pages,
-- policies and grants.
create function views.create_copy(of_table text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    source regclass := format('views.%I', of_table)::regclass;
    target text := format('views_next.%I', of_table);
    of_source record;
begin
    if (select count(*) from pg_class c where c.oid = source and c.relkind = 'r' and c.relrowsecurity) = 0 then
        raise exception 'views.% is no table of tenants', of_table using errcode = 'invalid_parameter_value';
    end if;
    execute format('create table %s (like %s including all excluding indexes)', target, source);
    for of_source in select unnest(reloptions) as option from pg_class where oid = source loop
        execute format('alter table %s set (%s)', target, of_source.option);
    end loop;
    for of_source in
        select conname, pg_get_constraintdef(oid) as definition from pg_constraint
        where conrelid = source and contype in ('p', 'u') loop
        execute format('alter table %s add constraint %I %s', target, of_source.conname, of_source.definition);
    end loop;
    for of_source in
        select pg_get_indexdef(i.indexrelid) as definition from pg_index i
        where i.indrelid = source and not exists (select from pg_constraint c where c.conindid = i.indexrelid) loop
        execute regexp_replace(of_source.definition, ' ON views\.', ' ON views_next.');
    end loop;
    execute format('alter table %s enable row level security', target);
    for of_source in select * from pg_policies where schemaname = 'views' and tablename = of_table loop
        execute format('create policy %I on %s for %s to %s%s%s', of_source.policyname, target, of_source.cmd,
            (select string_agg(quote_ident(role), ', ') from unnest(of_source.roles) role),
            coalesce(' using (' || of_source.qual || ')', ''),
            coalesce(' with check (' || of_source.with_check || ')', ''));
    end loop;
    for of_source in
        select a.grantee::regrole as grantee, string_agg(a.privilege_type, ', ') as privileges
        from pg_class c, aclexplode(c.relacl) a
        where c.oid = source and a.grantee <> c.relowner group by a.grantee loop
        execute format('grant %s on %s to %s', of_source.privileges, target, of_source.grantee);
    end loop;
    execute format('comment on table %s is %L', target, obj_description(source, 'pg_class'));
end
$$;

-- The tables that are asked give their place to others of the same names and structure.
create function views.change_places(of_tables text[], from_schema text, to_schema text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    of_table text;
begin
    if from_schema not in ('views_next', 'views_previous') or to_schema not in ('views_next', 'views_previous') then
        raise exception 'copies are in views_next and views_previous' using errcode = 'invalid_parameter_value';
    end if;
    foreach of_table in array of_tables loop
        execute format('lock table views.%1$I, %2$I.%1$I in access exclusive mode', of_table, from_schema);
    end loop;
    foreach of_table in array of_tables loop
        execute format('alter table views.%I set schema %I', of_table, to_schema);
        execute format('alter table %I.%I set schema views', from_schema, of_table);
    end loop;
end
$$;

create function views.drop_copy(of_table text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    execute format('drop table if exists views_next.%1$I, views_previous.%1$I', of_table);
end
$$;

revoke execute on function views.create_copy, views.change_places, views.drop_copy from public;
grant execute on function views.create_copy, views.change_places, views.drop_copy to agentflow_app;
