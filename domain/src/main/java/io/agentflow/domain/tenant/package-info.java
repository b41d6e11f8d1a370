/** A tenant: who has which role in it by its own word, and which keys open it. */
@NullMarked
package io.agentflow.domain.tenant;

import org.jspecify.annotations.NullMarked;
