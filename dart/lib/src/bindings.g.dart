// Generated from the headers in include/; do not edit.
// Run: cargo xtask dart-bindings
// ignore_for_file: type=lint

/// What the headers in `include/` declare, bound on first use in each isolate.
///
/// Functions are top-level finals, never fields: an object that holds a bound
/// function cannot be sent to another isolate. Pointers are plain integers,
/// since a returned `Pointer` is a heap object and an `int` is not.
///
/// A leaf call costs less than half, but no isolate of the group can collect
/// garbage while it runs. Each function says why it is a leaf or not.
library;

import 'dart:ffi';

import 'library.dart';

final DynamicLibrary _lib = nativeLibrary;

/// Version of the library this header belongs to (semantic versioning).
const int poolVersionMajor = 0;

/// Version of the library this header belongs to (semantic versioning).
const int poolVersionMinor = 1;

/// Version of the library this header belongs to (semantic versioning).
const int poolVersionPatch = 0;

/// MAJOR * 10000 + MINOR * 100 + PATCH: larger is newer.
const int poolVersionNumber = 100;

/// Number of the binary interface; the SONAME is libmagpool.so.(this). A
/// library and a header with different numbers must not be used together.
const int poolAbiVersion = 1;

/// Longest name in bytes, without the final NUL.
const int poolNameMax = 63;

/// Most objects of a pool.
const int poolObjectsMax = 2147483648;

/// Most rounds of a magazine.
const int poolMagazineRoundsMax = 1024;

/// Flag: on misuse print one line to standard error and abort, instead of
/// returning the status. For debugging.
const int poolAbortOnMisuse = 1;

/// Flag: ask the system for huge pages (Linux, 2 MiB on x86-64) for the objects. A
/// hint: without any the pool is as others are. For pools of many megabytes that are
/// used all over; takes whole huge pages as soon as one slot in them is used, and
/// pool_trim gives back small ones.
const int poolHugePages = 2;

/// A timeout that never ends, as any longer one: 292 years in nanoseconds.
const int poolWaitForever = 9223372036854775807;

/// Flag of an allocation: may take the pool's reserve (see pool_config_t).
const int poolCritical = 1;

/// What the timed workloads return when a message was found damaged, an
/// allocation failed below the limit, or a thread could not be started.
const int poolWorkloadFailed = -1;

/// What a native call came to. Values are never reused.
abstract final class PoolStatus {
  /// The allocation is queued; a callback will tell. Not an error.
  static const int pending = 1;

  /// Done.
  static const int ok = 0;

  /// A pointer argument was NULL.
  static const int nullPointer = -1;

  /// A configuration value is out of its range, or struct_size is too small.
  static const int invalid = -2;

  /// The system refused memory. The pool stays usable.
  static const int noMemory = -3;

  /// Every object of the pool was live at some instant of the call.
  static const int exhausted = -4;

  /// The pool has live objects; it was not destroyed. Or a cache's handle is in
  /// another thread's use.
  static const int busy = -5;

  /// The handle is not, or no longer, a pool's, or a pool's cache's.
  static const int destroyed = -6;

  /// A pool of this name exists already, or has another shape.
  static const int exists = -7;

  /// No pool has this name; no queued allocation this ticket; no object this token.
  static const int notFound = -8;

  /// The pointer is no object of any pool.
  static const int foreign = -9;

  /// The pointer is inside an object, not at its start.
  static const int interior = -10;

  /// The object belongs to another pool.
  static const int wrongPool = -11;

  /// The object is free already.
  static const int doubleFree = -12;

  /// pool_check found damage; its report says which.
  static const int corrupt = -13;

  /// No object became free in the time given.
  static const int timeout = -14;
}

/// How to make a pool. Begin with POOL_CONFIG_INIT, then set what you need:
///
/// ```text
/// pool_config_t config = POOL_CONFIG_INIT;
/// ```
///
/// `pool_config_t`, member for member.
final class NativeConfig extends Struct {
  /// Bytes of this struct as the caller knows it; POOL_CONFIG_INIT sets it.
  /// Members a caller does not know yet are taken as 0.
  @Size()
  external int structSize;

  /// Name for pool_find, pool_open and messages: UTF-8, at most
  /// POOL_NAME_MAX bytes, not empty, copied. NULL: no name. Names are unique among the
  /// pools of a process.
  @UintPtr()
  external int name;

  /// Bytes of an object: 1 to 1 GiB. Required.
  @Size()
  external int objectSize;

  /// Alignment of an object in bytes: a power of two, at most 4096.
  /// 0: 16, or 8 for objects of up to 8 bytes.
  @Size()
  external int objectAlign;

  /// Objects of a new pool: 1 to POOL_OBJECTS_MAX. Required. Address space is
  /// reserved, memory is touched only when slots are first used.
  @Size()
  external int capacity;

  /// Most objects the pool may ever have. 0 or `capacity`: bounded, an
  /// allocation fails when `capacity` objects are live. More: the pool grows
  /// up to this limit, and fails there. Address space for `limit` objects is
  /// reserved at once: slot size times limit, at most 16 TiB. Above 2 GiB,
  /// allocating and freeing takes twice as long.
  @Size()
  external int limit;

  /// Rounds of a magazine: 1 to POOL_MAGAZINE_ROUNDS_MAX; each thread holds at
  /// most two magazines. 0: the pool chooses, within 120 rounds, 64 KiB of objects and
  /// a quarter of the limit. Pools of up to 65536 begin with 40 or a 32nd of the
  /// limit, double that while threads exchange magazines often, and halve it when the
  /// pool is exhausted; pool_trim begins anew. (Pools with a reserve do not change
  /// theirs.) At most `limit` are used.
  @Uint32()
  external int magazineRounds;

  /// POOL_ABORT_ON_MISUSE and POOL_HUGE_PAGES, or 0.
  @Uint32()
  external int flags;

  /// Objects that only allocations with POOL_CRITICAL may take: less than
  /// `limit`. Others are refused when `limit - reserve` objects are live,
  /// whoever allocated them. Costs nothing until the pool is near its limit.
  @Size()
  external int reserve;
}

/// Figures of a pool at one instant. Exact: taken while no cache was in use.
/// Total: counted since the pool was made.
///
/// `pool_stats_t`, member for member.
final class NativeStats extends Struct {
  /// Bytes of this struct as the caller knows it; POOL_STATS_INIT sets it. The
  /// library fills only members within it.
  @Size()
  external int structSize;

  /// Bytes of an object, and from one object to the next.
  @Uint64()
  external int objectSize;

  /// Bytes of an object, and from one object to the next.
  @Uint64()
  external int slotSize;

  /// Objects the pool may have now, and at most. Exact.
  @Uint64()
  external int capacity;

  /// Objects the pool may have now, and at most. Exact.
  @Uint64()
  external int limit;

  /// Live objects. Exact.
  @Uint64()
  external int inUse;

  /// Objects that could be allocated now without growing:
  /// capacity - in_use - lost, the reserve included. Exact.
  @Uint64()
  external int free;

  /// Most objects live at once. Never below the true figure; may exceed it by
  /// the slots that were idle in magazines at that time.
  @Uint64()
  external int highWater;

  /// Times the capacity grew. Exact.
  @Uint64()
  external int grows;

  /// Objects handed out, and taken back, in total. Exact.
  @Uint64()
  external int totalAllocated;

  /// Objects handed out, and taken back, in total. Exact.
  @Uint64()
  external int totalFreed;

  /// Allocations that found the pool exhausted or the system out of memory,
  /// in total; a batch counts once. Exact.
  @Uint64()
  external int failedAllocs;

  /// Times a cache took rounds from the depot; gave rounds to it; swapped a
  /// whole magazine without taking the depot's lock; took one from a shard
  /// that was not its own. Totals. Exact.
  @Uint64()
  external int refills;

  /// Times a cache took rounds from the depot; gave rounds to it; swapped a
  /// whole magazine without taking the depot's lock; took one from a shard
  /// that was not its own. Totals. Exact.
  @Uint64()
  external int flushes;

  /// Times a cache took rounds from the depot; gave rounds to it; swapped a
  /// whole magazine without taking the depot's lock; took one from a shard
  /// that was not its own. Totals. Exact.
  @Uint64()
  external int exchanges;

  /// Times a cache took rounds from the depot; gave rounds to it; swapped a
  /// whole magazine without taking the depot's lock; took one from a shard
  /// that was not its own. Totals. Exact.
  @Uint64()
  external int steals;

  /// Times all caches of the pool were revoked, this call's own included.
  @Uint64()
  external int revocations;

  /// Misuse found, by kind. Totals. Exact. Calls with a NULL or destroyed
  /// pool have no pool to be counted at.
  @Uint64()
  external int misuseNull;

  /// Misuse found, by kind. Totals. Exact. Calls with a NULL or destroyed
  /// pool have no pool to be counted at.
  @Uint64()
  external int misuseForeign;

  /// Misuse found, by kind. Totals. Exact. Calls with a NULL or destroyed
  /// pool have no pool to be counted at.
  @Uint64()
  external int misuseInterior;

  /// Misuse found, by kind. Totals. Exact. Calls with a NULL or destroyed
  /// pool have no pool to be counted at.
  @Uint64()
  external int misuseWrongPool;

  /// Misuse found, by kind. Totals. Exact. Calls with a NULL or destroyed
  /// pool have no pool to be counted at.
  @Uint64()
  external int misuseDoubleFree;

  /// Free objects whose first 8 bytes somebody overwrote; found when the slot
  /// was to be allocated. Such a slot is set aside.
  @Uint64()
  external int misuseOverwritten;

  /// Slots set aside because they were overwritten while free. They are
  /// neither live nor free, for good; freeing one is a double free. Exact.
  @Uint64()
  external int lost;

  /// Caches that belong to a living thread or a handle. Exact.
  @Uint64()
  external int caches;

  /// Rounds of a magazine of this pool, now.
  @Uint64()
  external int magazineRounds;

  /// Bytes of address space reserved for objects, and of it made accessible.
  /// Exact. Resident memory is at most the latter.
  @Uint64()
  external int bytesReserved;

  /// Bytes of address space reserved for objects, and of it made accessible.
  /// Exact. Resident memory is at most the latter.
  @Uint64()
  external int bytesCommitted;

  /// Threads that wait for an object, and callbacks that do. Exact.
  @Uint64()
  external int waiting;

  /// Objects that only critical allocations may take, as configured.
  @Uint64()
  external int reserve;
}

/// Figures of a pool at one instant. Exact: taken while no cache was in use.
/// Total: counted since the pool was made.
///
/// The members of `pool_stats_t`, copied.
abstract base class PoolFigures {
  /// Copies what the library filled in.
  PoolFigures(NativeStats native)
      : objectSize = native.objectSize,
        slotSize = native.slotSize,
        capacity = native.capacity,
        limit = native.limit,
        inUse = native.inUse,
        free = native.free,
        highWater = native.highWater,
        grows = native.grows,
        totalAllocated = native.totalAllocated,
        totalFreed = native.totalFreed,
        failedAllocs = native.failedAllocs,
        refills = native.refills,
        flushes = native.flushes,
        exchanges = native.exchanges,
        steals = native.steals,
        revocations = native.revocations,
        misuseNull = native.misuseNull,
        misuseForeign = native.misuseForeign,
        misuseInterior = native.misuseInterior,
        misuseWrongPool = native.misuseWrongPool,
        misuseDoubleFree = native.misuseDoubleFree,
        misuseOverwritten = native.misuseOverwritten,
        lost = native.lost,
        caches = native.caches,
        magazineRounds = native.magazineRounds,
        bytesReserved = native.bytesReserved,
        bytesCommitted = native.bytesCommitted,
        waiting = native.waiting,
        reserve = native.reserve;

  /// Bytes of an object, and from one object to the next.
  final int objectSize;

  /// Bytes of an object, and from one object to the next.
  final int slotSize;

  /// Objects the pool may have now, and at most. Exact.
  final int capacity;

  /// Objects the pool may have now, and at most. Exact.
  final int limit;

  /// Live objects. Exact.
  final int inUse;

  /// Objects that could be allocated now without growing:
  /// capacity - in_use - lost, the reserve included. Exact.
  final int free;

  /// Most objects live at once. Never below the true figure; may exceed it by
  /// the slots that were idle in magazines at that time.
  final int highWater;

  /// Times the capacity grew. Exact.
  final int grows;

  /// Objects handed out, and taken back, in total. Exact.
  final int totalAllocated;

  /// Objects handed out, and taken back, in total. Exact.
  final int totalFreed;

  /// Allocations that found the pool exhausted or the system out of memory,
  /// in total; a batch counts once. Exact.
  final int failedAllocs;

  /// Times a cache took rounds from the depot; gave rounds to it; swapped a
  /// whole magazine without taking the depot's lock; took one from a shard
  /// that was not its own. Totals. Exact.
  final int refills;

  /// Times a cache took rounds from the depot; gave rounds to it; swapped a
  /// whole magazine without taking the depot's lock; took one from a shard
  /// that was not its own. Totals. Exact.
  final int flushes;

  /// Times a cache took rounds from the depot; gave rounds to it; swapped a
  /// whole magazine without taking the depot's lock; took one from a shard
  /// that was not its own. Totals. Exact.
  final int exchanges;

  /// Times a cache took rounds from the depot; gave rounds to it; swapped a
  /// whole magazine without taking the depot's lock; took one from a shard
  /// that was not its own. Totals. Exact.
  final int steals;

  /// Times all caches of the pool were revoked, this call's own included.
  final int revocations;

  /// Misuse found, by kind. Totals. Exact. Calls with a NULL or destroyed
  /// pool have no pool to be counted at.
  final int misuseNull;

  /// Misuse found, by kind. Totals. Exact. Calls with a NULL or destroyed
  /// pool have no pool to be counted at.
  final int misuseForeign;

  /// Misuse found, by kind. Totals. Exact. Calls with a NULL or destroyed
  /// pool have no pool to be counted at.
  final int misuseInterior;

  /// Misuse found, by kind. Totals. Exact. Calls with a NULL or destroyed
  /// pool have no pool to be counted at.
  final int misuseWrongPool;

  /// Misuse found, by kind. Totals. Exact. Calls with a NULL or destroyed
  /// pool have no pool to be counted at.
  final int misuseDoubleFree;

  /// Free objects whose first 8 bytes somebody overwrote; found when the slot
  /// was to be allocated. Such a slot is set aside.
  final int misuseOverwritten;

  /// Slots set aside because they were overwritten while free. They are
  /// neither live nor free, for good; freeing one is a double free. Exact.
  final int lost;

  /// Caches that belong to a living thread or a handle. Exact.
  final int caches;

  /// Rounds of a magazine of this pool, now.
  final int magazineRounds;

  /// Bytes of address space reserved for objects, and of it made accessible.
  /// Exact. Resident memory is at most the latter.
  final int bytesReserved;

  /// Bytes of address space reserved for objects, and of it made accessible.
  /// Exact. Resident memory is at most the latter.
  final int bytesCommitted;

  /// Threads that wait for an object, and callbacks that do. Exact.
  final int waiting;

  /// Objects that only critical allocations may take, as configured.
  final int reserve;
}

/// What pool_check found: where each slot of the pool is. In a sound pool
/// ```text
/// live + in_magazines + in_depot + uncarved + lost == slots
/// ```
/// and the three counts of damage are 0.
///
/// `pool_report_t`, member for member.
final class NativeReport extends Struct {
  /// Bytes of this struct as the caller knows it; POOL_REPORT_INIT sets it.
  @Size()
  external int structSize;

  /// Slots of the pool: its limit.
  @Uint64()
  external int slots;

  /// Objects in users' hands.
  @Uint64()
  external int live;

  /// Free slots in the magazines that threads hold.
  @Uint64()
  external int inMagazines;

  /// Free slots in the depot.
  @Uint64()
  external int inDepot;

  /// Slots never used yet, or given back by pool_trim.
  @Uint64()
  external int uncarved;

  /// Slots set aside because they were overwritten while free.
  @Uint64()
  external int lost;

  /// Damage: rounds that stand in a second place too (an object freed twice by
  /// two threads at once and not allocated since; the pool drops the extra
  /// round when it meets it).
  @Uint64()
  external int duplicates;

  /// Damage: rounds that are no slot of the pool.
  @Uint64()
  external int outOfRange;

  /// Damage: free objects whose first 8 bytes were overwritten.
  @Uint64()
  external int overwritten;

  /// The first damaged object found, or NULL.
  @UintPtr()
  external int firstDamaged;
}

/// What pool_check found: where each slot of the pool is. In a sound pool
/// ```text
/// live + in_magazines + in_depot + uncarved + lost == slots
/// ```
/// and the three counts of damage are 0.
///
/// The members of `pool_report_t`, copied.
abstract base class PoolFindings {
  /// Copies what the library filled in.
  PoolFindings(NativeReport native)
      : slots = native.slots,
        live = native.live,
        inMagazines = native.inMagazines,
        inDepot = native.inDepot,
        uncarved = native.uncarved,
        lost = native.lost,
        duplicates = native.duplicates,
        outOfRange = native.outOfRange,
        overwritten = native.overwritten,
        firstDamaged = native.firstDamaged;

  /// Slots of the pool: its limit.
  final int slots;

  /// Objects in users' hands.
  final int live;

  /// Free slots in the magazines that threads hold.
  final int inMagazines;

  /// Free slots in the depot.
  final int inDepot;

  /// Slots never used yet, or given back by pool_trim.
  final int uncarved;

  /// Slots set aside because they were overwritten while free.
  final int lost;

  /// Damage: rounds that stand in a second place too (an object freed twice by
  /// two threads at once and not allocated since; the pool drops the extra
  /// round when it meets it).
  final int duplicates;

  /// Damage: rounds that are no slot of the pool.
  final int outOfRange;

  /// Damage: free objects whose first 8 bytes were overwritten.
  final int overwritten;

  /// The first damaged object found, or NULL.
  final int firstDamaged;
}

/// Where decoding went wrong.
///
/// `pool_wire_error_t`, member for member.
final class NativeWireError extends Struct {
  /// What is wrong.
  @Int()
  external int status;

  /// The number of the field, in the innermost message; 0: none.
  @Uint32()
  external int field;

  /// Where in the bytes that field's tag begins; POOL_WIRE_MISSING: where the message
  /// ends that lacks it.
  @Size()
  external int offset;
}

/// Makes a pool and stores its handle in *out_pool.
/// Returns POOL_OK, POOL_ERR_NULL, POOL_ERR_INVALID (see pool_config_t for the
/// ranges), POOL_ERR_EXISTS (the name is taken) or POOL_ERR_NO_MEMORY.
/// Cost: a few system calls, whatever the capacity.
///
/// Not a leaf: reserves address space by system calls.
final int Function(int config, int outPool) poolCreate =
    _lib.lookupFunction<_IntPtrPtr, _Int2>('pool_create');

/// Like pool_create, but if a pool named config->name exists, stores that one.
/// This is how parts of a program, in whatever language, share a pool.
/// Returns also POOL_ERR_INVALID for a NULL name, and POOL_ERR_EXISTS if the
/// existing pool has another object_size, a smaller alignment, another limit, or
/// (unless config->reserve is 0) another reserve.
///
/// Not a leaf: as pool_create.
final int Function(int config, int outPool) poolOpen =
    _lib.lookupFunction<_IntPtrPtr, _Int2>('pool_open');

/// Stores the pool named `name` in *out_pool. Gives no ownership: the pool may
/// be destroyed by whoever made it.
/// Returns POOL_OK, POOL_ERR_NULL or POOL_ERR_NOT_FOUND.
///
/// Not a leaf: waits for the list of pools, which pool_create may be changing.
final int Function(int name, int outPool) poolFind =
    _lib.lookupFunction<_IntPtrPtr, _Int2>('pool_find');

/// Stores the handles of up to `count` pools of this process in out_pools, in no
/// particular order, and returns how many pools there are (maybe more than
/// `count`). out_pools may be NULL if count is 0.
///
/// Not a leaf: as pool_find.
final int Function(int outPools, int count) poolList =
    _lib.lookupFunction<_SizePtrSize, _Int2>('pool_list');

/// Ends a pool that has no live objects and gives all its memory back.
/// Returns POOL_OK, POOL_ERR_NULL, POOL_ERR_DESTROYED, or POOL_ERR_BUSY with the
/// pool unchanged if objects are live. Other threads' calls on the pool that
/// race with it get POOL_ERR_DESTROYED, or NULL.
///
/// Not a leaf: waits for other threads' calls to end, and unmaps memory.
final int Function(int pool) poolDestroy =
    _lib.lookupFunction<_IntPtr, _Int1>('pool_destroy');

/// Ends a pool whatever is live; its objects' memory is gone at once, and using
/// them is undefined. Stores the number of objects that were live in *out_live
/// unless it is NULL. Returns POOL_OK, POOL_ERR_NULL or POOL_ERR_DESTROYED.
///
/// Not a leaf: as pool_destroy.
final int Function(int pool, int outLive) poolDestroyForced =
    _lib.lookupFunction<_IntPtrPtr, _Int2>('pool_destroy_forced');

/// Returns an object, aligned as configured, contents unspecified; NULL if the
/// pool is exhausted, the system is out of memory, or `pool` is NULL or
/// destroyed (pool_try_alloc tells which).
/// Cost: about 35 instructions; once in magazine_rounds calls an exchange with
/// the depot; a lock only when the depot's shards are empty.
///
/// A leaf: about 35 instructions, at worst one bounded visit to the depot.
final int Function(int pool) poolAlloc =
    _lib.lookupFunction<_PtrPtr, _Int1>('pool_alloc', isLeaf: true);

/// Like pool_alloc, but says why: stores the object in *out_object.
/// Returns POOL_OK, POOL_ERR_NULL, POOL_ERR_EXHAUSTED, POOL_ERR_NO_MEMORY or
/// POOL_ERR_DESTROYED. Cost as pool_alloc.
///
/// A leaf: as pool_alloc.
final int Function(int pool, int outObject) poolTryAlloc =
    _lib.lookupFunction<_IntPtrPtr, _Int2>('pool_try_alloc', isLeaf: true);

/// Like pool_alloc_timed, with flags: POOL_CRITICAL or 0. A critical allocation is
/// served from the reserve when nothing else is left, also past ordinary ones that
/// wait. What comes back fills the reserve first.
/// Returns also POOL_ERR_INVALID for flags it does not know.
///
/// A leaf: as pool_alloc, if the timeout is 0: isolates must not wait in it.
final int Function(int, int, int, int) poolAllocWith = _lib
    .lookupFunction<_IntPtrPtrU64U32, _Int4>('pool_alloc_with', isLeaf: true);

/// Takes an object back. Any thread may free it.
/// Returns POOL_OK; POOL_ERR_NULL (a NULL object is refused and counted, nothing
/// else happens); POOL_ERR_FOREIGN, POOL_ERR_INTERIOR, POOL_ERR_WRONG_POOL,
/// POOL_ERR_DOUBLE_FREE: the pool is unchanged; POOL_ERR_DESTROYED.
/// A double free is found at once unless two threads free the same object at
/// the same time: then at the latest when that slot's extra round is about to be
/// allocated, where it is dropped. As with every allocator, freeing an object
/// again after somebody else got it is not a double free but frees theirs.
/// Cost as pool_alloc; never needs memory, never fails for a valid object.
///
/// A leaf: as pool_alloc; may post an int to an isolate (docs/design.md).
final int Function(int pool, int object) poolFree =
    _lib.lookupFunction<_IntPtrPtr, _Int2>('pool_free', isLeaf: true);

/// Takes an object back, finding its pool from the address, straight to the
/// depot, past the thread's magazines. NULL does nothing; misuse is counted at
/// the pool whose object it is, otherwise ignored. For finalizers and
/// destructors: one argument, any thread, also one whose thread-local storage
/// is gone. Cost: two locks and a binary search over the pools.
///
/// An address, not a function: the collector calls it, on whatever thread it
/// uses.
final Pointer<NativeFinalizerFunction> poolRelease =
    _lib.lookup('pool_release');

/// Allocates up to `count` objects into out_objects and returns how many. Fewer
/// only if the pool was exhausted at some instant of the call, the system is out
/// of memory, or an argument is NULL (0). Takes runs of rounds, not one by one.
///
/// A leaf: some nanoseconds an object: the caller's count bounds it.
final int Function(int pool, int outObjects, int count) poolAllocBatch = _lib
    .lookupFunction<_SizePtrPtrSize, _Int3>('pool_alloc_batch', isLeaf: true);

/// Frees `count` objects and returns how many it took. An object that pool_free
/// would refuse is counted as misuse and skipped; the others are freed.
///
/// A leaf: as pool_alloc_batch.
final int Function(int pool, int objects, int count) poolFreeBatch = _lib
    .lookupFunction<_SizePtrPtrSize, _Int3>('pool_free_batch', isLeaf: true);

/// Gives the calling thread's cached slots of this pool back to the depot. Never
/// needed for correctness. Returns POOL_OK, POOL_ERR_NULL, POOL_ERR_DESTROYED.
///
/// A leaf: two magazines at most.
final int Function(int pool) poolFlushThread =
    _lib.lookupFunction<_IntPtr, _Int1>('pool_flush_thread', isLeaf: true);

/// Gives the memory of wholly free pages back to the system; the pool's capacity
/// is unchanged, and the slots are usable as before. Takes back the slots cached
/// by all threads. Cost: proportional to the slots ever used, other threads wait;
/// afterwards, until the slots given back are used again, a pair costs some 10 ns
/// more. A double free of an object in memory given back may be reported as
/// POOL_ERR_FOREIGN.
/// Returns POOL_OK, POOL_ERR_NULL, POOL_ERR_DESTROYED, POOL_ERR_NO_MEMORY (also if
/// the system refuses, as for locked pages: then a part is given back).
///
/// Not a leaf: looks at every slot ever used, and makes system calls.
final int Function(int pool) poolTrim =
    _lib.lookupFunction<_IntPtr, _Int1>('pool_trim');

/// Fills *out_stats, whose struct_size must be set (POOL_STATS_INIT). Revokes
/// all caches for the figures to be exact: some microseconds (or until a thread
/// that was interrupted inside a call runs again, when there are more threads than
/// processors), and other threads' next calls may take the depot's lock.
/// Returns POOL_OK, POOL_ERR_NULL, POOL_ERR_INVALID, POOL_ERR_DESTROYED.
///
/// A leaf: some microseconds, whatever the pool's size.
final int Function(int pool, int outStats) poolGetStats =
    _lib.lookupFunction<_IntPtrPtr, _Int2>('pool_get_stats', isLeaf: true);

/// Proves, while other threads go on using the pool, that every slot is live, or
/// in exactly one magazine, or in the depot, or uncarved, or lost, and that no
/// free object was written to. Fills *out_report (unless NULL; struct_size must
/// be set). Other threads wait meanwhile: about 10 ns a free slot.
/// Returns POOL_OK (sound), POOL_ERR_CORRUPT, POOL_ERR_NULL, POOL_ERR_INVALID,
/// POOL_ERR_DESTROYED, or POOL_ERR_NO_MEMORY (needs a bit a slot).
///
/// Not a leaf: looks at every slot: milliseconds for a million of them.
final int Function(int pool, int outReport) poolCheck =
    _lib.lookupFunction<_IntPtrPtr, _Int2>('pool_check');

/// The pool whose slots `object` lies in (also when free or inside), or NULL.
/// Cost: a lock and a binary search over the pools.
///
/// A leaf: a binary search over the pools.
final int Function(int object) poolOf =
    _lib.lookupFunction<_PtrPtr, _Int1>('pool_of', isLeaf: true);

/// Copies the pool's name with its final NUL into `buffer` of `size` bytes, cut
/// if it is longer, and returns the name's length in bytes; 0 for a pool without
/// a name, a NULL or destroyed one. `buffer` may be NULL if `size` is 0.
///
/// A leaf: copies at most 64 bytes.
final int Function(int pool, int buffer, int size) poolGetName =
    _lib.lookupFunction<_SizePtrPtrSize, _Int3>('pool_get_name', isLeaf: true);

/// Bytes of an object; 0 for a NULL or destroyed pool.
///
/// A leaf: reads one member.
final int Function(int pool) poolObjectSize =
    _lib.lookupFunction<_SizePtr, _Int1>('pool_object_size', isLeaf: true);

/// Alignment of an object in bytes; 0 for a NULL or destroyed pool.
///
/// A leaf: reads one member.
final int Function(int pool) poolObjectAlign =
    _lib.lookupFunction<_SizePtr, _Int1>('pool_object_align', isLeaf: true);

/// One English sentence for a status, also for an unknown value; never NULL.
/// Static: valid for ever, not to be freed.
///
/// A leaf: looks a string up in a table.
final int Function(int status) poolStatusString =
    _lib.lookupFunction<_PtrInt, _Int1>('pool_status_string', isLeaf: true);

/// POOL_VERSION_NUMBER of the library in use.
///
/// A leaf: returns a constant.
final int Function() poolVersion =
    _lib.lookupFunction<_U32None, _Int0>('pool_version', isLeaf: true);

/// Like pool_inbox_create, for an isolate: each token is sent to `port` as an int. To post
/// to a port that is closed, or whose isolate was killed, does no harm.
///
/// Not a leaf: takes memory; once for an isolate.
final int Function(int post, int port, int outInbox) poolInboxCreateDart =
    _lib.lookupFunction<_IntPtrI64Ptr, _Int3>('pool_inbox_create_dart');

/// As pool_inbox_close. For finalizers: one argument, an inbox's number cast to a pointer;
/// nothing comes of an unknown one.
///
/// An address, not a function: called when an isolate ends, on whatever thread.
final Pointer<NativeFinalizerFunction> poolInboxRelease =
    _lib.lookup('pool_inbox_release');

/// Puts a live object under a token, stored in *out_token, until somebody takes it. It
/// stays live, but is nobody's: the giver must not touch or free it from now on, or give
/// it again. (Freed all the same, it is lost to the taker as any object is that somebody
/// else freed.) With an inbox's number, the object goes back to its pool when that inbox is
/// closed first; with 0 it waits for ever. Tells nobody: to send the token is up to the giver.
/// Returns POOL_OK; POOL_ERR_NOT_FOUND: the inbox was closed; POOL_ERR_NULL,
/// POOL_ERR_FOREIGN, POOL_ERR_INTERIOR, POOL_ERR_WRONG_POOL, POOL_ERR_DOUBLE_FREE (it is
/// free): counted as misuse; POOL_ERR_NO_MEMORY, POOL_ERR_DESTROYED. Unless it is POOL_OK,
/// the object is the caller's as before.
/// Cost: a lock; two on a thread that has not allocated from the pool.
///
/// A leaf: two locks that are held for some instructions.
final int Function(int pool, int object, int inbox, int outToken) poolGive =
    _lib.lookupFunction<_IntPtrPtrU64Ptr, _Int4>('pool_give', isLeaf: true);

/// Takes what stands under a token: stores the object, which is the caller's from now on,
/// in *out_object, and its pool in *out_pool unless that is NULL. Once: however many
/// threads try, one gets it. The giver takes it back in the same way.
/// Returns POOL_OK; POOL_PENDING: the allocation is still queued, nothing was taken;
/// POOL_ERR_NOT_FOUND: it was taken, discarded, or closed with its inbox, or the number
/// never was a token; POOL_ERR_DESTROYED: its pool has ended, and the token with it;
/// POOL_ERR_NULL.
/// Cost: a lock.
///
/// A leaf: as pool_give.
final int Function(int token, int outObject, int outPool) poolTake =
    _lib.lookupFunction<_IntU64PtrPtr, _Int3>('pool_take', isLeaf: true);

/// Frees what stands under a token, or takes its allocation out of the queue, or, if an
/// object comes at this moment, passes that on. The token is void then.
/// Returns POOL_OK or POOL_ERR_NOT_FOUND.
///
/// Not a leaf: as long as the queue of those who wait.
final int Function(int token) poolDiscard =
    _lib.lookupFunction<_IntU64, _Int1>('pool_discard');

/// Like pool_alloc_async, for an inbox: stores an object in *out_object (POOL_OK), or
/// queues behind all who wait already, stores a token in *out_token and returns
/// POOL_PENDING: later the inbox's `post` is called with that token, and pool_take gives
/// the object, or POOL_ERR_DESTROYED if the pool ended. pool_discard gives up waiting.
/// `flags` as in pool_alloc_with.
/// Returns also POOL_ERR_NULL, POOL_ERR_INVALID, POOL_ERR_NO_MEMORY, POOL_ERR_DESTROYED,
/// and POOL_ERR_NOT_FOUND if the inbox is closed.
///
/// Not a leaf: called when a pool is exhausted: takes memory, and a place in a
/// queue.
final int Function(int, int, int, int, int) poolAllocInbox =
    _lib.lookupFunction<_IntPtrPtrU32U64Ptr, _Int5>('pool_alloc_inbox');

/// Makes the message at `object` what the `length` bytes say, as protobuf does: the
/// last single value counts, messages are merged, lists continued, packed or not;
/// unknown fields are passed over, or added to those that the message keeps, and so are
/// numbers that a closed enumeration does not have; of entries of a map with the same key
/// the last counts; required fields must be there, fixed ones have exactly their length.
/// `object` has the size and alignment of the table; what it held does not matter. If it
/// fails the message is empty, and *out_error (unless NULL) says where it went wrong.
/// `bytes` may be NULL if `length` is 0; they must not lie in `object`. (Without bytes, object or table nothing
/// is touched.)
/// Returns any status but NO_ROOM and NO_OBJECT.
/// Cost: as a copy of the texts and some nanoseconds a field.
///
/// A leaf: some nanoseconds a field: the caller's bytes bound it.
final int Function(int, int, int, int, int) poolWireDecode =
    _lib.lookupFunction<_IntPtrPtrSizePtrPtr, _Int5>('pool_wire_decode',
        isLeaf: true);

/// As pool_wire_decode, onto a message: as if the bytes stood behind those that it was
/// decoded from; required fields of the message itself may be missing in them. If it
/// fails, the message is empty, too.
///
/// A leaf: as pool_wire_decode.
final int Function(int, int, int, int, int) poolWireMerge =
    _lib.lookupFunction<_IntPtrPtrSizePtrPtr, _Int5>('pool_wire_merge',
        isLeaf: true);

/// Bytes of the message's encoding; 0 for a NULL or unknown table, or a NULL object.
///
/// A leaf: some nanoseconds a field: the message's bounds are its own.
final int Function(int table, int object) poolWireSize =
    _lib.lookupFunction<_SizePtrPtr, _Int2>('pool_wire_size', isLeaf: true);

/// Encodes the message into `out`, fields by rising number and behind them the unknown
/// ones that it keeps, and stores in *out_length how many bytes that are. Lengths and
/// counts above their bounds are taken as those. Returns POOL_WIRE_OK; POOL_WIRE_NO_ROOM, with the bytes that are needed in
/// *out_length; POOL_WIRE_BAD_UTF8; POOL_WIRE_MISSING, if a required message is absent;
/// POOL_WIRE_BAD_TABLE; POOL_WIRE_NULL. What is in `out` behind the encoding, and after a
/// failure, is unspecified. `out` may be NULL if `capacity` is 0.
///
/// A leaf: as pool_wire_size.
final int Function(int, int, int, int, int) poolWireEncode =
    _lib.lookupFunction<_IntPtrPtrPtrSizePtr, _Int5>('pool_wire_encode',
        isLeaf: true);

/// Writes the message as one line of JSON with its final NUL into `buffer` of `size`
/// bytes, cut if it is longer, and returns the text's length in bytes; 0 for a NULL or
/// unknown table, or a NULL object. `names` are those poolgen wrote with the tables.
/// `buffer` may be NULL if `size` is 0. For debugging.
///
/// A leaf: as pool_wire_size.
final int Function(int, int, int, int, int) poolWireJson =
    _lib.lookupFunction<_SizePtrPtrPtrPtrSize, _Int5>('pool_wire_json',
        isLeaf: true);

/// Whether `count` rows are a schema's tables, each consistent in itself and with
/// those it names. For tables that came by another way than a compiler.
/// Returns POOL_WIRE_OK, POOL_WIRE_BAD_TABLE or POOL_WIRE_NULL.
///
/// A leaf: some nanoseconds a row.
final int Function(int rows, int count) poolWireCheck =
    _lib.lookupFunction<_IntPtrSize, _Int2>('pool_wire_check', isLeaf: true);

/// One English sentence for a status, also for an unknown value; never NULL.
///
/// A leaf: looks a string up in a table.
final int Function(int status) poolWireStatusString = _lib
    .lookupFunction<_PtrInt, _Int1>('pool_wire_status_string', isLeaf: true);

/// `thread_count` threads each allocate, write, verify and free `ops_per_thread`
/// messages of one pool (mixed: of all four in turn). Returns the elapsed
/// milliseconds, or POOL_WORKLOAD_FAILED.
///
/// Not a leaf: blocks until its threads are done.
final int Function(int threadCount, int opsPerThread) concurrentTestSmallPool =
    _lib.lookupFunction<_U64U32U32, _Int2>('concurrent_test_small_pool');

/// `thread_count` threads each allocate, write, verify and free `ops_per_thread`
/// messages of one pool (mixed: of all four in turn). Returns the elapsed
/// milliseconds, or POOL_WORKLOAD_FAILED.
///
/// Not a leaf: blocks until its threads are done.
final int Function(int threadCount, int opsPerThread) concurrentTestMediumPool =
    _lib.lookupFunction<_U64U32U32, _Int2>('concurrent_test_medium_pool');

/// `thread_count` threads each allocate, write, verify and free `ops_per_thread`
/// messages of one pool (mixed: of all four in turn). Returns the elapsed
/// milliseconds, or POOL_WORKLOAD_FAILED.
///
/// Not a leaf: blocks until its threads are done.
final int Function(int threadCount, int opsPerThread) concurrentTestLargePool =
    _lib.lookupFunction<_U64U32U32, _Int2>('concurrent_test_large_pool');

/// `thread_count` threads each allocate, write, verify and free `ops_per_thread`
/// messages of one pool (mixed: of all four in turn). Returns the elapsed
/// milliseconds, or POOL_WORKLOAD_FAILED.
///
/// Not a leaf: blocks until its threads are done.
final int Function(int, int) concurrentTestMixedOperations =
    _lib.lookupFunction<_U64U32U32, _Int2>('concurrent_test_mixed_operations');

/// `thread_count` threads allocate, hold and free StressTestMessages in bursts
/// for `duration_ms` milliseconds. Returns the alloc/free pairs done, or
/// POOL_WORKLOAD_FAILED.
///
/// Not a leaf: blocks until its threads are done.
final int Function(int threadCount, int durationMs) stressTestRapidAllocFree =
    _lib.lookupFunction<_U64U32U32, _Int2>('stress_test_rapid_alloc_free');

/// Whether more than `pool_size` SmallMessages could be live at once, that is,
/// whether the pool grew past that size. Allocates pool_size + 1 and frees them.
///
/// Not a leaf: allocates and frees as many objects as it is told.
final bool Function(int poolSize) testPoolExhaustion =
    _lib.lookupFunction<_BoolU32, _Bool1>('test_pool_exhaustion');

/// `iterations` rounds of allocating and freeing in changing orders, after which
/// no two live messages shared a slot and pool_check is clean. False: damage.
///
/// Not a leaf: does as many rounds as it is told.
final bool Function(int iterations) testFreeListIntegrity =
    _lib.lookupFunction<_BoolU32, _Bool1>('test_free_list_integrity');

/// `thread_count` threads do 10 000 pairs each on one pool they share, or each on
/// a pool of its own. Returns microseconds, or POOL_WORKLOAD_FAILED.
///
/// Not a leaf: blocks until its threads are done.
final int Function(int threadCount, bool sharedPool) measureContention =
    _lib.lookupFunction<_U64U32Bool, _IntIntbool>('measure_contention');

/// The layout hash of the schema this library was built with; equals
/// CONCURRENT_LAYOUT_HASH of a matching generated header.
///
/// A leaf: returns a constant.
final int Function() concurrentLayoutHash = _lib
    .lookupFunction<_U64None, _Int0>('concurrent_layout_hash', isLeaf: true);

// Signatures, named by the types of their result and parameters.
typedef _Bool1 = bool Function(int);
typedef _BoolU32 = Bool Function(Uint32);
typedef _Int0 = int Function();
typedef _Int1 = int Function(int);
typedef _Int2 = int Function(int, int);
typedef _Int3 = int Function(int, int, int);
typedef _Int4 = int Function(int, int, int, int);
typedef _Int5 = int Function(int, int, int, int, int);
typedef _IntIntbool = int Function(int, bool);
typedef _IntPtr = Int Function(UintPtr);
typedef _IntPtrI64Ptr = Int Function(UintPtr, Int64, UintPtr);
typedef _IntPtrPtr = Int Function(UintPtr, UintPtr);
typedef _IntPtrPtrPtrSizePtr = Int Function(
    UintPtr, UintPtr, UintPtr, Size, UintPtr);
typedef _IntPtrPtrSizePtrPtr = Int Function(
    UintPtr, UintPtr, Size, UintPtr, UintPtr);
typedef _IntPtrPtrU32U64Ptr = Int Function(
    UintPtr, UintPtr, Uint32, Uint64, UintPtr);
typedef _IntPtrPtrU64Ptr = Int Function(UintPtr, UintPtr, Uint64, UintPtr);
typedef _IntPtrPtrU64U32 = Int Function(UintPtr, UintPtr, Uint64, Uint32);
typedef _IntPtrSize = Int Function(UintPtr, Size);
typedef _IntU64 = Int Function(Uint64);
typedef _IntU64PtrPtr = Int Function(Uint64, UintPtr, UintPtr);
typedef _PtrInt = UintPtr Function(Int);
typedef _PtrPtr = UintPtr Function(UintPtr);
typedef _SizePtr = Size Function(UintPtr);
typedef _SizePtrPtr = Size Function(UintPtr, UintPtr);
typedef _SizePtrPtrPtrPtrSize = Size Function(
    UintPtr, UintPtr, UintPtr, UintPtr, Size);
typedef _SizePtrPtrSize = Size Function(UintPtr, UintPtr, Size);
typedef _SizePtrSize = Size Function(UintPtr, Size);
typedef _U32None = Uint32 Function();
typedef _U64None = Uint64 Function();
typedef _U64U32Bool = Uint64 Function(Uint32, Bool);
typedef _U64U32U32 = Uint64 Function(Uint32, Uint32);
