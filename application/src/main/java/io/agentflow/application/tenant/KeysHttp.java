package io.agentflow.application.tenant;

import io.agentflow.application.access.ApiKeys;
import io.agentflow.application.access.TenantDirectory;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.CommandAnswer;
import io.agentflow.application.intake.Commands;
import io.agentflow.application.intake.Commands.Done;
import io.agentflow.application.tenant.TenantAnswers.IssuedKey;
import io.agentflow.domain.Checks;
import io.agentflow.domain.tenant.ApiKey;
import io.agentflow.domain.tenant.Scope;
import io.agentflow.domain.tenant.TenantCommand.IssueKey;
import io.agentflow.domain.tenant.TenantCommand.RevokeKey;
import io.agentflow.domain.tenant.TenantId;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Keys by which programs call without a token, over HTTP. */
@RestController
@RequestMapping("/v1/access/keys")
class KeysHttp {

  private final TenantCommands commands;
  private final TenantDirectory directory;
  private final ApiKeys keys;
  private final Clock clock;

  KeysHttp(TenantCommands commands, TenantDirectory directory, ApiKeys keys, Clock clock) {
    this.commands = commands;
    this.directory = directory;
    this.keys = keys;
    this.clock = clock;
  }

  /**
   * What a key is to be.
   *
   * @param keyId the client's, so that it can ask again; a new one where it brings none
   * @param name what people know it by
   * @param roles what it may do: viewer, operator, engineer, admin, auditor, steward
   * @param project where that counts; the whole tenant where it is left out
   * @param environment where that counts; all of the project where it is left out
   * @param expiresAt when it opens nothing any more; within 366 days
   */
  record IssueRequest(
      @Nullable String keyId,
      String name,
      List<String> roles,
      @Nullable String project,
      @Nullable String environment,
      Instant expiresAt) {}

  /**
   * A key that is good, without its secret.
   *
   * @param project where its roles count; null for the whole tenant
   * @param environment where its roles count; null for all of the project
   */
  record GoodKey(
      String keyId,
      String name,
      List<String> roles,
      @Nullable String project,
      @Nullable String environment,
      Instant expiresAt) {

    private static GoodKey of(String id, ApiKey key) {
      return new GoodKey(
          id,
          key.name(),
          key.roles(),
          key.scope().project(),
          key.scope().environment(),
          key.expiresAt());
    }
  }

  /** All of them at once: there are 100 at most. */
  record GoodKeys(List<GoodKey> items) {}

  /** Lists the keys that are neither revoked nor expired, those first that expire first. */
  @GetMapping
  GoodKeys listKeys(@RequestAttribute Caller caller) {
    Instant now = clock.instant();
    return new GoodKeys(
        directory.tenant(caller.tenantId()).keys().asMap().entrySet().stream()
            .filter(entry -> entry.getValue().isGoodAt(now))
            .map(entry -> GoodKey.of(entry.getKey(), entry.getValue()))
            .sorted(Comparator.comparing(GoodKey::expiresAt).thenComparing(GoodKey::keyId))
            .toList());
  }

  /**
   * Issues a key. The answer tells it, and nothing ever does again: a repeat is answered without
   * it. Nobody gives a role that lets do what he may not do himself. Whatever its roles, a key
   * neither approves nor manages access.
   */
  @PostMapping
  ResponseEntity<IssuedKey> issueKey(
      @RequestAttribute Caller caller, @RequestBody IssueRequest request) {
    String secret = keys.newSecret();
    Checks.present("roles", request.roles());
    request.roles().forEach(role -> TenantCommands.role("roles", role));
    IssueKey issue =
        new IssueKey(
            new TenantId(caller.tenantId()),
            Commands.idOr(request.keyId()),
            request.name(),
            request.roles(),
            new Scope(request.project(), request.environment()),
            ApiKeys.sha256(secret),
            Checks.present("expiresAt", request.expiresAt()),
            clock.instant(),
            TenantCommands.givableBy(caller));
    Done done = commands.send(caller, issue, HttpStatus.CREATED);
    return done.changed()
        ? TenantAnswers.ofIssued(
            HttpStatus.CREATED,
            done.entry(),
            issue.keyId(),
            ApiKeys.text(caller.tenantId(), issue.keyId(), secret))
        : TenantAnswers.ofIssued(HttpStatus.OK, done.entry(), issue.keyId(), null);
  }

  /** Calls a key back, for good. It opens nothing any more once this is answered. */
  @PostMapping("/{keyId}/revoke")
  ResponseEntity<CommandAnswer> revokeKey(
      @RequestAttribute Caller caller, @PathVariable String keyId) {
    Done done =
        commands.send(caller, new RevokeKey(new TenantId(caller.tenantId()), keyId), HttpStatus.OK);
    return TenantAnswers.of(HttpStatus.OK, done.entry(), keyId);
  }
}
