package io.agentflow.bridge.command;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * A command as it came by the bus.
 *
 * @param tenantId the tenant in whose subject it came; who sent it is said by its token alone
 * @param operation as the contract calls it, for example {@code createWorkflow}
 * @param headers by their names, whatever their case; of several of a name the first
 * @param body as over HTTP; an array that nobody else has
 */
public record BusCommand(
    String tenantId, String operation, Map<String, String> headers, ByteBuffer body) {

  public BusCommand {
    Map<String, String> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    byName.putAll(headers);
    headers = byName;
  }
}
