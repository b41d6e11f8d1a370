/** One auditor at a time. */
@NullMarked
package io.agentflow.application.audit;

import org.jspecify.annotations.NullMarked;
