/**
 * Plans come in here: read, judged by what the tenant's agents can do and its budget has left,
 * proposed.
 */
@NullMarked
package io.agentflow.application.planning;

import org.jspecify.annotations.NullMarked;
