/// The functions of `include/pool_workloads.h`.
library;

import 'bindings.g.dart';

export 'bindings.g.dart'
    show
        concurrentTestLargePool,
        concurrentTestMediumPool,
        concurrentTestMixedOperations,
        concurrentTestSmallPool,
        measureContention,
        stressTestRapidAllocFree,
        testFreeListIntegrity,
        testPoolExhaustion;

/// What the timed workloads return when a message was found damaged, an
/// allocation failed below the limit, or a thread could not be started.
const int workloadFailed = poolWorkloadFailed;

/// The layout hash of the schema the library was built with.
final int Function() libraryLayoutHash = concurrentLayoutHash;
