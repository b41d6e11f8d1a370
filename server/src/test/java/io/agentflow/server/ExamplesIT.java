package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.application.intake.ProblemType;
import io.agentflow.server.contract.Contract;
import io.agentflow.server.contract.StoryOfExamples;
import io.agentflow.server.contract.StoryOfExamples.Told;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract's examples are run, one after the other, and what there is to read is served. */
class ExamplesIT {

  private static ServerProcess server;

  @BeforeAll
  static void start() {
    server = ServerProcess.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void every_example_runs_and_is_answered_as_the_contract_says() {
    Contract contract = Contract.checkedIn();
    StoryOfExamples story = new StoryOfExamples();
    List<String> faults = new ArrayList<>();
    long position = 0;
    while (story.goesOn()) {
      Told told = story.next();
      HttpRequest.Builder request =
          told.by() == null
              ? server.request(told.pathAndQuery())
              : server.request(told.pathAndQuery(), server.by(told.by()));
      if (told.verb().equals("get")) {
        request.header("AF-Consistent-With", Long.toString(position));
      } else if (told.body() != null) {
        request.header("Content-Type", "application/json");
      }
      HttpResponse<String> answer =
          server.send(
              request
                  .method(
                      told.verb().toUpperCase(Locale.ROOT),
                      told.body() == null
                          ? BodyPublishers.noBody()
                          : BodyPublishers.ofString(told.body()))
                  .build());
      if (answer.statusCode() != told.status()) {
        faults.add("%s: %d %s".formatted(told, answer.statusCode(), answer.body()));
      }
      faults.addAll(contract.faults(answer));
      position = answer.headers().firstValueAsLong("AF-Position").orElse(position);
      story.heard(answer.body());
    }
    story.keepAnswers();
    assertThat(faults).isEmpty();
  }

  @Test
  void the_contract_is_served_as_it_is_checked_in() {
    assertThat(server.get("/v1/openapi.json").body()).isEqualTo(Contract.text());
  }

  @Test
  void a_page_shows_it_and_loads_nothing_from_elsewhere() {
    HttpResponse<String> page = server.get("/docs");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'")
        .doesNotContain("unsafe", "http:", "https:");
    List<String> assets =
        Pattern.compile("(?:src|href)=\"([^\"]+)\"")
            .matcher(page.body())
            .results()
            .map(found -> found.group(1))
            .filter(address -> !address.equals("data:,"))
            .toList();
    assertThat(assets).hasSize(5).allMatch(address -> address.startsWith("/"));
    for (String asset : assets) {
      assertThat(server.get(asset).statusCode()).as(asset).isEqualTo(200);
    }
    assertThat(server.get("/docs/other.js").statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @EnumSource(ProblemType.class)
  void the_type_of_every_problem_leads_to_its_description(ProblemType type) {
    HttpResponse<String> page = server.get(type.uri());
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body())
        .startsWith("## " + type.slug() + "\n")
        .contains("Status " + type.status().value())
        .doesNotContain("\n## ");
  }

  @Test
  void there_is_no_page_of_a_problem_that_there_is_not() {
    assertThat(server.get("/problems/none").statusCode()).isEqualTo(404);
  }
}
