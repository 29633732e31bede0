/// What the Dart libraries that `poolgen` writes stand on.
///
/// Programs need nothing of this: what they use of it is in `magpool.dart` too.
library;

export 'src/fields.dart'
    show
        copyMessage,
        loadBytes,
        loadDouble,
        loadFixedBytes,
        loadFixedText,
        loadFloat,
        loadInt32,
        loadInt64,
        loadText,
        loadUint32,
        loadUint64,
        loadUint8,
        sameBytes,
        storeBytes,
        storeDouble,
        storeFixedBytes,
        storeFixedText,
        storeFloat,
        storeInt32,
        storeInt64,
        storeText,
        storeUint32,
        storeUint64,
        storeUint8,
        zeroBytes;
export 'src/lease.dart'
    show
        GuardedLease,
        Lease,
        NativeMessage,
        NestedMessage,
        checkAdopted,
        useLease;
export 'src/lease_batch.dart' show LeaseBatch, MessageCursor;
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
export 'src/oneof.dart' show OneofMessage;
