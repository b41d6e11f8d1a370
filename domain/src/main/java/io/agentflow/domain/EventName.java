package io.agentflow.domain;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An event's spoken name and version: its storage format, hashed into the log for ever. It never
 * changes; a new shape of the event gets the next version.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface EventName {

  /** For example {@code workflow.created}. */
  String value();

  int version() default 1;
}
