@NullMarked
package io.agentflow.application.access;

import org.jspecify.annotations.NullMarked;
