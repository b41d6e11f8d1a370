package io.agentflow.application.whatif;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.domain.Spend;
import io.agentflow.domain.tenant.Scope;
import io.agentflow.domain.whatif.Difference;
import io.agentflow.domain.whatif.Difference.Kind;
import io.agentflow.domain.whatif.Limit;
import io.agentflow.domain.whatif.Policy;
import io.agentflow.domain.whatif.Prices;
import io.agentflow.domain.whatif.Rule;
import io.agentflow.domain.whatif.WhatIf;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What came of it, in canonical JSON: what was asked, the totals, then each workflow that differs.
 * Has nothing of when or where it was made, so that the same log and the same rule give the same
 * bytes. In the form of {@code docs/histories.md}.
 */
final class WhatIfDocument {

  static final String FORMAT = "agentflow-what-if";
  static final int VERSION = 1;

  private static final JsonMapper JSON = new JsonMapper();

  /** Members are sorted by their names, and no other comes behind the workflows. */
  private static final String END_OF_ALL = "]}";

  private final Rule rule;
  private final Map<Kind, Long> kinds = new EnumMap<>(Kind.class);
  private long runs;
  private long runsThatDiffer;
  private long runsDecidedOtherwise;
  private long asked;
  private long askedUnderRule;
  private Spend recordedCost = Spend.NONE;
  private Spend cost = Spend.NONE;

  WhatIfDocument(Rule rule) {
    this.rule = rule;
    for (Kind kind : Kind.values()) {
      kinds.put(kind, 0L);
    }
  }

  /** Whether no workflow differs so far. */
  boolean isEmpty() {
    return runsThatDiffer == 0;
  }

  /** Counts a run; what stands of it in the document, or null where nothing differs. */
  @Nullable String add(String workflowId, WhatIf.Run run) {
    runs++;
    asked += run.asked();
    askedUnderRule += run.askedUnderRule();
    recordedCost = recordedCost.plus(run.recordedCost());
    cost = cost.plus(run.cost());
    if (run.differences().isEmpty()) {
      return null;
    }
    runsThatDiffer++;
    if (run.differences().stream().anyMatch(difference -> difference.kind() != Kind.COST)) {
      runsDecidedOtherwise++;
    }
    ObjectNode workflow = JSON.createObjectNode();
    workflow.put("workflowId", workflowId);
    workflow.put("asked", run.asked());
    workflow.put("askedUnderRule", run.askedUnderRule());
    workflow.set("recordedCost", node(run.recordedCost()));
    workflow.set("cost", node(run.cost()));
    ArrayNode differences = workflow.putArray("differences");
    for (Difference difference : run.differences()) {
      kinds.merge(difference.kind(), 1L, Long::sum);
      differences.add(node(difference));
    }
    return CanonicalJson.canonicalize(workflow);
  }

  private ObjectNode node(Difference difference) {
    ObjectNode node = JSON.createObjectNode();
    node.put("position", difference.position());
    node.put("at", difference.at().toString());
    node.put("kind", difference.kind().word());
    node.put("subject", difference.subject());
    node.put("recorded", difference.recorded().word());
    node.put("underRule", difference.underRule().word());
    node.put("because", difference.because());
    node.set("recordedCost", node(difference.recordedCost()));
    node.set("cost", node(difference.cost()));
    node.put("first", difference.first());
    if (difference.remaining() != null) {
      node.set("remaining", remaining(difference.remaining()));
    }
    return node;
  }

  /** Of what is limited alone. */
  private ObjectNode remaining(Spend remaining) {
    ObjectNode node = JSON.createObjectNode();
    Limit limit = rule.limit();
    if (limit != null && limit.tokens() != null) {
      node.put("tokens", remaining.tokens());
    }
    if (limit != null && limit.microDollars() != null) {
      node.put("microDollars", remaining.microDollars());
    }
    return node;
  }

  private static ObjectNode node(Spend spend) {
    return JSON.createObjectNode()
        .put("tokens", spend.tokens())
        .put("microDollars", spend.microDollars());
  }

  /** All that stands before the first workflow; the last is followed by {@code ]}}. */
  String beginning(Selection selection) {
    ObjectNode document = JSON.createObjectNode();
    document.put("format", FORMAT);
    document.put("version", VERSION);
    document.put("tenantId", selection.tenantId());
    document.put("headPosition", selection.headPosition());
    document.set("selection", node(selection));
    document.set("rule", node(rule));
    document.put("ruleDigest", digest(rule));
    document.set("totals", totals());
    document.putArray("workflows");
    String whole = CanonicalJson.canonicalize(document);
    return whole.substring(0, whole.length() - END_OF_ALL.length());
  }

  private ObjectNode totals() {
    ObjectNode totals = JSON.createObjectNode();
    totals.put("runs", runs);
    totals.put("runsThatDiffer", runsThatDiffer);
    totals.put("runsDecidedOtherwise", runsDecidedOtherwise);
    totals.put("asked", asked);
    totals.put("askedUnderRule", askedUnderRule);
    totals.set("recordedCost", node(recordedCost));
    totals.set("cost", node(cost));
    ObjectNode differences = totals.putObject("differences");
    kinds.forEach((kind, count) -> differences.put(kind.word(), count));
    return totals;
  }

  private static ObjectNode node(Selection selection) {
    ObjectNode node = JSON.createObjectNode();
    if (selection.workflowIds() != null) {
      selection.workflowIds().forEach(node.putArray("workflowIds")::add);
    }
    put(node, "since", selection.sinceText());
    put(node, "until", selection.until());
    put(node, Scope.PROJECT, selection.scope().project());
    put(node, Scope.ENVIRONMENT, selection.scope().environment());
    return node;
  }

  private static void put(ObjectNode node, String name, @Nullable String value) {
    if (value != null) {
      node.put(name, value);
    }
  }

  /** Names the rule: SHA-256 over its canonical form. */
  static String digest(Rule rule) {
    return Hash.sha256(CanonicalJson.canonicalize(node(rule)).getBytes(StandardCharsets.UTF_8))
        .hex();
  }

  private static ObjectNode node(Rule rule) {
    ObjectNode node = JSON.createObjectNode();
    put(node, "autonomy", rule.autonomy() == null ? null : rule.autonomy().word());
    put(node, "autonomyFloor", rule.autonomyFloor() == null ? null : rule.autonomyFloor().word());
    Policy policy = rule.policy();
    if (!policy.equals(Policy.NONE)) {
      ObjectNode of = node.putObject("policy");
      of.set("toolRisks", words(policy.toolRisks()));
      of.set("kindRisks", words(policy.kindRisks()));
      policy.deniedTools().stream().sorted().forEach(of.putArray("deniedTools")::add);
    }
    Prices prices = rule.prices();
    if (prices != null) {
      ObjectNode of = node.putObject("prices");
      prices.models().forEach(of.putObject("models")::put);
      if (prices.others() != null) {
        of.put("others", prices.others());
      }
    }
    Limit limit = rule.limit();
    if (limit != null) {
      ObjectNode of = node.putObject("budget");
      if (limit.tokens() != null) {
        of.put("tokens", limit.tokens());
      }
      if (limit.microDollars() != null) {
        of.put("microDollars", limit.microDollars());
      }
    }
    return node;
  }

  private static ObjectNode words(Map<?, ?> risks) {
    Map<String, String> words =
        risks.entrySet().stream()
            .collect(
                Collectors.toMap(
                    risk -> risk.getKey() instanceof String tool ? tool : word(risk.getKey()),
                    risk -> word(risk.getValue())));
    ObjectNode node = JSON.createObjectNode();
    words.forEach(node::put);
    return node;
  }

  private static String word(Object constant) {
    return constant.toString().toLowerCase(Locale.ROOT);
  }
}
