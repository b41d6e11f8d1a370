package io.agentflow.domain.whatif;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import java.math.BigInteger;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What tokens cost, in micro-dollars for 1,000,000 of them. What has no price here, or used no
 * tokens, costs what it cost.
 *
 * @param models by the name of the model
 * @param others for other models, and where the model is not known; null for none
 */
public record Prices(Map<String, Long> models, @Nullable Long others) {

  /** Most models that have a price. */
  public static final int MODELS_MAX = 1_000;

  /** A dollar a token. */
  public static final long MICRO_DOLLARS_MAX = 1_000_000_000_000L;

  private static final BigInteger TOKENS = BigInteger.valueOf(1_000_000);

  public Prices {
    if (models.size() > MODELS_MAX) {
      throw new InvalidField(
          "prices.models", "must be at most %d, not %d".formatted(MODELS_MAX, models.size()));
    }
    models.forEach(
        (model, price) -> {
          Checks.name("prices.models", model);
          check("prices.models." + model, price);
        });
    if (others != null) {
      check("prices.others", others);
    }
    models = Map.copyOf(models);
  }

  private static void check(String field, @Nullable Long price) {
    long present = Checks.present(field, price);
    if (present < 0 || present > MICRO_DOLLARS_MAX) {
      throw new InvalidField(
          field, "must be 0 to %d, not %d".formatted(MICRO_DOLLARS_MAX, present));
    }
  }

  /** The price for a model's tokens; null where there is none. */
  @Nullable Long of(@Nullable String model) {
    Long ofModel = model == null ? null : models.get(model);
    return ofModel == null ? others : ofModel;
  }

  /** What was used, at these prices: rounded up to a whole micro-dollar. */
  Spend priced(Spend used, @Nullable String model) {
    Long price = of(model);
    if (price == null || used.tokens() == 0) {
      return used;
    }
    BigInteger[] whole =
        BigInteger.valueOf(used.tokens())
            .multiply(BigInteger.valueOf(price))
            .divideAndRemainder(TOKENS);
    long microDollars = whole[0].longValueExact() + (whole[1].signum() == 0 ? 0 : 1);
    return new Spend(used.tokens(), microDollars);
  }
}
