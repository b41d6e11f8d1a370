package io.agentflow.projections.engine;

import io.agentflow.domain.InvalidField;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** {@code /v1/projections}: how tables are built, of all tenants. */
@RestController
@RequestMapping("/v1/projections")
class ProjectionsHttp {

  private static final int EXAMPLES_MAX = 1_000;

  private final Projections projections;

  ProjectionsHttp(Projections projections) {
    this.projections = projections;
  }

  /**
   * All projections.
   *
   * @param items in the order in which they were made
   */
  record ProjectionList(List<Projections.Standing> items) {}

  /** What a projection has set aside. */
  record DeadLetterList(List<DeadLetter> items) {}

  /**
   * What became of a dead letter.
   *
   * @param projected whether all that waited is in the tables
   * @param deadLetter what broke now; null where nothing did
   */
  record Redelivered(boolean projected, @Nullable DeadLetter deadLetter) {}

  /** Tells how far each projection is, what it has set aside, and how its copy stands. */
  @GetMapping
  ProjectionList listProjections() {
    return new ProjectionList(projections.all());
  }

  /** Tells how one projection stands. */
  @GetMapping("/{projection}")
  Projections.Standing getProjection(@PathVariable String projection) {
    return projections.get(projection);
  }

  /** Begins to build a projection's tables again, beside those that are asked. */
  @PostMapping("/{projection}/rebuild")
  @ResponseStatus(HttpStatus.ACCEPTED)
  Projections.Standing rebuild(@PathVariable String projection) {
    return projections.rebuild(projection);
  }

  /** Drops the copy, be it the next tables or the previous ones. */
  @PostMapping("/{projection}/discard")
  Projections.Standing discard(@PathVariable String projection) {
    return projections.discard(projection);
  }

  /**
   * Compares the tables that are asked with their copy, at the last position that both have passed.
   *
   * @param examples so many rows that differ are shown, 0 to 1,000
   */
  @GetMapping("/{projection}/diff")
  TableDiff.Diff diffCopy(
      @PathVariable String projection, @RequestParam(defaultValue = "20") int examples) {
    if (examples < 0 || examples > EXAMPLES_MAX) {
      throw new InvalidField("examples", "must be 0 to " + EXAMPLES_MAX + ", not " + examples);
    }
    return projections.diff(projection, examples);
  }

  /** Has the copy asked from now on, and keeps the tables that were. */
  @PostMapping("/{projection}/switch")
  Projections.Switched switchCopy(@PathVariable String projection) {
    return projections.switchOver(projection);
  }

  /** Has the tables asked again that were asked before the last switch. */
  @PostMapping("/{projection}/rollback")
  Projections.Switched rollBackCopy(@PathVariable String projection) {
    return projections.rollBack(projection);
  }

  /** Lists what a projection has set aside, in the log's order. */
  @GetMapping("/{projection}/dead-letters")
  DeadLetterList listDeadLetters(@PathVariable String projection) {
    return new DeadLetterList(projections.deadLetters(projection));
  }

  /** Tries again what an aggregate did since it was set aside. */
  @PostMapping("/{projection}/dead-letters/{aggregateId}/retry")
  Redelivered retryDeadLetter(@PathVariable String projection, @PathVariable String aggregateId) {
    return redelivered(projections.retry(projection, aggregateId).orElse(null));
  }

  /** Gives up what the event that broke did to the tables, and tries what waits behind it. */
  @PostMapping("/{projection}/dead-letters/{aggregateId}/drop")
  Redelivered dropDeadLetter(@PathVariable String projection, @PathVariable String aggregateId) {
    return redelivered(projections.drop(projection, aggregateId).orElse(null));
  }

  private static Redelivered redelivered(@Nullable DeadLetter left) {
    return new Redelivered(left == null, left);
  }
}
