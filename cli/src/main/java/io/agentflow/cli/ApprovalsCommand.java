package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.agentflow.client.ListPath;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code af approvals}. */
@Command(
    name = "approvals",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "What people have to decide: plans, and steps that wait for them.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  af approvals list",
      "  af approvals list --status all --limit 10",
      "  af approvals grant WORKFLOW_ID plan.v1 --digest 3f2a91bc --as ann --role lead",
      "  af approvals deny WORKFLOW_ID send.v1 --reason 'not on a Friday'",
      "  af approvals delegate WORKFLOW_ID send.v1 --to bob"
    })
final class ApprovalsCommand {

  private static final String WORKFLOW_ID = "WORKFLOW_ID";
  private static final String APPROVAL_ID = "APPROVAL_ID";
  private static final int DIGEST_CHARS = 64;
  private static final int DIGEST_CHARS_SHOWN = 8;
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  @Spec private CommandSpec spec;

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List what has to be decided, newest first.")
  int list(
      @Mixin ServerOptions server,
      @Mixin TenantOption tenant,
      @Mixin JsonOption json,
      @Mixin PageOptions page,
      @Option(
              names = "--status",
              paramLabel = "STATUS",
              defaultValue = "open",
              description =
                  "open, granted, denied, expired, withdrawn, or all (default: ${DEFAULT-VALUE}).")
          String status) {
    return page.print(
        console(),
        server.client(tenant),
        new ListPath("/v1/approvals").with("status", status.equals("all") ? null : status),
        json,
        List.of(
            WORKFLOW_ID,
            APPROVAL_ID,
            "STATUS",
            "DIGEST",
            "ASKED BY",
            "GRANTED",
            "BY",
            "WHO MAY",
            "EXPIRES",
            "WHAT"),
        ApprovalsCommand::row);
  }

  private static List<String> row(JsonNode row) {
    return List.of(
        row.path("workflowId").asText(),
        row.path("approvalId").asText(),
        row.path("status").asText(),
        shown(row.path("digest").asText()),
        row.path("requestedBy").asText(),
        row.path("grantedBy").size() + " of " + row.path("required").asText(),
        names(row.path("grantedBy"), "-"),
        whoMay(row),
        row.path("expiresAt").asText().replaceFirst("\\.\\d+", ""),
        Console.oneLine(row.path("what").asText() + " of " + row.path("workflowName").asText()));
  }

  private static String shown(String digest) {
    return digest.substring(0, Math.min(DIGEST_CHARS_SHOWN, digest.length()));
  }

  private static String whoMay(JsonNode row) {
    String people = names(row.path("people"), "");
    String roles = names(row.path("roles"), "");
    String may =
        people
            + (people.isEmpty() || roles.isEmpty() ? "" : ", ")
            + (roles.isEmpty() ? "" : "role " + roles);
    String delegates =
        row.path("delegates").properties().stream()
            .map(entry -> entry.getValue().asText() + " for " + entry.getKey())
            .collect(Collectors.joining(", "));
    return (may.isEmpty() ? "anyone" : may) + (delegates.isEmpty() ? "" : "; " + delegates);
  }

  private static String names(JsonNode list, String none) {
    return list.isEmpty()
        ? none
        : StreamSupport.stream(list.spliterator(), false)
            .map(JsonNode::asText)
            .collect(Collectors.joining(", "));
  }

  @Command(
      name = "grant",
      mixinStandardHelpOptions = true,
      description = {
        "Approve; who asked cannot.",
        "The digest says what you have looked at: where the plan has become another since,",
        "nothing is approved."
      })
  int grant(
      @Mixin PersonOptions person,
      @Parameters(paramLabel = WORKFLOW_ID) String workflowId,
      @Parameters(paramLabel = APPROVAL_ID) String approvalId,
      @Option(
              names = "--digest",
              paramLabel = "DIGEST",
              required = true,
              description = "The digest, or at least the 8 characters that 'list' shows.")
          String digest) {
    String whole = whole(digest, person.client(), workflowId, approvalId);
    return person.command(
        console(),
        "granted %s of".formatted(approvalId),
        path(workflowId, approvalId, "grant"),
        JSON.objectNode().put("digest", whole));
  }

  /** The digest that begins so, if it is the approval's. */
  private String whole(String digest, ApiClient api, String workflowId, String approvalId) {
    if (digest.length() >= DIGEST_CHARS) {
      return digest;
    }
    if (digest.length() < DIGEST_CHARS_SHOWN) {
      throw wrong("the digest needs at least %d characters".formatted(DIGEST_CHARS_SHOWN));
    }
    for (JsonNode row : api.items("/v1/workflows/%s/approvals".formatted(workflowId))) {
      String whole = row.path("digest").asText();
      if (row.path("approvalId").asText().equals(approvalId)) {
        if (whole.startsWith(digest)) {
          return whole;
        }
        throw wrong(
            "%s asks for %s, not %s: look at it again".formatted(approvalId, shown(whole), digest));
      }
    }
    throw wrong("workflow %s has no approval %s".formatted(workflowId, approvalId));
  }

  private ParameterException wrong(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }

  @Command(
      name = "deny",
      mixinStandardHelpOptions = true,
      description = "Refuse; the step fails, or the plan is rejected.")
  int deny(
      @Mixin PersonOptions person,
      @Parameters(paramLabel = WORKFLOW_ID) String workflowId,
      @Parameters(paramLabel = APPROVAL_ID) String approvalId,
      @Option(names = "--reason", paramLabel = "REASON", required = true) String reason) {
    return person.command(
        console(),
        "denied %s of".formatted(approvalId),
        path(workflowId, approvalId, "deny"),
        JSON.objectNode().put("reason", reason));
  }

  @Command(
      name = "delegate",
      mixinStandardHelpOptions = true,
      description = "Let another decide in your place.")
  int delegate(
      @Mixin PersonOptions person,
      @Parameters(paramLabel = WORKFLOW_ID) String workflowId,
      @Parameters(paramLabel = APPROVAL_ID) String approvalId,
      @Option(names = "--to", paramLabel = "PERSON", required = true) String to) {
    return person.command(
        console(),
        "%s decides %s of".formatted(to, approvalId),
        path(workflowId, approvalId, "delegate"),
        JSON.objectNode().put("to", to));
  }

  private static String path(String workflowId, String approvalId, String verb) {
    return "/v1/workflows/%s/approvals/%s/%s".formatted(workflowId, approvalId, verb);
  }

  private Console console() {
    return Console.ofProcess(spec.commandLine().getOut());
  }
}
