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
export 'src/lease.dart' show GuardedLease, Lease, NativeMessage;
export 'src/lease_batch.dart' show LeaseBatch;
export 'src/native_lists.dart'
    show
        NativeBoolList,
        NativeBytesList,
        NativeDoubleList,
        NativeEnumList,
        NativeFloatList,
        NativeInt32List,
        NativeInt64List,
        NativeList,
        NativeMessageList,
        NativeTextList,
        NativeUint32List,
        NativeUint64List;
export 'src/native_map.dart' show NativeMap;
export 'src/pool.dart' show Pool;
export 'src/stats.dart' show PoolReport, PoolStats;
export 'src/token.dart' show PoolToken;
export 'src/wire.dart' show PoolWireException, PoolWireTables;
