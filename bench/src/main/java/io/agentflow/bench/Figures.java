package io.agentflow.bench;

import java.util.List;

/** What a contest found, to compare. */
record Figures(List<Figure> all) {

  /**
   * The figure of a contender.
   *
   * @throws IllegalArgumentException when nobody of that name had so many clients
   */
  Figure of(String name, int clients) {
    return all.stream()
        .filter(figure -> figure.name().equals(name) && figure.clients() == clients)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(name + " with " + clients));
  }

  /** The best rate of those whose name contains this. */
  long fastest(String namePart) {
    return all.stream()
        .filter(figure -> figure.name().contains(namePart))
        .mapToLong(Figure::perSecond)
        .max()
        .orElseThrow(() -> new IllegalArgumentException(namePart));
  }
}
