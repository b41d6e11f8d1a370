/** Which part is given which other part; no rule of the product lives here. */
@NullMarked
package io.agentflow.server.wiring;

import org.jspecify.annotations.NullMarked;
