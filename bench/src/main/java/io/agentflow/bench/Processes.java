package io.agentflow.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The processes that do a contender's work, with all that they have started, and what they take of
 * the machine: told apart by their programs. Only Linux tells; elsewhere nothing is known.
 */
final class Processes {

  /** Of whom nothing is to be known. */
  static final Processes UNWATCHED = new Processes("", List.of());

  private static final Path PROC = Path.of("/proc");

  /** The kernel's USER_HZ, which is the same on all platforms that matter. */
  private static final long MICROS_PER_TICK = 10_000;

  private static final int END_WITHIN_SECONDS = 30;

  /** Of /proc/PID/stat behind the program's name: user, system, and both of ended children. */
  private static final int USER_TICKS = 11;

  private static final int TICK_FIELDS = 4;

  private final String thisProcess;
  private final List<ProcessHandle> others;

  private Processes(String thisProcess, List<ProcessHandle> others) {
    this.thisProcess = thisProcess;
    this.others = others;
  }

  /**
   * @param thisProcess what this JVM does for the contender
   * @param others the roots of its own processes
   */
  static Processes of(String thisProcess, ProcessHandle... others) {
    return new Processes(thisProcess, List.of(others));
  }

  /** Ends a process as Ctrl-C does; one that does not listen in time is killed. */
  static void end(Process process) {
    process.destroy();
    process.onExit().completeOnTimeout(process, END_WITHIN_SECONDS, TimeUnit.SECONDS).join();
    process.destroyForcibly();
  }

  /** Processor time that they have taken since they started, in microseconds, by program. */
  Map<String, Long> cpuMicros() {
    Map<String, Long> taken = new TreeMap<>();
    trees().forEach(process -> taken.merge(program(process), cpuMicros(process), Long::sum));
    if (!others.isEmpty()) {
      taken.put(thisProcess, cpuMicros(ProcessHandle.current()));
    }
    return taken;
  }

  /** What they have taken since an earlier look. */
  Map<String, Long> cpuMicrosSince(Map<String, Long> earlier) {
    Map<String, Long> taken = new TreeMap<>(cpuMicros());
    taken.replaceAll((program, micros) -> micros - earlier.getOrDefault(program, 0L));
    return taken;
  }

  /** Memory of all but this JVM, by program; what processes share is counted once. */
  Map<String, Long> memoryMebibytes() {
    Map<String, Long> kibibytes = new HashMap<>();
    trees()
        .forEach(process -> kibibytes.merge(program(process), memoryKibibytes(process), Long::sum));
    Map<String, Long> mebibytes = new TreeMap<>();
    kibibytes.forEach((program, size) -> mebibytes.put(program, size >> 10));
    return mebibytes;
  }

  private Stream<ProcessHandle> trees() {
    return others.stream().flatMap(root -> Stream.concat(Stream.of(root), root.descendants()));
  }

  private static String program(ProcessHandle process) {
    return process
        .info()
        .command()
        .map(command -> Path.of(command).getFileName().toString())
        .orElse("unknown");
  }

  /** With those of its children that have ended. */
  private static long cpuMicros(ProcessHandle process) {
    String stat = read(process, "stat");
    long ticks =
        Pattern.compile(" ")
            .splitAsStream(stat.substring(stat.lastIndexOf(')') + 1).strip())
            .skip(USER_TICKS)
            .limit(TICK_FIELDS)
            .mapToLong(Long::parseLong)
            .sum();
    return ticks * MICROS_PER_TICK;
  }

  private static long memoryKibibytes(ProcessHandle process) {
    return read(process, "smaps_rollup")
        .lines()
        .filter(line -> line.startsWith("Pss:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  /** Empty when the process has ended meanwhile. */
  private static String read(ProcessHandle process, String file) {
    try {
      return Files.readString(PROC.resolve(Long.toString(process.pid())).resolve(file));
    } catch (IOException e) {
      return "";
    }
  }
}
