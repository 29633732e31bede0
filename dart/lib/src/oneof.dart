/// Messages that share their place with other fields.
library;

import 'fields.dart';
import 'lease.dart';

/// A message that is present in a oneof of another one, until another field of it
/// is: use after that is a [StateError], as the memory is the other field's.
abstract base class OneofMessage extends NestedMessage {
  /// The message that begins [offset] bytes behind [owner], while the number
  /// [caseOffset] bytes behind it is [number].
  OneofMessage(super.owner, super.offset, this.caseOffset, this.number);

  /// Bytes between the owner and the number of the field that is present.
  final int caseOffset;

  /// The field's number.
  final int number;

  @override
  @pragma('vm:prefer-inline')
  int get address {
    final address = owner.address;
    if (loadUint32(address + caseOffset) == number) return address + offset;
    _throwReplaced();
  }

  @override
  bool get isClosed =>
      owner.isClosed || loadUint32(owner.address + caseOffset) != number;

  Never _throwReplaced() =>
      throw StateError('the message is not present in its oneof any more: '
          'another field is, or none');
}
