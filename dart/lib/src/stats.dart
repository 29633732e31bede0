/// The figures of a pool, and what a check of it found.
///
/// Plain copies of `pool_stats_t` and `pool_report_t`: sendable, and unchanged
/// by what happens to the pool later.
library;

import 'dart:ffi';

import 'bindings.dart';
import 'check_status.dart';
import 'native_memory.dart';
import 'status.dart';

/// Figures of a pool at one instant, exact unless said otherwise. Totals count
/// from the making of the pool.
final class PoolStats {
  PoolStats._(_NativeStats native)
      : objectSize = native.objectSize,
        slotSize = native.slotSize,
        capacity = native.capacity,
        limit = native.limit,
        inUse = native.inUse,
        free = native.free,
        highWater = native.highWater,
        grows = native.grows,
        totalAllocated = native.totalAllocated,
        totalFreed = native.totalFreed,
        failedAllocs = native.failedAllocs,
        refills = native.refills,
        flushes = native.flushes,
        exchanges = native.exchanges,
        steals = native.steals,
        revocations = native.revocations,
        misuseNull = native.misuseNull,
        misuseForeign = native.misuseForeign,
        misuseInterior = native.misuseInterior,
        misuseWrongPool = native.misuseWrongPool,
        misuseDoubleFree = native.misuseDoubleFree,
        misuseOverwritten = native.misuseOverwritten,
        lost = native.lost,
        caches = native.caches,
        magazineRounds = native.magazineRounds,
        bytesReserved = native.bytesReserved,
        bytesCommitted = native.bytesCommitted,
        waiting = native.waiting,
        reserve = native.reserve;

  /// Bytes of an object.
  final int objectSize;

  /// Bytes from one object to the next.
  final int slotSize;

  /// Objects the pool may have now.
  final int capacity;

  /// Objects the pool may have at most.
  final int limit;

  /// Live objects.
  final int inUse;

  /// Objects that could be allocated now without growing.
  final int free;

  /// Most objects live at once: never below the true figure, but it may exceed
  /// it by the slots that were idle in magazines at that time.
  final int highWater;

  /// Times the capacity grew.
  final int grows;

  /// Objects handed out, in total.
  final int totalAllocated;

  /// Objects taken back, in total.
  final int totalFreed;

  /// Allocations that failed, in total; a batch counts once.
  final int failedAllocs;

  /// Times a thread's cache took rounds from the depot.
  final int refills;

  /// Times a thread's cache gave rounds to the depot.
  final int flushes;

  /// Times a whole magazine was swapped without the depot's lock.
  final int exchanges;

  /// Times a magazine came from a shard that was not the thread's own.
  final int steals;

  /// Times all caches of the pool were revoked, by this call too.
  final int revocations;

  /// Null pointers given to free.
  final int misuseNull;

  /// Pointers given to free that are no object of any pool.
  final int misuseForeign;

  /// Pointers given to free that are inside an object.
  final int misuseInterior;

  /// Objects given to free that belong to another pool.
  final int misuseWrongPool;

  /// Objects given to free that were free already.
  final int misuseDoubleFree;

  /// Free objects that somebody wrote to, found when about to be allocated.
  final int misuseOverwritten;

  /// Slots set aside for good because they were written to while free.
  final int lost;

  /// Caches that belong to a living thread.
  final int caches;

  /// Rounds of a magazine of this pool.
  final int magazineRounds;

  /// Bytes of address space reserved for objects.
  final int bytesReserved;

  /// Bytes of it made accessible; resident memory is at most this.
  final int bytesCommitted;

  /// Threads and callbacks of native code that wait for an object.
  final int waiting;

  /// Objects that only critical allocations of native code may take.
  final int reserve;

  @override
  String toString() => 'PoolStats(inUse: $inUse, free: $free, '
      'capacity: $capacity, limit: $limit, highWater: $highWater, '
      'grows: $grows, failedAllocs: $failedAllocs, lost: $lost)';
}

/// What a check found: where each slot of the pool is.
final class PoolReport {
  PoolReport._(this.status, _NativeReport native)
      : slots = native.slots,
        live = native.live,
        inMagazines = native.inMagazines,
        inDepot = native.inDepot,
        uncarved = native.uncarved,
        lost = native.lost,
        duplicates = native.duplicates,
        outOfRange = native.outOfRange,
        overwritten = native.overwritten,
        firstDamaged = native.firstDamaged;

  /// [PoolStatus.ok] or [PoolStatus.corrupt].
  final int status;

  /// Slots of the pool: its limit.
  final int slots;

  /// Objects in users' hands.
  final int live;

  /// Free slots in the magazines that threads hold.
  final int inMagazines;

  /// Free slots in the depot.
  final int inDepot;

  /// Slots never used yet, or given back by a trim.
  final int uncarved;

  /// Slots set aside because they were overwritten while free.
  final int lost;

  /// Damage: rounds that stand in a second place too.
  final int duplicates;

  /// Damage: rounds that are no slot of the pool.
  final int outOfRange;

  /// Damage: free objects whose first 8 bytes were overwritten.
  final int overwritten;

  /// The address of the first damaged object found, or 0.
  final int firstDamaged;

  /// Whether no damage was found and every slot is in exactly one place.
  bool get isClean =>
      status == PoolStatus.ok &&
      duplicates == 0 &&
      outOfRange == 0 &&
      overwritten == 0 &&
      live + inMagazines + inDepot + uncarved + lost == slots;

  @override
  String toString() => 'PoolReport(status: $status, slots: $slots, '
      'live: $live, inMagazines: $inMagazines, inDepot: $inDepot, '
      'uncarved: $uncarved, lost: $lost, duplicates: $duplicates, '
      'outOfRange: $outOfRange, overwritten: $overwritten, '
      'firstDamaged: 0x${firstDamaged.toRadixString(16)})';
}

/// The figures of the pool at [pool].
PoolStats readStats(int pool) => withBytes(sizeOf<_NativeStats>(), (address) {
      final native = Pointer<_NativeStats>.fromAddress(address);
      native.ref.structSize = sizeOf<_NativeStats>();
      checkStatus(poolGetStats(pool, address));
      return PoolStats._(native.ref);
    });

/// Checks the pool at [pool]. Damage is reported, not thrown.
PoolReport readReport(int pool) =>
    withBytes(sizeOf<_NativeReport>(), (address) {
      final native = Pointer<_NativeReport>.fromAddress(address);
      native.ref.structSize = sizeOf<_NativeReport>();
      final status = poolCheck(pool, address);
      if (status != PoolStatus.corrupt) checkStatus(status);
      return PoolReport._(status, native.ref);
    });

/// `pool_stats_t`, member for member.
final class _NativeStats extends Struct {
  @Size()
  external int structSize;
  @Uint64()
  external int objectSize;
  @Uint64()
  external int slotSize;
  @Uint64()
  external int capacity;
  @Uint64()
  external int limit;
  @Uint64()
  external int inUse;
  @Uint64()
  external int free;
  @Uint64()
  external int highWater;
  @Uint64()
  external int grows;
  @Uint64()
  external int totalAllocated;
  @Uint64()
  external int totalFreed;
  @Uint64()
  external int failedAllocs;
  @Uint64()
  external int refills;
  @Uint64()
  external int flushes;
  @Uint64()
  external int exchanges;
  @Uint64()
  external int steals;
  @Uint64()
  external int revocations;
  @Uint64()
  external int misuseNull;
  @Uint64()
  external int misuseForeign;
  @Uint64()
  external int misuseInterior;
  @Uint64()
  external int misuseWrongPool;
  @Uint64()
  external int misuseDoubleFree;
  @Uint64()
  external int misuseOverwritten;
  @Uint64()
  external int lost;
  @Uint64()
  external int caches;
  @Uint64()
  external int magazineRounds;
  @Uint64()
  external int bytesReserved;
  @Uint64()
  external int bytesCommitted;
  @Uint64()
  external int waiting;
  @Uint64()
  external int reserve;
}

/// `pool_report_t`, member for member.
final class _NativeReport extends Struct {
  @Size()
  external int structSize;
  @Uint64()
  external int slots;
  @Uint64()
  external int live;
  @Uint64()
  external int inMagazines;
  @Uint64()
  external int inDepot;
  @Uint64()
  external int uncarved;
  @Uint64()
  external int lost;
  @Uint64()
  external int duplicates;
  @Uint64()
  external int outOfRange;
  @Uint64()
  external int overwritten;
  @UintPtr()
  external int firstDamaged;
}
