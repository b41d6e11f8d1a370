package io.agentflow.server.contract;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** What the sources say about themselves, so that the contract says it in the same words. */
final class Javadoc {

  private static final Path ROOT = Path.of("..");

  private final Map<String, Comment> comments = new HashMap<>();

  /**
   * A comment as plain text.
   *
   * @param summary its first sentence
   * @param rest what follows; empty where nothing does
   * @param params by the names of what they are about
   */
  record Comment(String summary, String rest, Map<String, String> params) {

    String whole() {
      return rest.isEmpty() ? summary : summary + " " + rest;
    }
  }

  /** Reads all sources that are shipped. */
  static Javadoc ofMainSources() {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Javadoc javadoc = new Javadoc();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  files,
                  null,
                  List.of("-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(mainSources()));
      DocTrees trees = DocTrees.instance(task);
      for (CompilationUnitTree unit : task.parse()) {
        javadoc.new Reader(trees).scan(unit, String.valueOf(unit.getPackageName()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return javadoc;
  }

  private static List<Path> mainSources() throws IOException {
    List<Path> sources = new ArrayList<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.sorted().toList()) {
        Path main = module.resolve("src/main/java");
        if (Files.isDirectory(main)) {
          try (Stream<Path> files = Files.walk(main)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
          }
        }
      }
    }
    sources.removeIf(file -> file.endsWith("package-info.java"));
    return sources;
  }

  /** The comment on a type; null where it has none. */
  @Nullable Comment of(Class<?> type) {
    return comments.get(type.getCanonicalName());
  }

  /** The comment on a method of a type that has no other of this name with a comment. */
  @Nullable Comment of(Class<?> type, String method) {
    return comments.get(type.getCanonicalName() + "#" + method);
  }

  /** Carries the name of what encloses the tree. */
  private final class Reader extends TreePathScanner<@Nullable Void, String> {

    private final DocTrees trees;

    Reader(DocTrees trees) {
      this.trees = trees;
    }

    @Override
    public @Nullable Void visitClass(ClassTree type, String enclosing) {
      String name = enclosing + "." + type.getSimpleName();
      keep(name, getCurrentPath());
      return super.visitClass(type, name);
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, String enclosing) {
      keep(enclosing + "#" + method.getName(), getCurrentPath());
      return null;
    }

    private void keep(String name, TreePath path) {
      DocCommentTree comment = trees.getDocCommentTree(path);
      if (comment != null) {
        comments.putIfAbsent(
            name,
            new Comment(
                text(comment.getFirstSentence()),
                text(comment.getBody()),
                comment.getBlockTags().stream()
                    .filter(ParamTree.class::isInstance)
                    .map(ParamTree.class::cast)
                    .filter(param -> !param.isTypeParameter())
                    .collect(
                        Collectors.toMap(
                            param -> param.getName().toString(),
                            param -> text(param.getDescription())))));
      }
    }
  }

  private static String text(List<? extends DocTree> trees) {
    return trees.stream()
        .map(DocTree::toString)
        .collect(Collectors.joining())
        .replaceAll("\\{@code ([^}]*)}", "`$1`")
        .replaceAll("\\{@\\w+ (?:[\\w.]*[.#])?(\\w+)}", "$1")
        .replaceAll("</?p>", " ")
        .replaceAll("\\s+", " ")
        .strip();
  }
}
