package io.agentflow.application.whatif;

import io.agentflow.domain.Moment;
import io.agentflow.domain.tenant.Scope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which histories are judged.
 *
 * @param scope the part of the tenant in which they have to be
 * @param workflowIds these, in the order in which they began; null for all that began since then
 * @param since the moment from which on they began; null where they are named
 * @param until as it was asked for; null for now
 * @param headPosition where the tenant's last entry stands that is read
 */
record Selection(
    String tenantId,
    Scope scope,
    @Nullable List<String> workflowIds,
    @Nullable Moment since,
    @Nullable String sinceText,
    @Nullable String until,
    long headPosition) {}
