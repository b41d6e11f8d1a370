package io.agentflow.domain.tenant;

import io.agentflow.domain.Rejection;

/** Why a tenant refused a command. */
public sealed interface TenantRejection extends Rejection {

  record MayNotGive(String role) implements TenantRejection {
    @Override
    public String sentence() {
      return "the role %s lets one do what you may not do, so you cannot give it".formatted(role);
    }
  }

  record UnknownBinding(String bindingId) implements TenantRejection {
    @Override
    public String sentence() {
      return "there is no binding %s in this tenant".formatted(bindingId);
    }
  }

  record TooManyBindings(int most) implements TenantRejection {
    @Override
    public String sentence() {
      return "the tenant has %d bindings, the most there may be; remove one first".formatted(most);
    }
  }

  record UnknownKey(String keyId) implements TenantRejection {
    @Override
    public String sentence() {
      return "there is no key %s in this tenant".formatted(keyId);
    }
  }

  record DifferentKeyExists(String keyId) implements TenantRejection {
    @Override
    public String sentence() {
      return "key %s was already issued with another description; take a new id".formatted(keyId);
    }
  }

  record KeyWasRevoked(String keyId) implements TenantRejection {
    @Override
    public String sentence() {
      return "key %s was revoked, for good; take a new id".formatted(keyId);
    }
  }

  record TooManyKeys(int most) implements TenantRejection {
    @Override
    public String sentence() {
      return "the tenant has %d keys that are good, the most there may be; revoke one first"
          .formatted(most);
    }
  }
}
