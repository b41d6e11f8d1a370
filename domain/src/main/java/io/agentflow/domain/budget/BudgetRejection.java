package io.agentflow.domain.budget;

import io.agentflow.domain.Rejection;

/** Why a budget refused a command. */
public sealed interface BudgetRejection extends Rejection {

  record UnknownBudget(String budgetId) implements BudgetRejection {
    @Override
    public String sentence() {
      return "there is no budget %s; open it first".formatted(budgetId);
    }
  }

  record DifferentBudgetExists(String budgetId) implements BudgetRejection {
    @Override
    public String sentence() {
      return "budget %s was already opened with another description; take a new id"
          .formatted(budgetId);
    }
  }

  /** More was asked for than remains; of at least one of the two currencies. */
  record LimitExceeded(
      long requestedTokens,
      long remainingTokens,
      long requestedMicroDollars,
      long remainingMicroDollars)
      implements BudgetRejection {
    @Override
    public String sentence() {
      return ("%d tokens and %d micro-dollars were asked for, %d and %d remain;"
              + " ask for less, or take it from another budget")
          .formatted(
              requestedTokens, requestedMicroDollars, remainingTokens, remainingMicroDollars);
    }
  }

  /** The limit asked for is below what was already given out. */
  record LimitTooLow(
      long limitTokens, long inUseTokens, long limitMicroDollars, long inUseMicroDollars)
      implements BudgetRejection {
    @Override
    public String sentence() {
      return ("a limit of %d tokens and %d micro-dollars is below the %d and %d that are allocated,"
              + " reserved and spent")
          .formatted(limitTokens, limitMicroDollars, inUseTokens, inUseMicroDollars);
    }
  }

  record UnknownSlice(String sliceId) implements BudgetRejection {
    @Override
    public String sentence() {
      return "there is no open slice %s of this budget".formatted(sliceId);
    }
  }

  record NeverRolls(String budgetId) implements BudgetRejection {
    @Override
    public String sentence() {
      return "budget %s was opened without a period".formatted(budgetId);
    }
  }

  /** What it gave out has not come back. */
  record StillInUse(String budgetId, int heldReservations, int openSlices)
      implements BudgetRejection {
    @Override
    public String sentence() {
      return ("budget %s holds %d reservations and has %d open slices;"
              + " settle or release the ones, close the others")
          .formatted(budgetId, heldReservations, openSlices);
    }
  }

  record BudgetIsClosed(String budgetId) implements BudgetRejection {
    @Override
    public String sentence() {
      return "budget %s is closed; use another".formatted(budgetId);
    }
  }

  record SliceDiffers(String sliceId) implements BudgetRejection {
    @Override
    public String sentence() {
      return "slice %s was already allocated with other content; a new slice needs a new id"
          .formatted(sliceId);
    }
  }

  record ReservationDiffers(String reservationId) implements BudgetRejection {
    @Override
    public String sentence() {
      return "reservation %s was already made with other amounts; a new one needs a new id"
          .formatted(reservationId);
    }
  }

  record UnknownReservation(String reservationId) implements BudgetRejection {
    @Override
    public String sentence() {
      return "there is no reservation %s; reserve before you settle or release"
          .formatted(reservationId);
    }
  }

  record SettledDifferently(String reservationId) implements BudgetRejection {
    @Override
    public String sentence() {
      return "reservation %s was already settled with another usage; usage is settled once"
          .formatted(reservationId);
    }
  }

  /** The reservation ended the other way. */
  record ReservationClosed(String reservationId, String how) implements BudgetRejection {
    @Override
    public String sentence() {
      return "reservation %s is already %s".formatted(reservationId, how);
    }
  }

  record SpentTooLarge() implements BudgetRejection {
    @Override
    public String sentence() {
      return "the sum spent would pass 2^53 - 1, more than JSON carries exactly";
    }
  }
}
