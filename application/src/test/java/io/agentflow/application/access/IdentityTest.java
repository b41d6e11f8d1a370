package io.agentflow.application.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.tenant.ApiKey;
import io.agentflow.domain.tenant.Scope;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a trusted token's claims make of its bearer. */
class IdentityTest {

  private static final Scope SHOP = new Scope("shop", null);

  private static Identity of(String tenantClaim, String rolesClaim, Map<String, Object> claims) {
    Map<String, Object> all = new HashMap<>(Map.of("sub", "ada", "tenant", "acme"));
    all.putAll(claims);
    return Identity.of(
        all,
        new AccessSettings(
            "https://id.example",
            "agentflow",
            tenantClaim,
            rolesClaim,
            new AccessSettings.Keys.Discovered()));
  }

  private static Identity of(Map<String, Object> claims) {
    return of("tenant", "roles", claims);
  }

  @Test
  void permissions_of_several_roles_add_up_and_all_roles_stay_for_approvals() {
    Identity ada = of(Map.of("roles", List.of("auditor", "operator", "finance")));
    assertThat(ada.may(Permission.EXPORT_AUDIT)).isTrue();
    assertThat(ada.may(Permission.EXECUTE_WORKFLOWS)).isTrue();
    assertThat(ada.may(Permission.MANAGE_BUDGETS)).isFalse();
    assertThat(ada.roles()).containsExactly("auditor", "operator", "finance");
  }

  @Test
  void roles_come_as_a_list_or_as_one_text_and_what_is_no_name_is_passed_over() {
    assertThat(of(Map.of("roles", "viewer finance")).roles()).containsExactly("viewer", "finance");
    assertThat(of(Map.of("roles", List.of("viewer", 7, "no name", ""))).roles())
        .containsExactly("viewer");
    assertThat(of(Map.of("roles", 7)).access()).isEmpty();
    assertThat(of(Map.of()).access()).isEmpty();
    assertThat(of(Map.of("roles", List.of("Admin", "ADMIN"))).access()).isEmpty();
  }

  @Test
  void a_claim_is_found_under_its_whole_name_before_it_is_taken_for_a_path() {
    Map<String, Object> nested = Map.of("realm_access", Map.of("roles", List.of("viewer")));
    assertThat(of("tenant", "realm_access.roles", nested).access())
        .containsExactly(new RoleAt(Role.VIEWER, Scope.TENANT));

    Map<String, Object> both =
        Map.of("https://a.example/org", "globex", "https://a", Map.of("example/org", "evil"));
    assertThat(of("https://a.example/org", "roles", both).tenantId()).isEqualTo("globex");
    assertThatThrownBy(() -> of("org.name", "roles", Map.of("org", "acme")))
        .isInstanceOf(Forbidden.class)
        .hasMessageContaining("org.name");
  }

  @Test
  void an_agent_has_the_role_agent_and_no_other() {
    Identity agent = of(Map.of("roles", List.of("admin", "agent"), "agent_id", "a1"));
    assertThat(agent.access()).containsExactly(new RoleAt(Role.AGENT, Scope.TENANT));
    assertThat(agent.agentId()).isEqualTo("a1");
    assertThat(of(Map.of("roles", List.of("admin"), "agent_id", "a1")).access()).isEmpty();
    assertThatThrownBy(() -> of(Map.of("roles", List.of("agent"))))
        .hasMessageContaining("agent_id");
  }

  @Test
  void nobody_is_the_server_itself() {
    assertThatThrownBy(() -> of(Map.of("sub", Identity.SYSTEM))).isInstanceOf(Forbidden.class);
  }

  @Test
  void no_token_is_a_key() {
    assertThatThrownBy(() -> of(Map.of("sub", "key:018f4e6a-0000-7000-8000-0000000000e1")))
        .isInstanceOf(Forbidden.class);
  }

  @Test
  void what_the_tenant_has_bound_counts_where_it_was_bound_but_not_for_an_agent() {
    RoleAt operator = new RoleAt(Role.OPERATOR, SHOP);
    Identity ada = of(Map.of("roles", List.of("viewer"))).with(List.of(operator));
    assertThat(ada.may(Permission.READ_WORKFLOWS)).isTrue();
    assertThat(ada.may(Permission.EXECUTE_WORKFLOWS)).isFalse();
    assertThat(ada.may(Permission.EXECUTE_WORKFLOWS, SHOP)).isTrue();
    assertThat(ada.may(Permission.EXECUTE_WORKFLOWS, new Scope("shop", "live"))).isTrue();
    assertThat(ada.may(Permission.EXECUTE_WORKFLOWS, new Scope("desk", null))).isFalse();
    assertThat(ada.mayAnywhere(Permission.EXECUTE_WORKFLOWS)).isTrue();
    assertThat(ada.in(SHOP).roles()).containsExactlyInAnyOrder("viewer", "operator");
    assertThat(ada.in(Scope.TENANT).roles()).containsExactly("viewer");

    Identity agent = of(Map.of("roles", List.of("agent"), "agent_id", "a1"));
    assertThat(agent.with(List.of(operator))).isEqualTo(agent);
  }

  @Test
  void a_key_neither_approves_nor_manages_access_whatever_its_roles() {
    Identity key =
        Identity.ofKey(
            "acme",
            "k1",
            new ApiKey("deploy", List.of("admin"), Scope.TENANT, "", Instant.MAX, false));
    assertThat(key.actor()).isEqualTo("key:k1");
    assertThat(key.may(Permission.MANAGE_BUDGETS)).isTrue();
    assertThat(key.may(Permission.APPROVE_PLANS)).isFalse();
    assertThat(key.may(Permission.MANAGE_ACCESS)).isFalse();
  }
}
