//! The exported wire format: convert, call, map. `include/pool_wire.h` documents it.

#![allow(unsafe_code, reason = "exported to C")]
#![allow(clippy::missing_safety_doc, reason = "include/pool_wire.h is the contract")]
#![allow(unreachable_pub, reason = "exported to C, not to Rust")]

use super::sys::*;
use crate::wire::{self, Cause, Output, Row, Source, Table, Target};
use core::ffi::{c_char, c_void, CStr};
use std::fmt;
use std::mem::MaybeUninit;

const _: () = assert!(wire::TABLE == POOL_WIRE_TABLE && size_of::<Row>() == 32);

fn status(cause: Cause) -> pool_wire_status_t {
    match cause {
        Cause::Truncated => POOL_WIRE_TRUNCATED,
        Cause::Overlong => POOL_WIRE_OVERLONG,
        Cause::BadTag => POOL_WIRE_BAD_TAG,
        Cause::WrongType => POOL_WIRE_WRONG_TYPE,
        Cause::TooLong => POOL_WIRE_TOO_LONG,
        Cause::TooMany => POOL_WIRE_TOO_MANY,
        Cause::BadUtf8 => POOL_WIRE_BAD_UTF8,
        Cause::TooDeep => POOL_WIRE_TOO_DEEP,
        Cause::NoRoom => POOL_WIRE_NO_ROOM,
        Cause::WrongLength => POOL_WIRE_WRONG_LENGTH,
        Cause::Missing => POOL_WIRE_MISSING,
    }
}

// SAFETY (every function below): arguments are as `pool_wire.h` demands of the caller.

/// The table at a row, if it is one.
///
/// # Safety
/// NULL, or a message's row in a schema's tables.
unsafe fn table<'a>(row: *const pool_wire_row_t) -> Result<Table<'a>, pool_wire_status_t> {
    if row.is_null() {
        return Err(POOL_WIRE_NULL);
    }
    // SAFETY: not NULL, so a row.
    let [mark, _, _, _, _, all, ..] = unsafe { (*row).words };
    if mark != wire::TABLE {
        return Err(POOL_WIRE_BAD_TABLE);
    }
    // SAFETY: the schema's rows from this one on; a `Row` is a row.
    let rows = unsafe { std::slice::from_raw_parts(row.cast(), all as usize) };
    Ok(Table::checked(rows))
}

/// Bytes, which may be at NULL if there are none.
///
/// # Safety
/// As many bytes, or none.
unsafe fn slice<'a, T>(bytes: *const T, length: usize) -> Result<&'a [T], pool_wire_status_t> {
    match (bytes.is_null(), length) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(POOL_WIRE_NULL),
        // SAFETY: the caller's promise.
        _ => Ok(unsafe { std::slice::from_raw_parts(bytes, length) }),
    }
}

type Read = fn(Table, Target, &[u8]) -> Result<(), wire::Error>;

/// # Safety
/// As `pool_wire_decode` and `pool_wire_merge`.
unsafe fn read(
    row: *const pool_wire_row_t,
    bytes: *const c_void,
    length: usize,
    object: *mut c_void,
    read: Read,
) -> Result<(), pool_wire_error_t> {
    let plain = |status| pool_wire_error_t { status, field: 0, offset: 0 };
    // SAFETY: the caller's promise.
    let table = unsafe { table(row) }.map_err(plain)?;
    // SAFETY: as above.
    let bytes = unsafe { slice(bytes.cast::<u8>(), length) }.map_err(plain)?;
    if object.is_null() {
        return Err(plain(POOL_WIRE_NULL));
    }
    // SAFETY: as above.
    let target = unsafe { Target::new(object.cast(), table.size()) };
    read(table, target, bytes).map_err(|error| pool_wire_error_t {
        status: status(error.cause),
        field: error.field,
        offset: error.offset,
    })
}

/// Tells where it went wrong, if anybody wants to know.
///
/// # Safety
/// NULL, or room for an error.
unsafe fn told(
    result: Result<(), pool_wire_error_t>,
    out_error: *mut pool_wire_error_t,
) -> pool_wire_status_t {
    let Err(error) = result else { return POOL_WIRE_OK };
    if !out_error.is_null() {
        // SAFETY: the caller's promise.
        unsafe { out_error.write(error) };
    }
    error.status
}

#[no_mangle]
pub unsafe extern "C" fn pool_wire_decode(
    table: *const pool_wire_row_t,
    bytes: *const c_void,
    length: usize,
    object: *mut c_void,
    out_error: *mut pool_wire_error_t,
) -> pool_wire_status_t {
    // SAFETY: see above.
    unsafe { told(read(table, bytes, length, object, wire::decode), out_error) }
}

#[no_mangle]
pub unsafe extern "C" fn pool_wire_merge(
    table: *const pool_wire_row_t,
    bytes: *const c_void,
    length: usize,
    object: *mut c_void,
    out_error: *mut pool_wire_error_t,
) -> pool_wire_status_t {
    // SAFETY: see above.
    unsafe { told(read(table, bytes, length, object, wire::merge), out_error) }
}

/// The message a caller wants to see.
///
/// # Safety
/// As the functions that take a table and a message.
unsafe fn shown<'a>(
    row: *const pool_wire_row_t,
    object: *const c_void,
) -> Result<(Table<'a>, Source<'a>), pool_wire_status_t> {
    // SAFETY: the caller's promise.
    let table = unsafe { table(row)? };
    if object.is_null() {
        return Err(POOL_WIRE_NULL);
    }
    // SAFETY: as above.
    Ok((table, unsafe { Source::new(object.cast(), table.size()) }))
}

#[no_mangle]
pub unsafe extern "C" fn pool_wire_size(
    table: *const pool_wire_row_t,
    object: *const c_void,
) -> usize {
    // SAFETY: see above.
    let message = unsafe { shown(table, object) };
    message.map_or(0, |(table, source)| wire::size(table, source))
}

#[no_mangle]
pub unsafe extern "C" fn pool_wire_encode(
    table: *const pool_wire_row_t,
    object: *const c_void,
    out: *mut c_void,
    capacity: usize,
    out_length: *mut usize,
) -> pool_wire_status_t {
    if out_length.is_null() || (out.is_null() && capacity != 0) {
        return POOL_WIRE_NULL;
    }
    // SAFETY: see above.
    let (table, source) = match unsafe { shown(table, object) } {
        Ok(message) => message,
        Err(status) => return status,
    };
    let room: &mut [MaybeUninit<u8>] = match capacity {
        0 => &mut [],
        // SAFETY: not NULL, so of that capacity.
        _ => unsafe { std::slice::from_raw_parts_mut(out.cast(), capacity) },
    };
    let (length, status) = match wire::encode(table, source, Output::new(room)) {
        Ok(used) => (used, POOL_WIRE_OK),
        Err(error) => (error.offset, status(error.cause)),
    };
    // SAFETY: not NULL.
    unsafe { out_length.write(length) };
    status
}

/// Takes text, writes as much of it as there is room for, and counts it all.
struct Cut<'a> {
    room: &'a mut [MaybeUninit<u8>],
    length: usize,
}

impl fmt::Write for Cut<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.room.get_mut(self.length..).unwrap_or_default();
        for (to, byte) in room.iter_mut().zip(text.bytes()) {
            to.write(byte);
        }
        self.length += text.len();
        Ok(())
    }
}

#[no_mangle]
pub unsafe extern "C" fn pool_wire_json(
    table: *const pool_wire_row_t,
    names: *const c_char,
    object: *const c_void,
    buffer: *mut c_char,
    size: usize,
) -> usize {
    // SAFETY: see above.
    let Ok((table, source)) = (unsafe { shown(table, object) }) else { return 0 };
    let names = match names.is_null() {
        true => "",
        // SAFETY: the names have a NUL behind each, and so many that the last field's ends.
        false => unsafe { all_names(table, names) },
    };
    let room: &mut [MaybeUninit<u8>] = match buffer.is_null() {
        true => &mut [],
        // SAFETY: not NULL, so of that size.
        false => unsafe { std::slice::from_raw_parts_mut(buffer.cast(), size) },
    };
    let (last, room) = match room.split_last_mut() {
        Some((last, room)) => (Some(last), room),
        None => (None, Default::default()),
    };
    let mut text = Cut { room, length: 0 };
    let written = wire::json(table, names, source, &mut text);
    debug_assert!(written.is_ok());
    let Cut { room, length } = text;
    match (room.get_mut(length), last) {
        (Some(end), _) | (None, Some(end)) => drop(end.write(0)),
        _ => {}
    }
    length
}

/// The names up to the last one that the fields of this and all contained messages have.
///
/// # Safety
/// The names that belong to the table.
unsafe fn all_names<'a>(table: Table, names: *const c_char) -> &'a str {
    let (last, mut values) = table.last_names();
    // SAFETY: a name begins there, and ends with NUL.
    let length = |at| unsafe { CStr::from_ptr(names.add(at)) }.count_bytes();
    let mut end = last + length(last);
    while values != 0 && length(values) != 0 {
        values += length(values) + 1;
        end = end.max(values);
    }
    // SAFETY: up to that NUL.
    let bytes = unsafe { std::slice::from_raw_parts(names.cast(), end) };
    std::str::from_utf8(bytes).unwrap_or_default()
}

#[no_mangle]
pub unsafe extern "C" fn pool_wire_check(
    rows: *const pool_wire_row_t,
    count: usize,
) -> pool_wire_status_t {
    // SAFETY: see above; a `Row` is a row.
    match unsafe { slice(rows.cast::<Row>(), count) } {
        Ok(rows) if wire::fault(rows).or_else(|| wire::nesting_fault(rows)).is_none() => {
            POOL_WIRE_OK
        }
        Ok(_) => POOL_WIRE_BAD_TABLE,
        Err(status) => status,
    }
}

#[no_mangle]
pub extern "C" fn pool_wire_status_string(status: pool_wire_status_t) -> *const c_char {
    let sentence = match status {
        POOL_WIRE_OK => c"it succeeded",
        POOL_WIRE_TRUNCATED => c"the bytes end within a field",
        POOL_WIRE_OVERLONG => c"a varint has more than 64 bits",
        POOL_WIRE_BAD_TAG => c"a tag has no field number, no wire type, or ends no group",
        POOL_WIRE_WRONG_TYPE => c"a field has a wire type that its type cannot have",
        POOL_WIRE_TOO_LONG => c"a text or bytes field is longer than its max_length",
        POOL_WIRE_TOO_MANY => c"a repeated field has more elements than its max_count",
        POOL_WIRE_BAD_UTF8 => c"a string is not UTF-8",
        POOL_WIRE_TOO_DEEP => c"messages or groups are nested too deep",
        POOL_WIRE_NO_ROOM => c"the buffer is too small for the encoding",
        POOL_WIRE_NO_OBJECT => c"the pool has no object for the message",
        POOL_WIRE_BAD_TABLE => c"the table is none that this library knows",
        POOL_WIRE_NULL => c"a pointer argument is NULL",
        POOL_WIRE_WRONG_LENGTH => c"a fixed field has another length or count than its own",
        POOL_WIRE_MISSING => c"a required field is not there",
        _ => c"an unknown status",
    };
    sentence.as_ptr()
}
