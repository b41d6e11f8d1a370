package io.agentflow.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What people tell workflows and approvals, as it leaves the command line. */
class SteeringTest extends AgainstServer {

  private static final String DIGEST = "3f2a91bc" + "0".repeat(56);

  private void assertAsked(String request, String body) {
    assertThat(server.asked())
        .last()
        .satisfies(
            asked -> {
              assertThat(asked.request()).isEqualTo(request);
              assertThat(asked.body()).isEqualTo(body);
            });
  }

  @Test
  void a_person_pauses_resumes_cancels_and_retries() {
    assertThat(af("workflows", "pause", "wf", "--reason", "lunch")).isZero();
    assertAsked("POST /v1/workflows/wf/pause", "{\"reason\":\"lunch\"}");
    assertThat(out.toString()).contains("paused wf (position 7)");

    assertThat(af("workflows", "resume", "wf")).isZero();
    assertAsked("POST /v1/workflows/wf/resume", "{}");
    assertThat(af("workflows", "cancel", "wf", "--reason", "late")).isZero();
    assertAsked("POST /v1/workflows/wf/cancel", "{\"reason\":\"late\"}");
    assertThat(af("workflows", "retry", "wf", "send")).isZero();
    assertAsked("POST /v1/workflows/wf/steps/send/retry", "{}");
    assertThat(af("workflows", "pause", "wf")).as("without a reason").isEqualTo(ExitCode.USAGE);
  }

  @Test
  void who_it_is_and_with_which_roles_goes_along() {
    af("workflows", "resume", "wf", "--as", "ann", "--role", "lead", "--role", "ops");
    assertThat(server.asked())
        .singleElement()
        .satisfies(
            asked -> {
              assertThat(asked.actor()).isEqualTo("ann");
              assertThat(asked.roles()).containsExactly("lead", "ops", "admin", "steward");
            });
  }

  @Test
  void who_names_a_role_that_grants_something_has_no_other() {
    af("workflows", "resume", "wf", "--as", "ann", "--role", "lead", "--role", "viewer");
    assertThat(server.asked())
        .singleElement()
        .satisfies(asked -> assertThat(asked.roles()).containsExactly("lead", "viewer"));
  }

  @Test
  void a_signal_and_a_restart_name_what_they_make_so_that_they_can_be_sent_twice()
      throws IOException {
    af("workflows", "signal", "wf", "paid", "12", "--id", "s1");
    assertAsked(
        "POST /v1/workflows/wf/signals",
        "{\"signalId\":\"s1\",\"name\":\"paid\",\"payload\":\"12\"}");

    af("workflows", "restart", "wf", "--from", "send");
    String body = server.asked().stream().toList().getLast().body();
    assertThat(new JsonMapper().readTree(body).path("fromStepId").asText()).isEqualTo("send");
    assertThat(new JsonMapper().readTree(body).path("workflowId").asText())
        .matches("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-.*");
  }

  @Test
  void who_approves_names_the_digest_as_the_list_shows_it() {
    server.answer(
        "GET /v1/workflows/wf/approvals",
        "{'items':[{'approvalId':'plan.v1','digest':'%s'}]}".formatted(DIGEST));

    assertThat(af("approvals", "grant", "wf", "plan.v1", "--digest", "3f2a91bc")).isZero();
    assertAsked(
        "POST /v1/workflows/wf/approvals/plan.v1/grant", "{\"digest\":\"%s\"}".formatted(DIGEST));
    int before = server.asked().size();

    assertThat(af("approvals", "grant", "wf", "plan.v1", "--digest", "00000000"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("look at it again");
    assertThat(af("approvals", "grant", "wf", "plan.v2", "--digest", "3f2a91bc"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(af("approvals", "grant", "wf", "plan.v1", "--digest", "3f2"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(server.asked().stream().skip(before)).allMatch(it -> it.request().startsWith("GET"));
  }

  @Test
  void a_person_denies_and_delegates() {
    af("approvals", "deny", "wf", "send.v1", "--reason", "no");
    assertAsked("POST /v1/workflows/wf/approvals/send.v1/deny", "{\"reason\":\"no\"}");
    af("approvals", "delegate", "wf", "send.v1", "--to", "bob");
    assertAsked("POST /v1/workflows/wf/approvals/send.v1/delegate", "{\"to\":\"bob\"}");
  }

  @Test
  void the_list_of_approvals_says_who_may_decide_what() {
    server.answer(
        "GET /v1/approvals?status=open&limit=50",
        """
        {'items':[{'workflowId':'wf','workflowName':'nightly','approvalId':'send.v1',
          'status':'open','digest':'%s','requestedBy':'planner','required':2,
          'grantedBy':['ann'],'people':['ann','bob'],'roles':['lead'],'delegates':{'bob':'zoe'},
          'expiresAt':'2026-01-02T00:00:00.123Z','what':'Send'}],'next':null}
        """
            .formatted(DIGEST));

    assertThat(af("approvals", "list")).isZero();
    assertThat(out.toString())
        .contains("3f2a91bc ", "1 of 2", "ann, bob, role lead; zoe for bob")
        .contains("2026-01-02T00:00:00Z", "Send of nightly");

    af("approvals", "list", "--status", "all", "--limit", "3");
    assertThat(server.asked()).last().extracting("request").isEqualTo("GET /v1/approvals?limit=3");
  }

  @Test
  void the_plan_is_drawn_as_a_tree() {
    server.answer(
        "GET /v1/workflows/wf/steps",
        """
        {'items':[{'stepId':'a','name':'Collect','needs':[],'status':'completed','attempt':1},
         {'stepId':'b','name':'Parse','needs':['a'],'status':'assigned','attempt':2},
         {'stepId':'c','name':'Send','needs':['b'],'status':'waiting','attempt':0}]}
        """);

    assertThat(af("workflows", "steps", "wf")).isZero();
    assertThat(out.toString().lines().map(String::stripTrailing))
        .anyMatch(line -> line.contains("├─ b") || line.contains("└─ b"))
        .anyMatch(line -> line.contains("   └─ c") && line.contains("waiting"));

    server.answer("GET /v1/workflows/wf/steps", "{'items':[]}");
    af("workflows", "steps", "wf");
    assertThat(out.toString()).contains("no plan is approved");
  }

  @Test
  void a_version_of_a_plan_is_shown_with_its_digest_and_what_waits_for_approval() {
    server.answer(
        "GET /v1/workflows/wf/plan?version=1",
        """
        {'planVersion':1,'standing':'approved','proposedBy':'ann','autonomy':'risk_based',
         'digest':'%s','pendingVersion':2,'steps':[
          {'id':'a','name':'Collect','needs':[],'kind':'tool','tool':'shell','risk':'low',
           'input':'ls','estimate':{'tokens':1200,'microDollars':5}}]}
        """
            .formatted(DIGEST));

    assertThat(af("workflows", "plan", "wf", "--version", "1")).isZero();
    assertThat(out.toString())
        .contains("version 1, approved; proposed by ann; risk_based", "digest " + DIGEST)
        .contains("version 2 waits for its approval", "shell", "1,200", "Collect: ls");
    assertThat(af("workflows", "plan", "--help")).isZero();
  }
}
