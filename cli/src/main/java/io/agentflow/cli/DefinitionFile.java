package io.agentflow.cli;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What people write in a file: YAML or JSON, read strictly. */
final class DefinitionFile {

  private static final String STANDARD_INPUT = "-";
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private DefinitionFile() {}

  /**
   * Reads a file.
   *
   * @param file its path, or {@code -} for the standard input
   * @throws NoSuchFileException when there is no such file
   * @throws UnreadableDefinition saying what is wrong with it, and where
   */
  static JsonNode read(String file) throws IOException {
    return tree(name(file), text(file));
  }

  /** What messages call the file. */
  static String name(String file) {
    return file.equals(STANDARD_INPUT) ? "standard input" : file;
  }

  private static String text(String file) throws IOException {
    if (file.equals(STANDARD_INPUT)) {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    }
    Path path = Path.of(file);
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw new NoSuchFileException(file + " is not a file that can be read");
    }
    try {
      return Files.readString(path);
    } catch (CharacterCodingException e) {
      throw new UnreadableDefinition(file + " is not UTF-8", e);
    }
  }

  /** Reads a text. */
  static JsonNode tree(String file, String text) {
    boolean isJson = file.endsWith(".json") || text.stripLeading().startsWith("{");
    try {
      if (isJson) {
        return JSON.readTree(text);
      }
      refuseAliases(file, text);
      return YAML.readTree(text);
    } catch (JsonProcessingException e) {
      throw new UnreadableDefinition(
          "%s is not %s: %s%s"
              .formatted(
                  file,
                  isJson ? "JSON" : "YAML",
                  sentence(String.valueOf(e.getOriginalMessage())),
                  where(e.getLocation())),
          e);
    } catch (IOException e) {
      throw new IllegalStateException("a text can always be read", e);
    }
  }

  /** Without the excerpts, which YAML's messages have in lines that are indented. */
  private static String sentence(String message) {
    return message
        .lines()
        .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0)))
        .collect(Collectors.joining(": "));
  }

  /** An alias would be read as a text with the anchor's name: nobody means that. */
  private static void refuseAliases(String file, String text) throws IOException {
    try (YAMLParser parser = YAML.getFactory().createParser(text)) {
      while (parser.nextToken() != null) {
        if (parser.isCurrentAlias()) {
          throw new UnreadableDefinition(
              "%s has an alias, which is not read here: write it out%s"
                  .formatted(file, where(parser.currentTokenLocation())));
        }
      }
    }
  }

  private static String where(@Nullable JsonLocation location) {
    return location == null
        ? ""
        : " (line %d, column %d)".formatted(location.getLineNr(), location.getColumnNr());
  }
}
