package io.agentflow.application.work;

import io.agentflow.application.CurrentTenant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Does the same for several at once. */
final class AtOnce {

  private AtOnce() {}

  /**
   * What each led to, in their order, when all are done.
   *
   * @throws RuntimeException of one of those that failed, when all are done
   */
  static <T, R> List<R> all(List<T> several, Function<T, R> each) throws InterruptedException {
    if (several.size() == 1) {
      return List.of(each.apply(several.getFirst()));
    }
    String tenantId = CurrentTenant.name();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<R>> begun = new ArrayList<>();
      several.forEach(one -> begun.add(threads.submit(() -> in(tenantId, each, one))));
      List<R> results = new ArrayList<>();
      for (Future<R> one : begun) {
        results.add(one.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    }
  }

  private static <T, R> R in(String tenantId, Function<T, R> each, T one) {
    try (CurrentTenant _ = CurrentTenant.is(tenantId)) {
      return each.apply(one);
    }
  }
}
