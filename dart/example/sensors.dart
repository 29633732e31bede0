/// Sensor frames through three stages of isolates that share one pool: a
/// producer decodes frames into messages, workers summarise the samples, and
/// the main isolate collects. Messages stay where they are in native memory;
/// only their addresses travel, many at a time. No stage makes a Dart object for
/// a message, so there is no garbage but a few objects for each 64 of them.
///
///     dart example/sensors.dart [--seconds N | --frames N] [--workers N]
library;

import 'dart:async';
import 'dart:io';
import 'dart:isolate';
import 'dart:math';
import 'dart:typed_data';

import 'package:magpool/magpool.dart'
    show NativeFloatList, PoolLibraryException;

import 'sensors.g.dart';

/// Messages that travel together.
const batchLength = 64;

/// Sensors there are.
const sensorCount = 8;

/// The pool of all isolates: each finds it by its name.
final ReadingPool readings = ReadingPool.open();

// ---- what is asked for

const usage = 'usage: dart example/sensors.dart [--seconds N | --frames N] '
    '[--workers N]\n'
    '  --seconds N  end after N seconds, 1 to 3600 (default: 3)\n'
    '  --frames N   end after N frames, 1 to 1000000000\n'
    '  --workers N  use N workers, 1 to 16 (default: 3)';

typedef Options = ({int seconds, int frames, int workers});

/// What [arguments] ask for; a [FormatException] says what is wrong with them.
Options parse(List<String> arguments) {
  const greatest = {'seconds': 3600, 'frames': 1000000000, 'workers': 16};
  final found = <String, int>{};
  for (var i = 0; i < arguments.length; i += 2) {
    final flag = arguments[i];
    final name = flag.startsWith('--') ? flag.substring(2) : flag;
    final bound = greatest[name];
    if (bound == null || !flag.startsWith('--')) {
      throw FormatException('$flag is not known');
    }
    if (found.containsKey(name)) throw FormatException('$flag is given twice');
    if (i + 1 == arguments.length)
      throw FormatException('$flag needs a number');
    final value = int.tryParse(arguments[i + 1]) ?? 0;
    if (value < 1 || value > bound) {
      throw FormatException(
          '$flag takes 1 to $bound, not "${arguments[i + 1]}"');
    }
    found[name] = value;
  }
  if (found.containsKey('seconds') && found.containsKey('frames')) {
    throw const FormatException('--seconds and --frames exclude each other');
  }
  final frames = found['frames'];
  return (
    seconds: found['seconds'] ?? (frames == null ? 3 : 0),
    frames: frames ?? -1,
    workers: found['workers'] ?? 3,
  );
}

// ---- the device

/// Stands for a device: writes frames into a buffer that it uses again and
/// again. A frame is a sensor, a quantity, a count (a byte each), and as many
/// samples, in hundredths, of 2 bytes.
final class Device {
  final Uint8List buffer = Uint8List(3 + 2 * 16);
  late final ByteData _data = ByteData.sublistView(buffer);
  int _noise = 1;
  int _frames = 0;

  /// A number from 0 to [bound] - 1. `Random` would leave garbage behind.
  int _next(int bound) {
    _noise = (_noise * 1103515245 + 12345) & 0x7fffffff;
    return (_noise >> 8) % bound;
  }

  void nextFrame() {
    final sensor = _frames++ % sensorCount;
    buffer[0] = sensor;
    buffer[1] = sensor % Quantity.values.length;
    buffer[2] = 4 + _next(13);
    for (var i = 0; i < buffer[2]; i++) {
      _data.setInt16(3 + 2 * i, 2000 + 10 * sensor + _next(500));
    }
  }
}

// ---- the producer

/// Decodes a frame into a message, whose samples are given too: what is obtained
/// from a batch's cursor moves with it, so that one list does for all.
void decode(ByteData frame, ReadingView message, NativeFloatList samples,
    int sequence) {
  message
    ..sensor = frame.getUint8(0)
    ..quantityNumber = frame.getUint8(1)
    ..sequence = sequence;
  final count = frame.getUint8(2);
  for (var i = 0; i < count; i++) {
    samples.add(frame.getInt16(3 + 2 * i) / 100);
  }
}

/// Deals messages out to the workers until all frames are decoded or somebody
/// says stop; then tells them that there are no more.
Future<void> produce((SendPort, List<SendPort>, int) start) async {
  final (collector, workers, frames) = start;
  final control = ReceivePort();
  var stopped = false;
  control.listen((_) => stopped = true);
  collector.send(control.sendPort);

  final device = Device();
  final frame = ByteData.sublistView(device.buffer);
  var sent = 0;
  for (var turn = 0; !stopped && sent != frames; turn++) {
    final wanted = frames < 0 ? batchLength : min(batchLength, frames - sent);
    final batch = readings.allocBatch(wanted);
    final count = batch.length;
    final samples = batch.cursor.samples;
    for (var i = 0; i < count; i++) {
      device.nextFrame();
      decode(frame, batch[i], samples, sent + i);
    }
    sent += count;
    workers[turn % workers.length].send(batch.release());
    // Fewer than wanted: the others have all the rest, and get time to work.
    await Future<void>.delayed(
        count < wanted ? const Duration(milliseconds: 1) : Duration.zero);
  }
  for (final worker in workers) {
    worker.send(null);
  }
  control.close();
}

// ---- the workers

/// Writes into a message what there is to say about its samples.
void summarise(ReadingView message, NativeFloatList samples) {
  var (least, greatest, sum) = (double.infinity, double.negativeInfinity, 0.0);
  final count = samples.length;
  for (var i = 0; i < count; i++) {
    final sample = samples[i];
    if (sample < least) least = sample;
    if (sample > greatest) greatest = sample;
    sum += sample;
  }
  message
    ..least = least
    ..greatest = greatest
    ..mean = sum / count;
}

/// Summarises messages and hands them to the collector, until there are no more.
Future<void> work(SendPort collector) async {
  final inbox = ReceivePort();
  collector.send(inbox.sendPort);
  await for (final addresses in inbox) {
    if (addresses == null) break;
    final batch = readings.adoptBatch(addresses as Uint64List);
    final samples = batch.cursor.samples;
    for (var i = 0; i < batch.length; i++) {
      summarise(batch[i], samples);
    }
    collector.send(batch.release());
  }
  inbox.close();
  collector.send(null);
}

// ---- the collector

/// What is known of all sensors.
final class Collector {
  final Uint32List counts = Uint32List(sensorCount);
  final Float64List means = Float64List(sensorCount);
  int received = 0;
  int sequences = 0;

  /// Takes messages in, and gives them back to the pool.
  void take(Uint64List addresses) {
    final batch = readings.adoptBatch(addresses);
    for (var i = 0; i < batch.length; i++) {
      final message = batch[i];
      final sensor = message.sensor;
      counts[sensor]++;
      means[sensor] += (message.mean - means[sensor]) / counts[sensor];
      sequences += message.sequence;
    }
    received += batch.length;
    batch.close();
  }

  /// Whether every frame came in exactly once.
  bool get isComplete => sequences == received * (received - 1) ~/ 2;

  /// One line about the pool and the speed since [before] frames were received.
  String live(int before, Duration time) {
    final stats = readings.pool.stats;
    final full = (20 * stats.inUse / stats.limit).round();
    final rate = (received - before) * 1000000 ~/ (time.inMicroseconds + 1);
    return '${received.toString().padLeft(9)} frames '
        '${rate.toString().padLeft(9)}/s   pool [${'#' * full}'
        '${'.' * (20 - full)}] ${stats.inUse.toString().padLeft(4)} of '
        '${stats.limit} live';
  }
}

/// Starts all isolates and collects; the exit status.
Future<int> run(Options options) async {
  readings; // Here, to fail before there are other isolates.
  final inbox = ReceivePort();
  final messages = StreamIterator<Object?>(inbox);
  Future<T> next<T>() async {
    await messages.moveNext();
    final message = messages.current;
    // Errors of isolates come as a list of two texts.
    return message is T ? message : throw StateError('an isolate: $message');
  }

  final workers = <SendPort>[];
  for (var i = 0; i < options.workers; i++) {
    await Isolate.spawn(work, inbox.sendPort, onError: inbox.sendPort);
    workers.add(await next<SendPort>());
  }
  await Isolate.spawn(produce, (inbox.sendPort, workers, options.frames),
      onError: inbox.sendPort);
  final control = await next<SendPort>();
  final stop = options.seconds == 0
      ? null
      : Timer(Duration(seconds: options.seconds), () => control.send(null));

  final collector = Collector();
  final watch = Stopwatch()..start();
  var (before, shown) = (0, Duration.zero);
  final display = Timer.periodic(const Duration(milliseconds: 500), (_) {
    print(collector.live(before, watch.elapsed - shown));
    (before, shown) = (collector.received, watch.elapsed);
  });
  try {
    for (var working = workers.length; working > 0;) {
      final addresses = await next<Uint64List?>();
      addresses == null ? working-- : collector.take(addresses);
    }
  } finally {
    stop?.cancel();
    display.cancel();
    inbox.close();
  }
  return report(collector, watch.elapsed);
}

/// Prints what came of it; the exit status.
int report(Collector collector, Duration time) {
  for (var sensor = 0; sensor < sensorCount; sensor++) {
    final quantity = Quantity.values[sensor % Quantity.values.length].name;
    print('sensor $sensor, $quantity: ${collector.counts[sensor]} frames, '
        'mean ${collector.means[sensor].toStringAsFixed(2)}');
  }
  print('all: ${collector.live(0, time)}');
  final report = readings.pool.check();
  if (collector.isComplete && report.isClean && report.live == 0) return 0;
  stderr.writeln('frames were lost or the pool is damaged: $report');
  return 1;
}

Future<void> main(List<String> arguments) async {
  try {
    exitCode = await run(parse(arguments));
  } on FormatException catch (error) {
    stderr.writeln('sensors: ${error.message}\n$usage');
    exitCode = 64;
  } on PoolLibraryException catch (error) {
    stderr.writeln('sensors: ${error.message}');
    exitCode = 69;
  }
}
