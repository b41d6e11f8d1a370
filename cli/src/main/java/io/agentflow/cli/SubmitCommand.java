package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.client.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code af workflows submit}. */
@Command(
    name = "submit",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Create a workflow with a plan from a file of YAML or JSON, and start it.",
      "docs/plan.schema.json has the form of the file; samples/ has some to try."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:started, or with --follow: completed",
      "1:with --follow: it failed or was cancelled",
      "4:refused; the faults of the plan are printed",
      "6:the file is no plan"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  af workflows submit samples/linear.yaml --follow",
      "  make-plan | af workflows submit - --no-start --json",
      "  af workflows submit corrected.yaml --workflow 018f4e6a-0000-7000-8000-000000000001"
    })
final class SubmitCommand implements Callable<Integer> {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String INVALID_PLAN = "/problems/invalid-plan";

  @Spec private CommandSpec spec;
  @Mixin private ServerOptions server;
  @Mixin private TenantOption tenant;
  @Mixin private PersonOption person;
  @Mixin private JsonOption json;

  @Parameters(paramLabel = "FILE", description = "The file; - for the standard input.")
  private String file;

  @Option(
      names = "--workflow",
      paramLabel = "WORKFLOW_ID",
      description = "Propose the plan to this workflow in place of a new one.")
  private @Nullable String existing;

  @Option(names = "--no-start", description = "Propose the plan, but do not start the workflow.")
  private boolean noStart;

  @Option(names = "--follow", description = "Print what happens, until the workflow ends.")
  private boolean follow;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Console console = Console.ofProcess(spec.commandLine().getOut());
    PlanFile plan = PlanFile.read(file);
    ApiClient api = server.client(tenant).actingAs(person.name(), List.of());
    Submitted submitted = existing == null ? create(api, plan) : new Submitted(existing, null);
    propose(console, api, submitted, plan);
    if (noStart) {
      print(console, submitted, plan, "planned");
      return ExitCode.OK;
    }
    try {
      api.post("/v1/workflows/" + submitted.workflowId() + "/start", JSON.objectNode());
    } catch (Refusal e) {
      print(console, submitted, plan, "planned");
      throw e;
    }
    print(console, submitted, plan, "started");
    return follow ? follow(console, api, submitted.workflowId()) : ExitCode.OK;
  }

  private record Submitted(String workflowId, @Nullable String budgetId) {}

  /** The budget comes first, because the workflow names it. */
  private static Submitted create(ApiClient api, PlanFile plan) {
    ObjectNode budget = plan.budget();
    String budgetId = null;
    if (budget != null) {
      budgetId = newId();
      api.post("/v1/budgets", budget.deepCopy().put("budgetId", budgetId));
    }
    String workflowId = newId();
    ObjectNode workflow = plan.workflow().deepCopy().put("workflowId", workflowId);
    if (budgetId != null) {
      workflow.put("budgetId", budgetId);
    }
    api.post("/v1/workflows", workflow);
    return new Submitted(workflowId, workflow.path("budgetId").asText(null));
  }

  private static String newId() {
    return UuidCreator.getTimeOrderedEpoch().toString();
  }

  private void propose(Console console, ApiClient api, Submitted submitted, PlanFile plan) {
    try {
      api.post("/v1/workflows/" + submitted.workflowId() + "/plan", plan.plan());
    } catch (Refusal e) {
      if (json.isSet()) {
        console.json(e.problem());
      } else {
        printFaults(console, e);
        console.line(
            "the workflow has no plan yet; correct the file, then: af workflows submit FILE --workflow "
                + submitted.workflowId());
      }
      throw e;
    }
  }

  /** All that is wrong with a plan, where that is why it was refused. */
  static void printFaults(Console console, Refusal refusal) {
    if (!refusal.type().equals(INVALID_PLAN)) {
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode fault : refusal.problem().path("faults")) {
      rows.add(List.of(fault.path("at").asText(), Console.oneLine(fault.path("fault").asText())));
    }
    console.table(List.of("AT", "FAULT"), rows);
  }

  private void print(Console console, Submitted submitted, PlanFile plan, String status) {
    int steps = plan.plan().path("steps").size();
    String budgetId = submitted.budgetId();
    if (json.isSet()) {
      console.json(
          JSON.objectNode()
              .put("workflowId", submitted.workflowId())
              .put("budgetId", budgetId)
              .put("steps", steps)
              .put("status", status));
      return;
    }
    console.table(
        List.of("WORKFLOW_ID", "BUDGET_ID", "STEPS", "STATUS", "NAME"),
        List.of(
            List.of(
                submitted.workflowId(),
                budgetId == null ? "none" : budgetId,
                Console.count(steps),
                status,
                plan.workflow().path("name").asText())));
  }

  private int follow(Console console, ApiClient api, String workflowId)
      throws InterruptedException {
    String end =
        new WorkflowFollower(api, workflowId)
            .follow(
                entry -> {
                  if (json.isSet()) {
                    console.json(entry);
                  } else {
                    console.line(WorkflowFollower.lineOf(entry));
                  }
                  spec.commandLine().getOut().flush();
                });
    return end.equals(WorkflowFollower.COMPLETED) ? ExitCode.OK : ExitCode.FINDING;
  }
}
