/// Fixed-size object pools that isolates, C and Rust share.
library;

export 'src/batch.dart' show PoolBatch;
export 'src/bindings.g.dart'
    show PoolStatus, poolAbortOnMisuse, poolHugePages, poolNameMax;
export 'src/errors.dart'
    show
        PoolException,
        PoolExhaustedException,
        PoolLayoutException,
        PoolLibraryException;
export 'src/inbox.dart' show PoolInbox, PoolTransfer;
export 'src/pool.dart' show Pool;
export 'src/stats.dart' show PoolReport, PoolStats;
export 'src/token.dart' show PoolToken;
export 'src/wire.dart' show PoolWireException, PoolWireTables;
