package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.Appended;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.NewReceipt;
import io.agentflow.eventstore.ReceiptExists;
import io.agentflow.eventstore.ReceiptKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;

/**
 * Gives the entries of a batch their places behind the log's head and chains them, and sorts out
 * the units that do not fit the sequence of their aggregates, or were carried out before.
 */
final class Placement {

  private final LogHead head;
  private final ChainHash chainHash;
  private final Map<String, TenantHead> knownTenantHeads;
  private final Map<String, TenantHead> tenantHeads = new HashMap<>();
  private final Map<String, Long> lastSequenceNumbers;
  private final Map<String, Long> predecessors = new LinkedHashMap<>();
  private final List<PlacedEntry> placed = new ArrayList<>();
  private final Map<Unit, List<Appended>> appended = new HashMap<>();
  private final List<PlacedReceipt> receipts = new ArrayList<>();
  private final Set<ReceiptKey> takenReceipts;

  /** How an entry is bound to the one before it. */
  @FunctionalInterface
  interface ChainHash {
    Hash of(NewEntry entry, Hash prevHash, long tenantPosition);
  }

  /**
   * A placement behind this head.
   *
   * @param tenantHeads where the chains end; a tenant that is not there has no chain yet
   * @param lastSequenceNumbers where the aggregates stand, -1 for none; one that is not there is
   *     taken to fit, and its predecessor has to be checked
   * @param takenReceipts keys of receipts that are there
   */
  Placement(
      LogHead head,
      ChainHash chainHash,
      Map<String, TenantHead> tenantHeads,
      Map<String, Long> lastSequenceNumbers,
      Set<ReceiptKey> takenReceipts) {
    this.head = head;
    this.chainHash = chainHash;
    this.knownTenantHeads = tenantHeads;
    this.lastSequenceNumbers = new HashMap<>(lastSequenceNumbers);
    this.takenReceipts = new HashSet<>(takenReceipts);
  }

  /** Places the unit whole, or answers false when an entry has no place in its aggregate. */
  boolean place(Unit unit) {
    if (conflict(unit) != null || receiptOf(unit).filter(takenReceipts::contains).isPresent()) {
      return false;
    }
    List<PlacedEntry> ofUnit = new ArrayList<>(unit.entries().size());
    for (NewEntry entry : unit.entries()) {
      if (!lastSequenceNumbers.containsKey(entry.aggregateId()) && entry.sequenceNumber() > 0) {
        predecessors.put(entry.aggregateId(), entry.sequenceNumber() - 1);
      }
      lastSequenceNumbers.put(entry.aggregateId(), entry.sequenceNumber());
      TenantHead before = headOf(entry.tenantId());
      long tenantPosition = before.tenantPosition() + 1;
      Hash hash = chainHash.of(entry, before.hash(), tenantPosition);
      tenantHeads.put(entry.tenantId(), new TenantHead(tenantPosition, hash));
      ofUnit.add(
          new PlacedEntry(
              entry,
              head.position() + placed.size() + ofUnit.size() + 1,
              tenantPosition,
              before.hash(),
              hash));
    }
    placed.addAll(ofUnit);
    List<Appended> places = ofUnit.stream().map(PlacedEntry::appended).toList();
    appended.put(unit, places);
    unit.receipt()
        .ifPresent(
            receipt -> {
              takenReceipts.add(receipt.key());
              receipts.add(new PlacedReceipt(receipt, receipt.answered(places)));
            });
    return true;
  }

  private static Optional<ReceiptKey> receiptOf(Unit unit) {
    return unit.receipt().map(NewReceipt::key);
  }

  private TenantHead headOf(String tenantId) {
    TenantHead behind = tenantHeads.get(tenantId);
    return behind != null ? behind : knownTenantHeads.getOrDefault(tenantId, TenantHead.GENESIS);
  }

  private @Nullable NewEntry conflict(Unit unit) {
    Map<String, Long> last = HashMap.newHashMap(2);
    for (NewEntry entry : unit.entries()) {
      Long before = last.get(entry.aggregateId());
      if (before == null) {
        before = lastSequenceNumbers.get(entry.aggregateId());
      }
      if (before != null && entry.sequenceNumber() != before + 1) {
        return entry;
      }
      last.put(entry.aggregateId(), entry.sequenceNumber());
    }
    return null;
  }

  /** Why a unit that was not placed has no place, as Axon says it. */
  RuntimeException conflictOf(Unit unit) {
    Optional<ReceiptKey> taken = receiptOf(unit).filter(takenReceipts::contains);
    if (taken.isPresent()) {
      return new ReceiptExists(taken.get());
    }
    NewEntry entry = Objects.requireNonNull(conflict(unit));
    return entry.sequenceNumber() == 0
        ? new AggregateStreamCreationException(
            "%s %s exists already".formatted(entry.aggregateType(), entry.aggregateId()))
        : new ConcurrencyException(
            "%s %s has no place for sequence number %d: it was changed meanwhile"
                .formatted(entry.aggregateType(), entry.aggregateId(), entry.sequenceNumber()));
  }

  List<PlacedEntry> placed() {
    return placed;
  }

  List<PlacedReceipt> receipts() {
    return receipts;
  }

  LogHead head() {
    return head;
  }

  /** Where the log ends behind this batch. */
  LogHead headBehind() {
    return new LogHead(head.position() + placed.size(), head.fence());
  }

  /** The units that have a place, once they are appended. */
  Map<Unit, List<Appended>> appended() {
    return appended;
  }

  /** What the database has to confirm: how far these aggregates have come. */
  Map<String, Long> predecessors() {
    return predecessors;
  }

  /** Where the chains end behind this batch. */
  Map<String, TenantHead> tenantHeads() {
    return tenantHeads;
  }
}
