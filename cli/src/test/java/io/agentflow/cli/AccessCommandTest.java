package io.agentflow.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who gets which role and which key, as it leaves the command line, and what people see of it. */
class AccessCommandTest extends AgainstServer {

  private RecordingServer.Asked last() {
    return List.copyOf(server.asked()).getLast();
  }

  @Test
  void a_role_is_bound_in_a_part_of_the_tenant_and_taken_away() {
    assertThat(af("access", "bind", "ada", "viewer", "--as", "ann")).isZero();
    assertThat(last().request()).isEqualTo("POST /v1/access/bindings");
    assertThat(last().body()).isEqualTo("{\"principal\":\"ada\",\"role\":\"viewer\"}");
    assertThat(last().actor()).isEqualTo("ann");
    assertThat(af("access", "bind", "ada", "viewer", "--project", "shop", "--environment", "live"))
        .isZero();
    assertThat(last().body()).contains("\"project\":\"shop\",\"environment\":\"live\"");
    assertThat(af("access", "unbind", "b1")).isZero();
    assertThat(last().request()).isEqualTo("POST /v1/access/bindings/b1/remove");
  }

  @Test
  void who_has_what_and_who_i_am_is_shown() {
    server.answer(
        "GET /v1/access/bindings",
        "{'items':[{'bindingId':'b1','principal':'ada','role':'viewer','project':'shop',"
            + "'environment':'live'},{'bindingId':'b2','principal':'bob','role':'admin',"
            + "'project':null,'environment':null}]}");
    server.answer(
        "GET /v1/access/me",
        "{'actor':'ada','tenantId':'acme','access':[{'role':'viewer','project':'shop',"
            + "'environment':null,'permissions':['read:self','read:workflows']}]}");
    assertThat(af("access", "list")).isZero();
    assertThat(out.toString()).contains("shop / live").contains("the tenant");
    assertThat(af("access", "me")).isZero();
    assertThat(out.toString()).contains("ada in the tenant acme", "read:self, read:workflows");
    assertThat(af("access", "me", "--json")).isZero();
    assertThat(out.toString()).contains("\"permissions\" : [");
  }

  @Test
  void a_key_is_asked_for_with_its_end_and_printed() throws Exception {
    server.answer(
        "POST /v1/access/keys", "{'id':'k1','key':'afk.acme.k1.s','note':'keep','position':7}");
    Instant before = Instant.now();
    assertThat(af("keys", "create", "deploy", "--role", "operator", "--days", "2")).isZero();
    JsonNode body = new JsonMapper().readTree(last().body());
    assertThat(body.path("name").asText()).isEqualTo("deploy");
    assertThat(body.path("roles").toString()).isEqualTo("[\"operator\"]");
    assertThat(Instant.parse(body.path("expiresAt").asText()))
        .isBetween(before.plus(Duration.ofDays(2)), Instant.now().plus(Duration.ofDays(2)));
    assertThat(out.toString()).contains("afk.acme.k1.s");

    out.getBuffer().setLength(0);
    assertThat(af("keys", "create", "deploy", "--role", "operator", "--only-key")).isZero();
    assertThat(out.toString()).isEqualToIgnoringNewLines("afk.acme.k1.s");
    assertThat(af("keys", "create", "deploy")).as("without a role").isEqualTo(ExitCode.USAGE);
  }

  @Test
  void a_key_that_is_not_told_again_is_no_success() {
    server.answer("POST /v1/access/keys", "{'id':'k1','key':null,'note':'only then'}");
    assertThat(af("keys", "create", "deploy", "--role", "viewer", "--only-key")).isNotZero();
    assertThat(err.toString()).contains("only then");
  }

  @Test
  void keys_are_listed_and_called_back() {
    server.answer(
        "GET /v1/access/keys",
        "{'items':[{'keyId':'k1','name':'deploy','roles':['operator'],'project':'shop',"
            + "'environment':null,'expiresAt':'2026-03-02T03:04:05Z'}]}");
    assertThat(af("keys", "list")).isZero();
    assertThat(out.toString()).contains("k1", "operator", "shop", "2026-03-02T03:04:05Z");
    assertThat(af("keys", "revoke", "k1")).isZero();
    assertThat(last().request()).isEqualTo("POST /v1/access/keys/k1/revoke");
  }
}
