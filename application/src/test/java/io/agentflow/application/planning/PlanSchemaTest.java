package io.agentflow.application.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.agentflow.application.intake.InvalidPlan;
import io.agentflow.domain.planning.PlanFacts;
import io.agentflow.domain.planning.PlanStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The published schema says what the server takes: each is held against the other. */
class PlanSchemaTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern REFERENCE = Pattern.compile("\\$\\{steps\\.(.+?)\\.result}");
  private static final JsonMapper JSON = new JsonMapper();
  private static final JsonNode SCHEMA = schema();

  /** What the command line keeps for the workflow and its budget. */
  private static final List<String> NOT_OF_THE_PLAN =
      List.of("name", "intent", "labels", "budget", "budgetId");

  private static JsonNode schema() {
    return JSON.readTree(ROOT.resolve("docs/plan.schema.json"));
  }

  private static List<String> errors(JsonNode schema, JsonNode file) {
    Schema validator =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(schema);
    return validator.validate(file).stream().map(Object::toString).toList();
  }

  private static PlanDefinition definition(JsonNode file) {
    ObjectNode plan = ((ObjectNode) file).deepCopy();
    plan.remove(NOT_OF_THE_PLAN);
    return PlanDefinition.read(plan, PlanFacts.NONE);
  }

  private static JsonNode file(String steps) {
    return JSON.readTree("{\"name\":\"n\",\"intent\":\"i\",\"steps\":[%s]}".formatted(steps));
  }

  static Stream<Path> samples() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("samples"))) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
    }
  }

  @Test
  void the_schema_is_one() {
    JsonNode metaSchema =
        JSON.readTree("{\"$ref\":\"https://json-schema.org/draft/2020-12/schema\"}");
    assertThat(errors(metaSchema, SCHEMA)).isEmpty();
    assertThat(errors(metaSchema, JSON.readTree("{\"type\":5}"))).isNotEmpty();
  }

  @Test
  void there_are_samples() throws IOException {
    assertThat(samples()).hasSizeGreaterThanOrEqualTo(5);
  }

  @ParameterizedTest
  @MethodSource("samples")
  void a_sample_is_valid_and_admissible(Path sample) {
    JsonNode file = new YAMLMapper().readTree(sample);
    assertThat(errors(SCHEMA, file)).isEmpty();
    assertThatCode(() -> definition(file)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void a_sample_refers_to_results_of_needed_steps_alone(Path sample) {
    for (PlanStep step : definition(new YAMLMapper().readTree(sample)).plan().steps()) {
      assertThat(REFERENCE.matcher(step.input()).results().map(found -> found.group(1)))
          .as("step %s", step.stepId())
          .isSubsetOf(step.needs());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'id':'A-b_c.d:9','kind':'tool','tool':'t'}",
        "{'id':'a','kind':'agent','agentId':'018f4e6a-0000-7000-8000-0000000000a1'}",
        "{'id':'a','kind':'agent','capability':'c','tool':'t','input':[1,{'x':null}]}",
        "{'id':'a','kind':'wait','waitMillis':31622400000}",
        "{'id':'a','kind':'wait','signal':'s','waitMillis':0}",
        "{'id':'a','kind':'wait','waitMillis':1,'approval':{},'risk':'critical','canary':true}",
        "{'id':'a','kind':'approval','input':'why','approval':{'required':100,'roles':['r']}}",
        "{'id':'a','kind':'approval','approval':{'expiresMillis':7776000000}}",
        "{'id':'a','kind':'tool','tool':'t','timeoutMillis':2592000000,'onFailure':'skip'}",
        "{'id':'a','kind':'tool','tool':'t','estimate':{'tokens':9007199254740991}}",
        "{'id':'a','kind':'tool','tool':'t','timeoutMillis':5.0}",
        "{'id':'a','kind':'tool','tool':'t','retry':{'attempts':100,'backoffMillis':86400000,"
            + "'factorPercent':1000,'backoffMillisMax':86400000,'jitterPercent':100}}",
        "{'id':'a','kind':'tool','tool':'t','onFailure':'compensate','compensation':{'tool':'u'}}"
      })
  void what_the_schema_admits_the_server_takes(String step) {
    JsonNode file = file(step.replace('\'', '"'));
    assertThat(errors(SCHEMA, file)).isEmpty();
    assertThatCode(() -> definition(file)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "5",
        "{}",
        "{'id':'a'}",
        "{'id':'a','kind':'human'}",
        "{'id':'a b','kind':'tool','tool':'t'}",
        "{'id':5,'kind':'tool','tool':'t'}",
        "{'id':'a','kind':'tool','tool':'t','name':' '}",
        "{'id':'a','kind':'tool','tool':'t','depends':[]}",
        "{'id':'a','kind':'tool','tool':'t','needs':'b'}",
        "{'id':'a','kind':'tool','tool':'t','needs':['b c']}",
        "{'id':'a','kind':'tool','tool':'t','needs':['b','b']},{'id':'b','kind':'tool','tool':'t'}",
        "{'id':'a','kind':'tool'}",
        "{'id':'a','kind':'tool','tool':''}",
        "{'id':'a','kind':'tool','tool':'t','waitMillis':1}",
        "{'id':'a','kind':'tool','tool':'t','signal':'s'}",
        "{'id':'a','kind':'agent'}",
        "{'id':'a','kind':'agent','agentId':'ann'}",
        "{'id':'a','kind':'agent','capability':'c','waitMillis':1}",
        "{'id':'a','kind':'approval'}",
        "{'id':'a','kind':'approval','approval':{},'tool':'t'}",
        "{'id':'a','kind':'approval','approval':{},'capability':'c'}",
        "{'id':'a','kind':'approval','approval':{},'estimate':{'tokens':1}}",
        "{'id':'a','kind':'approval','approval':{},'retry':{}}",
        "{'id':'a','kind':'approval','approval':{},'timeoutMillis':1}",
        "{'id':'a','kind':'approval','approval':{},'compensation':{'tool':'t'}}",
        "{'id':'a','kind':'approval','approval':{},'signal':'s'}",
        "{'id':'a','kind':'approval','approval':{'required':0}}",
        "{'id':'a','kind':'approval','approval':{'required':101}}",
        "{'id':'a','kind':'approval','approval':{'people':['ann','ann']}}",
        "{'id':'a','kind':'approval','approval':{'roles':[1]}}",
        "{'id':'a','kind':'approval','approval':{'expiresMillis':999}}",
        "{'id':'a','kind':'approval','approval':{'expiresMillis':7776000001}}",
        "{'id':'a','kind':'approval','approval':{'remindMillis':-1}}",
        "{'id':'a','kind':'wait'}",
        "{'id':'a','kind':'wait','waitMillis':0}",
        "{'id':'a','kind':'wait','waitMillis':31622400001}",
        "{'id':'a','kind':'wait','waitMillis':1,'input':'x'}",
        "{'id':'a','kind':'wait','waitMillis':1,'tool':'t'}",
        "{'id':'a','kind':'tool','tool':'t','timeoutMillis':2592000001}",
        "{'id':'a','kind':'tool','tool':'t','timeoutMillis':'5s'}",
        "{'id':'a','kind':'tool','tool':'t','timeoutMillis':5.5}",
        "{'id':'a','kind':'tool','tool':'t','estimate':{'tokens':-1}}",
        "{'id':'a','kind':'tool','tool':'t','estimate':{'microDollars':9007199254740992}}",
        "{'id':'a','kind':'tool','tool':'t','estimate':{'dollars':1}}",
        "{'id':'a','kind':'tool','tool':'t','retry':{'attempts':0}}",
        "{'id':'a','kind':'tool','tool':'t','retry':{'attempts':101}}",
        "{'id':'a','kind':'tool','tool':'t','retry':{'factorPercent':99}}",
        "{'id':'a','kind':'tool','tool':'t','retry':{'factorPercent':1001}}",
        "{'id':'a','kind':'tool','tool':'t','retry':{'jitterPercent':101}}",
        "{'id':'a','kind':'tool','tool':'t','retry':{'backoffMillis':86400001}}",
        "{'id':'a','kind':'tool','tool':'t','retry':{'backoffMillisMax':86400001}}",
        "{'id':'a','kind':'tool','tool':'t','onFailure':'retry'}",
        "{'id':'a','kind':'tool','tool':'t','compensation':{}}",
        "{'id':'a','kind':'tool','tool':'t','compensation':'u'}",
        "{'id':'a','kind':'tool','tool':'t','risk':'none'}",
        "{'id':'a','kind':'tool','tool':'t','canary':'yes'}"
      })
  void what_the_schema_refuses_the_server_refuses(String steps) {
    JsonNode file = file(steps.replace('\'', '"'));
    assertThat(errors(SCHEMA, file)).isNotEmpty();
    assertThatThrownBy(() -> definition(file)).isInstanceOf(InvalidPlan.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'name':'n','intent':'i'}",
        "{'intent':'i','steps':[%s]}",
        "{'name':'n','steps':[%s]}",
        "{'name':' ','intent':'i','steps':[%s]}",
        "{'name':'n','intent':'i','steps':[%s],'budget':{'tokens':1}}",
        "{'name':'n','intent':'i','steps':[%s],'budget':{'tokens':1,'microDollars':-1}}",
        "{'name':'n','intent':'i','steps':[%s],'budgetId':'mine'}",
        "{'name':'n','intent':'i','steps':[%s],'budget':{'tokens':1,'microDollars':1},"
            + "'budgetId':'018f4e6a-0000-7000-8000-0000000000b1'}",
        "{'name':'n','intent':'i','steps':[%s],'labels':{'a b':'c'}}",
        "{'name':'n','intent':'i','steps':[%s],'labels':{'a':1}}",
        "{'name':'n','intent':'i','steps':[%s],'autonomy':'none'}",
        "{'name':'n','intent':'i','steps':[%s],'timeoutMillis':-1}",
        "{'name':'n','intent':'i','steps':[%s],'owner':'ann'}"
      })
  void a_file_with_faults_around_its_steps_is_refused(String file) {
    String step = "{'id':'a','kind':'tool','tool':'t'}";
    assertThat(errors(SCHEMA, JSON.readTree(file.formatted(step).replace('\'', '"')))).isNotEmpty();
  }
}
