package io.agentflow.server.contract;

import io.agentflow.application.intake.ProblemType;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.method.HandlerMethod;

/** Which problems an operation can answer: what its kind can, and what it alone can. */
final class OperationProblems {

  private static final Set<ProblemType> OF_ALL =
      EnumSet.of(
          ProblemType.BAD_REQUEST,
          ProblemType.INVALID_FIELD,
          ProblemType.NOT_LOCAL,
          ProblemType.NOT_ACCEPTABLE,
          ProblemType.UNAVAILABLE,
          ProblemType.INTERNAL);
  private static final Set<ProblemType> OF_CALLERS =
      EnumSet.of(ProblemType.UNAUTHENTICATED, ProblemType.FORBIDDEN, ProblemType.RATE_LIMITED);
  private static final Set<ProblemType> OF_POSTS =
      EnumSet.of(
          ProblemType.KEY_IN_USE,
          ProblemType.KEY_REUSED,
          ProblemType.BODY_TOO_LARGE,
          ProblemType.REQUEST_TIMEOUT);
  private static final Set<ProblemType> OF_BODIES =
      EnumSet.of(
          ProblemType.MALFORMED_JSON,
          ProblemType.UNKNOWN_FIELD,
          ProblemType.UNSUPPORTED_MEDIA_TYPE);
  private static final Set<ProblemType> OF_COMMANDS =
      EnumSet.of(
          ProblemType.WRONG_STATE,
          ProblemType.STALE_VERSION,
          ProblemType.CONCURRENT_CHANGE,
          ProblemType.EVENT_TOO_LARGE);

  private static final List<ProblemType> UNDER_LEASE =
      List.of(ProblemType.LEASE_LOST, ProblemType.CONFLICTING_REPEAT);
  private static final List<ProblemType> OF_APPROVERS =
      List.of(ProblemType.NOT_ENTITLED, ProblemType.DIGEST_DIFFERS);

  private static final Map<String, List<ProblemType>> OF_ITS_OWN =
      Map.ofEntries(
          Map.entry("createWorkflow", List.of(ProblemType.ALREADY_EXISTS)),
          Map.entry(
              "launchWorkflow", List.of(ProblemType.ALREADY_EXISTS, ProblemType.INVALID_PLAN)),
          Map.entry("restartWorkflow", List.of(ProblemType.ALREADY_EXISTS)),
          Map.entry("proposePlan", List.of(ProblemType.INVALID_PLAN)),
          Map.entry("recordMessage", UNDER_LEASE),
          Map.entry("recordToolCall", UNDER_LEASE),
          Map.entry("recordToolResult", UNDER_LEASE),
          Map.entry("sendSignal", List.of(ProblemType.CONFLICTING_REPEAT)),
          Map.entry("completeStep", UNDER_LEASE),
          Map.entry("failStep", UNDER_LEASE),
          Map.entry("giveBackStep", UNDER_LEASE),
          Map.entry("reportProgress", UNDER_LEASE),
          Map.entry("prolongLease", List.of(ProblemType.LEASE_LOST)),
          Map.entry("grantApproval", OF_APPROVERS),
          Map.entry("denyApproval", OF_APPROVERS),
          Map.entry("delegateApproval", OF_APPROVERS),
          Map.entry("registerAgent", List.of(ProblemType.ALREADY_EXISTS)),
          Map.entry("takeLeases", List.of(ProblemType.WRONG_STATE)),
          Map.entry("endWaits", List.of(ProblemType.WRONG_STATE)),
          Map.entry("openBudget", List.of(ProblemType.ALREADY_EXISTS)),
          Map.entry("changeLimit", List.of(ProblemType.LIMIT_TOO_LOW, ProblemType.LIMIT_EXCEEDED)),
          Map.entry(
              "allocateSlice",
              List.of(
                  ProblemType.LIMIT_EXCEEDED,
                  ProblemType.ALREADY_EXISTS,
                  ProblemType.CONFLICTING_REPEAT)),
          Map.entry(
              "reserveSpend", List.of(ProblemType.LIMIT_EXCEEDED, ProblemType.CONFLICTING_REPEAT)),
          Map.entry("settleReservation", List.of(ProblemType.CONFLICTING_REPEAT)),
          Map.entry(
              "createSchedule", List.of(ProblemType.ALREADY_EXISTS, ProblemType.INVALID_PLAN)),
          Map.entry("triggerSchedule", List.of(ProblemType.CONFLICTING_REPEAT)),
          Map.entry("issueKey", List.of(ProblemType.ALREADY_EXISTS)),
          Map.entry("verifyMirror", List.of(ProblemType.BUS_UNAVAILABLE, ProblemType.BUSY)),
          Map.entry("repairMirror", List.of(ProblemType.BUSY)),
          Map.entry(
              "beginReplay",
              List.of(
                  ProblemType.NOT_FOUND,
                  ProblemType.CONFLICTING_REPEAT,
                  ProblemType.BUSY,
                  ProblemType.BUS_UNAVAILABLE)),
          Map.entry("pauseReplay", List.of(ProblemType.WRONG_STATE)),
          Map.entry("resumeReplay", List.of(ProblemType.WRONG_STATE)),
          Map.entry("askWhatIf", List.of(ProblemType.NOT_FOUND, ProblemType.BUSY)),
          Map.entry("getWhatIfResult", List.of(ProblemType.WRONG_STATE)),
          Map.entry("streamEvents", List.of(ProblemType.BUSY)),
          Map.entry("verifyLog", List.of(ProblemType.NOT_FOUND, ProblemType.BUSY)),
          Map.entry(
              "exportLog",
              List.of(ProblemType.NOT_FOUND, ProblemType.BUSY, ProblemType.BROKEN_LOG)));

  private OperationProblems() {}

  /** The operations that are told apart; each has to exist. */
  static Set<String> named() {
    return OF_ITS_OWN.keySet();
  }

  static Set<ProblemType> of(String operationId, String path, HandlerMethod method) {
    Set<ProblemType> problems = EnumSet.copyOf(OF_ALL);
    if (!Operations.isOpen(path)) {
      problems.addAll(OF_CALLERS);
    }
    if (method.hasMethodAnnotation(PostMapping.class)) {
      problems.addAll(OF_POSTS);
    }
    if (has(method, RequestBody.class)) {
      problems.addAll(OF_BODIES);
    }
    if (path.contains("{")) {
      problems.add(ProblemType.NOT_FOUND);
    }
    if (method.getMethod().getReturnType() == ResponseEntity.class) {
      problems.addAll(OF_COMMANDS);
    }
    problems.addAll(OF_ITS_OWN.getOrDefault(operationId, List.of()));
    return problems;
  }

  private static boolean has(
      HandlerMethod method, Class<? extends java.lang.annotation.Annotation> annotation) {
    return java.util.Arrays.stream(method.getMethodParameters())
        .anyMatch(parameter -> parameter.hasParameterAnnotation(annotation));
  }
}
