/// The functions of `include/pool_workloads.h`, bound on first use.
///
/// None but the last is a leaf: each blocks until its threads are done.
library;

import 'dart:ffi';

import 'library.dart';

typedef _NativeTimed = Uint64 Function(Uint32, Uint32);
typedef _Timed = int Function(int, int);

_Timed _timed(String name) =>
    nativeLibrary.lookupFunction<_NativeTimed, _Timed>(name);

/// What the timed workloads return when a message was found damaged, an
/// allocation failed below the limit, or a thread could not be started.
const int workloadFailed = -1;

/// That many threads each allocate, write, verify and free that many
/// SmallMessages. Returns milliseconds, or [workloadFailed].
final int Function(int threads, int opsPerThread) concurrentTestSmallPool =
    _timed('concurrent_test_small_pool');

/// As [concurrentTestSmallPool], with MediumMessages.
final int Function(int threads, int opsPerThread) concurrentTestMediumPool =
    _timed('concurrent_test_medium_pool');

/// As [concurrentTestSmallPool], with LargeMessages.
final int Function(int threads, int opsPerThread) concurrentTestLargePool =
    _timed('concurrent_test_large_pool');

/// As [concurrentTestSmallPool], with all four messages in turn.
final int Function(int threads, int opsPerThread)
    concurrentTestMixedOperations = _timed('concurrent_test_mixed_operations');

/// Threads allocate, hold and free StressTestMessages in bursts for some
/// milliseconds. Returns the pairs done, or [workloadFailed].
final int Function(int threads, int milliseconds) stressTestRapidAllocFree =
    _timed('stress_test_rapid_alloc_free');

/// Whether more than that many SmallMessages could be live at once.
final bool Function(int poolSize) testPoolExhaustion =
    nativeLibrary.lookupFunction<Bool Function(Uint32), bool Function(int)>(
        'test_pool_exhaustion');

/// Whether that many rounds of allocating and freeing in changing orders left
/// the pool undamaged.
final bool Function(int iterations) testFreeListIntegrity =
    nativeLibrary.lookupFunction<Bool Function(Uint32), bool Function(int)>(
        'test_free_list_integrity');

/// Threads do 10 000 pairs each, on one pool or each on its own. Returns
/// microseconds, or [workloadFailed].
final int Function(int threads, bool sharedPool) measureContention =
    nativeLibrary.lookupFunction<Uint64 Function(Uint32, Bool),
        int Function(int, bool)>('measure_contention');

/// The layout hash of the schema the library was built with.
final int Function() libraryLayoutHash = nativeLibrary
    .lookupFunction<Uint64 Function(), int Function()>('concurrent_layout_hash',
        isLeaf: true);
