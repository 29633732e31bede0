"""Python's protobuf, asked over a pipe: draws random messages, parses bytes, compares JSON.

usage: oracle.py DESCRIPTOR_SET SEED

A request is four parts, an answer three, each with its length in four bytes before it:
    draw  message name, -, -       -> -, bytes, the same damaged
    parse message name, bytes, json -> verdict, bytes, what is wrong with the JSON

The verdict is one byte: 0 refused; 1 taken; 2 taken, but fields with numbers of the schema are among
the unknown ones. The bytes are the message's encoding without unknown fields, in an order that does
not depend on how it came, and behind it the unknown fields of messages that are to keep them, sorted.
No JSON, no comparison.
"""

import json
import random
import struct
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf import unknown_fields
from google.protobuf.descriptor import FieldDescriptor as F
from google.protobuf.message import DecodeError


def load(path):
    pool = descriptor_pool.Default()
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as source:
        files.ParseFromString(source.read())
    for file in files.file:
        if file.name != descriptor_pb2.DESCRIPTOR.name:
            # Again, so that options are those of the extensions known by now.
            pool.AddSerializedFile(file.SerializeToString())
    return pool


class Bounds:
    """What the schema's options say of a field."""

    def __init__(self, pool):
        self.option = pool.FindExtensionByName
        for name in ("max_length", "max_count", "fixed", "key_max_length", "unknown_max", "defaults"):
            message_factory.GetMessageClass(self.option("magpool." + name).containing_type)

    def get(self, field, name, default):
        options = field.GetOptions()
        extension = self.option("magpool." + name)
        return options.Extensions[extension] if options.HasExtension(extension) else default

    def default(self, field, name, default):
        options = field.containing_type.file.GetOptions()
        extension = self.option("magpool.defaults")
        return getattr(options.Extensions[extension], name) or default

    def length(self, field):
        return self.get(field, "max_length", self.default(field, "max_length", 64))

    def unknown(self, message):
        """Bytes of unknown fields that a message keeps."""
        options, extension = message.GetOptions(), self.option("magpool.unknown_max")
        if options.map_entry:
            return 0
        if options.HasExtension(extension):
            return options.Extensions[extension]
        return message.file.GetOptions().Extensions[self.option("magpool.defaults")].unknown_max

    def key_length(self, field):
        return self.get(field, "key_max_length", self.length(field))

    def count(self, field):
        return self.get(field, "max_count", self.default(field, "max_count", 16))

    def is_fixed(self, field):
        return self.get(field, "fixed", False)

    def fixed_count(self, field):
        """Elements of a list that has always as many, or None."""
        texts = (F.TYPE_STRING, F.TYPE_BYTES)
        is_list = field.is_repeated and field.type not in texts
        return self.count(field) if is_list and self.is_fixed(field) else None


class Draw:
    """Random messages within their bounds."""

    def __init__(self, bounds, seed):
        self.bounds = bounds
        self.random = random.Random(seed)

    def integer(self, bits, signed):
        raw = self.random.choice(
            [0, 1, (1 << bits) - 1, 1 << (bits - 1), (1 << (bits - 1)) - 1]
            + 3 * [self.random.getrandbits(bits) >> self.random.randrange(bits)])
        return raw - (1 << bits) if signed and raw >> (bits - 1) else raw

    def real(self, width, code):
        some = [0.0, -0.0, 1.5, float("inf"), float("-inf"), float("nan"), 0.1, 1e-300, 16777217.0]
        raw = struct.unpack(code, self.random.randbytes(width))[0]
        value = self.random.choice(some + 4 * [raw])
        return struct.unpack("<f", struct.pack("<f", value))[0] if width == 4 else value

    def text(self, most, exactly):
        letters = [0, 0x22, 0x5c, 0x7f, 0x80, 0x7ff, 0x800, 0x2028, 0xfffd, 0xffff, 0x10000, 0x10ffff]
        size = most if exactly else self.random.choice([0, most, self.random.randint(0, most)])
        text = ""
        while True:
            rare = self.random.random() < 0.4
            letter = chr(self.random.choice(letters) if rare else self.random.randrange(32, 127))
            room = size - len(text.encode())
            if len(letter.encode()) > room:
                return text + "x" * room if exactly else text
            text += letter

    def value(self, field, most, exactly=False):
        kind = field.type
        if kind in (F.TYPE_INT32, F.TYPE_SINT32, F.TYPE_SFIXED32):
            return self.integer(32, True)
        if kind in (F.TYPE_UINT32, F.TYPE_FIXED32):
            return self.integer(32, False)
        if kind in (F.TYPE_INT64, F.TYPE_SINT64, F.TYPE_SFIXED64):
            return self.integer(64, True)
        if kind in (F.TYPE_UINT64, F.TYPE_FIXED64):
            return self.integer(64, False)
        if kind == F.TYPE_BOOL:
            return self.random.random() < 0.5
        if kind == F.TYPE_DOUBLE:
            return self.real(8, "<d")
        if kind == F.TYPE_FLOAT:
            return self.real(4, "<f")
        if kind == F.TYPE_STRING:
            return self.text(most, exactly)
        if kind == F.TYPE_BYTES:
            size = most if exactly else self.random.choice([0, most, self.random.randint(0, most)])
            return self.random.randbytes(size)
        if field.enum_type.is_closed or is_null(field) or self.random.random() < 0.5:
            return self.random.choice(field.enum_type.values).number
        return self.integer(32, True)

    def well_known(self, message):
        """Whether it is a type whose JSON has a form of its own; values that have it are drawn."""
        name, rare = message.DESCRIPTOR.full_name, self.random.random() < 0.1
        if rare or not name.startswith("google.protobuf."):
            return False
        nanos = self.random.choice([0, 1, 999999999, 500000000, 21000000, 1000, 999000, 123456789])
        if name.endswith("Timestamp"):
            ends = [-62135596800, 253402300799, 0, -1, 951782400, 68169600, -2203891200]
            message.seconds = self.random.choice(ends + 4 * [self.random.randint(*ends[:2])])
            message.nanos = nanos
        elif name.endswith("Duration"):
            sign = self.random.choice([1, -1])
            ends = [0, 1, 315575999999, 315576000000]
            some = self.random.randrange(ends[-1])
            message.seconds = sign * self.random.choice(ends + 2 * [some])
            message.nanos = sign * (nanos if abs(message.seconds) < ends[-1] else 0)
        elif name.endswith("FieldMask"):
            some = ["a", "a_b", "user.display_name", "photo", "a.b.c_d_e", "x1_y2"]
            message.paths.extend(self.random.choices(some, k=self.random.randrange(4)))
        else:
            return False
        return True

    def fill(self, message):
        if self.well_known(message):
            return message
        for field in message.DESCRIPTOR.fields:
            must = field.is_required or self.bounds.is_fixed(field) and not field.has_presence
            if must or self.random.random() < 0.6:
                self.member(message, field)
        self.unknown(message)
        return message

    def unknown(self, message):
        """Adds unknown fields, as many as the message keeps."""
        left = self.bounds.unknown(message.DESCRIPTOR)
        while left:
            wire = self.random.choice([0, 1, 2, 3, 5])
            number = self.random.choice([500, 600, (1 << 29) - 1])
            closed = [field.number for field in message.DESCRIPTOR.fields if field.enum_type]
            if closed and self.random.random() < 0.4:
                wire, number = 0, self.random.choice(closed)
            value = {
                0: varint(self.random.choice([7, 300, (1 << 31) - 1, 1 << 63])),
                1: self.random.randbytes(8),
                2: b"\3abc",
                3: varint(8) + b"\5" + varint(number << 3 | 4),
                5: self.random.randbytes(4),
            }[wire]
            if wire == 0 and number in closed:
                value = varint(self.random.choice([7, 300, (1 << 31) - 1]))
            field = varint(number << 3 | wire) + value
            if len(field) > left or self.random.random() < 0.2:
                return
            left -= len(field)
            message.MergeFromString(field)

    def member(self, message, field):
        most, name = self.bounds.length(field), field.name
        if not field.is_repeated:
            if field.message_type:
                inner = getattr(message, name)
                inner.SetInParent()
                self.fill(inner)
            else:
                setattr(message, name, self.value(field, most, self.bounds.is_fixed(field)))
            return
        count = self.bounds.fixed_count(field)
        if count is None:
            most_count = self.bounds.count(field)
            count = self.random.choice([1, most_count, self.random.randint(0, most_count)])
        target = getattr(message, name)
        if field.message_type and field.message_type.GetOptions().map_entry:
            key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
            for _ in range(count):
                drawn = self.value(key, self.bounds.key_length(field))
                if value.message_type:
                    target[drawn].Clear()
                    self.fill(target[drawn])
                else:
                    target[drawn] = self.value(value, most)
        elif field.message_type:
            for _ in range(count):
                self.fill(target.add())
        else:
            exactly = self.bounds.is_fixed(field)
            target.extend(self.value(field, most, exactly) for _ in range(count))


    def damage(self, data, other):
        """Changes some bytes, drops some, doubles some, or puts in parts of others."""
        data = bytearray(data)
        for _ in range(self.random.choice([1, 1, 1, 2, 4])):
            at = self.random.randint(0, len(data))
            end = min(len(data), at + self.random.randint(0, 12))
            way = self.random.randrange(7)
            if way == 0:
                del data[at:]
            elif way == 1:
                del data[at:end]
            elif way == 2:
                data[at:at] = data[at:end]
            elif way == 3:
                begin = self.random.randint(0, len(other))
                data[at:at] = other[begin:self.random.randint(begin, len(other))]
            elif way == 4:
                data[at:at] = self.random.randbytes(self.random.choice([1, 2, 5]))
            elif way == 5 and at < len(data):
                data[at] ^= 1 << self.random.randrange(8)
            elif way == 6:
                # As many bytes more as a varint can have and mean the same.
                ends = [at for at, byte in enumerate(data) if byte < 0x80]
                if ends:
                    at = self.random.choice(ends)
                    data[at] |= 0x80
                    data[at + 1:at + 1] = bytes([0x80] * self.random.randrange(4)) + b"\0"
        return bytes(data)


def varint(value):
    text = bytearray()
    while value > 0x7f:
        text.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes(text + bytes([value]))


def fields_of(unknown):
    """Unknown fields as numbers, wire types and values."""
    return [(field.field_number, field.wire_type,
             fields_of(field.data) if field.wire_type == 3 else field.data) for field in unknown]


def kept(message, bounds):
    """The unknown fields of this message and those within it, of those that are to keep theirs."""
    found = []
    if bounds.unknown(message.DESCRIPTOR):
        found = sorted(fields_of(unknown_fields.UnknownFieldSet(message)), key=repr)
    found = [found] if found else []
    for field, value in message.ListFields():
        if not field.message_type or field.message_type.GetOptions().map_entry:
            continue
        inner = [kept(one, bounds) for one in (value if field.is_repeated else [value])]
        if any(inner):
            found.append((field.number, inner))
    return found


def has_known_among_unknown(message):
    """Whether an unknown field, at any depth, has a number of the schema: it has another wire type, or
    is a number that a closed enumeration does not have."""
    numbers = message.DESCRIPTOR.fields_by_number
    if any(field.field_number in numbers for field in unknown_fields.UnknownFieldSet(message)):
        return True
    for field, value in message.ListFields():
        if not field.message_type:
            continue
        if field.message_type.GetOptions().map_entry:
            has_messages = field.message_type.fields_by_name["value"].message_type
            inner = value.values() if has_messages else []
        else:
            inner = value if field.is_repeated else [value]
        if any(has_known_among_unknown(one) for one in inner):
            return True
    return False


def fix(message, bounds):
    """Makes fixed fields what they are to magpool: the last so many elements, or zeros."""
    for field in message.DESCRIPTOR.fields:
        if field.has_presence or not bounds.is_fixed(field):
            continue
        count, value = bounds.fixed_count(field), getattr(message, field.name)
        if count is not None:
            if value:
                del value[:-count]
            elif field.message_type:
                for _ in range(count):
                    value.add()
            else:
                value.extend([0] * count)
        elif not field.is_repeated and not value:
            zeros = bytes(bounds.length(field))
            setattr(message, field.name, zeros if field.type == F.TYPE_BYTES else zeros.decode())


def is_null(field):
    """Whether it is of the enumeration of which JSON knows one number alone."""
    return field.enum_type and field.enum_type.full_name == "google.protobuf.NullValue"


def same(ours, theirs):
    """Whether two JSON values are equal; numbers also if they are as float."""
    if type(ours) in (int, float) and type(theirs) in (int, float):
        if ours == theirs:
            return True
        try:
            return struct.pack("<f", ours) == struct.pack("<f", theirs)
        except OverflowError:
            return False
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return ours == theirs


def json_fault(text, message):
    if any(is_null(field) and getattr(message, field.name) for field in message.DESCRIPTOR.fields):
        return ""
    try:
        theirs = json_format.MessageToJson(message)
    except (ValueError, json_format.SerializeToJsonError):
        # It has no form there; ours is to be JSON.
        json.loads(text)
        return ""
    try:
        if not same(json.loads(text), json.loads(theirs)):
            return "it is to be " + " ".join(theirs.split())
        back = json_format.Parse(text, type(message)())
    except (ValueError, json_format.ParseError) as error:
        return f"{error}; it is to be {theirs}"
    # Not compared with the message itself: a NaN loses its bits, for one.
    if encode(back) != encode(json_format.Parse(theirs, type(message)())):
        return f"it is not read as {theirs}"
    return ""


def encode(message):
    return message.SerializePartialToString(deterministic=True)


class Oracle:
    def __init__(self, path, seed):
        self.pool = load(path)
        self.bounds = Bounds(self.pool)
        self.draws = Draw(self.bounds, seed)

    def new(self, name):
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName(name))()

    def draw(self, name, _bytes, _json):
        data, other = (self.draws.fill(self.new(name)).SerializeToString() for _ in range(2))
        # One message behind another is both.
        damaged = data + other if self.draws.random.random() < 0.3 else data
        if damaged == data or self.draws.random.random() < 0.3:
            damaged = self.draws.damage(damaged, other)
        return b"", data, damaged

    def parse(self, name, data, text):
        message = self.new(name)
        try:
            message.ParseFromString(data)
        except DecodeError:
            return b"\0", b"", b""
        if not message.IsInitialized():
            return b"\0", b"", b""
        verdict = b"\2" if has_known_among_unknown(message) else b"\1"
        unknown = kept(message, self.bounds)
        message.DiscardUnknownFields()
        fix(message, self.bounds)
        fault = json_fault(text.decode(), message) if text else ""
        return verdict, encode(message) + repr(unknown).encode(), fault.encode()


def main():
    oracle = Oracle(sys.argv[1], int(sys.argv[2]))
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while head := source.read(4):
        request = [source.read(struct.unpack("<I", head)[0])]
        for _ in range(3):
            request.append(source.read(struct.unpack("<I", source.read(4))[0]))
        operation = {b"draw": oracle.draw, b"parse": oracle.parse}[request[0]]
        for part in operation(request[1].decode(), *request[2:]):
            sink.write(struct.pack("<I", len(part)) + part)
        sink.flush()


main()
