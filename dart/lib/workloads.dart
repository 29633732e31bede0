/// The concurrent test programme, run by native threads inside the library.
///
/// For tests, demonstrations and measurements: nothing a program needs. Every
/// function blocks its isolate until its threads are done.
library;

export 'src/workloads.dart'
    show
        concurrentTestLargePool,
        concurrentTestMediumPool,
        concurrentTestMixedOperations,
        concurrentTestSmallPool,
        libraryLayoutHash,
        measureContention,
        stressTestRapidAllocFree,
        testFreeListIntegrity,
        testPoolExhaustion,
        workloadFailed;
