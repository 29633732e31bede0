/// Fixed-size object pools that isolates, C and Rust share.
library;

export 'src/batch.dart' show PoolBatch;
export 'src/bindings.g.dart'
    show PoolStatus, poolAbortOnMisuse, poolHugePages, poolNameMax;
export 'src/errors.dart'
    show
        PoolCancelledException,
        PoolException,
        PoolExhaustedException,
        PoolLayoutException,
        PoolLibraryException;
export 'src/inbox.dart' show PoolInbox, PoolRequest, PoolTransfer;
export 'src/lease.dart' show GuardedLease, Lease, NativeMessage;
export 'src/lease_batch.dart' show LeaseBatch;
export 'src/native_list.dart' show NativeList;
export 'src/native_lists.dart'
    show NativeBytesList, NativeEnumList, NativeMessageList, NativeTextList;
export 'src/native_map.dart' show NativeMap;
export 'src/native_numbers.dart'
    show
        NativeBoolList,
        NativeDoubleList,
        NativeFloatList,
        NativeInt32List,
        NativeInt64List,
        NativeUint32List,
        NativeUint64List;
export 'src/pool.dart' show Pool;
export 'src/stats.dart' show PoolReport, PoolStats;
export 'src/token.dart' show PoolToken;
export 'src/wire.dart' show PoolWireException, PoolWireTables;
