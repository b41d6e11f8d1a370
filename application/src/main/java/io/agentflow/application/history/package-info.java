/**
 * What a workflow did and what was so at any point of it: read, compared and taken away, all of it
 * by the pure fold over its entries.
 */
@NullMarked
package io.agentflow.application.history;

import org.jspecify.annotations.NullMarked;
