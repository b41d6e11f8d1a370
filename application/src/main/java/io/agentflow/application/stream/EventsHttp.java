package io.agentflow.application.stream;

import static java.util.Objects.requireNonNull;

import io.agentflow.application.CurrentTenant;
import io.agentflow.application.intake.Busy;
import io.agentflow.domain.InvalidField;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.TenantLog;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** The tenant's events as they are appended, as server-sent events. */
@RestController
class EventsHttp {

  private final LogReader log;
  private final TenantLog ofTenant;
  private final LiveEntries live;
  private final JsonMapper json;
  private final StreamSettings settings;
  private final Semaphore places;
  private final Set<Thread> telling = ConcurrentHashMap.newKeySet();
  private volatile boolean closing;

  EventsHttp(
      LogReader log,
      TenantLog ofTenant,
      LiveEntries live,
      JsonMapper json,
      StreamSettings settings) {
    this.log = log;
    this.ofTenant = ofTenant;
    this.live = live;
    this.json = json;
    this.settings = settings;
    this.places = new Semaphore(settings.streamsMax());
  }

  /**
   * Tells the tenant's events, from a position of the log on and as they are appended, as
   * server-sent events. Their form is described in {@code docs/asyncapi.yaml}.
   *
   * @param types the types wanted, with commas between; {@code workflow.*} means all of a kind
   * @param aggregateId only what happened to this aggregate
   * @param workflowId only what happened to this workflow, and what budgets and schedules name it
   *     in
   * @param from the position; the log's end where neither it nor the header is there
   * @param lastEventId where a client that comes back was; counts before {@code from}
   */
  @GetMapping(path = "/v1/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  void streamEvents(
      @RequestAttribute String tenantId,
      @RequestParam(required = false) @Nullable String types,
      @RequestParam(required = false) @Nullable String aggregateId,
      @RequestParam(required = false) @Nullable String workflowId,
      @RequestParam(required = false) @Nullable String from,
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    EventFilter filter = EventFilter.of(tenantId, types, aggregateId, workflowId);
    long end = log.headPosition();
    long position =
        lastEventId == null
            ? position("from", from, end)
            : position("Last-Event-ID", lastEventId, end);
    response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
    response.setCharacterEncoding(StandardCharsets.UTF_8);
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    if (request.getMethod().equals("HEAD")) {
      return;
    }
    if (!places.tryAcquire()) {
      throw new Busy(settings.streamsMax(), "event streams");
    }
    try {
      CutOff cutOff = (CutOff) requireNonNull(request.getAttribute(CutOff.ATTRIBUTE));
      Outlet outlet = new Outlet(request, cutOff, settings.stalledMax());
      LogPages pages = new LogPages(ofTenant, live, filter);
      EventStream stream =
          new EventStream(pages, outlet, json, settings.heartbeat(), position, end);
      begin(Thread.ofVirtual().name("event-stream").unstarted(() -> tell(tenantId, stream)));
    } catch (IOException | RuntimeException e) {
      places.release();
      throw e;
    }
  }

  private void begin(Thread thread) {
    telling.add(thread);
    thread.start();
    if (closing) {
      thread.interrupt();
    }
  }

  private void tell(String tenantId, EventStream stream) {
    live.open();
    try (CurrentTenant _ = CurrentTenant.is(tenantId)) {
      stream.tell();
    } finally {
      live.close();
      places.release();
      telling.remove(Thread.currentThread());
    }
  }

  /** The server stops: it does so once no stream is open any more. */
  @EventListener(ContextClosedEvent.class)
  void endAll() {
    closing = true;
    telling.forEach(Thread::interrupt);
  }

  private static long position(String field, @Nullable String value, long end) {
    if (value == null) {
      return end;
    }
    try {
      long position = Long.parseLong(value);
      if (position >= 0 && position <= end) {
        return position;
      }
    } catch (NumberFormatException e) {
      throw new InvalidField(field, "must be a position of the log, not \"" + value + "\"");
    }
    throw new InvalidField(
        field, "must be 0 to %d, where the log ends, not %s".formatted(end, value));
  }
}
