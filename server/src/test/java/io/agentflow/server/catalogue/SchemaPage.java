package io.agentflow.server.catalogue;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** {@code docs/schema.md}, out of a migrated database. */
final class SchemaPage {

  private static final List<String> SCHEMAS = List.of("log", "audit", "views");

  private static final String TITLE =
      """
      # The database's schema

      Written by `./dev catalogue` out of a migrated database; `SchemaPageIT` fails where the two differ. The tables of `views` are written from `log.events`, and may be dropped. Nobody but the owner reads or writes here other than by the grants below, and of a tenant's rows only what the policies let through: `agentflow_app` is the server for all tenants, `agentflow_tenant` the server on a tenant's behalf ([decision 15](decisions/0015-the-database-fences-tenants.md)), `af_auditor` whoever [audits with SQL](auditing-with-sql.md). There are no foreign keys: what belongs together is said by the log. There is no table of users, and none of sessions: people are the subjects of their tokens, who has changed anything stands in `audit.actors`, who has which role in `views.role_bindings`, and each request brings its token.

      ## Diagram

      Solid: asks by SQL. Dotted: has the key of.

      """;

  private final JdbcClient db;

  SchemaPage(JdbcClient db) {
    this.db = db;
  }

  private List<String> lines(String sql, Object... parameters) {
    return db.sql(sql)
        .params(parameters)
        .query((row, number) -> String.valueOf(row.getString(1)))
        .list();
  }

  String text() {
    StringBuilder page = new StringBuilder(TITLE).append(diagram());
    for (String schema : SCHEMAS) {
      page.append("\n## ").append(schema).append("\n\n");
      page.append(
          lines("select obj_description(?::regnamespace, 'pg_namespace')", schema).getFirst());
      page.append(".\n");
      relations(schema).forEach(relation -> page.append(relation(schema + "." + relation)));
    }
    return page.toString();
  }

  private List<String> relations(String schema) {
    return lines(
        """
        select relname from pg_class
        where relnamespace = ?::regnamespace and relkind in ('r', 'v') and relname <> 'flyway_history'
        order by relname
        """,
        schema);
  }

  private String diagram() {
    StringBuilder diagram = new StringBuilder("```mermaid\nflowchart LR\n");
    for (String schema : SCHEMAS) {
      diagram.append("  subgraph ").append(schema).append("\n");
      relations(schema)
          .forEach(name -> diagram.append("    %s_%s[%s]\n".formatted(schema, name, name)));
      diagram.append("  end\n");
    }
    asked().forEach(edge -> diagram.append("  ").append(edge).append("\n"));
    keyed().forEach(edge -> diagram.append("  ").append(edge).append("\n"));
    return diagram.append("```\n").toString();
  }

  private List<String> asked() {
    return lines(
        """
        select distinct replace(v.oid::regclass::text, '.', '_') || ' --> ' || replace(t.oid::regclass::text, '.', '_')
        from pg_rewrite rule
        join pg_class v on v.oid = rule.ev_class
        join pg_depend d on d.objid = rule.oid and d.classid = 'pg_rewrite'::regclass
            and d.refclassid = 'pg_class'::regclass
        join pg_class t on t.oid = d.refobjid and t.oid <> v.oid
        where v.relnamespace::regnamespace::text in ('log', 'audit', 'views')
        order by 1
        """);
  }

  private List<String> keyed() {
    return lines(
        """
        select replace(t.oid::regclass::text, '.', '_') || ' -. ' || a.attname || ' .-> '
               || replace(k.conrelid::regclass::text, '.', '_')
        from pg_constraint k
        join pg_attribute key on key.attrelid = k.conrelid and key.attnum = k.conkey[1]
        join pg_attribute a on not a.attisdropped and a.attnum > 0 and a.attrelid <> k.conrelid
            and (a.attname = key.attname or a.attname in ('last_' || key.attname))
        join pg_class t on t.oid = a.attrelid and t.relkind = 'r'
        where k.contype = 'p' and cardinality(k.conkey) = 1 and key.attname like '%!_id' escape '!'
          and k.connamespace = 'views'::regnamespace and t.relnamespace = k.connamespace
          and k.conrelid <> 'views.snapshots'::regclass
        order by 1
        """);
  }

  private String relation(String name) {
    StringBuilder text = new StringBuilder("\n### ").append(name).append("\n\n");
    text.append(lines("select obj_description(?::regclass, 'pg_class')", name).getFirst());
    text.append(".\n\n| column | type | null | what |\n| --- | --- | --- | --- |\n");
    columns(name).forEach(column -> text.append(column).append("\n"));
    list(text, "Keys and indexes", indexes(name));
    list(text, "Checks", checks(name));
    list(text, "Policies", policies(name));
    list(text, "Grants", grants(name));
    return text.toString();
  }

  private static void list(StringBuilder text, String title, List<String> items) {
    if (!items.isEmpty()) {
      text.append("\n").append(title).append(":\n\n");
      items.forEach(item -> text.append("- ").append(item).append("\n"));
    }
  }

  private List<String> columns(String name) {
    return lines(
        """
        select '| `' || a.attname || '` | ' || format_type(a.atttypid, a.atttypmod) || ' | '
               || case when a.attnotnull or c.relkind = 'v' then '' else 'yes' end || ' | '
               || coalesce(col_description(a.attrelid, a.attnum), '')
               || coalesce('; default `' || pg_get_expr(d.adbin, d.adrelid) || '`', '') || ' |'
        from pg_attribute a
        join pg_class c on c.oid = a.attrelid
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = ?::regclass and a.attnum > 0 and not a.attisdropped
        order by a.attnum
        """,
        name);
  }

  private List<String> indexes(String name) {
    return lines(
        """
        select coalesce(case k.contype when 'p' then 'primary key ' when 'u' then 'unique ' end, '') || '`'
               || c.relname || '` ' || regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', '')
        from pg_index i
        join pg_class c on c.oid = i.indexrelid
        left join pg_constraint k on k.conindid = i.indexrelid
        where i.indrelid = ?::regclass
        order by not i.indisprimary, c.relname
        """,
        name);
  }

  private List<String> checks(String name) {
    return lines(
        """
        select '`' || pg_get_constraintdef(oid) || '`' from pg_constraint
        where conrelid = ?::regclass and contype = 'c' order by conname
        """,
        name);
  }

  private List<String> policies(String name) {
    return lines(
        """
        select '`' || policyname || '` for ' || lower(cmd) || ' to ' || array_to_string(roles, ', ') || ': `'
               || regexp_replace(qual, '\\s+', ' ', 'g') || '`'
        from pg_policies where format('%I.%I', schemaname, tablename) = ? order by policyname
        """,
        name);
  }

  private List<String> grants(String name) {
    return lines(
        """
        select g.grantee::regrole || ': ' || string_agg(lower(g.privilege_type), ', ' order by g.privilege_type)
        from pg_class c, aclexplode(c.relacl) g
        where c.oid = ?::regclass and g.grantee <> c.relowner
        group by g.grantee order by g.grantee::regrole::text
        """,
        name);
  }
}
