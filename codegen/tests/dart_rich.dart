// What the generated Dart library does with fields that may be absent, oneofs, maps, defaults and
// fixed lengths; run by dart_rich.rs, beside the libraries. The same behaviours as in rich.rs.
import 'dart:ffi';
import 'dart:typed_data';

import 'package:magpool/generated.dart';
import 'package:magpool/magpool.dart' show PoolWireException;
import 'keep.g.dart';
import 'old.g.dart';
import 'rich.g.dart';
import 'main.g.dart';
import 'shared_person.g.dart';

final malloc = DynamicLibrary.process()
    .lookupFunction<UintPtr Function(Size), int Function(int)>('malloc');

void same(Object? actual, Object? expected, String what) {
  if (actual != expected) throw StateError('$what: $actual is not $expected');
}

void refused<E extends Object>(void Function() body, String what) {
  try {
    body();
  } on E {
    return;
  }
  throw StateError('$what was not refused');
}

// Owners of plain memory: these tests need no pool.
base class _Owner extends NativeMessage {
  _Owner(int size) : address = malloc(size) {
    // What is out of use is unspecified.
    final bytes = Pointer<Uint8>.fromAddress(address).asTypedList(size);
    bytes.fillRange(0, size, 0xa5);
  }

  @override
  final int address;

  @override
  bool get isClosed => false;
}

final class OwnKept extends _Owner with KeptView {
  OwnKept() : super(keptSize) {
    clear();
  }
}

final class OwnChoice extends _Owner with ChoiceView {
  OwnChoice() : super(choiceSize) {
    clear();
  }
}

final class OwnMaybe extends _Owner with MaybeView {
  OwnMaybe() : super(maybeSize) {
    clear();
  }
}

final class OwnMaps extends _Owner with MapsView {
  OwnMaps() : super(mapsSize) {
    clear();
  }
}

final class OwnExact extends _Owner with ExactView {
  OwnExact() : super(exactSize) {
    clear();
  }
}

final class OwnNothing extends _Owner with NothingView {
  OwnNothing() : super(nothingSize) {
    clear();
  }
}

final class OwnRecord extends _Owner with RecordView {
  OwnRecord() : super(recordSize) {
    clear();
  }
}

final class OwnEvent extends _Owner with EventView {
  OwnEvent() : super(eventSize) {
    clear();
  }
}

void oneofHoldsTheFieldSetLast() {
  final choice = OwnChoice();
  same(choice.whichBody, ChoiceBodyCase.notSet, 'no case');
  choice.number = -1;
  same(choice.whichBody, ChoiceBodyCase.number_, 'case of a number');
  same(choice.number, -1, 'number');
  choice.text = 'größe';
  same(choice.number, null, 'a field that was replaced');
  same(choice.text, 'größe', 'text');
  same(choice.whichBody, ChoiceBodyCase.text, 'case of a text');
  choice.mutablePoint().x = 3;
  same(choice.mutablePoint().x, 3, 'choosing again keeps it');
  same(choice.point?.y, 0, 'a message chosen is empty');
  choice.digest = Uint8List(20)..fillRange(0, 20, 7);
  same(choice.digest?.last, 7, 'fixed bytes');
  same(choice.hasPoint, false, 'the message is gone');
  choice.setMood(Mood.good);
  same(choice.mood, Mood.fine, 'an alias is the same value');
  same(choice.moodNumber, 1, 'its number');
  choice.mutableNothing();
  choice.clearPoint();
  same(choice.hasMood, true, 'clearing what is absent');
  choice.clearBody();
  same(choice.whichBody, ChoiceBodyCase.notSet, 'cleared');
  same(choice.hasNothing, true, 'the other oneof is another one');
  choice.flag = true;
  choice.flag = null;
  same(choice.whichBody, ChoiceBodyCase.notSet, 'null is absent');
}

void textTooLongForAOneofChangesNothing() {
  final choice = OwnChoice()..flag = true;
  refused<ArgumentError>(() => choice.text = '12345678901', 'a text');
  refused<ArgumentError>(() => choice.blob = Uint8List(8), 'bytes');
  refused<ArgumentError>(() => choice.digest = Uint8List(19), 'fixed bytes');
  same(choice.flag, true, 'unchanged');
}

void textThatDoesNotFitIsCutBeforeACharacter() {
  final choice = OwnChoice(), pointer = choice.pointer;
  for (final (given, held) in [
    ('1234567890', '1234567890'),
    ('12345678901', '1234567890'),
    ('1234567€', '1234567€'),
    ('12345678€', '12345678'),
    ('1234567😀!', '1234567'),
    ('123456789ö', '123456789'),
    ('', ''),
  ]) {
    same(choice.fitText(given), given == held, 'whether $given fits');
    same(choice.text, held, 'what fits of $given');
    choice.clear();
    same(pointer.fitText(given), given == held, 'whether $given fits');
    same(pointer.text, held, 'what fits of $given');
  }
  final bytes = List.filled(8, 0x80);
  same(choice.fitBlob(bytes), false, 'eight bytes');
  same(choice.blob?.length, 7, 'what fits of eight bytes');
  same(pointer.fitBlob(bytes.sublist(1)), true, 'seven bytes');
  same(pointer.fitBlob(bytes), false, 'eight bytes');
  same(choice.blob?.last, 0x80, 'the last one');
}

void fieldChosenAgainBeginsEmpty() {
  final choice = OwnChoice();
  choice.mutablePoint().x = 5;
  choice.number = 0x7fffffffffffffff;
  same(choice.mutablePoint().x, 0, 'the message');
  choice.pointer.ref.bodyCase = 99;
  same(choice.whichBody, ChoiceBodyCase.notSet, 'a case that is no field');
}

void messagesAreEqualIfTheyHoldTheSame() {
  final a = OwnChoice(), b = OwnChoice();
  same(a == b, true, 'both empty');
  a.text = '1234';
  a.text = '12';
  same(a == b, false, 'one has a text');
  b.text = '12';
  same(a == b, true, 'what is behind the length does not count');
  same(a.hashCode, b.hashCode, 'hash codes');
  final c = OwnMaybe(), d = OwnMaybe();
  c.number = 5;
  c.clearNumber();
  same(c == d, true, 'both absent');
  d.number = 0;
  same(c == d, false, '0 is not absent');
  same(OwnNothing() == OwnNothing(), true, 'empty messages');
  same('${OwnNothing()}', 'Nothing()', 'text of an empty message');
}

void optionalFieldIsAbsentUntilItIsSet() {
  final maybe = OwnMaybe();
  same(maybe.number, null, 'number');
  same(maybe.text, null, 'text');
  same(maybe.blob, null, 'bytes');
  same(maybe.mood, null, 'enumeration');
  same(maybe.moodNumber, null, 'its number');
  maybe.number = 0;
  maybe.flag = false;
  maybe.real = 0.5;
  maybe.setMood(Mood.none);
  maybe.text = '';
  maybe.blob = [1, 2, 3, 4];
  same(maybe.number, 0, 'number 0');
  same(maybe.flag, false, 'false');
  same(maybe.real, 0.5, 'real');
  same(maybe.mood, Mood.none, 'value 0');
  same(maybe.text, '', 'empty text');
  same(maybe.blob?[3], 4, 'fixed bytes');
  maybe.moodNumber = 77;
  same((maybe.mood, maybe.hasMood), (null, true), 'unknown is not absent');
  maybe.clearText();
  same(maybe.text, null, 'cleared text');
  refused<ArgumentError>(() => maybe.text = '12345678901', 'a long text');
  same(maybe.hasText, false, 'still absent');
  maybe.flag = null;
  same(maybe.hasFlag, false, 'null is absent');
}

void mapFindsWhatWasPutAndRefusesWhenFull() {
  final maps = OwnMaps();
  final names = ['Ada', 'Bob', 'Cyd', 'Dan'];
  for (var i = 0; i < 4; i++) {
    maps.ages[names[i]] = i;
  }
  refused<StateError>(() => maps.ages['Eve'] = 5, 'a fifth entry');
  maps.ages['Bob'] = 50;
  same((maps.ages.length, maps.ages['Bob']), (4, 50), 'replaced');
  same((maps.ages.remove('Ada'), maps.ages.remove('Ada')), (0, null), 'remove');
  same(maps.ages['Dan'], 3, 'the last one moved');
  same(maps.ages.keys.join(' '), 'Dan Bob Cyd', 'iteration');
  refused<ArgumentError>(() => maps.ages['too long to fit'] = 1, 'a long key');
  same(maps.ages.length, 3, 'unchanged');
  same(maps.ages.containsKey('Cyd'), true, 'containsKey');
  refused<ArgumentError>(() => maps.words['a'] = '123456', 'a long value');
  same(maps.words.isEmpty, true, 'its key is gone, too');
  maps.words['a'] = '12345';
  refused<ArgumentError>(() => maps.words['a'] = '123456', 'a long value');
  same('${maps.words}', '{a: 12345}', 'the old value stays');
  maps.points.put(true).mutableValue().y = 9;
  same(maps.points[true]?.y, 9, 'a message');
  same(maps.points[false], null, 'no entry');
  maps.moods[7] = Mood.bad;
  same(maps.moods[7], Mood.poor, 'an enumeration');
  refused<ArgumentError>(() => maps.moods[8] = null, 'a value without number');
  same(maps.moods.length, 1, 'unchanged');
  final copy = OwnMaps()..copyFrom(maps);
  same(copy == maps, true, 'a copy');
  copy.ages['Bob'] = 51;
  same(copy == maps, false, 'another value');
  copy.ages.clear();
  same(copy.ages.isEmpty, true, 'cleared');
}

void damagedMapIsClamped() {
  final maps = OwnMaps();
  maps.pointer.ref.agesCount = 0xffffffff;
  same(maps.ages.length, 4, 'length');
  same(maps.pointer.removeAges('none'), false, 'no such key');
}

void fixedFieldsHaveTheirLength() {
  final exact = OwnExact();
  same(exact.id.length, 16, 'bytes');
  same(exact.id.every((byte) => byte == 0), true, 'cleared');
  same(exact.moods.numbers.every((n) => n == 0), true, 'cleared numbers');
  exact.id = Uint8List(16)..fillRange(0, 16, 3);
  refused<ArgumentError>(() => exact.id = Uint8List(15), 'short bytes');
  exact.code = 'abc';
  refused<ArgumentError>(() => exact.code = 'ä', 'a short text');
  same(exact.code, 'abc', 'text');
  exact.matrix[3] = 0.5;
  same(exact.matrix.asTypedList().join(' '), '0.0 0.0 0.0 0.5', 'numbers');
  refused<RangeError>(() => exact.matrix[4], 'an index');
  refused<StateError>(() => exact.matrix.add(1), 'adding');
  refused<UnsupportedError>(() => exact.matrix.removeAt(0), 'removing');
  refused<UnsupportedError>(() => exact.bits.clear(), 'clearing');
  same(exact.matrix[3], 0.5, 'nothing moved');
  exact.corners[1].y = 2;
  same((exact.corners.length, exact.corners[1].y), (2, 2), 'messages');
  exact.hashes.add([1, 2, 3, 4]);
  refused<ArgumentError>(() => exact.hashes.add([1]), 'a short element');
  same((exact.hashes.length, exact.hashes[0][3]), (1, 4), 'rows');
  exact.clear();
  same(exact == OwnExact(), true, 'cleared');
}

void defaultsOfTheSchemaHoldUntilAFieldIsSet() {
  final record = OwnRecord();
  same((record.number, record.numberOrDefault), (null, -5), 'number');
  same(record.leastOrDefault, -0x8000000000000000, 'least');
  same(record.mostOrDefault, -1, 'most, as Dart has it');
  same((record.flagOrDefault, record.realOrDefault), (true, 1.5), 'others');
  same(record.endlessOrDefault, double.negativeInfinity, 'endless');
  same(record.textOrDefault, '"what?"\nä', 'text');
  same(record.blobOrDefault.join(' '), '0 1 120', 'bytes');
  same(record.highOrDefault, RecordLevel.high, 'enumeration');
  same(record.needed, RecordLevel.low, 'the first value, not 0');
  same((record.leftOrDefault, record.rightOrDefault),
      (3, RecordLevel.middle), 'in a oneof');
  record.number = 0;
  same(record.numberOrDefault, 0, 'a number that was set');
  record.setRight(RecordLevel.low);
  same((record.rightOrDefault, record.leftOrDefault), (RecordLevel.low, 3),
      'in a oneof');
  record.neededNumber = 0;
  record.clear();
  same(record.needed, RecordLevel.low, 'cleared');
  record.pointer.ref.needed = 0;
  record.pointer.clear();
  same(record.needed, RecordLevel.low, 'cleared by pointer');
}

void pointersDoWhatViewsDo() {
  final choice = OwnChoice(), pointer = choice.pointer;
  pointer.number = 4;
  same((pointer.whichBody, choice.number), (ChoiceBodyCase.number_, 4), 'case');
  pointer.text = 'text';
  same((choice.text, pointer.text, pointer.number), ('text', 'text', null),
      'text');
  refused<ArgumentError>(() => pointer.text = '12345678901', 'a long text');
  same(pointer.text, 'text', 'unchanged');
  pointer.mutablePoint().y = 2;
  same((choice.point?.y, pointer.textLength), (2, 0), 'message');
  pointer.setMood(Mood.bad);
  pointer.clearFlag();
  same(choice.mood, Mood.bad, 'clearing what is absent');
  pointer.clearBody();
  same(choice.hasMood, false, 'cleared');
  final maybe = OwnMaybe();
  maybe.pointer.real = 1.5;
  maybe.pointer.blob = [4, 3, 2, 1];
  same((maybe.real, maybe.blob?.first), (1.5, 4), 'optional');
  refused<ArgumentError>(() => maybe.pointer.blob = [1], 'short bytes');
  maybe.pointer.real = null;
  same((maybe.hasReal, maybe.pointer.real), (false, null), 'null');
  final maps = OwnMaps();
  maps.pointer.putAges('Ada').value = 1;
  maps.pointer.putAges('Bob').value = 2;
  refused<ArgumentError>(() => maps.pointer.putAges('too long to fit'), 'key');
  same(maps.pointer.findAges('Bob')?.value, 2, 'find');
  same((maps.pointer.removeAges('Ada'), maps.ages['Bob']), (true, 2), 'remove');
  same(maps.ages.length, 1, 'entries');
  final exact = OwnExact();
  exact.pointer.matrix[1] = 2.5;
  exact.pointer.cornersAt(1).x = 4;
  exact.pointer.addHashes([9, 9, 9, 9]);
  same((exact.matrix[1], exact.corners[1].x, exact.hashes.single[0]),
      (2.5, 4, 9), 'fixed');
  refused<RangeError>(() => exact.pointer.cornersAt(2), 'an index');
  exact.pointer.clear();
  same(exact == (OwnExact()..hashes.clear()), true, 'cleared');
  same(OwnRecord().pointer.textOrDefault, '"what?"\nä', 'default');
}

void filesShareTheirTypes() {
  final event = OwnEvent();
  event.mutableWho().name = 'Ada';
  event.who?.setKind(SharedPersonKind.human);
  event.mutableAt().seconds = 5;
  event.mutableNote().value = 'noted';
  event.roles.add(SharedRole.guest);
  event.others.put('Bob').mutableValue().name = 'Bob';
  same((event.at?.seconds, event.note?.value), (5, 'noted'), 'well known');
  same(event.others['Bob']?.name, 'Bob', 'map');
  same(event.roles.single, SharedRole.guest, 'list');
  same('$event'.contains('name: Ada'), true, 'text');
  event.mutableNothing();
  event.clearWho();
  same(event.mutableWho().name, '', 'emptied');
}

void unknownFieldsAreKeptComparedAndForgotten() {
  final tea = [0x52, 3, ...'tea'.codeUnits];
  final kept = OwnKept()..decodeWire(Uint8List.fromList([...tea, 0x08, 7]));
  same('${kept.unknownFields}', '$tea', 'kept');
  same('${kept.pointer.unknownFields}', '$tea', 'by pointer');
  same('${kept.encodeWire()}', '${[0x08, 7, ...tea]}', 'written again');
  same(kept.wireJson(), '{"id":7}', 'JSON');
  final copy = OwnKept()..copyFrom(kept);
  same(copy == kept, true, 'a copy');
  copy.clearUnknownFields();
  same((copy == kept, copy.unknownFields.length), (false, 0), 'forgotten');
  copy.mergeWire(Uint8List.fromList(tea));
  same(copy == kept, true, 'merged');
  copy.pointer.clearUnknownFields();
  same(copy.pointer.unknownFieldsLength, 0, 'forgotten by pointer');
  kept.clear();
  same(kept.encodeWire().length, 0, 'cleared');
  refused<PoolWireException>(
      () => kept.decodeWire(Uint8List.fromList([0x52, 40, ...Uint8List(40)])),
      'more than fits');
  same(kept.encodeWire().length, 0, 'empty');
}

void main() {
  unknownFieldsAreKeptComparedAndForgotten();
  oneofHoldsTheFieldSetLast();
  textTooLongForAOneofChangesNothing();
  textThatDoesNotFitIsCutBeforeACharacter();
  fieldChosenAgainBeginsEmpty();
  messagesAreEqualIfTheyHoldTheSame();
  optionalFieldIsAbsentUntilItIsSet();
  mapFindsWhatWasPutAndRefusesWhenFull();
  damagedMapIsClamped();
  fixedFieldsHaveTheirLength();
  defaultsOfTheSchemaHoldUntilAFieldIsSet();
  pointersDoWhatViewsDo();
  filesShareTheirTypes();
  print('done');
}
