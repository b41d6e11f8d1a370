package io.agentflow.server;

import java.time.Duration;

/**
 * How long a client may take; who takes longer is cut off. Each is above 0.
 *
 * @param silence without a byte: after connecting, within a body, and in taking an answer
 * @param keepAlive that a connection stays open without a request
 * @param headers from the first byte of a request until its headers are whole
 * @param body from the headers until the body is whole, however it trickles
 * @param answer for an answer whose length is known beforehand; also what the database may take for
 *     one query on a tenant's behalf
 */
public record RequestTimes(
    Duration silence, Duration keepAlive, Duration headers, Duration body, Duration answer) {

  public static final RequestTimes DEFAULT =
      new RequestTimes(
          Duration.ofSeconds(20),
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(60));
}
