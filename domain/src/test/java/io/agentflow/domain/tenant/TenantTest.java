package io.agentflow.domain.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Histories;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.tenant.TenantCommand.BindRole;
import io.agentflow.domain.tenant.TenantCommand.IssueKey;
import io.agentflow.domain.tenant.TenantCommand.RevokeKey;
import io.agentflow.domain.tenant.TenantCommand.UnbindRole;
import io.agentflow.domain.tenant.TenantEvent.KeyIssued;
import io.agentflow.domain.tenant.TenantEvent.KeyRevoked;
import io.agentflow.domain.tenant.TenantEvent.RoleBound;
import io.agentflow.domain.tenant.TenantEvent.RoleUnbound;
import io.agentflow.domain.tenant.TenantRejection.DifferentKeyExists;
import io.agentflow.domain.tenant.TenantRejection.KeyWasRevoked;
import io.agentflow.domain.tenant.TenantRejection.MayNotGive;
import io.agentflow.domain.tenant.TenantRejection.TooManyBindings;
import io.agentflow.domain.tenant.TenantRejection.TooManyKeys;
import io.agentflow.domain.tenant.TenantRejection.UnknownBinding;
import io.agentflow.domain.tenant.TenantRejection.UnknownKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TenantTest {

  private static final TenantId ACME = new TenantId("acme");
  private static final Scope SHOP = new Scope("shop", null);
  private static final Scope LIVE = new Scope("shop", "live");
  private static final Set<String> ADMINS = Set.of("viewer", "operator", "admin");
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Duration HOUR = Duration.ofHours(1);

  private final Histories<TenantCommand, TenantEvent, Tenant, TenantRejection> tenant = history();

  private static Histories<TenantCommand, TenantEvent, Tenant, TenantRejection> history() {
    return new Histories<>(Tenant.initial(), Tenant::decide, Tenant::evolve);
  }

  private static BindRole bind(String principal, String role, Scope scope) {
    return new BindRole(ACME, principal, role, scope, ADMINS);
  }

  private static UnbindRole unbind(BindRole bound) {
    return new UnbindRole(ACME, bound.bindingId());
  }

  private static String keyId(int n) {
    return "018f4e6a-0000-7000-8000-%012d".formatted(n);
  }

  private static String secret(int n) {
    return "%064x".formatted(n);
  }

  private static IssueKey issue(int n, int secret, Instant at, Duration life, String... roles) {
    return new IssueKey(
        ACME, keyId(n), "deploy", List.of(roles), SHOP, secret(secret), at.plus(life), at, ADMINS);
  }

  private static RevokeKey revoke(int n) {
    return new RevokeKey(ACME, keyId(n));
  }

  @Test
  void a_role_is_bound_once_and_taken_away_once() {
    BindRole ada = bind("ada", "operator", LIVE);
    tenant.given(ada);
    tenant.isAlreadySo(ada);
    tenant.given(unbind(ada));
    tenant.isAlreadySo(unbind(ada));
    tenant.given(ada);

    assertThat(tenant.events())
        .containsExactly(
            new RoleBound("acme", ada.bindingId(), "ada", "operator", "shop", "live"),
            new RoleUnbound("acme", ada.bindingId(), "ada", "operator", "shop", "live"),
            new RoleBound("acme", ada.bindingId(), "ada", "operator", "shop", "live"));
  }

  @Test
  void each_principal_role_and_scope_is_a_binding_of_its_own() {
    List<BindRole> all =
        List.of(
            bind("ada", "viewer", Scope.TENANT),
            bind("bob", "viewer", Scope.TENANT),
            bind("ada", "operator", Scope.TENANT),
            bind("ada", "viewer", SHOP),
            bind("ada", "viewer", LIVE),
            bind("ada", "viewer", new Scope("live", null)));
    all.forEach(tenant::given);
    assertThat(tenant.events()).hasSize(all.size());
    assertThat(all.stream().map(BindRole::bindingId)).doesNotHaveDuplicates();
  }

  @Test
  void nobody_gives_what_he_may_not_give() {
    tenant.refuses(bind("ada", "steward", Scope.TENANT), new MayNotGive("steward"));
    tenant.refuses(issue(1, 1, NOW, HOUR, "admin", "steward"), new MayNotGive("steward"));
  }

  @Test
  void what_is_not_there_cannot_be_taken_away() {
    tenant.refuses(new UnbindRole(ACME, keyId(1)), new UnknownBinding(keyId(1)));
    tenant.refuses(revoke(1), new UnknownKey(keyId(1)));
  }

  @Test
  void a_key_is_issued_once_and_its_first_secret_stays() {
    tenant.given(issue(1, 1, NOW, HOUR, "viewer", "operator"));
    tenant.isAlreadySo(issue(1, 2, NOW, HOUR, "operator", "viewer"));
    tenant.refuses(issue(1, 1, NOW, HOUR, "viewer"), new DifferentKeyExists(keyId(1)));

    assertThat(tenant.events())
        .containsExactly(
            new KeyIssued(
                "acme",
                keyId(1),
                "deploy",
                List.of("operator", "viewer"),
                "shop",
                null,
                secret(1),
                "2026-01-02T04:04:05.678Z"));
  }

  @Test
  void a_revoked_key_stays_revoked() {
    tenant.given(issue(1, 1, NOW, HOUR, "viewer"), revoke(1));
    tenant.isAlreadySo(revoke(1));
    tenant.refuses(issue(1, 1, NOW, HOUR, "viewer"), new KeyWasRevoked(keyId(1)));
    assertThat(tenant.events().getLast()).isEqualTo(new KeyRevoked("acme", keyId(1), "deploy"));
  }

  @Test
  void there_are_so_many_bindings_and_no_more() {
    for (int n = 0; n < Tenant.BINDINGS_MAX; n++) {
      tenant.given(bind("p" + n, "viewer", Scope.TENANT));
    }
    BindRole onceMore = bind("ada", "viewer", Scope.TENANT);
    tenant.refuses(onceMore, new TooManyBindings(Tenant.BINDINGS_MAX));
    tenant.isAlreadySo(bind("p7", "viewer", Scope.TENANT));
    tenant.given(unbind(bind("p7", "viewer", Scope.TENANT)), onceMore);
  }

  @Test
  void there_are_so_many_good_keys_and_no_more() {
    for (int n = 0; n < Tenant.KEYS_MAX; n++) {
      tenant.given(issue(n, n, NOW, n == 0 ? HOUR : HOUR.multipliedBy(9), "viewer"));
    }
    tenant.refuses(issue(999, 1, NOW, HOUR, "viewer"), new TooManyKeys(Tenant.KEYS_MAX));
    tenant.given(issue(999, 1, NOW.plus(HOUR), HOUR.multipliedBy(9), "viewer"));
    tenant.refuses(issue(998, 1, NOW.plus(HOUR), HOUR, "viewer"), new TooManyKeys(Tenant.KEYS_MAX));
    tenant.given(revoke(1), issue(998, 1, NOW.plus(HOUR), HOUR, "viewer"));
  }

  @Test
  void a_key_is_good_until_it_expires_or_is_revoked() {
    tenant.given(issue(1, 1, NOW, HOUR, "viewer"));
    ApiKey key = Objects.requireNonNull(tenant.state().keys().get(keyId(1)));
    assertThat(key.isGoodAt(NOW.plus(HOUR).minusMillis(1))).isTrue();
    assertThat(key.isGoodAt(NOW.plus(HOUR))).isFalse();
    assertThat(key.asRevoked().isGoodAt(NOW)).isFalse();
  }

  @Test
  void what_no_event_could_carry_is_refused() {
    for (Runnable wrong :
        List.<Runnable>of(
            () -> new TenantId("-acme"),
            () -> new TenantId("Acme"),
            () -> new Scope(null, "live"),
            () -> new Scope(" ", null),
            () -> bind("key:" + keyId(1), "viewer", SHOP),
            () -> bind("two words", "viewer", SHOP),
            () -> bind("ada", "", SHOP),
            () -> issue(1, 1, NOW, HOUR),
            () -> issue(1, 1, NOW, Duration.ZERO, "viewer"),
            () -> issue(1, 1, NOW, Duration.ofDays(367), "viewer"),
            () -> new RevokeKey(ACME, "deploy"))) {
      assertThatThrownBy(wrong::run).isInstanceOf(InvalidField.class);
    }
  }

  @Test
  void a_scope_covers_itself_and_what_is_within_it() {
    Scope test = new Scope("shop", "test");
    Scope desk = new Scope("desk", "live");
    assertThat(Scope.TENANT.covers(LIVE)).isTrue();
    assertThat(SHOP.covers(LIVE)).isTrue();
    assertThat(LIVE.covers(LIVE)).isTrue();
    for (Scope other : List.of(Scope.TENANT, SHOP, test, desk)) {
      assertThat(LIVE.covers(other)).as(other.words()).isFalse();
    }
    assertThat(SHOP.covers(desk)).isFalse();
    assertThat(SHOP.covers(Scope.TENANT)).isFalse();
  }

  @Test
  void a_workflow_is_where_its_labels_say() {
    assertThat(Scope.ofLabels(Map.of("project", "shop", "environment", "live"))).isEqualTo(LIVE);
    assertThat(Scope.ofLabels(Map.of("project", "shop", "team", "ops"))).isEqualTo(SHOP);
    assertThat(Scope.ofLabels(Map.of("environment", "live"))).isEqualTo(Scope.TENANT);
    assertThat(Scope.ofLabels(Map.of("project", " ", "environment", "live")))
        .isEqualTo(Scope.TENANT);
  }

  /**
   * After any history: the same command delivered twice records once, nothing is given that may not
   * be given, what was revoked stays revoked, and what a reader adds up is what the state has.
   */
  @Test
  void no_history_gives_too_much_or_records_a_command_twice() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int run = 0; run < 200; run++) {
      var history = history();
      Set<String> bound = new HashSet<>();
      Map<String, Boolean> goodKeys = new HashMap<>();
      for (int step = 0; step < 60; step++) {
        TenantCommand command = anyCommand(random);
        String where = "seed %d, run %d, step %d: %s".formatted(seed, run, step, command);
        Decision<TenantEvent, TenantRejection> first = history.when(command);
        if (first instanceof Accepted<TenantEvent, TenantRejection>(List<TenantEvent> events)) {
          events.forEach(event -> see(event, bound, goodKeys, where));
        }
        assertThat(history.when(command))
            .as(where)
            .isEqualTo(
                first instanceof Accepted
                    ? Decision.<TenantEvent, TenantRejection>alreadySo()
                    : first);
      }
      Tenant state = history.state();
      assertThat(
              state.bindings().asMap().entrySet().stream()
                  .filter(binding -> binding.getValue().bound())
                  .map(Map.Entry::getKey))
          .containsExactlyInAnyOrderElementsOf(bound);
      state
          .keys()
          .asMap()
          .forEach((id, key) -> assertThat(!key.revoked()).isEqualTo(goodKeys.get(id)));
      assertThat(folded(history.events())).isEqualTo(state);
    }
  }

  private static void see(
      TenantEvent event, Set<String> bound, Map<String, Boolean> goodKeys, String where) {
    switch (event) {
      case RoleBound it -> {
        assertThat(ADMINS).as(where).contains(it.role());
        assertThat(bound.add(it.bindingId())).as(where).isTrue();
      }
      case RoleUnbound it -> assertThat(bound.remove(it.bindingId())).as(where).isTrue();
      case KeyIssued it -> {
        assertThat(ADMINS).as(where).containsAll(it.roles());
        assertThat(goodKeys.put(it.keyId(), true)).as(where).isNull();
      }
      case KeyRevoked it -> assertThat(goodKeys.put(it.keyId(), false)).as(where).isTrue();
    }
  }

  private static TenantCommand anyCommand(Random random) {
    BindRole some =
        bind(
            "p" + random.nextInt(3),
            List.of("viewer", "operator", "steward").get(random.nextInt(3)),
            List.of(Scope.TENANT, SHOP, LIVE).get(random.nextInt(3)));
    int key = random.nextInt(8);
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> some;
      case 3, 4 -> unbind(some);
      case 5, 6 ->
          issue(
              key,
              random.nextInt(100),
              NOW.plusSeconds(random.nextInt(2)),
              HOUR,
              random.nextInt(5) == 0 ? "steward" : "viewer");
      default -> revoke(key);
    };
  }

  private static Tenant folded(List<TenantEvent> events) {
    Tenant tenant = Tenant.initial();
    for (TenantEvent event : events) {
      tenant = Tenant.evolve(tenant, event);
    }
    return tenant;
  }

  /** Also in an order in which they never were decided. */
  @Test
  void evolve_refuses_nothing() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<TenantEvent> events = new ArrayList<>();
    for (int run = 0; run < 20; run++) {
      var history = history();
      for (int step = 0; step < 60; step++) {
        history.when(anyCommand(random));
      }
      events.addAll(history.events());
    }
    Collections.shuffle(events, random);
    assertThat(folded(events)).as("seed %d", seed).isNotNull();
  }
}
