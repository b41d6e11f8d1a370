package io.agentflow.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the rooms, one sentence each. */
@AnalyzeClasses(
    packages = "io.agentflow",
    importOptions = {DoNotIncludeTests.class, ArchitectureTest.DoNotIncludeTestJars.class})
class ArchitectureTest {

  /** Another module's tests come as a jar; they may hold two rooms against each other. */
  static final class DoNotIncludeTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  @ArchTest
  static final ArchRule domain_knows_only_the_jdk =
      classes()
          .that()
          .resideInAPackage("io.agentflow.domain..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("io.agentflow.domain..", "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule domain_reads_no_clock_and_draws_no_lots =
      noClasses()
          .that()
          .resideInAPackage("io.agentflow.domain..")
          .should()
          .dependOnClassesThat()
          .haveNameMatching(
              "java\\.time\\.Clock|java\\.util\\.Random|java\\.util\\.UUID|java\\.io\\..*|java\\.net\\..*");

  @ArchTest
  static final ArchRule event_store_knows_bytes_and_names_not_workflows =
      noClasses()
          .that()
          .resideInAPackage("io.agentflow.eventstore..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.agentflow.domain..",
              "io.agentflow.application..",
              "io.agentflow.projections..",
              "io.agentflow.bridge..",
              "org.springframework..");

  @ArchTest
  static final ArchRule the_verifier_shares_no_write_path_with_the_engine =
      noClasses()
          .that()
          .resideInAPackage("io.agentflow.eventstore.verify..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.agentflow.eventstore.postgres..",
              "io.agentflow.eventstore.chain..",
              "org.axonframework..");

  @ArchTest
  static final ArchRule application_knows_neither_projections_nor_bridge =
      noClasses()
          .that()
          .resideInAPackage("io.agentflow.application..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.agentflow.projections..",
              "io.agentflow.bridge..",
              "io.agentflow.server..",
              "io.agentflow.cli..",
              "io.nats..");

  @ArchTest
  static final ArchRule projections_know_events_and_sql_alone =
      noClasses()
          .that()
          .resideInAPackage("io.agentflow.projections..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.agentflow.application..",
              "io.agentflow.eventstore..",
              "io.agentflow.bridge..",
              "io.agentflow.server..");

  @ArchTest
  static final ArchRule bridge_reads_the_log_and_tells_nats =
      noClasses()
          .that()
          .resideInAPackage("io.agentflow.bridge..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.agentflow.application..",
              "io.agentflow.projections..",
              "io.agentflow.server..",
              "io.agentflow.eventstore.postgres..",
              "org.springframework..",
              "org.axonframework..");

  @ArchTest
  static final ArchRule client_knows_only_the_jdk_and_jackson =
      classes()
          .that()
          .resideInAPackage("io.agentflow.client..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.agentflow.client..", "java..", "com.fasterxml.jackson..", "org.jspecify..");

  @ArchTest
  static final ArchRule nobody_speaks_http_to_the_server_but_cli_and_who_is_outside =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.agentflow.client..", "io.agentflow.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.agentflow.client..");

  @ArchTest
  static final ArchRule cli_speaks_http_like_everyone_else =
      noClasses()
          .that()
          .resideInAPackage("io.agentflow.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.agentflow.application..",
              "io.agentflow.projections..",
              "io.agentflow.bridge..",
              "io.agentflow.server..",
              "java.sql..");

  @ArchTest
  static final ArchRule nats_stays_in_the_bridge =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.agentflow.bridge..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.nats..");

  @ArchTest
  static final ArchRule names_say_what_a_thing_is =
      noClasses().should().haveNameMatching(".*(Impl|Manager|Helper|Util|Utils)");
}
