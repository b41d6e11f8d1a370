package io.agentflow.server.wiring;

import java.util.function.Consumer;
import org.axonframework.eventhandling.Segment;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventhandling.tokenstore.jdbc.JdbcTokenStore;

/**
 * Axon's token store, which tells when this node begins with a processor: between two claims,
 * another node may have had it.
 */
final class ClaimedTokens extends JdbcTokenStore {

  private final Consumer<String> claimed;

  /**
   * Tells before the token is read.
   *
   * @param claimed is given the processor's name
   */
  ClaimedTokens(Builder builder, Consumer<String> claimed) {
    super(builder);
    this.claimed = claimed;
  }

  @Override
  public TrackingToken fetchToken(String processorName, int segment) {
    claimed.accept(processorName);
    return super.fetchToken(processorName, segment);
  }

  @Override
  public TrackingToken fetchToken(String processorName, Segment segment) {
    claimed.accept(processorName);
    return super.fetchToken(processorName, segment);
  }
}
