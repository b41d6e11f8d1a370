package io.agentflow.cli.worker;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code command}: runs an executable that the worker allows, without a shell, in a fresh folder,
 * with nothing in its environment but PATH. Its standard output is the result; another exit code
 * than 0 is a failure, told with the end of its error output. When the step ends, so do the command
 * and the processes below it.
 */
public final class CommandTool implements StepTool {

  private static final Set<String> FIELDS = Set.of("run", "stdin");
  private static final int ERRORS_BYTES_MAX = 1 << 20;
  private static final int ERRORS_TOLD_BYTES = 600;
  private static final int LOOK_EVERY_MILLIS = 50;

  private final Set<String> allowed;
  private final Path workDir;
  private final int outputBytesMax;
  private final String searchPath;

  /**
   * A tool for these executables.
   *
   * @param executables names that are looked up in PATH, or absolute paths
   * @param workDir in which each step gets a folder, removed after it
   * @param outputBytesMax largest standard output
   * @param searchPath the PATH, for looking up and for the command itself
   */
  public CommandTool(
      List<String> executables, Path workDir, int outputBytesMax, String searchPath) {
    this.allowed = Set.copyOf(executables);
    this.workDir = workDir;
    this.outputBytesMax = outputBytesMax;
    this.searchPath = searchPath;
  }

  @Override
  public String run(JsonNode input, StepContext context) throws InterruptedException {
    Inputs.known(input, FIELDS);
    List<String> command = command(input);
    try {
      Files.createDirectories(workDir);
      Path folder = Files.createTempDirectory(workDir, "step-");
      try {
        return run(command, input.has("stdin") ? Inputs.text(input, "stdin") : "", folder);
      } finally {
        remove(folder);
      }
    } catch (IOException e) {
      throw StepFailed.retryable("the command's folder cannot be used: " + e);
    }
  }

  private List<String> command(JsonNode input) {
    List<String> words = new ArrayList<>();
    for (JsonNode word : input.path("run")) {
      if (!word.isTextual() || word.asText().indexOf('\0') >= 0) {
        throw StepFailed.forGood("the input's \"run\" must be a list of texts");
      }
      words.add(word.asText());
    }
    if (words.isEmpty() || !allowed.contains(words.getFirst())) {
      throw StepFailed.forGood(
          "the executable %s is not allowed; the worker allows %s"
              .formatted(words.isEmpty() ? "(none)" : words.getFirst(), allowed));
    }
    words.set(0, executable(words.getFirst()).toString());
    return words;
  }

  private Path executable(String name) {
    Path path = Path.of(name);
    Optional<Path> found =
        path.isAbsolute()
            ? Optional.of(path).filter(Files::isExecutable)
            : Stream.of(searchPath.split(java.io.File.pathSeparator))
                .map(folder -> Path.of(folder).resolve(path).toAbsolutePath())
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    return found.orElseThrow(
        () -> StepFailed.forGood("there is no executable " + name + " on this machine"));
  }

  /** Files rather than pipes: a process that is left behind and holds a pipe cannot hold us up. */
  private String run(List<String> command, String stdin, Path folder)
      throws IOException, InterruptedException {
    Path in = Files.writeString(folder.resolve("in"), stdin);
    Path out = folder.resolve("out");
    Path errors = folder.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(Files.createDirectory(folder.resolve("work")).toFile())
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(errors.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", searchPath);
    Process process = start(builder);
    try {
      while (!process.waitFor(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
        limit(out, outputBytesMax, "output");
        limit(errors, ERRORS_BYTES_MAX, "error output");
      }
    } finally {
      kill(process);
    }
    limit(out, outputBytesMax, "output");
    if (process.exitValue() != 0) {
      throw StepFailed.retryable("exit %d: %s".formatted(process.exitValue(), end(errors)).strip());
    }
    return new String(Files.readAllBytes(out), StandardCharsets.UTF_8);
  }

  private static Process start(ProcessBuilder builder) {
    try {
      return builder.start();
    } catch (IOException e) {
      throw StepFailed.forGood("the command cannot be started: " + e.getMessage());
    }
  }

  private static void limit(Path file, int bytesMax, String what) throws IOException {
    if (Files.size(file) > bytesMax) {
      throw StepFailed.forGood("the command's %s is above %d bytes".formatted(what, bytesMax));
    }
  }

  /** The tree is looked at before its root dies: after that it cannot be found any more. */
  private static void kill(Process process) throws InterruptedException {
    List<ProcessHandle> below = process.descendants().toList();
    process.destroyForcibly();
    below.forEach(ProcessHandle::destroyForcibly);
    process.waitFor();
  }

  private static String end(Path errors) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(errors.toFile(), "r")) {
      long from = Math.max(0, file.length() - ERRORS_TOLD_BYTES);
      byte[] bytes = new byte[(int) (file.length() - from)];
      file.seek(from);
      file.readFully(bytes);
      String text = new String(bytes, StandardCharsets.UTF_8);
      return from == 0 ? text : text.substring(text.indexOf('\n') + 1);
    }
  }

  /** As far as it goes: what the command has done stands, whether its folder can go or not. */
  private static void remove(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // A process that was left behind still writes there, or a folder in it is locked.
    }
  }
}
