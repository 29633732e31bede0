/// The pool itself, as every isolate uses it.
library;

import 'dart:ffi';

import 'batch.dart';
import 'bindings.g.dart';
import 'check_status.dart';
import 'errors.dart';
import 'make.dart';
import 'native_memory.dart';
import 'stats.dart';

/// A native pool of objects of one size.
///
/// Holds nothing but numbers, the pool's address: it can be sent to other isolates
/// and captured by `Isolate.run`, and is as good there as here. Every method
/// may be called by any isolate at any time, and an object may be freed by
/// another isolate than the one that allocated it.
///
/// A pool belongs to the process, not to an isolate: it lives until [destroy],
/// also after the isolate that made it ended.
///
/// Objects are addresses; `Pointer<T>.fromAddress` makes pointers of them. An
/// object belongs to the caller from allocation to free; its contents are
/// unspecified at first, and must not be touched after it was freed.
///
/// As an [Allocator] it serves whatever takes one, such as `using` and
/// `toNativeUtf8` of `package:ffi`, as long as nothing is larger than an object.
///
/// Methods of a destroyed pool throw a [StateError], until the library reuses
/// its address for a new pool.
final class Pool implements Allocator {
  /// The pool at [address], which must be the [Pool.address] of one.
  ///
  /// Throws an [ArgumentError] for 0. Costs nothing.
  Pool.fromAddress(this.address) {
    if (address == 0) throw ArgumentError.value(address, 'address', 'is null');
  }

  /// Makes a pool of objects of [objectSize] bytes (1 to 1 GiB).
  ///
  /// [name] is unique in the process and has at most [poolNameMax] bytes.
  /// [objectAlign] is a power of two up to 4096, or 0 for 16 (8 for objects of
  /// up to 8 bytes). The pool has [capacity] objects (1 to 2147483648) and
  /// grows up to [limit]; with a [limit] of 0 it does not grow.
  /// [magazineRounds], up to 1024, is the number of objects a thread keeps in
  /// each of its two magazines; 0 lets the library choose. [flags] is 0 or a sum
  /// of [poolAbortOnMisuse] and [poolHugePages]. Only [allocCriticalAddress] may take the last
  /// [reserve] objects, fewer than [limit].
  ///
  /// Throws an [ArgumentError] for a value out of its range and a
  /// [PoolException] with status [PoolStatus.exists] if the name is taken, or
  /// [PoolStatus.noMemory]. Costs a few system calls.
  static Pool create({
    String? name,
    required int objectSize,
    int objectAlign = 0,
    required int capacity,
    int limit = 0,
    int magazineRounds = 0,
    int flags = 0,
    int reserve = 0,
  }) =>
      createPool(name, (
        objectSize: objectSize,
        objectAlign: objectAlign,
        capacity: capacity,
        limit: limit,
        magazineRounds: magazineRounds,
        flags: flags,
        reserve: reserve,
      ));

  /// The pool named [name], made as [create] does if there is none yet. This is
  /// how parts of a program, in whatever language, share a pool.
  ///
  /// A pool outlives isolates, a hot restart and a hot reload, so the program
  /// that opens it again goes on with the same one.
  ///
  /// Throws a [PoolLayoutException] if the existing pool has another object
  /// size, a smaller alignment, another limit or (unless [reserve] is 0) another
  /// reserve; else what [create] throws.
  static Pool open({
    required String name,
    required int objectSize,
    int objectAlign = 0,
    required int capacity,
    int limit = 0,
    int magazineRounds = 0,
    int flags = 0,
    int reserve = 0,
  }) =>
      openPool(name, (
        objectSize: objectSize,
        objectAlign: objectAlign,
        capacity: capacity,
        limit: limit,
        magazineRounds: magazineRounds,
        flags: flags,
        reserve: reserve,
      ));

  /// The pool of a message that `poolgen` made this program's code for: [name]
  /// and the numbers are the schema's.
  ///
  /// Throws a [PoolLayoutException] that says what to do if the pool exists with
  /// another layout, or if a native library of this process was generated from
  /// another version of [schema]: if it exports a function
  /// `uint64_t <schema>_layout_hash(void)` that does not return [layoutHash].
  static Pool openTyped({
    required String name,
    required int objectSize,
    required int objectAlign,
    required int capacity,
    int limit = 0,
    int magazineRounds = 0,
    int flags = 0,
    int reserve = 0,
    required String schema,
    required int layoutHash,
  }) =>
      openTypedPool(
          name,
          (
            objectSize: objectSize,
            objectAlign: objectAlign,
            capacity: capacity,
            limit: limit,
            magazineRounds: magazineRounds,
            flags: flags,
            reserve: reserve,
          ),
          schema,
          layoutHash);

  /// The pool named [name], or null. Gives no ownership: the pool may be
  /// destroyed by whoever made it.
  static Pool? find(String name) => withCString(name, (cName) {
        return withBytes(sizeOf<UintPtr>(), (out) {
          final status = poolFind(cName, out);
          if (status == PoolStatus.notFound) return null;
          checkStatus(status);
          return Pool.fromAddress(Pointer<UintPtr>.fromAddress(out).value);
        });
      });

  /// The pool whose memory [object] lies in, whether it is live or not; null if
  /// it is in no pool's. Costs a lock and a search over the pools.
  static Pool? of(int object) {
    final address = poolOf(object);
    return address == 0 ? null : Pool.fromAddress(address);
  }

  /// The pools of this process, in no particular order.
  static List<Pool> get all {
    // A pool made between the two calls is left out, as if it had come later.
    final count = poolList(0, 0);
    return withBytes(count * sizeOf<UintPtr>() + 1, (out) {
      final total = poolList(out, count);
      final handles = Pointer<UintPtr>.fromAddress(out);
      return List.generate(
          total < count ? total : count, (i) => Pool.fromAddress(handles[i]));
    });
  }

  /// The native function that frees an object of whatever pool, given only its
  /// address: for a [NativeFinalizer] whose token is the object, and for
  /// `asTypedList(finalizer:)`. It may run on any thread.
  static Pointer<NativeFinalizerFunction> get nativeFree => poolRelease;

  /// The native handle of the pool, `pool_t *` in C.
  final int address;

  /// The object's size once [allocate] had to ask for it: asking takes longer
  /// than allocating.
  int _largest = -1;

  /// The address of a new object, aligned as configured; 0 when the pool is
  /// exhausted or the system refuses memory.
  ///
  /// Fails only if every object of the pool was live at some instant of the
  /// call: objects that other threads keep idle are taken back first. Throws a
  /// [StateError] if the pool is destroyed. Costs about 10 ns.
  @pragma('vm:prefer-inline')
  int allocAddress() {
    final object = poolAlloc(address);
    if (object == 0) _checkAlive();
    return object;
  }

  /// The address of a new object, as [allocAddress], but throws instead of
  /// returning 0: a [PoolExhaustedException], or a [PoolException] with status
  /// [PoolStatus.noMemory].
  @pragma('vm:prefer-inline')
  int requireAddress() {
    final object = poolAlloc(address);
    return object != 0 ? object : _requireAddressSlow();
  }

  /// Tries once more, with the function that says why it fails.
  int _requireAddressSlow() => withBytes(sizeOf<UintPtr>(), (out) {
        checkStatus(poolTryAlloc(address, out));
        return Pointer<UintPtr>.fromAddress(out).value;
      });

  /// The address of a new object, from the pool's reserve when nothing else is
  /// left; 0 when that is used up too, or the system refuses memory.
  ///
  /// Throws a [StateError] if the pool is destroyed. Costs about twice as much as
  /// [allocAddress].
  int allocCriticalAddress() => withBytes(sizeOf<UintPtr>(), (out) {
        final status = poolAllocWith(address, out, 0, poolCritical);
        if (status == PoolStatus.ok) {
          return Pointer<UintPtr>.fromAddress(out).value;
        }
        if (status == PoolStatus.destroyed) throwStatus(status);
        return 0;
      });

  /// Takes back the object at [object], whichever isolate allocated it.
  ///
  /// Throws an [ArgumentError] if it is null, no object of any pool, inside an
  /// object, or an object of another pool; a [StateError] if it is free already
  /// or the pool is destroyed. The pool is unchanged then, but counts it. Costs
  /// about as much as [allocAddress].
  @pragma('vm:prefer-inline')
  void freeAddress(int object) {
    final status = poolFree(address, object);
    if (status != PoolStatus.ok) throwStatus(status, object: object);
  }

  /// An object as a pointer: what [Allocator] asks for. `pool<Job>()` is short
  /// for one of the size of a `Job`.
  ///
  /// Throws an [ArgumentError] if [byteCount] is more than an object has or
  /// [alignment] more than it is aligned to, else what [requireAddress] throws.
  @override
  @pragma('vm:prefer-inline')
  Pointer<T> allocate<T extends NativeType>(int byteCount, {int? alignment}) {
    if (byteCount > _largest || byteCount < 0) _checkSize(byteCount);
    if (alignment != null) _checkAlignment(alignment);
    return Pointer<T>.fromAddress(requireAddress());
  }

  /// Takes back the object at [pointer]; throws what [freeAddress] does.
  @override
  @pragma('vm:prefer-inline')
  void free(Pointer<NativeType> pointer) => freeAddress(pointer.address);

  void _checkSize(int byteCount) {
    _largest = objectSize;
    if (byteCount >= 0 && byteCount <= _largest) return;
    throw ArgumentError.value(
        byteCount, 'byteCount', 'an object of this pool has $_largest bytes');
  }

  void _checkAlignment(int alignment) {
    // Both are powers of two.
    if (alignment > 0 && objectAlign % alignment == 0) return;
    throw ArgumentError.value(alignment, 'alignment',
        'an object of this pool is aligned to $objectAlign bytes');
  }

  /// Up to [count] objects at once: fewer only if the pool was exhausted at some
  /// instant of the call, or the system refuses memory.
  ///
  /// Costs less than [allocAddress] from about 8 objects on. Throws a
  /// [RangeError] for a negative [count] and a [StateError] if the pool is
  /// destroyed.
  PoolBatch allocBatch(int count) => allocateBatch(this, count);

  /// As [allocBatch], but throws a [PoolExhaustedException] and allocates nothing
  /// if there are fewer than [count].
  PoolBatch requireBatch(int count) => allocateWholeBatch(this, count);

  /// Allocates up to [count] objects into the native array [out] and returns how
  /// many: [allocBatch] for those who have an array.
  ///
  /// Keep [count] in the thousands: no isolate can collect garbage meanwhile.
  /// Throws a [RangeError] for a negative [count], an [ArgumentError] for a null
  /// [out] and a [StateError] if the pool is destroyed.
  int allocInto(Pointer<UintPtr> out, int count) {
    _checkBatch(out, count);
    final done = poolAllocBatch(address, out.address, count);
    if (done == 0) _checkAlive();
    return done;
  }

  /// Frees the [count] objects in the native array [objects] and returns how many
  /// it took. Those that [freeAddress] would refuse are counted as misuse and
  /// skipped.
  ///
  /// Bounds and errors as with [allocInto].
  int freeFrom(Pointer<UintPtr> objects, int count) {
    _checkBatch(objects, count);
    final done = poolFreeBatch(address, objects.address, count);
    if (done == 0) _checkAlive();
    return done;
  }

  static void _checkBatch(Pointer<UintPtr> objects, int count) {
    RangeError.checkNotNegative(count, 'count');
    if (count > 0 && objects.address == 0) {
      throw ArgumentError.value(objects, 'objects', 'is null');
    }
  }

  /// The pool's figures at this instant. Costs some microseconds, here and at
  /// every other thread's next call on the pool.
  PoolStats get stats => readStats(address);

  /// Proves that every slot is in exactly one place and no free object was
  /// written to, while other threads go on using the pool.
  ///
  /// Damage is in the report, not thrown: see [PoolReport.isClean]. Throws a
  /// [PoolException] with status [PoolStatus.noMemory] if it cannot be done.
  /// Costs about 2 ns a slot; other threads wait meanwhile.
  PoolReport check() => readReport(address);

  /// Gives the slots of this pool that the current thread caches back to the
  /// depot. Never needed for correctness. An isolate changes threads at almost
  /// every `await`, so it may have left slots on others.
  void flushThread() => checkStatus(poolFlushThread(address));

  /// Gives the memory of wholly free pages back to the system. The capacity is
  /// unchanged. Costs time proportional to the slots ever used.
  void trim() => checkStatus(poolTrim(address));

  /// Ends the pool and gives its memory back.
  ///
  /// Throws a [PoolException] with status [PoolStatus.busy] if objects are
  /// live; the pool is unchanged then.
  void destroy() => checkStatus(poolDestroy(address));

  /// Ends the pool whatever is live, and returns how many objects were. Their
  /// memory is gone at once; using them is undefined.
  int destroyForced() => withBytes(sizeOf<Size>(), (out) {
        checkStatus(poolDestroyForced(address, out));
        return Pointer<Size>.fromAddress(out).value;
      });

  /// Whether the pool was destroyed. Another isolate may destroy it next.
  bool get isDestroyed => poolObjectSize(address) == 0;

  /// Bytes of an object.
  int get objectSize {
    final size = poolObjectSize(address);
    if (size == 0) throwStatus(PoolStatus.destroyed);
    return size;
  }

  /// Alignment of an object in bytes.
  int get objectAlign {
    final align = poolObjectAlign(address);
    if (align == 0) throwStatus(PoolStatus.destroyed);
    return align;
  }

  /// The pool's name, or null if it has none.
  String? get name {
    _checkAlive();
    return withBytes(poolNameMax + 1, (buffer) {
      final length = poolGetName(address, buffer, poolNameMax + 1);
      return length == 0 ? null : cStringAt(buffer);
    });
  }

  void _checkAlive() {
    if (isDestroyed) throwStatus(PoolStatus.destroyed);
  }

  @override
  bool operator ==(Object other) => other is Pool && other.address == address;

  @override
  int get hashCode => address.hashCode;

  @override
  String toString() => 'Pool(0x${address.toRadixString(16)})';
}
