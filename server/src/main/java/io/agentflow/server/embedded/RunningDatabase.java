package io.agentflow.server.embedded;

/** The database in use: one that was named, or one that was started and stops with the server. */
public interface RunningDatabase extends AutoCloseable {

  Database database();

  @Override
  void close();

  /** One that runs by itself. */
  static RunningDatabase named(Database database) {
    return new RunningDatabase() {
      @Override
      public Database database() {
        return database;
      }

      @Override
      public void close() {}
    };
  }
}
