/** Tenants, decided and evolved. */
@NullMarked
package io.agentflow.domain.tenant;

import org.jspecify.annotations.NullMarked;
