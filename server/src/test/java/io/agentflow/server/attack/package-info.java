/** What the contract describes, as one who means harm reads it. */
@NullMarked
package io.agentflow.server.attack;

import org.jspecify.annotations.NullMarked;
