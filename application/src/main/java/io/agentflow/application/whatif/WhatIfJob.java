package io.agentflow.application.whatif;

import io.agentflow.domain.whatif.Rule;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** One what-if: what was asked, how far it is, and what came of it. Safe for several threads. */
final class WhatIfJob {

  private final String id;
  private final Rule rule;
  private final Selection selection;
  private final CountDownLatch over = new CountDownLatch(1);
  private Status status = Status.RUNNING;
  private long done;
  private @Nullable Long total;
  private @Nullable String reason;
  private @Nullable Result result;
  private @Nullable Instant endedAt;

  /** How a job stands; what waits for its turn counts as running. */
  enum Status {
    RUNNING,
    COMPLETED,
    FAILED,
    CANCELLED
  }

  /** The document. */
  static final class Result {
    private final String beginning;
    private final byte[] workflows;

    /**
     * A document.
     *
     * @param beginning all of it before the first workflow
     * @param workflows those that differ, with commas between, as gzip; not to be changed any more
     */
    Result(String beginning, byte[] workflows) {
      this.beginning = beginning;
      this.workflows = workflows;
    }

    /** Writes the document, as it was made. */
    void writeTo(OutputStream out) throws IOException {
      out.write(beginning.getBytes(StandardCharsets.UTF_8));
      try (InputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(workflows))) {
        unpacked.transferTo(out);
      }
      out.write("]}".getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * How far a job is.
   *
   * @param total null until it is counted
   * @param reason why it failed, in a sentence
   */
  record Progress(Status status, long done, @Nullable Long total, @Nullable String reason) {}

  WhatIfJob(String id, Rule rule, Selection selection) {
    this.id = id;
    this.rule = rule;
    this.selection = selection;
  }

  String id() {
    return id;
  }

  Rule rule() {
    return rule;
  }

  Selection selection() {
    return selection;
  }

  synchronized Progress progress() {
    return new Progress(status, done, total, reason);
  }

  synchronized boolean isOver() {
    return status != Status.RUNNING;
  }

  /** When it was over; null before. */
  synchronized @Nullable Instant endedAt() {
    return endedAt;
  }

  synchronized @Nullable Result result() {
    return result;
  }

  synchronized int resultBytes() {
    return result == null ? 0 : result.workflows.length;
  }

  synchronized void counted(long workflows) {
    total = workflows;
  }

  synchronized void judgedOne() {
    done++;
  }

  void complete(Result made, Instant at) {
    end(Status.COMPLETED, null, made, at);
  }

  void fail(String because, Instant at) {
    end(Status.FAILED, because, null, at);
  }

  void cancel(Instant at) {
    end(Status.CANCELLED, null, null, at);
  }

  /** What is over stays as it is. */
  private synchronized void end(
      Status how, @Nullable String because, @Nullable Result made, Instant at) {
    if (status == Status.RUNNING) {
      status = how;
      reason = because;
      result = made;
      endedAt = at;
      over.countDown();
    }
  }

  /** Waits until it is over, but not longer. */
  void await(Duration patience) throws InterruptedException {
    boolean _ = over.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }
}
