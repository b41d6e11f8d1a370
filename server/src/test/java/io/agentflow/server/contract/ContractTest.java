package io.agentflow.server.contract;

import java.nio.file.*;
import org.junit.jupiter.api.Test;

class ContractTest {
  @Test
  void one() throws Exception {
    GeneratedContract c = GeneratedContract.ofControllers();
    Files.writeString(Path.of("/tmp/oapi-probe/raw.json"), c.document().toPrettyString());
    Files.writeString(Path.of("/tmp/oapi-probe/ops.txt"), c.operations().toString());
  }
}
