/// Fixed-size object pools that isolates, C and Rust share.
library;

export 'src/errors.dart'
    show PoolException, PoolExhaustedException, PoolLibraryException;
export 'src/pool.dart' show Pool, poolAbortOnMisuse, poolCritical, poolHugePages, poolNameMax;
export 'src/stats.dart' show PoolReport, PoolStats;
export 'src/status.dart' show PoolStatus;
