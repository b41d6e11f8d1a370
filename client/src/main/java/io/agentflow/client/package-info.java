/** The command API for Java programs. Needs the JDK and Jackson, and nothing else of AgentFlow. */
@NullMarked
package io.agentflow.client;

import org.jspecify.annotations.NullMarked;
