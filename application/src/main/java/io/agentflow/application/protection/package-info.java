/** How much one caller may ask of a node, and all of them together. */
@NullMarked
package io.agentflow.application.protection;

import org.jspecify.annotations.NullMarked;
