/**
 * The HTTP contract: made out of the code, held against what is checked in and what is answered.
 */
@NullMarked
package io.agentflow.server.contract;

import org.jspecify.annotations.NullMarked;
