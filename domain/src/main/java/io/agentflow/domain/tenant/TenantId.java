package io.agentflow.domain.tenant;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import java.util.regex.Pattern;

/**
 * Names a tenant.
 *
 * @param value its name: 1 to 63 of {@code a-z 0-9 -}, no {@code -} first
 */
public record TenantId(String value) {

  /** What a tenant may be called. */
  public static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  public static final String FORM_IN_WORDS = "a tenant: 1 to 63 of a-z, 0-9 and -, no - first";

  public TenantId {
    if (!FORM.matcher(Checks.present("tenantId", value)).matches()) {
      throw new InvalidField("tenantId", "must be " + FORM_IN_WORDS);
    }
  }

  /**
   * The aggregate's id in the log. It is no UUID, as all ids are that clients may choose: nobody
   * can take it before its tenant does.
   */
  public String aggregateId() {
    return "tenant:" + value;
  }
}
