package io.agentflow.cli;

/** How {@code af} ends; documented by {@code af --help}. */
public final class ExitCode {

  public static final int OK = 0;

  /** It worked, and what it found is not well: a broken chain, a line that was skipped. */
  public static final int FINDING = 1;

  public static final int USAGE = 2;
  public static final int SERVER_UNREACHABLE = 3;
  public static final int REFUSED = 4;
  public static final int UNEXPECTED = 5;

  /** The file cannot be what it has to be: no export, or not all of one; no plan. */
  public static final int UNREADABLE = 6;

  private ExitCode() {}
}
