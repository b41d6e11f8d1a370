/** The auditor's questions over HTTP: is the log whole? */
@NullMarked
package io.agentflow.application.audit;

import org.jspecify.annotations.NullMarked;
