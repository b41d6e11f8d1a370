package io.agentflow.server.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The folder {@code .agentflow}, where one server keeps its data. It is held by a lock that ends
 * with the process, however it ends.
 */
public final class Home implements AutoCloseable {

  private final Path folder;
  private final FileChannel lockFile;
  private final FileLock lock;

  private Home(Path folder, FileChannel lockFile, FileLock lock) {
    this.folder = folder;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /**
   * Takes the folder for this process.
   *
   * @throws AlreadyRunning when another server holds it
   */
  public static Home take(Path folder) {
    try {
      Files.createDirectories(folder);
      FileChannel lockFile =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = lockFile.tryLock();
      if (lock == null) {
        lockFile.close();
        throw new AlreadyRunning(folder);
      }
      return new Home(folder, lockFile, lock);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use " + folder, e);
    }
  }

  public Path folder() {
    return folder;
  }

  /** Where the server that holds the folder can be reached. */
  public Path addressFile() {
    return folder.resolve("server.json");
  }

  /** Writes a file whole or not at all, whenever the process ends. */
  public static void writeWhole(Path file, String text) {
    try {
      Path next = file.resolveSibling(file.getFileName() + ".next");
      Files.writeString(next, text);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /** What a file of the folder has that only this user reads; drawn and written where new. */
  public String secret(String name, Supplier<String> drawn) {
    return secret(folder.resolve(name), drawn);
  }

  static String secret(Path file, Supplier<String> drawn) {
    String kept = readIfThere(file);
    if (kept != null) {
      return kept.strip();
    }
    String secret = drawn.get();
    writeSecret(file, secret);
    return secret;
  }

  /** Writes a new file, whole or not at all, that only this user may read. */
  private static void writeSecret(Path file, String secret) {
    try {
      Path next = file.resolveSibling(file.getFileName() + ".next");
      Files.deleteIfExists(next);
      boolean posix =
          Files.getFileStore(file.toAbsolutePath().getParent()).supportsFileAttributeView("posix");
      if (posix) {
        Files.createFile(
            next,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      Files.writeString(next, secret + "\n");
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /** The text of a file, or null when there is none. */
  static @Nullable String readIfThere(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : null;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(addressFile());
      lock.release();
      lockFile.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot let go of " + folder, e);
    }
  }

  /** Another server uses the folder. */
  public static final class AlreadyRunning extends RuntimeException {

    private static final long serialVersionUID = 1L;

    AlreadyRunning(Path folder) {
      super(
          "a server already runs on %s; see it with 'af status', stop it with 'af down'"
              .formatted(folder));
    }
  }
}
