package io.agentflow.application.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.planning.PlanFault;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;

class ProblemsTest {

  @Test
  void a_plan_with_faults_is_answered_with_all_of_them() {
    List<PlanFault> faults =
        List.of(
            new PlanFault("steps[0].id", "is required"), new PlanFault("steps", "are too many"));

    ResponseEntity<Object> answer = new Problems().invalid(new InvalidPlan(faults));

    assertThat(answer.getStatusCode().value()).isEqualTo(422);
    ProblemDetail problem = (ProblemDetail) Objects.requireNonNull(answer.getBody());
    assertThat(problem.getType()).isEqualTo(URI.create("/problems/invalid-plan"));
    assertThat(problem.getDetail())
        .isEqualTo("the plan has 2 faults; the first: steps[0].id is required");
    assertThat(problem.getProperties()).isEqualTo(Map.of("faults", faults));
  }

  @Test
  void a_single_fault_is_told_in_full() {
    assertThat(new InvalidPlan(List.of(new PlanFault("steps", "must be a list"))))
        .hasMessage("steps must be a list");
  }
}
