package io.agentflow.projections.engine;

import java.time.Duration;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.axonframework.common.jdbc.UnitOfWorkAwareConnectionProviderWrapper;
import org.axonframework.eventhandling.Segment;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventhandling.tokenstore.jdbc.JdbcTokenStore;
import org.axonframework.eventhandling.tokenstore.jdbc.TokenSchema;
import org.axonframework.serialization.json.JacksonSerializer;
import org.axonframework.spring.jdbc.SpringDataSourceConnectionProvider;

/**
 * Axon's tokens in {@code views.token_entry}: how far each processor is, and which node has it. It
 * tells when this node begins with a processor: between two claims, another node may have had it.
 */
public final class ProcessorTokens extends JdbcTokenStore {

  /** After a node that died, another goes on with its tables once this has passed. */
  private static final Duration CLAIM_TIMEOUT = Duration.ofSeconds(3);

  private final Consumer<String> claimed;

  /**
   * Tokens of this database, in the transaction that there is.
   *
   * @param claimed is given a processor's name before its token is read
   */
  public ProcessorTokens(DataSource dataSource, Consumer<String> claimed) {
    super(
        builder()
            .connectionProvider(
                new UnitOfWorkAwareConnectionProviderWrapper(
                    new SpringDataSourceConnectionProvider(dataSource)))
            .serializer(JacksonSerializer.defaultSerializer())
            .claimTimeout(CLAIM_TIMEOUT)
            .schema(
                TokenSchema.builder()
                    .setTokenTable("views.token_entry")
                    .setProcessorNameColumn("processor_name")
                    .setSegmentColumn("segment")
                    .setTokenColumn("token")
                    .setTokenTypeColumn("token_type")
                    .setTimestampColumn("timestamp")
                    .setOwnerColumn("owner")
                    .build()));
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
