/// The functions of `include/pool.h`, bound on first use in each isolate.
///
/// Top-level finals, never fields: an object that holds a bound function cannot
/// be sent to another isolate. Pointers are bound as plain integers, since a
/// returned `Pointer` is a heap object and an `int` is not.
///
/// A *leaf* call costs half as much, but no isolate of the group can collect
/// garbage while it runs. So a call is a leaf only if it is bounded; each says
/// here why it is, or is not.
library;

import 'dart:ffi';

import 'library.dart';

// ---- not leaves: they make system calls, or take as long as the pool is big

/// Reserves address space: system calls.
final int Function(int config, int outPool) poolCreate = nativeLibrary
    .lookupFunction<Int Function(UintPtr, UintPtr), int Function(int, int)>(
        'pool_create');

/// As [poolCreate].
final int Function(int config, int outPool) poolOpen = nativeLibrary
    .lookupFunction<Int Function(UintPtr, UintPtr), int Function(int, int)>(
        'pool_open');

/// Waits for other threads' calls to end, and unmaps memory.
final int Function(int pool) poolDestroy = nativeLibrary
    .lookupFunction<Int Function(UintPtr), int Function(int)>('pool_destroy');

/// As [poolDestroy].
final int Function(int pool, int outLive) poolDestroyForced = nativeLibrary
    .lookupFunction<Int Function(UintPtr, UintPtr), int Function(int, int)>(
        'pool_destroy_forced');

/// Looks at every slot ever used, and makes system calls.
final int Function(int pool) poolTrim = nativeLibrary
    .lookupFunction<Int Function(UintPtr), int Function(int)>('pool_trim');

/// Looks at every slot: some milliseconds for a million of them.
final int Function(int pool, int outReport) poolCheck = nativeLibrary
    .lookupFunction<Int Function(UintPtr, UintPtr), int Function(int, int)>(
        'pool_check');

/// Waits for the list of pools, which a [poolCreate] may be changing.
final int Function(int name, int outPool) poolFind = nativeLibrary
    .lookupFunction<Int Function(UintPtr, UintPtr), int Function(int, int)>(
        'pool_find');

/// As [poolFind].
final int Function(int outPools, int count) poolList = nativeLibrary
    .lookupFunction<Size Function(UintPtr, Size), int Function(int, int)>(
        'pool_list');

// ---- leaves

/// About 25 instructions; at worst one bounded visit to the depot.
final int Function(int pool) poolAlloc = nativeLibrary
    .lookupFunction<UintPtr Function(UintPtr), int Function(int)>('pool_alloc',
        isLeaf: true);

/// As [poolAlloc].
final int Function(int pool, int outObject) poolTryAlloc = nativeLibrary
    .lookupFunction<Int Function(UintPtr, UintPtr), int Function(int, int)>(
        'pool_try_alloc',
        isLeaf: true);

/// As [poolAlloc], with a timeout of 0: any other may wait, and is not for
/// isolates.
final int Function(int pool, int outObject, int timeout, int flags)
    poolAllocWith = nativeLibrary.lookupFunction<
        Int Function(UintPtr, UintPtr, Uint64, Uint32),
        int Function(int, int, int, int)>('pool_alloc_with', isLeaf: true);

/// As [poolAlloc].
final int Function(int pool, int object) poolFree = nativeLibrary
    .lookupFunction<Int Function(UintPtr, UintPtr), int Function(int, int)>(
        'pool_free',
        isLeaf: true);

/// Some nanoseconds an object: the caller's count bounds it.
final int Function(int pool, int outObjects, int count) poolAllocBatch =
    nativeLibrary.lookupFunction<Size Function(UintPtr, UintPtr, Size),
        int Function(int, int, int)>('pool_alloc_batch', isLeaf: true);

/// As [poolAllocBatch].
final int Function(int pool, int objects, int count) poolFreeBatch =
    nativeLibrary.lookupFunction<Size Function(UintPtr, UintPtr, Size),
        int Function(int, int, int)>('pool_free_batch', isLeaf: true);

/// Two magazines at most.
final int Function(int pool) poolFlushThread =
    nativeLibrary.lookupFunction<Int Function(UintPtr), int Function(int)>(
        'pool_flush_thread',
        isLeaf: true);

/// Some microseconds, whatever the pool's size.
final int Function(int pool, int outStats) poolGetStats = nativeLibrary
    .lookupFunction<Int Function(UintPtr, UintPtr), int Function(int, int)>(
        'pool_get_stats',
        isLeaf: true);

/// A binary search over the pools.
final int Function(int object) poolOf = nativeLibrary
    .lookupFunction<UintPtr Function(UintPtr), int Function(int)>('pool_of',
        isLeaf: true);

/// Copies at most 64 bytes.
final int Function(int pool, int buffer, int size) poolGetName =
    nativeLibrary.lookupFunction<Size Function(UintPtr, UintPtr, Size),
        int Function(int, int, int)>('pool_get_name', isLeaf: true);

/// Reads one field.
final int Function(int pool) poolObjectSize =
    nativeLibrary.lookupFunction<Size Function(UintPtr), int Function(int)>(
        'pool_object_size',
        isLeaf: true);

/// Reads one field.
final int Function(int pool) poolObjectAlign =
    nativeLibrary.lookupFunction<Size Function(UintPtr), int Function(int)>(
        'pool_object_align',
        isLeaf: true);

/// Looks a string up in a table.
final int Function(int status) poolStatusString =
    nativeLibrary.lookupFunction<UintPtr Function(Int), int Function(int)>(
        'pool_status_string',
        isLeaf: true);

/// Returns a constant.
final int Function() poolVersion = nativeLibrary
    .lookupFunction<Uint32 Function(), int Function()>('pool_version',
        isLeaf: true);

/// `pool_release`, for native finalizers: it runs on whatever thread the
/// collector uses, and needs nothing but the object.
final Pointer<NativeFinalizerFunction> poolRelease =
    nativeLibrary.lookup<NativeFinalizerFunction>('pool_release');
