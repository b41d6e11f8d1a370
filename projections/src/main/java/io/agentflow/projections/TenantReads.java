package io.agentflow.projections;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What tables answer a tenant with: connections on which the database shows no other tenant's rows,
 * and the means to wait until a table is fresh enough.
 */
public record TenantReads(JdbcClient db, Freshness freshness) {}
