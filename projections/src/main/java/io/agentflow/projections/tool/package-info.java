/** The table of tool calls: what fills it, and what it tells of each tool. */
@NullMarked
package io.agentflow.projections.tool;

import org.jspecify.annotations.NullMarked;
