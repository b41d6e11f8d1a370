/** What is hashed: canonical JSON, an entry's record, and its link to the entry before. */
@NullMarked
package io.agentflow.eventstore.chain;

import org.jspecify.annotations.NullMarked;
