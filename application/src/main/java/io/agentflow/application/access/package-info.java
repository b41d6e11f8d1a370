/** Who a caller is, by the token that it sends, and what it may do. */
@NullMarked
package io.agentflow.application.access;

import org.jspecify.annotations.NullMarked;
