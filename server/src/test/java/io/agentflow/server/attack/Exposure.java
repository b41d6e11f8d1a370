package io.agentflow.server.attack;

import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an answer must not tell, and what it has to tell a browser, whoever asked for what. */
final class Exposure {

  /** Classes, stack traces, statements: what only we need to see. */
  private static final Pattern INSIDE =
      Pattern.compile(
          "\\b(?:java|javax|jakarta|org|com|io|tools)\\.[a-z][a-z0-9]*\\.[a-zA-Z]"
              + "|[a-z]Exception\\b|\\n\\tat |SQLState|\\bSQL\\b|\\b(?:log|views)\\.[a-z_]+\\b"
              + "|\\b(?:select|insert into|update|delete from) .*\\b(?:from|values|set|where)\\b"
              + "|Tomcat|Hibernate|Jackson|PSQL|(?i:postgresql://)");

  private static final List<String> NAMES_OF_SOFTWARE =
      List.of("server", "x-powered-by", "x-application-context", "via");

  private Exposure() {}

  /** What is wrong with an answer, in sentences; empty where nothing is. */
  static List<String> faults(HttpResponse<String> answer) {
    return faults(answer.statusCode(), answer.headers(), answer.body());
  }

  static List<String> faults(int status, HttpHeaders headers, String body) {
    List<String> faults = new ArrayList<>();
    if (!headers.firstValue("X-Content-Type-Options").orElse("").equals("nosniff")) {
      faults.add("a browser may guess another type");
    }
    String caching = headers.firstValue("Cache-Control").orElse("").toLowerCase(Locale.ROOT);
    if (!caching.contains("no-store") && !caching.contains("no-cache")) {
      faults.add("it may be kept on its way: Cache-Control is '" + caching + "'");
    }
    if (!headers.firstValue("X-Frame-Options").orElse("").equals("DENY")
        && !headers.firstValue("Content-Security-Policy").orElse("").contains("frame-ancestors")) {
      faults.add("a page may frame it");
    }
    for (String name : NAMES_OF_SOFTWARE) {
      headers.firstValue(name).ifPresent(value -> faults.add(name + " tells " + value));
    }
    if (status >= 400) {
      Matcher inside = INSIDE.matcher(body);
      if (inside.find()) {
        faults.add("it tells of our insides: " + inside.group());
      }
    }
    return faults;
  }
}
