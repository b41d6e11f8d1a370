package io.agentflow.server.contract;

import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.Commands;
import io.agentflow.application.intake.ProblemType;
import io.agentflow.projections.PageRequest;
import io.agentflow.server.contract.Javadoc.Comment;
import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.method.HandlerMethod;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Completes what operations are called, what they take and what they answer, in the words of their
 * methods' comments.
 */
final class Operations {

  /** Raised by hand, as semantic versioning has it: what breaks a client is a new first number. */
  static final String VERSION = "0.1.0";

  private static final int HISTORY_LIMIT_MAX = 1_000;
  private static final String COMPONENTS = "#/components/";

  /** By the first segment that fits, from the path's end. */
  private static final Map<String, String> TAGS =
      Map.ofEntries(
          Map.entry("plan", "plans"),
          Map.entry("launch", "plans"),
          Map.entry("restart", "plans"),
          Map.entry("approvals", "approvals"),
          Map.entry("heartbeat", "work"),
          Map.entry("leases", "work"),
          Map.entry("answers", "work"),
          Map.entry("steps", "steps"),
          Map.entry("workflows", "workflows"),
          Map.entry("messages", "workflows"),
          Map.entry("tools", "workflows"),
          Map.entry("agents", "agents"),
          Map.entry("budgets", "budgets"),
          Map.entry("schedules", "schedules"),
          Map.entry("what-ifs", "what-ifs"),
          Map.entry("audit", "audit"),
          Map.entry("replays", "replays"),
          Map.entry("access", "access"),
          Map.entry("projections", "projections"),
          Map.entry("bridge", "bridge"),
          Map.entry("metrics", "server"),
          Map.entry("status", "server"),
          Map.entry("health", "server"),
          Map.entry("events", "events"),
          Map.entry("openapi.json", "server"));

  private static final List<Map.Entry<String, String>> TAG_DESCRIPTIONS =
      List.of(
          Map.entry("workflows", "What is to be done, and what was done about it."),
          Map.entry("plans", "The steps by which a workflow is carried out."),
          Map.entry("steps", "Where each step stands, and what its worker says about it."),
          Map.entry("approvals", "What people have to decide."),
          Map.entry("agents", "Who does the steps."),
          Map.entry("work", "How workers take steps and answer them."),
          Map.entry("budgets", "How much may be spent, in tokens and in millionths of a dollar."),
          Map.entry("schedules", "Workflows that start by the clock."),
          Map.entry("events", "What happens, as it happens."),
          Map.entry(
              "what-ifs", "What another rule would have decided, and what it would have cost."),
          Map.entry("replays", "Histories, published on NATS again."),
          Map.entry("audit", "Is the log whole, and what does it say?"),
          Map.entry("access", "Who may do what, and where."),
          Map.entry("projections", "How the tables that answer are built, of all tenants."),
          Map.entry("bridge", "The mirror of the log on NATS, of all tenants."),
          Map.entry("server", "The server itself."));

  /** What a parameter of this name is, wherever it is one. */
  private static final Map<String, String> PARAMETERS =
      Map.ofEntries(
          Map.entry("Last-Event-ID", "Where a client that comes back was; counts before `from`."),
          Map.entry("limit", "Most items that the answer has."),
          Map.entry("cursor", "The `nextCursor` of the page before, as it was answered."),
          Map.entry("tenant", "Of this tenant alone; without it, of all."),
          Map.entry("version", "Which version of the plan; without it, what is carried out."),
          Map.entry(
              "AF-Consistent-With",
              "A position of the log (`AF-Position`): waits up to 5 seconds until the table has"
                  + " passed it."));

  private final ObjectNode document;
  private final Map<String, Map<String, HandlerMethod>> methods;
  private final Javadoc javadoc;
  private final ObjectNode responses;

  Operations(
      ObjectNode document, Map<String, Map<String, HandlerMethod>> methods, Javadoc javadoc) {
    this.document = document;
    this.methods = methods;
    this.javadoc = javadoc;
    this.responses = ((ObjectNode) document.path("components")).putObject("responses");
  }

  void complete() {
    ObjectNode generated = (ObjectNode) document.path("paths");
    ObjectNode components = (ObjectNode) document.path("components");
    ObjectNode paths = JsonMapper.shared().createObjectNode();
    methods.forEach(
        (path, byVerb) -> {
          ObjectNode item = paths.putObject(path);
          byVerb.forEach(
              (verb, method) ->
                  item.set(verb, operation(verb, path, method, generated.path(path).path(verb))));
        });
    JsonNode schemas = components.path("schemas").deepCopy();
    ObjectNode sortedResponses = sorted(responses);
    components.removeAll();
    components.set("schemas", schemas);
    components.set("parameters", Headers.parameters());
    components.set("headers", Headers.headers());
    components.set("responses", sortedResponses);
    ObjectNode bearer = components.putObject("securitySchemes").putObject("bearerAuth");
    bearer.put("type", "http").put("scheme", "bearer");
    document.removeAll();
    document.put("openapi", "3.1.0");
    ObjectNode info = document.putObject("info");
    info.put("title", "AgentFlow");
    info.put("version", VERSION);
    info.put(
        "description",
        """
        An event-sourced control plane for AI-agent workflows. Whatever a command leads to is \
        appended to a hash-chained log before it is answered; lists and single resources are read \
        from tables that follow the log.

        - **Repeat what you like.** A command that was carried out is answered again and changes \
        nothing, if it brings the same id.
        - **Read what you wrote.** Send the `AF-Position` of an answer as `AF-Consistent-With`.
        - **Refusals** are RFC 9457 problems whose `type` stays the same.
        - **Lists** are read page by page: send `nextCursor` as `cursor`, until it is null.
        """
            .strip());
    info.putObject("license").put("name", "Apache-2.0").put("identifier", "Apache-2.0");
    document.putArray("servers").addObject().put("url", "/").put("description", "This server");
    document.putArray("security").addObject().putArray("bearerAuth");
    ArrayNode tags = document.putArray("tags");
    TAG_DESCRIPTIONS.forEach(
        tag -> tags.addObject().put("name", tag.getKey()).put("description", tag.getValue()));
    document.set("paths", paths);
    document.set("components", components);
    Examples.addTo(document);
  }

  private static ObjectNode sorted(ObjectNode object) {
    ObjectNode sorted = JsonMapper.shared().createObjectNode();
    Map<String, JsonNode> entries = new TreeMap<>();
    object.propertyStream().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
    entries.forEach(sorted::set);
    return sorted;
  }

  private ObjectNode operation(String verb, String path, HandlerMethod method, JsonNode from) {
    String id = id(path, method);
    ObjectNode operation = JsonMapper.shared().createObjectNode();
    operation.putArray("tags").add(tag(path));
    operation.put("operationId", id);
    Comment comment = javadoc.of(method.getBeanType(), method.getMethod().getName());
    if (comment == null) {
      throw new IllegalStateException(method + " has no comment; the contract needs one");
    }
    operation.put("summary", comment.summary().replaceAll("\\.$", ""));
    if (!comment.rest().isEmpty()) {
      operation.put("description", comment.rest());
    }
    ArrayNode parameters = operation.putArray("parameters");
    from.path("parameters").forEach(parameter -> parameters.add(parameter(id, parameter, comment)));
    Headers.ofRequests(verb)
        .forEach(name -> parameters.addObject().put("$ref", COMPONENTS + "parameters/" + name));
    if (from.has("requestBody")) {
      operation.set("requestBody", body(from.path("requestBody"), method));
    }
    if (isOpen(path)) {
      operation.putArray("security");
    }
    ObjectNode answers = operation.putObject("responses");
    addAnswers(answers, id, method, from.path("responses"));
    addProblems(answers, OperationProblems.of(id, path, method));
    return operation;
  }

  /** The method's name, and where that is a verb alone, what the path is about. */
  static String id(String path, HandlerMethod method) {
    String name = method.getMethod().getName();
    if (!name.equals(name.toLowerCase(Locale.ROOT))) {
      return name;
    }
    List<String> segments = new ArrayList<>(Arrays.asList(path.split("/")));
    String collection =
        segments.reversed().stream()
            .filter(segment -> segment.endsWith("s"))
            .findFirst()
            .orElseThrow();
    String noun =
        name.equals("list") ? collection : collection.substring(0, collection.length() - 1);
    return name + Character.toUpperCase(noun.charAt(0)) + noun.substring(1);
  }

  private static String tag(String path) {
    return Arrays.asList(path.split("/")).reversed().stream()
        .filter(TAGS::containsKey)
        .map(TAGS::get)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no tag for " + path));
  }

  private static ObjectNode parameter(String id, JsonNode generated, Comment comment) {
    ObjectNode parameter = (ObjectNode) generated.deepCopy();
    String name = parameter.path("name").asString();
    JsonNode schema = parameter.remove("schema");
    String description = comment.params().getOrDefault(name, PARAMETERS.get(name));
    if (description != null) {
      parameter.put("description", description);
    } else if (!parameter.path("in").asString().equals("path")) {
      throw new IllegalStateException(
          name + " has no description; say it as @param of its method: " + comment.summary());
    }
    parameter.set("schema", schema);
    Schemas.constrain((ObjectNode) schema, name);
    if (name.equals("limit")) {
      ((ObjectNode) schema).put("minimum", 1).put("maximum", limitMax(id));
    }
    return parameter;
  }

  /** A history has small items. */
  private static int limitMax(String id) {
    return id.equals("getHistory") ? HISTORY_LIMIT_MAX : PageRequest.LIMIT_MAX;
  }

  private static ObjectNode body(JsonNode generated, HandlerMethod method) {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("required", parameterWith(method, RequestBody.class));
    ObjectNode schema =
        (ObjectNode)
            generated.path("content").path(MediaType.APPLICATION_JSON_VALUE).path("schema");
    if (schema.path("$ref").asString("").endsWith("/JsonNode")) {
      schema.put("$ref", Schemas.REF + "Plan");
    }
    body.putObject("content").putObject(MediaType.APPLICATION_JSON_VALUE).set("schema", schema);
    return body;
  }

  private static boolean parameterWith(HandlerMethod method, Class<? extends Annotation> type) {
    return Arrays.stream(method.getMethodParameters())
        .map(parameter -> parameter.getParameterAnnotation(type))
        .anyMatch(found -> found instanceof RequestBody body && body.required());
  }

  private static void addAnswers(
      ObjectNode answers, String id, HandlerMethod method, JsonNode generated) {
    if (method.getMethod().getReturnType() == void.class && generated.has("204")) {
      answers.putObject("204").put("description", "Done");
      return;
    }
    boolean command = method.getMethod().getReturnType() == ResponseEntity.class;
    boolean begun =
        Set.of("askWhatIf", "rebuildProjection", "repairMirror", "beginReplay").contains(id);
    String status = begun ? "202" : "200";
    ObjectNode answer = answers.putObject(status);
    answer.put(
        "description",
        command ? "Recorded, or it was already so" : begun ? "Begun, or waiting" : "As asked");
    ObjectNode content = answer.putObject("content");
    JsonNode schema =
        id.equals("getContract")
            ? JsonMapper.shared().createObjectNode().put("type", "object")
            : generated.path(status).findPath("schema");
    if (id.equals("streamEvents")) {
      content
          .putObject(MediaType.TEXT_EVENT_STREAM_VALUE)
          .putObject("schema")
          .put("type", "string")
          .put("description", "Events, as docs/contracts.md and docs/asyncapi.yaml describe them.");
    } else if (id.equals("getWhatIfResult")) {
      content
          .putObject(MediaType.APPLICATION_JSON_VALUE)
          .putObject("schema")
          .put("type", "object")
          .put("description", "What differs, as docs/histories.md describes it.");
    } else if (id.equals("getMetrics")) {
      content
          .putObject(MediaType.TEXT_PLAIN_VALUE)
          .putObject("schema")
          .put("type", "string")
          .put("description", "Metrics, in the text format of Prometheus.");
    } else if (id.equals("exportLog")) {
      lines(content, "The log, an entry a line, as docs/export-format.md describes it.");
    } else if (id.equals("exportHistory")) {
      lines(content, "The history, an entry a line, as docs/histories.md describes it.");
    } else {
      content.putObject(MediaType.APPLICATION_JSON_VALUE).set("schema", schema);
    }
    if (Set.of("verifyLog", "verifyMirror").contains(id)) {
      lines(
          content,
          "Lines `{\"progress\":{…}}`, and at the end one with the answer,"
              + " `{\"verification\":{…}}`, or one with a problem.");
    }
    if (command) {
      ObjectNode headers = answer.putObject("headers");
      List.of("ETag", Commands.POSITION_HEADER, "Idempotency-Replayed")
          .forEach(name -> headers.putObject(name).put("$ref", COMPONENTS + "headers/" + name));
    }
    if (id.matches("(create|register|open|launch|restart|allocate|bind|issue).*")) {
      ObjectNode created = answers.putObject("201");
      created.setAll(answer.deepCopy());
      created.put("description", "Created");
      answer.put("description", "It was already so");
    }
  }

  private static void lines(ObjectNode content, String description) {
    content
        .putObject(MediaType.APPLICATION_NDJSON_VALUE)
        .putObject("schema")
        .put("type", "string")
        .put("description", description);
  }

  /** Whether it is answered to anyone, without a token. */
  static boolean isOpen(String path) {
    return io.agentflow.application.access.Operations.OPEN_PATHS.contains(path);
  }

  private void addProblems(ObjectNode answers, Collection<ProblemType> problems) {
    Map<Integer, List<String>> slugs = new TreeMap<>();
    problems.forEach(
        problem ->
            slugs
                .computeIfAbsent(problem.status().value(), none -> new ArrayList<>())
                .add(problem.slug()));
    slugs.forEach(
        (status, types) ->
            answers
                .putObject(String.valueOf(status))
                .put("$ref", COMPONENTS + "responses/" + problemResponse(status, types)));
  }

  /** One for all operations that can answer the same. */
  private String problemResponse(int status, List<String> types) {
    String name = status + "-" + String.join("-or-", types);
    if (!responses.has(name)) {
      ObjectNode response = responses.putObject(name);
      response.put("description", "Refused: " + String.join(", ", types));
      if (status == 503 || status == 429 || types.contains(ProblemType.KEY_IN_USE.slug())) {
        response
            .putObject("headers")
            .putObject("Retry-After")
            .put("$ref", COMPONENTS + "headers/Retry-After");
      }
      ObjectNode schema =
          response
              .putObject("content")
              .putObject(MediaType.APPLICATION_PROBLEM_JSON_VALUE)
              .putObject("schema");
      ArrayNode both = schema.putArray("allOf");
      both.addObject().put("$ref", Schemas.REF + "Problem");
      ObjectNode properties = both.addObject().put("type", "object").putObject("properties");
      properties.putObject("status").put("const", status);
      ArrayNode uris = properties.putObject("type").putArray("enum");
      types.forEach(type -> uris.add("/problems/" + type));
    }
    return name;
  }

  /** Headers that many operations take or answer. */
  static final class Headers {

    private static final int KEY_CHARS_MAX = 255;

    private Headers() {}

    static List<String> ofRequests(String verb) {
      return verb.equals("post")
          ? List.of("Idempotency-Key", "If-Match", Caller.CORRELATION_HEADER, "traceparent")
          : List.of();
    }

    static ObjectNode parameters() {
      ObjectNode parameters = JsonMapper.shared().createObjectNode();
      header(
              parameters,
              "Idempotency-Key",
              "A name for this very request: repeated with the same one, it is answered as the"
                  + " first time.")
          .put("type", "string")
          .put("minLength", 1)
          .put("maxLength", KEY_CHARS_MAX)
          .put("pattern", "^[!-~]+$");
      header(
              parameters,
              "If-Match",
              "The `ETag` of the version that the caller has seen: at any other, it is refused.")
          .put("type", "string")
          .put("pattern", "^(\\*|\"[0-9]{1,15}\")$");
      header(parameters, Caller.CORRELATION_HEADER, "What the request belongs to; is recorded.")
          .put("type", "string")
          .put("pattern", "^[A-Za-z0-9._:@/-]{1,128}$");
      header(parameters, "traceparent", "The caller's W3C trace context; is recorded.")
          .put("type", "string");
      return parameters;
    }

    private static ObjectNode header(ObjectNode parameters, String name, String description) {
      ObjectNode parameter = parameters.putObject(name);
      parameter.put("name", name).put("in", "header").put("required", false);
      parameter.put("description", description);
      return parameter.putObject("schema");
    }

    static ObjectNode headers() {
      ObjectNode headers = JsonMapper.shared().createObjectNode();
      answered(headers, "ETag", "The aggregate's version, in quotation marks.")
          .put("type", "string");
      answered(
              headers,
              Commands.POSITION_HEADER,
              "Where the event stands in the log; to be sent as `AF-Consistent-With`.")
          .put("type", "integer")
          .put("format", "int64");
      answered(headers, "Idempotency-Replayed", "Whether this is the answer of the first time.")
          .put("type", "boolean");
      answered(headers, "Retry-After", "When to ask again, in seconds.").put("type", "integer");
      return headers;
    }

    private static ObjectNode answered(ObjectNode headers, String name, String description) {
      return headers.putObject(name).put("description", description).putObject("schema");
    }
  }
}
