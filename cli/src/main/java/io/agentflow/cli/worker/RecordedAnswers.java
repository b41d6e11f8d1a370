package io.agentflow.cli.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Does agents' steps with answers that were recorded: lines of {@code {"step": "<id or name>",
 * "answer": "…", "tokens": n, "microDollars": n}}. So a plan for language models can be tried
 * without one, and without a surprise.
 */
public final class RecordedAnswers implements StepTool {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Map<String, Answer> answers;

  private record Answer(String step, String answer, long tokens, long microDollars) {}

  private RecordedAnswers(Map<String, Answer> answers) {
    this.answers = answers;
  }

  /** No answers at all: every step of an agent fails. */
  public static RecordedAnswers none() {
    return new RecordedAnswers(Map.of());
  }

  /**
   * Reads a file of answers; blank lines are skipped.
   *
   * @throws IllegalArgumentException naming the first line that is no answer, or a second answer to
   *     a step
   */
  public static RecordedAnswers read(Path file) throws IOException {
    Map<String, Answer> answers = new HashMap<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        Answer answer = parse(file, i + 1, lines.get(i));
        if (answers.putIfAbsent(answer.step(), answer) != null) {
          throw invalid(file, i + 1, "a second answer to \"" + answer.step() + "\"", null);
        }
      }
    }
    return new RecordedAnswers(answers);
  }

  private static Answer parse(Path file, int number, String line) {
    Answer answer;
    try {
      answer = JSON.readValue(line, Answer.class);
    } catch (JsonProcessingException e) {
      throw invalid(file, number, e.getOriginalMessage(), e);
    }
    if (answer.tokens() < 0 || answer.microDollars() < 0) {
      throw invalid(file, number, "tokens and microDollars must not be negative", null);
    }
    return answer;
  }

  private static IllegalArgumentException invalid(
      Path file, int number, String problem, @Nullable Exception cause) {
    return new IllegalArgumentException(
        "%s, line %d is no answer: %s".formatted(file, number, problem), cause);
  }

  @Override
  public String run(JsonNode input, StepContext context) {
    Lease lease = context.lease();
    Answer answer = answers.getOrDefault(lease.stepId(), answers.get(lease.name()));
    if (answer == null) {
      throw StepFailed.forGood(
          "this worker has no recorded answer to \"%s\"".formatted(lease.stepId()));
    }
    context.used(answer.tokens(), answer.microDollars());
    return answer.answer();
  }
}
