/// The figures of a pool, and what a check of it found.
///
/// Plain copies of `pool_stats_t` and `pool_report_t`: sendable, and unchanged
/// by what happens to the pool later.
library;

import 'dart:ffi';

import 'bindings.g.dart';
import 'check_status.dart';
import 'native_memory.dart';

/// Figures of a pool at one instant, exact unless said otherwise. Totals count
/// from the making of the pool.
final class PoolStats extends PoolFigures {
  PoolStats._(super.native);

  @override
  String toString() => 'PoolStats(inUse: $inUse, free: $free, '
      'capacity: $capacity, limit: $limit, highWater: $highWater, '
      'grows: $grows, failedAllocs: $failedAllocs, lost: $lost)';
}

/// What a check found: where each slot of the pool is.
final class PoolReport extends PoolFindings {
  PoolReport._(this.status, super.native);

  /// [PoolStatus.ok] or [PoolStatus.corrupt].
  final int status;

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
      'firstDamaged: ${hex(firstDamaged)})';
}

/// The figures of the pool at [pool].
PoolStats readStats(int pool) => withBytes(sizeOf<NativeStats>(), (address) {
      final native = Pointer<NativeStats>.fromAddress(address);
      native.ref.structSize = sizeOf<NativeStats>();
      checkStatus(poolGetStats(pool, address));
      return PoolStats._(native.ref);
    });

/// Checks the pool at [pool]. Damage is reported, not thrown.
PoolReport readReport(int pool) => withBytes(sizeOf<NativeReport>(), (address) {
      final native = Pointer<NativeReport>.fromAddress(address);
      native.ref.structSize = sizeOf<NativeReport>();
      final status = poolCheck(pool, address);
      if (status != PoolStatus.corrupt) checkStatus(status);
      return PoolReport._(status, native.ref);
    });
