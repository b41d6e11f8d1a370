package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.Appended;
import io.agentflow.eventstore.NewReceipt;
import io.agentflow.eventstore.ReceiptKey;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Appends a batch in one transaction. Used by the writer's thread alone.
 *
 * <p>While no other node appends, one round trip does it: the batch is placed behind the head as
 * this node left it, and the statement takes effect only if the head is still there. Where it is
 * not, or where a unit does not fit, it takes two: lock the head and look where aggregates and
 * tenants stand; then insert and commit.
 */
final class AppendTransaction implements AutoCloseable {

  /** Tenants whose chain's end is remembered; of any other it is read when it appends again. */
  private static final int REMEMBERED_TENANTS_MAX = 10_000;

  private final DataSource dataSource;
  private final LogWriterSettings settings;
  private final Placement.ChainHash chainHash;
  private @Nullable WriterConnection connection;

  /** Where this node left the log; null when it does not know. */
  private @Nullable LogHead head;

  /** Where this node left the chains: right as long as the head is where it left it. */
  private final Map<String, TenantHead> tenantHeads = new RecentlyUsed<>(REMEMBERED_TENANTS_MAX);

  /** Whether the head was last found where this node had left it: then it probably still is. */
  private boolean alone = true;

  AppendTransaction(
      DataSource dataSource, LogWriterSettings settings, Placement.ChainHash chainHash) {
    this.dataSource = dataSource;
    this.settings = settings;
    this.chainHash = chainHash;
  }

  /**
   * What became of a batch.
   *
   * @param position the log's last
   * @param placed what was appended, whole; nothing where it had to be looked up
   * @param conflicts the units that were not appended, and why
   */
  record Outcome(
      long position,
      Map<Unit, List<Appended>> appended,
      List<PlacedEntry> placed,
      Map<Unit, RuntimeException> conflicts) {}

  /** The connection broke during an append: its outcome has to be looked up. */
  static final class OutcomeOpen extends Exception {

    private static final long serialVersionUID = 1L;

    OutcomeOpen(Throwable cause) {
      super(cause);
    }
  }

  /**
   * Appends the units that fit.
   *
   * @throws SQLException when the database refused, or was not reached; nothing is appended
   * @throws OutcomeOpen when the connection broke; what is appended has to be looked up
   */
  Outcome append(List<Unit> batch) throws SQLException, OutcomeOpen {
    WriterConnection open = connection();
    try {
      Outcome outcome = appendBehindKnownHead(open, batch);
      return outcome != null ? outcome : appendBehindLockedHead(open, batch);
    } catch (SQLException | RuntimeException e) {
      forgetHead();
      // Whatever it was: nothing may stay behind that a later commit would take along.
      if (open.rollBack()) {
        throw e;
      }
      close();
      throw new OutcomeOpen(e);
    }
  }

  private @Nullable Outcome appendBehindKnownHead(WriterConnection open, List<Unit> batch)
      throws SQLException {
    LogHead known = head;
    if (known == null || !alone || !tenantHeads.keySet().containsAll(tenantsOf(batch))) {
      return null;
    }
    Placement placement = new Placement(known, chainHash, tenantHeads, Map.of(), Set.of());
    for (Unit unit : batch) {
      if (!placement.place(unit)) {
        return null;
      }
    }
    try {
      return open.append().execute(placement) ? appended(placement, Map.of()) : null;
    } catch (SQLException e) {
      // Perhaps a place that is taken: the locked head will tell which unit it was.
      if (open.isUsable()) {
        return null;
      }
      throw e;
    }
  }

  private Outcome appendBehindLockedHead(WriterConnection open, List<Unit> batch)
      throws SQLException {
    WriterConnection.Locked locked =
        open.lockAndLook(distinct(batch, NewEntry::aggregateId), tenantsOf(batch));
    if (!locked.head().equals(head)) {
      alone = head == null;
      tenantHeads.clear();
      head = locked.head();
    } else {
      alone = true;
    }
    tenantHeads.putAll(locked.tenantHeads());
    Placement placement =
        new Placement(
            locked.head(),
            chainHash,
            locked.tenantHeads(),
            locked.lastSequenceNumbers(),
            open.findReceipts(receiptKeysOf(batch)));
    Map<Unit, RuntimeException> conflicts = new HashMap<>();
    for (Unit unit : batch) {
      if (!placement.place(unit)) {
        conflicts.put(unit, placement.conflictOf(unit));
      }
    }
    if (placement.placed().isEmpty()) {
      open.rollBack();
      return new Outcome(locked.head().position(), Map.of(), List.of(), conflicts);
    }
    if (!open.appendAndCommit().execute(placement)) {
      throw new IllegalStateException("the log's head moved although it was locked");
    }
    return appended(placement, conflicts);
  }

  private Outcome appended(Placement placement, Map<Unit, RuntimeException> conflicts) {
    head = placement.headBehind();
    tenantHeads.putAll(placement.tenantHeads());
    return new Outcome(
        placement.headBehind().position(), placement.appended(), placement.placed(), conflicts);
  }

  private static List<ReceiptKey> receiptKeysOf(List<Unit> batch) {
    return batch.stream().flatMap(unit -> unit.receipt().stream()).map(NewReceipt::key).toList();
  }

  private static Set<String> tenantsOf(List<Unit> batch) {
    return distinct(batch, NewEntry::tenantId);
  }

  private static Set<String> distinct(List<Unit> batch, Function<NewEntry, String> value) {
    Set<String> distinct = LinkedHashSet.newLinkedHashSet(batch.size());
    for (Unit unit : batch) {
      unit.entries().forEach(entry -> distinct.add(value.apply(entry)));
    }
    return distinct;
  }

  /**
   * Finds out what of a batch is in the log, once nothing of it can be under way any more: what had
   * locked the head has come to its end when the fence moves, and what had not finds it moved. A
   * unit is there whole or not at all; the id of an event that is in the log may be another's.
   */
  Outcome lookUp(List<Unit> batch) throws SQLException {
    WriterConnection open = connection();
    try {
      long position = open.moveFence();
      Map<UUID, Appended> found = open.find(distinct(batch, entry -> entry.eventId().toString()));
      Map<Unit, List<Appended>> appended =
          batch.stream()
              .filter(unit -> unit.entries().stream().allMatch(entry -> isAt(entry, found)))
              .collect(Collectors.toMap(Function.identity(), unit -> placesOf(unit, found)));
      return new Outcome(position, appended, List.of(), Map.of());
    } catch (SQLException e) {
      close();
      throw e;
    }
  }

  private static boolean isAt(NewEntry entry, Map<UUID, Appended> found) {
    Appended place = found.get(entry.eventId());
    return place != null
        && place.aggregateId().equals(entry.aggregateId())
        && place.sequenceNumber() == entry.sequenceNumber();
  }

  private static List<Appended> placesOf(Unit unit, Map<UUID, Appended> found) {
    return unit.entries().stream()
        .map(entry -> Objects.requireNonNull(found.get(entry.eventId())))
        .toList();
  }

  private WriterConnection connection() throws SQLException {
    WriterConnection open = connection;
    if (open == null) {
      open = WriterConnection.open(dataSource, settings);
      connection = open;
    }
    return open;
  }

  /** Whether the database was reached when it was last asked. */
  boolean isConnected() {
    return connection != null;
  }

  private void forgetHead() {
    head = null;
    tenantHeads.clear();
  }

  @Override
  public void close() {
    forgetHead();
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }

  /** Keeps what was used last. */
  private static final class RecentlyUsed<K, V> extends LinkedHashMap<K, V> {

    private static final long serialVersionUID = 1L;

    private final int entriesMax;

    RecentlyUsed(int entriesMax) {
      super(16, 0.75f, true);
      this.entriesMax = entriesMax;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > entriesMax;
    }
  }
}
