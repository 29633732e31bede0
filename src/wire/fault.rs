//! What can be wrong with tables. Those that `poolgen` writes are checked when the program is
//! compiled.
#![forbid(unsafe_code)]

use super::table::{
    width, wire_type, Row, ALWAYS, BLOCK, BYTES, CASE, COUNT, ENUM, HAS, IMPLICIT, KNOWN, MESSAGE,
    REQUIRED_MAX, STRING, TABLE, UNKNOWN, VALUES, WELL_KNOWN_MAX,
};
use super::values::rows_of;
use super::DEPTH_MAX;

/// What is wrong with the tables of a schema, if anything is.
pub(crate) const fn fault(rows: &[Row]) -> Option<&'static str> {
    let mut at = 0;
    while at < rows.len() {
        if rows[at].0[0] == VALUES {
            let (_, enumeration) = rows.split_at(at);
            match rows_of(enumeration) {
                Ok(count) => at += count,
                Err(fault) => return Some(fault),
            }
            continue;
        }
        let [mark, size, align, count, dense, all, ..] = rows[at].0;
        let (required, shown, keeps) = (align >> 8 & 0xff, align >> 16 & 0xff, align >> 24);
        let align = align & 0xff;
        if mark != TABLE || all as usize != rows.len() - at {
            return Some("a message's row is none");
        }
        let [.., zeros, length] = rows[at].0;
        if zeros as u64 + length as u64 > size as u64 || length % 8 != 0 {
            return Some("the zeros of an empty message lie outside it");
        }
        if size == 0 || !align.is_power_of_two() || align > 8 || size % align != 0 {
            return Some("a message's size or alignment is none");
        }
        if shown > WELL_KNOWN_MAX {
            return Some("a message is shown as nothing there is");
        }
        if keeps > 1 || count as u64 + keeps as u64 > (rows.len() - at - 1) as u64 || dense > count
        {
            return Some("a message has fewer fields than its row says");
        }
        let (mut index, mut found, mut taken) = (0, 0, 0);
        while index < count {
            if let Some(fault) = field_fault(rows, at, index as usize) {
                return Some(fault);
            }
            let field = &rows[at + 1 + index as usize];
            if field.is_required() {
                if field.rank() != found {
                    return Some("required fields are not counted one by one");
                }
                found += 1;
            }
            // What is contained twice would be walked twice, on each level.
            taken += extent(rows, at, field).0;
            if field.presence() == CASE {
                taken -= shared_extent(rows, at, index as usize);
            }
            index += 1;
        }
        let behind = at + 1 + count as usize;
        if keeps == 1 {
            if let Some(fault) = unknown_fault(rows, at, behind) {
                return Some(fault);
            }
            taken += extent(rows, at, &rows[behind]).0;
        }
        if taken > size as u64 {
            return Some("members lie on each other");
        }
        if found != required || required > REQUIRED_MAX {
            return Some("a message has not as many required fields as its row says");
        }
        at = behind + keeps as usize;
    }
    None
}

const fn field_fault(rows: &[Row], at: usize, index: usize) -> Option<&'static str> {
    let field = &rows[at + 1 + index];
    let dense = rows[at].0[4] as usize;
    if field.number() == 0 || (index > 0 && field.number() <= rows[at + index].number()) {
        return Some("field numbers do not rise");
    }
    if index < dense && field.number() as usize != index + 1 {
        return Some("the first fields are not numbered from 1");
    }
    let natural = wire_type(field.kind());
    let packed = field.is_repeated() && field.tag() & 7 == BLOCK;
    if !matches!(field.kind(), 1..=9 | 11..=18) || (field.tag() & 7 != natural && !packed) {
        return Some("a field has no type, or not its wire type");
    }
    if field.0[1] & !KNOWN != 0 {
        return Some("a field has a flag that is none");
    }
    if let Some(fault) = presence_fault(field) {
        return Some(fault);
    }
    if field.is_closed() && !is_closed(rows, at, field) {
        return Some("a closed enumeration has no numbers");
    }
    if field.is_map() && !is_map(rows, at, field) {
        return Some("a map's entries have no key");
    }
    extent_fault(rows, at, field)
}

/// What is wrong with where the message at `at` keeps unknown fields.
const fn unknown_fault(rows: &[Row], at: usize, behind: usize) -> Option<&'static str> {
    let row = &rows[behind];
    if row.0[0] != UNKNOWN || row.0[1] != BYTES || row.0[3] != 0 || row.0[6] != 0 || row.0[7] != 0 {
        return Some("a message keeps unknown fields in what is no place for them");
    }
    extent_fault(rows, at, row)
}

const fn is_text(field: &Row) -> bool {
    matches!(field.kind(), STRING | BYTES)
}

/// Whether type, presence and flags can be together.
const fn presence_fault(field: &Row) -> Option<&'static str> {
    let presence = field.presence();
    if field.is_repeated() {
        if field.max_count() == 0 {
            return Some("a list has no bound");
        }
        let listed = presence == IMPLICIT || (presence == ALWAYS && !is_text(field));
        if !listed || field.is_required() {
            return Some("a list has a presence");
        }
    } else {
        if field.max_count() != 0 && !field.is_required() {
            return Some("a single field has a bound");
        }
        if field.is_required() && !matches!(presence, HAS | ALWAYS) {
            return Some("a required field is not told from one that is absent");
        }
        if field.kind() == MESSAGE && !matches!(presence, HAS | CASE) {
            return Some("a message has no presence");
        }
        if field.is_fixed() && presence == IMPLICIT {
            return Some("a fixed text has no presence");
        }
    }
    if field.is_fixed() && !is_text(field) {
        return Some("what is fixed is no text");
    }
    None
}

/// Whether a field holds entries, of which the first field is the key.
const fn is_map(rows: &[Row], at: usize, field: &Row) -> bool {
    let inner = at + field.bound();
    if field.shape() != MESSAGE | COUNT || field.presence() != IMPLICIT || inner + 1 >= rows.len() {
        return false;
    }
    let (entry, key) = (&rows[inner].0, &rows[inner + 1]);
    entry[0] == TABLE
        && entry[3] != 0
        && key.number() == 1
        && key.presence() == ALWAYS
        && key.kind() != MESSAGE
        && !key.is_repeated()
}

/// Whether a field is a number of an enumeration that stands behind.
const fn is_closed(rows: &[Row], at: usize, field: &Row) -> bool {
    let values = at + field.bound();
    let is_enum = field.kind() == ENUM && !field.is_array();
    is_enum && field.bound() != 0 && values < rows.len() && rows[values].0[0] == VALUES
}

/// Bytes of a field's values, and what one is aligned to. The contained message has a row.
const fn extent(rows: &[Row], at: usize, field: &Row) -> (u64, u64) {
    let elements = if field.is_repeated() { field.max_count() as u64 } else { 1 };
    let (bytes, step) = match field.kind() {
        STRING | BYTES => (field.bound() as u64, 1),
        MESSAGE => {
            let inner = &rows[field.bound() + at].0;
            (inner[1] as u64, (inner[2] & 0xff) as u64)
        }
        kind => (width(kind) as u64, width(kind) as u64),
    };
    (bytes * elements, step)
}

/// Bytes of the field that members of its oneof before it take already: all members of
/// one lie on each other.
const fn shared_extent(rows: &[Row], at: usize, index: usize) -> u64 {
    let field = &rows[at + 1 + index];
    let (mut shared, mut before) = (0, 0);
    while before < index {
        let other = &rows[at + 1 + before];
        if other.presence() == CASE && other.mark() == field.mark() {
            let (bytes, _) = extent(rows, at, other);
            shared = if bytes > shared { bytes } else { shared };
        }
        before += 1;
    }
    let (bytes, _) = extent(rows, at, field);
    if bytes < shared {
        bytes
    } else {
        shared
    }
}

/// Whether messages are contained in each other more than [`DEPTH_MAX`] deep: for tables
/// without any other fault.
pub(crate) fn nesting_fault(rows: &[Row]) -> Option<&'static str> {
    let mut heights: Vec<u32> = Vec::new();
    if heights.try_reserve_exact(rows.len()).is_err() {
        return Some("too large to be checked");
    }
    heights.resize(rows.len(), 0);
    // Contained messages stand behind.
    for at in (0..rows.len()).rev().filter(|&at| rows[at].0[0] == TABLE) {
        let fields = &rows[at + 1..][..rows[at].0[3] as usize];
        let inner = fields.iter().filter(|field| field.kind() == MESSAGE);
        let height = inner.map(|field| heights[at + field.bound()] + 1).max().unwrap_or(0);
        if height > DEPTH_MAX {
            return Some("messages are contained in each other too deep");
        }
        heights[at] = height;
    }
    None
}

/// Whether all members lie in the object, aligned.
const fn extent_fault(rows: &[Row], at: usize, field: &Row) -> Option<&'static str> {
    let [_, size, align, ..] = rows[at].0;
    let align = align & 0xff;
    let elements = if field.is_repeated() { field.max_count() as u64 } else { 1 };
    match field.kind() {
        STRING | BYTES if field.bound() == 0 => return Some("a text has no bound"),
        MESSAGE => {
            let inner = field.bound() + at;
            if field.bound() == 0 || inner >= rows.len() || rows[inner].0[0] != TABLE {
                return Some("a contained message has no table");
            }
        }
        _ => {}
    }
    let (bytes, step) = extent(rows, at, field);
    let has_length = is_text(field) && !field.is_fixed();
    let (marked, marks) = match field.presence() {
        IMPLICIT if field.is_repeated() => (4, 4),
        IMPLICIT | ALWAYS => (0, 1),
        HAS => (1, 1),
        _ => (4, 4),
    };
    let outside = field.offset() as u64 + bytes > size as u64
        || field.mark() as u64 + marked > size as u64
        || (has_length && field.length() as u64 + 4 * elements > size as u64);
    if outside {
        return Some("a member lies outside its message");
    }
    let [.., zeros, length] = rows[at].0;
    let (first, width) = field.first();
    let wide = field.is_array() || (field.is_fixed() && field.presence() == ALWAYS);
    let other = field.presence() == ALWAYS && !is_text(field) && field.empty() != 0;
    if length != 0 && (wide || other) {
        return Some("a member that is cleared is more than a number, or not 0");
    }
    if length != 0 && (first < zeros as usize || first + width > zeros as usize + length as usize) {
        return Some("a member that tells of absence is not cleared");
    }
    let uneven = step == 0
        || step > align as u64
        || field.offset() as u64 % step != 0
        || field.mark() as u64 % marks != 0
        || (has_length && field.length() % 4 != 0);
    if uneven {
        return Some("a member is not aligned");
    }
    None
}
