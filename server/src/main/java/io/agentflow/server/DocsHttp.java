package io.agentflow.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * What there is to read about the API: the contract as a document and as a page, and what each
 * problem means. All of it comes with the server; the page loads nothing from elsewhere and sends
 * nothing.
 */
@RestController
class DocsHttp {

  private static final String PAGE_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final MediaType SCRIPT = MediaType.valueOf("text/javascript;charset=UTF-8");
  private static final MediaType STYLE = MediaType.valueOf("text/css;charset=UTF-8");
  private static final MediaType TEXT = new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);
  private static final MediaType HTML = new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8);

  private final Map<String, Asset> assets;
  private final String problems;

  private record Asset(Resource resource, MediaType type) {}

  DocsHttp() throws IOException {
    Properties versions =
        PropertiesLoaderUtils.loadProperties(new ClassPathResource("docs/docs.properties"));
    String swaggerUi =
        "META-INF/resources/webjars/swagger-ui/" + versions.getProperty("swagger-ui") + "/";
    this.assets =
        Map.of(
            "docs.js", new Asset(new ClassPathResource("docs/docs.js"), SCRIPT),
            "docs.css", new Asset(new ClassPathResource("docs/docs.css"), STYLE),
            "swagger-ui.css", new Asset(new ClassPathResource(swaggerUi + "swagger-ui.css"), STYLE),
            "swagger-ui-bundle.js",
                new Asset(new ClassPathResource(swaggerUi + "swagger-ui-bundle.js"), SCRIPT));
    this.problems =
        new ClassPathResource("docs/problems.md").getContentAsString(StandardCharsets.UTF_8);
  }

  /** Shows this document. */
  @GetMapping("/v1/openapi.json")
  ResponseEntity<Resource> getContract() {
    return answer(
        new Asset(new ClassPathResource("docs/openapi.json"), MediaType.APPLICATION_JSON));
  }

  /** The contract for people. */
  @GetMapping("/docs")
  ResponseEntity<Resource> page() {
    return answer(new Asset(new ClassPathResource("docs/docs.html"), HTML));
  }

  /** What the page is made of. */
  @GetMapping("/docs/{name}")
  ResponseEntity<Resource> asset(@PathVariable String name) {
    return answer(Optional.ofNullable(assets.get(name)).orElseThrow(DocsHttp::absent));
  }

  /** What a problem's type leads to: its section of {@code docs/problems.md}. */
  @GetMapping("/problems/{name}")
  ResponseEntity<String> problem(@PathVariable String name) {
    Matcher section =
        Pattern.compile(
                "^## " + Pattern.quote(name) + "\n(.*?)(?=\n## |\\z)",
                Pattern.MULTILINE | Pattern.DOTALL)
            .matcher(problems);
    if (!section.find()) {
      throw absent();
    }
    return ResponseEntity.ok()
        .contentType(TEXT)
        .header("X-Content-Type-Options", "nosniff")
        .body(section.group());
  }

  private static ResponseEntity<Resource> answer(Asset asset) {
    return ResponseEntity.ok()
        .contentType(asset.type())
        .header("Content-Security-Policy", PAGE_POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("Cache-Control", "no-cache")
        .body(asset.resource());
  }

  private static ResponseStatusException absent() {
    return new ResponseStatusException(HttpStatus.NOT_FOUND, "there is no such page");
  }
}
