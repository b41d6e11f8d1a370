package io.agentflow.bench;

/**
 * What a figure is to reach, in the same run.
 *
 * @param reached the value that was measured, in the unit of the limit
 * @param atLeast whether the limit is a floor; otherwise it is a ceiling
 */
record Target(String what, double reached, double limit, boolean atLeast, String unit) {

  static Target atLeast(String what, double reached, double limit, String unit) {
    return new Target(what, reached, limit, true, unit);
  }

  static Target atMost(String what, double reached, double limit, String unit) {
    return new Target(what, reached, limit, false, unit);
  }

  public boolean isMet() {
    return atLeast ? reached >= limit : reached <= limit;
  }
}
