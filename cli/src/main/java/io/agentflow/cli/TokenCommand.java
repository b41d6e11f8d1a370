package io.agentflow.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code af token}. */
@Command(
    name = "token",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Print a token for the server that runs here in development, for curl or a client of yours.",
      "A server that trusts an issuer (AF_OIDC_ISSUER) takes the issuer's tokens alone."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  af token --tenant demo --role operator",
      "  curl -H \"Authorization: Bearer $(af token)\" localhost:8080/v1/status",
      "  af token --agent AGENT_ID --minutes 600"
    })
final class TokenCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private TenantOption tenant;

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description =
          "viewer, operator, engineer, admin, auditor, steward, or one that approvals ask for;"
              + " may be given several times. Default: admin and steward.")
  private List<String> roles = List.of();

  @Option(
      names = "--actor",
      paramLabel = "PERSON",
      description = "Who it is for. Default: AF_ACTOR, else the name you are logged in with.")
  private @Nullable String actor;

  @Option(
      names = "--agent",
      paramLabel = "AGENT_ID",
      description = "For a program that may act only as this agent.")
  private @Nullable String agentId;

  @Option(
      names = "--minutes",
      paramLabel = "MINUTES",
      defaultValue = "60",
      description = "How long it lasts, up to 1440 (default: ${DEFAULT-VALUE}).")
  private long minutes;

  @Override
  public Integer call() {
    Tokens tokens = new Tokens(System.getenv());
    DevelopmentKey key =
        tokens
            .key()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "there is no %s; a server that is started here by 'af up' makes it"
                            .formatted(tokens.file())));
    try {
      String token = bearer().token(key, Instant.now(), Duration.ofMinutes(minutes));
      spec.commandLine().getOut().println(token);
      return ExitCode.OK;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--minutes: " + e.getMessage(), e);
    }
  }

  private Bearer bearer() {
    if (agentId == null) {
      return new Bearer(tenant.name(), PersonOption.nameOr(actor), roles, null);
    }
    if (!roles.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--agent is a role; --role does not fit it");
    }
    Bearer agent = Bearer.agent(tenant.name(), agentId);
    return actor == null ? agent : new Bearer(tenant.name(), actor, agent.roles(), agentId);
  }
}
