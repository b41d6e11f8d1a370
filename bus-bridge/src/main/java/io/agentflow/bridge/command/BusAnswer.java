package io.agentflow.bridge.command;

import java.nio.ByteBuffer;
import java.util.Map;

/**
 * What a command is answered by the bus.
 *
 * @param status as over HTTP: from 400 on it is a refusal, and the body a problem (RFC 9457)
 */
public record BusAnswer(int status, Map<String, String> headers, ByteBuffer body) {}
