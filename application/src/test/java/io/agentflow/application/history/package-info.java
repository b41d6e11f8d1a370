@NullMarked
package io.agentflow.application.history;

import org.jspecify.annotations.NullMarked;
