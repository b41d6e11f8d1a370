package io.agentflow.bench;

import io.agentflow.bench.Contest.Effort;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.testing.TestLog;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.axonframework.config.Configuration;
import org.axonframework.config.DefaultConfigurer;
import org.axonframework.config.EventProcessingConfigurer;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingEventProcessorConfiguration;
import org.axonframework.eventhandling.tokenstore.inmemory.InMemoryTokenStore;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.messaging.StreamableMessageSource;
import org.axonframework.serialization.json.JacksonSerializer;

/** Reading the whole log from its start: to nobody, and to a handler that does nothing. */
final class StreamBench {

  private static final long ENTRIES = 1_000_000;
  private static final long ENTRIES_QUICK = 20_000;
  private static final int BATCH_EVENTS = 1_000;
  private static final String PROCESSOR = "idle";

  private StreamBench() {}

  static Result run(Effort effort) throws Exception {
    try (FilledLog filled = new FilledLog(effort.isQuick() ? ENTRIES_QUICK : ENTRIES)) {
      Figures figures =
          new Figures(
              new Contest(effort)
                  .once("pages of entries", filled.entries(), () -> readPages(filled))
                  .once("engine, no payloads", filled.entries(), () -> readEngine(filled, false))
                  .once("engine, with payloads", filled.entries(), () -> readEngine(filled, true))
                  .once(
                      "tracking processor",
                      filled.entries(),
                      () -> process(filled, StreamBench::tracking))
                  .once(
                      "pooled processor",
                      filled.entries(),
                      () -> process(filled, StreamBench::pooled))
                  .run());
      return new Result(
          "stream",
          Machine.describe(),
          Machine.postgres(filled.database().application()),
          Map.of("entries", filled.entries(), "payloadBytes", FilledLog.TEXT.length() + 23),
          figures.all(),
          List.of(
              Target.atLeast(
                  "to a handler that does nothing",
                  (double) figures.of("tracking processor", 1).perSecond(),
                  150_000,
                  "events/s"),
              Machine.heapWithin(256)));
    }
  }

  private static void readPages(FilledLog filled) {
    LogReader reader = filled.log().reader();
    long position = 0;
    while (position < filled.entries()) {
      position = reader.after(position, 1_000).getLast().position();
    }
  }

  private static void readEngine(FilledLog filled, boolean payloads) {
    try (Stream<? extends TrackedEventMessage<?>> events =
        filled.log().engine().readEvents(filled.log().engine().createTailToken(), false)) {
      long read =
          events.filter(event -> !payloads || event.getPayload() instanceof TestLog.Noted).count();
      if (read != filled.entries()) {
        throw new IllegalStateException("read " + read + " of " + filled.entries());
      }
    }
  }

  /** Does nothing, but for counting what it was given. */
  static final class Idle {
    private final AtomicLong left;
    private final CountDownLatch done = new CountDownLatch(1);

    Idle(long events) {
      this.left = new AtomicLong(events);
    }

    @EventHandler
    public void on(TestLog.Noted noted) {
      if (left.decrementAndGet() == 0) {
        done.countDown();
      }
    }
  }

  private static void tracking(EventProcessingConfigurer processing) {
    processing.registerTrackingEventProcessor(
        PROCESSOR,
        Configuration::eventStore,
        c ->
            TrackingEventProcessorConfiguration.forSingleThreadedProcessing()
                .andBatchSize(BATCH_EVENTS)
                .andInitialTrackingToken(StreamableMessageSource::createTailToken));
  }

  private static void pooled(EventProcessingConfigurer processing) {
    processing.usingPooledStreamingEventProcessors(
        (c, processor) ->
            processor
                .initialToken(StreamableMessageSource::createTailToken)
                .initialSegmentCount(1)
                .batchSize(BATCH_EVENTS));
  }

  private static void process(FilledLog filled, Consumer<EventProcessingConfigurer> kind)
      throws InterruptedException {
    Idle idle = new Idle(filled.entries());
    Configuration axon =
        DefaultConfigurer.defaultConfiguration(false)
            .configureSerializer(c -> JacksonSerializer.defaultSerializer())
            .configureEventStore(
                c -> EmbeddedEventStore.builder().storageEngine(filled.log().engine()).build())
            .eventProcessing(
                processing -> {
                  kind.accept(processing);
                  processing
                      .registerTokenStore(c -> new InMemoryTokenStore())
                      .byDefaultAssignTo(PROCESSOR)
                      .registerEventHandler(c -> idle);
                })
            .start();
    try {
      idle.done.await();
    } finally {
      axon.shutdown();
    }
  }
}
