/// Frames of a sensor, decoded by one isolate, processed by others and counted
/// by a third kind, with no garbage for any of them: a frame lives in a pool, and
/// what isolates send each other is its address, a number.
///
/// Runs for some seconds (`--seconds 5`) and shows each half second how many
/// frames went through and how full the pool is. When the workers cannot keep up
/// the pool runs out, and the producer waits: it can never hold more memory than
/// the pool.
library;

import 'dart:async';
import 'dart:ffi';
import 'dart:io';
import 'dart:isolate';
import 'dart:math';

import 'package:magpool/magpool.dart';

/// Samples of a frame.
const int frameSamples = 256;

/// Isolates that process frames.
const int workers = 3;

/// One frame in native memory: C could read it, too.
final class Frame extends Struct {
  @Uint64()
  external int sequence;

  /// What a worker found: the mean and the greatest sample.
  @Float()
  external double mean;
  @Float()
  external double peak;

  @Array(frameSamples)
  external Array<Float> samples;
}

/// Opened by name: every isolate gets the same pool.
Pool openFrames() =>
    Pool.open(name: 'frames', objectSize: sizeOf<Frame>(), capacity: 512);

/// The samples of the frame at [address], to be indexed without a Dart object.
Pointer<Float> samplesOf(int address) => Pointer<Float>.fromAddress(
    address + sizeOf<Frame>() - frameSamples * sizeOf<Float>());

/// Decodes frames until [seconds] are over, and deals them out to the workers.
Future<int> produce((List<SendPort>, int) start) async {
  final (ports, seconds) = start;
  final frames = openFrames();
  final random = Random(1);
  final watch = Stopwatch()..start();
  var sequence = 0;
  while (watch.elapsed.inSeconds < seconds) {
    final address = frames.allocAddress();
    if (address == 0) {
      // All frames are on their way: let the others work.
      await Future<void>.delayed(const Duration(milliseconds: 1));
      continue;
    }
    final frame = Pointer<Frame>.fromAddress(address);
    frame.ref.sequence = sequence;
    final samples = samplesOf(address);
    final offset = random.nextInt(100);
    for (var i = 0; i < frameSamples; i++) {
      samples[i] = (offset + i % 16).toDouble();
    }
    ports[sequence % ports.length].send(address);
    sequence++;
  }
  return sequence;
}

/// Processes each frame it is sent and passes it on; ends when it is sent null.
Future<void> work((SendPort, SendPort) start) async {
  final (ready, collector) = start;
  final port = ReceivePort();
  ready.send(port.sendPort);
  await for (final address in port) {
    if (address == null) break;
    final samples = samplesOf(address as int);
    var sum = 0.0, peak = samples[0];
    for (var i = 0; i < frameSamples; i++) {
      final sample = samples[i];
      sum += sample;
      if (sample > peak) peak = sample;
    }
    final frame = Pointer<Frame>.fromAddress(address);
    frame.ref.mean = sum / frameSamples;
    frame.ref.peak = peak;
    collector.send(address);
  }
  port.close();
  collector.send(null);
}

Future<void> main(List<String> arguments) async {
  final seconds =
      arguments.length == 2 ? int.parse(arguments[1]) : 5; // --seconds N
  final frames = openFrames();
  final collector = ReceivePort();
  final ready = ReceivePort();
  for (var i = 0; i < workers; i++) {
    await Isolate.spawn(work, (ready.sendPort, collector.sendPort));
  }
  final ports = await ready.take(workers).cast<SendPort>().toList();

  var received = 0, sum = 0.0, peak = 0.0, working = workers, before = 0;
  final clock = Timer.periodic(const Duration(milliseconds: 500), (_) {
    final stats = frames.stats;
    final rate = (received - before) * 2;
    before = received;
    print('${'$rate'.padLeft(8)} frames/s   '
        '${_bar(stats.inUse, stats.capacity)} '
        '${stats.inUse} of ${stats.capacity} in use');
  });
  final produced = Isolate.run(() => produce((ports, seconds))).then((count) {
    // Behind all frames.
    for (final port in ports) {
      port.send(null);
    }
    return count;
  });
  await for (final address in collector) {
    if (address == null) {
      if (--working == 0) break;
      continue;
    }
    final frame = Pointer<Frame>.fromAddress(address as int);
    sum += frame.ref.mean;
    peak = max(peak, frame.ref.peak);
    received++;
    frames.freeAddress(address);
  }
  clock.cancel();
  stdout.writeln('$received of ${await produced} frames, mean '
      '${(sum / received).toStringAsFixed(1)}, peak $peak; '
      '${frames.stats.inUse} left in use');
  frames.destroy();
}

String _bar(int part, int whole) {
  final filled = part * 20 ~/ whole;
  return '[${'#' * filled}${' ' * (20 - filled)}]';
}
