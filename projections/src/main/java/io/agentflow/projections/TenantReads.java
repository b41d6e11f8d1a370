package io.agentflow.projections;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What tables answer a tenant with: connections on which the database shows no other tenant's rows,
 * the means to wait until a table is fresh enough, and what the log says of the past.
 */
public record TenantReads(JdbcClient db, Freshness freshness, Past past) {}
