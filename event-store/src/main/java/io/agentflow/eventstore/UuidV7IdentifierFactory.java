package io.agentflow.eventstore;

import com.github.f4b6a3.uuid.UuidCreator;
import org.axonframework.common.IdentifierFactory;

/**
 * Ids in the order of time (UUIDv7, RFC 9562): neighbours in the log are neighbours in its index.
 * Unique, but no secret: they need no secure random numbers, which are slow. Found by Axon through
 * {@code META-INF/services}.
 */
public final class UuidV7IdentifierFactory extends IdentifierFactory {

  @Override
  public String generateIdentifier() {
    return UuidCreator.getTimeOrderedEpochFast().toString();
  }
}
