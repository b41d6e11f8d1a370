@NullMarked
package io.agentflow.application.whatif;

import org.jspecify.annotations.NullMarked;
