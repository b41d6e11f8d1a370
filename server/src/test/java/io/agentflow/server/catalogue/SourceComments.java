package io.agentflow.server.catalogue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the records of the domain say of themselves and of their components, in plain words. */
final class SourceComments {

  private static final Pattern RECORD =
      Pattern.compile(
          "/\\*\\*((?:(?!\\*/).)*)\\*/\\s*(?:@\\w+(?:\\([^)]*\\))?\\s*)*(?:public )?record (\\w+)\\(",
          Pattern.DOTALL);

  private static final Pattern INLINE_TAG = Pattern.compile("\\{@(?:code|link) ([^}]*)}");

  private final Map<String, Comment> byRecord = new HashMap<>();

  /**
   * A comment.
   *
   * @param components by name; what needs no word has none
   */
  record Comment(String sentence, Map<String, String> components) {}

  SourceComments(Path sources) {
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        String outermost = file.getFileName().toString().replace(".java", "");
        Matcher found = RECORD.matcher(Files.readString(file));
        while (found.find()) {
          byRecord.put(key(outermost, found.group(2)), read(found.group(1)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String key(String outermost, String name) {
    return outermost + "/" + name;
  }

  /** What a record's comment says; empty where it has none. */
  Comment of(Class<?> type) {
    Class<?> outermost = type;
    while (outermost.getEnclosingClass() != null) {
      outermost = outermost.getEnclosingClass();
    }
    return byRecord.getOrDefault(
        key(outermost.getSimpleName(), type.getSimpleName()), new Comment("", Map.of()));
  }

  private static Comment read(String comment) {
    String text = comment.replaceAll("(?m)^\\s*\\* ?", "").strip();
    List<String> parts = List.of(text.split("(?m)^@param "));
    Map<String, String> components = new LinkedHashMap<>();
    for (String part : parts.subList(1, parts.size())) {
      String[] nameAndWords = part.split("\\s+", 2);
      components.put(nameAndWords[0], plain(nameAndWords[1]));
    }
    return new Comment(plain(parts.getFirst()), components);
  }

  private static String plain(String text) {
    return INLINE_TAG
        .matcher(text.replace("<p>", ""))
        .replaceAll("$1")
        .replaceAll("\\s+", " ")
        .strip();
  }
}
