package io.agentflow.domain.planning;

import java.util.List;

/**
 * Who has to approve: so many different people of those named, or of those with a role named.
 *
 * @param required how many have to approve, from 1
 * @param people who may approve, by name
 * @param roles whose bearers may approve; with no people and no roles anyone may
 * @param expiresMillis after this time without a decision it counts as denied
 * @param remindMillis after this time a reminder is recorded, 0 for none
 */
public record ApprovalRule(
    int required, List<String> people, List<String> roles, long expiresMillis, long remindMillis) {

  /** One day, in milliseconds. */
  public static final long EXPIRES_MILLIS_DEFAULT = 24 * 60 * 60 * 1_000L;

  /** Anyone but who asked, within a day. */
  public static final ApprovalRule ANYONE =
      new ApprovalRule(1, List.of(), List.of(), EXPIRES_MILLIS_DEFAULT, 0);

  public ApprovalRule {
    people = List.copyOf(people);
    roles = List.copyOf(roles);
  }
}
