/// The Dart part of the demonstration, and the process in which Dart isolates, C
/// threads and Rust threads use the same four pools at once.
///
/// Prints `key value` lines for the program that started it.
library;

import 'dart:ffi';
import 'dart:io';
import 'dart:isolate';

import 'package:magpool/concurrent.dart';
import 'package:magpool/magpool.dart';
import 'package:magpool/workloads.dart';

const together = Duration(seconds: 3);
const share = Duration(milliseconds: 50);
const rounds = 7;
const isolates = 3;
const threads = 3;
const mixedPairs = 3;
const burst = 64;

/// The C part; each isolate opens it once.
final DynamicLibrary cPart =
    DynamicLibrary.open(Platform.environment['MAGPOOL_DEMO_C']!);

final int Function(int, int, int, Pointer<Uint64>) cPairs = cPart
    .lookupFunction<Uint64 Function(Uint32, Uint32, Uint32, Pointer<Uint64>),
        int Function(int, int, int, Pointer<Uint64>)>('demo_pairs');

typedef _NativePass = Uint32 Function(Pointer<UintPtr>, Uint32, Uint32);
typedef _Pass = int Function(Pointer<UintPtr>, int, int);
final _Pass cGive = cPart.lookupFunction<_NativePass, _Pass>('demo_give');
final _Pass cTake = cPart.lookupFunction<_NativePass, _Pass>('demo_take');

/// Like [cTake], by a Rust thread; frees with the function given.
final int Function(Pointer<UintPtr>, int, int, Pointer<NativeFinalizerFunction>)
    rustTake =
    DynamicLibrary.open(Platform.environment['MAGPOOL_DEMO_RUST']!)
        .lookupFunction<
            Uint32 Function(Pointer<UintPtr>, Uint32, Uint32,
                Pointer<NativeFinalizerFunction>),
            int Function(Pointer<UintPtr>, int, int,
                Pointer<NativeFinalizerFunction>)>('demo_rust_take');

final bool Function(int, Pointer<Uint64>) cReport = cPart.lookupFunction<
    Bool Function(Uint32, Pointer<Uint64>),
    bool Function(int, Pointer<Uint64>)>('demo_report');

final int Function(int) cMalloc = DynamicLibrary.process()
    .lookupFunction<UintPtr Function(Size), int Function(int)>('malloc',
        isLeaf: true);
final void Function(int) cFree = DynamicLibrary.process()
    .lookupFunction<Void Function(UintPtr), void Function(int)>('free',
        isLeaf: true);

void say(String key, Object value) => print('$key $value');

Never fail(String why) => throw StateError(why);

/// Runs [body] with native memory for that many numbers.
T withNumbers<T>(int count, T Function(Pointer<Uint64> numbers) body) {
  final memory = cMalloc(count * sizeOf<Uint64>());
  try {
    return body(Pointer<Uint64>.fromAddress(memory));
  } finally {
    cFree(memory);
  }
}

/// The four pools, as an isolate opens them.
final small = SmallMessagePool.open();
final medium = MediumMessagePool.open();
final large = LargeMessagePool.open();
final stress = StressTestMessagePool.open();
final pools = [small.pool, medium.pool, large.pool, stress.pool];

void check(bool good) => good ? null : fail('a message was damaged');

void smallPair(int number) {
  final message = small.allocPointer()
    ..id = number
    ..name = 'Dart';
  check(message.id == number && message.nameLength == 4);
  small.freePointer(message);
}

void mediumPair(int number) {
  final message = medium.allocPointer()
    ..id = number
    ..title = 'Dart $number';
  check(message.id == number && message.title == 'Dart $number');
  medium.freePointer(message);
}

void largePair(int number) {
  final message = large.allocPointer()
    ..id = number
    ..addTimestamps(number);
  message.addChildren().id = number;
  check(message.id == number &&
      message.timestampsAt(0) == number &&
      message.childrenAt(0).id == number);
  large.freePointer(message);
}

void stressPair(int number) {
  final message = stress.allocPointer()
    ..threadId = number
    ..sequence = ~number;
  check(message.threadId == number && message.sequence == ~number);
  stress.freePointer(message);
}

void mixedPair(int number) => switch (number & 3) {
      0 => smallPair(number),
      1 => mediumPair(number),
      2 => largePair(number),
      _ => stressPair(number),
    };

void poolPair(Pool pool) => pool.freeAddress(pool.requireAddress());

void mallocPair() => cFree(cMalloc(smallMessageSize));

/// Does bursts for some time: pairs done, and picoseconds for each.
(int, int) timed(Duration time, void Function(int first) doBurst) {
  doBurst(0);
  final watch = Stopwatch()..start();
  var pairs = 0;
  while (watch.elapsed < time) {
    doBurst(pairs & 0xffffff);
    pairs += burst;
  }
  return (pairs, watch.elapsedMicroseconds * 1000000 ~/ pairs);
}

/// Pairs of one kind, by the number the C part knows it by.
(int, int) dartPairs(int what, Duration time) {
  final pool = small.pool;
  return switch (what) {
    0 => timed(time, (_) {
        for (var i = 0; i < burst; i++) {
          poolPair(pool);
        }
      }),
    1 => timed(time, (_) {
        for (var i = 0; i < burst; i++) {
          mallocPair();
        }
      }),
    2 => timed(time, (first) {
        for (var i = 0; i < burst; i++) {
          smallPair(first + i);
        }
      }),
    _ => timed(time, (first) {
        for (var i = 0; i < burst; i++) {
          mixedPair(first + i);
        }
      }),
  };
}

/// Pairs of one kind in several isolates at once: all pairs, and picoseconds for
/// each on average.
Future<(int, int)> inIsolates(int count, int what, Duration time) async {
  final runs = await Future.wait([
    for (var i = 0; i < count; i++) Isolate.run(() => dartPairs(what, time))
  ]);
  final pairs = runs.fold(0, (sum, run) => sum + run.$1);
  final mean = runs.fold(0, (sum, run) => sum + run.$2) ~/ count;
  return (pairs, mean);
}

/// The median of rounds in which all take turns; the first ones warm up.
Future<void> latency(int cores) async {
  final found = <String, List<int>>{};
  for (var round = 0; round < rounds; round++) {
    for (final what in [0, 1, 2]) {
      for (final (load, count) in [('1', 1), ('n', cores)]) {
        final run = await inIsolates(count, what, share);
        found.putIfAbsent('latency.dart.$what.$load', () => []).add(run.$2);
      }
    }
  }
  found.forEach((name, runs) => say(name, (runs..sort())[rounds ~/ 2]));
}

/// Pairs that C threads do.
int cShare(int milliseconds) => withNumbers(1, (picoseconds) {
      final pairs = cPairs(mixedPairs, threads, milliseconds, picoseconds);
      return pairs == -1 ? fail('the C threads failed') : pairs;
    });

/// Pairs that Rust threads do.
int rustShare(int milliseconds) {
  const operations = 4000;
  final watch = Stopwatch()..start();
  var pairs = 0;
  while (watch.elapsedMilliseconds < milliseconds) {
    if (concurrentTestMixedOperations(threads, operations) == workloadFailed) {
      fail('the Rust threads failed');
    }
    pairs += threads * operations;
  }
  return pairs;
}

/// All three languages at once, while this isolate proves again and again that
/// the pools are sound.
Future<void> allAtOnce() async {
  final ms = together.inMilliseconds;
  final watch = Stopwatch()..start();
  var running = true;
  final work = Future.wait([
    Isolate.run(() => cShare(ms)),
    Isolate.run(() => rustShare(ms)),
    inIsolates(isolates, mixedPairs, together).then((run) => run.$1),
  ]).whenComplete(() => running = false);
  var checks = 0;
  while (running) {
    for (final pool in pools) {
      final report = pool.check();
      if (!report.isClean) fail('damaged while in use: $report');
      checks++;
    }
    await Future<void>.delayed(const Duration(milliseconds: 50));
  }
  final pairs = await work;
  say('together.ms', watch.elapsedMilliseconds);
  say('together.checks', checks);
  say('together.c', pairs[0]);
  say('together.rust', pairs[1]);
  say('together.dart', pairs[2]);
}

/// Verifies what C wrote, and writes for C and Rust to verify.
bool answer(Pointer<LargeMessage> message, int number) {
  final good = message.id == number &&
      message.title == 'from C' &&
      message.childrenAt(0).id == (~number & 0xffffffff) &&
      message.keywordsAt(0) == 'checked by Dart' &&
      message.timestampsCount == 1;
  message
    ..title = 'from Dart'
    ..addChildren().id = number + 1;
  return good;
}

/// Messages allocated and written by C and verified and changed here: how many of
/// them a C thread, and a Rust thread, verified and freed.
(int, int) passOn(int count) => withNumbers(count, (numbers) {
      final messages = numbers.cast<UintPtr>();
      if (cGive(messages, count, 1) != count) fail('C could not allocate');
      for (var i = 0; i < count; i++) {
        final message = Pointer<LargeMessage>.fromAddress(messages[i]);
        if (!answer(message, i + 1)) fail('Dart found C\'s message damaged');
      }
      final half = count ~/ 2;
      final rest = Pointer<UintPtr>.fromAddress(
          messages.address + half * sizeOf<UintPtr>());
      final byRust =
          rustTake(rest, count - half, half + 1, Pool.nativeFree);
      return (cTake(messages, half, 1), byRust);
    });

/// Twice as many messages as the pool begins with change hands while Rust threads
/// use the pool, so that it grows meanwhile.
Future<void> handOver() async {
  const count = 20000;
  final rust = Isolate.run(() => concurrentTestLargePool(threads, 20000));
  final (byC, byRust) = await Isolate.run(() => passOn(count));
  if (byC + byRust != count) fail('Dart\'s messages were damaged');
  if (await rust == workloadFailed) fail('the Rust threads failed');
  say('handover', '$byC,$byRust');
}

void integrity() => withNumbers(8, (figures) {
      for (var i = 0; i < pools.length; i++) {
        if (!cReport(i, figures)) fail('no report of ${pools[i].name}');
        say('pool.$i', figures.asTypedList(8).join(','));
      }
    });

Future<void> main(List<String> arguments) async {
  if (concurrentLayoutHash != libraryLayoutHash()) {
    fail('the library has other layouts: generate and build again');
  }
  say('stage', 'latency of Dart');
  await latency(int.parse(arguments.single));
  say('stage', 'C, Rust and Dart at once');
  await allAtOnce();
  say('stage', 'handing messages from C to Dart to C and Rust');
  await handOver();
  integrity();
}
