package io.agentflow.server;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code GET /v1/health}: whether the server answers, for whoever watches over processes. It says
 * nothing else, since it is told to everyone.
 */
@RestController
@RequestMapping("/v1/health")
class HealthHttp {

  record Health(String status) {}

  /** Says that the server answers; asks for no token. */
  @GetMapping
  Health getHealth() {
    return new Health("serving");
  }
}
