//! A message as JSON, for debugging: protobuf's mapping. What it has no form for is shown itself: an
//! enumeration's number without a name, a time that is none.
#![forbid(unsafe_code)]

use super::encode::{count, is_there, text};
use super::object::Source;
use super::table::{self, width, Row, Table};
use super::well_known::{self, Form};
use std::fmt::{Result, Write};
use table::{BOOL, BYTES, DOUBLE, ENUM, FIXED64, FLOAT, INT32, INT64, MESSAGE, SFIXED32, SFIXED64};
use table::{SINT32, SINT64, STRING, UINT64};

/// Writes the message; what is 0, empty or absent is left out. `names` are the schema's.
pub(crate) fn json(table: Table, names: &str, object: Source, out: &mut impl Write) -> Result {
    match well_known::form(table, object) {
        None => members(table, names, object, out),
        Some(Form::Time(seconds, nanos)) => well_known::time(seconds, nanos, out),
        Some(Form::Duration(seconds, nanos)) => well_known::duration(seconds, nanos, out),
        Some(Form::Value(field)) => value(table, names, field, object, 0, out),
        Some(Form::Paths(field)) => {
            let paths =
                (0..count(field, object)).map(|i| well_known::camel(text(field, object, i)));
            string(&paths.collect::<Vec<_>>().join(&b','), out)
        }
    }
}

fn members(table: Table, names: &str, object: Source, out: &mut impl Write) -> Result {
    let mut separator = "{";
    for field in table.fields() {
        let there = match field.is_repeated() {
            true => count(field, object) != 0,
            false => is_there(field, object),
        };
        if !there {
            continue;
        }
        let name = names_at(names, field.name()).next().unwrap_or_default();
        out.write_str(separator)?;
        string(name.as_bytes(), out)?;
        out.write_char(':')?;
        separator = ",";
        match field.is_repeated() {
            true if field.is_map() => map(table, names, field, object, out)?,
            true => list(table, names, field, object, out)?,
            false => value(table, names, field, object, 0, out)?,
        }
    }
    out.write_str(if separator == "{" { "{}" } else { "}" })
}

fn list(table: Table, names: &str, field: &Row, object: Source, out: &mut impl Write) -> Result {
    for index in 0..count(field, object) {
        out.write_char(if index == 0 { '[' } else { ',' })?;
        value(table, names, field, object, index, out)?;
    }
    out.write_char(']')
}

/// An object with the keys as names.
fn map(table: Table, names: &str, field: &Row, object: Source, out: &mut impl Write) -> Result {
    let entries = table.inner(field);
    out.write_char('{')?;
    for index in 0..count(field, object) {
        if index != 0 {
            out.write_char(',')?;
        }
        let part = object.part(field.offset() + index * entries.size(), entries.size());
        let Some((key, rest)) = entries.fields().split_first() else { continue };
        let quote = if width(key.kind()) == 8 || key.kind() == STRING { "" } else { "\"" };
        out.write_str(quote)?;
        value(entries, names, key, part, 0, out)?;
        write!(out, "{quote}:")?;
        match rest.first() {
            Some(field) if is_there(field, part) => value(entries, names, field, part, 0, out)?,
            _ => out.write_str("{}")?,
        }
    }
    out.write_char('}')
}

/// The names from one on.
fn names_at(names: &str, at: usize) -> std::str::Split<'_, char> {
    names.get(at..).unwrap_or_default().split('\0')
}

/// The names of an enumeration's values, which begin at one, or are not there.
fn names_of(names: &str, at: usize) -> std::str::Split<'_, char> {
    match at {
        0 => names_at("", 0),
        at => names_at(names, at),
    }
}

/// An enumeration's value by its name, if it has one.
fn enumeration(values: std::str::Split<'_, char>, number: i32, out: &mut impl Write) -> Result {
    let mut values = values.take_while(|value| !value.is_empty()).filter_map(|v| v.split_once(' '));
    match values.find(|(_, known)| known.parse() == Ok(number)) {
        Some((name, _)) => write!(out, "\"{name}\""),
        None => write!(out, "{number}"),
    }
}

fn value(
    table: Table,
    names: &str,
    field: &Row,
    object: Source,
    index: usize,
    out: &mut impl Write,
) -> Result {
    match field.kind() {
        STRING => string(text(field, object, index), out),
        BYTES => base64(text(field, object, index), out),
        MESSAGE => {
            let inner = table.inner(field);
            let part = object.part(field.offset() + index * inner.size(), inner.size());
            json(inner, names, part, out)
        }
        ENUM => {
            let names = match field.is_closed() {
                true => names_of(names, table.values(field).names()),
                false => names_of(names, field.bound()),
            };
            enumeration(names, object.word(field.offset() + index * 4) as i32, out)
        }
        kind => {
            let width = width(kind);
            number(kind, object.bits(field.offset() + index * width, width), out)
        }
    }
}

/// 64-bit integers are strings there, because JavaScript's numbers are not so wide.
fn number(kind: u32, bits: u64, out: &mut impl Write) -> Result {
    match kind {
        BOOL => write!(out, "{}", bits != 0),
        FLOAT => float(f32::from_bits(bits as u32), f32::is_finite, out),
        DOUBLE => float(f64::from_bits(bits), f64::is_finite, out),
        INT32 | SINT32 | SFIXED32 => write!(out, "{}", bits as u32 as i32),
        INT64 | SINT64 | SFIXED64 => write!(out, "\"{}\"", bits as i64),
        UINT64 | FIXED64 => write!(out, "\"{bits}\""),
        _ => write!(out, "{bits}"),
    }
}

fn float<T: Copy + Into<f64> + std::fmt::Debug>(
    value: T,
    is_finite: fn(T) -> bool,
    out: &mut impl Write,
) -> Result {
    if is_finite(value) {
        return write!(out, "{value:?}");
    }
    out.write_str(match value.into() {
        wide if wide.is_nan() => "\"NaN\"",
        wide if wide > 0.0 => "\"Infinity\"",
        _ => "\"-Infinity\"",
    })
}

fn string(text: &[u8], out: &mut impl Write) -> Result {
    out.write_char('"')?;
    for chunk in text.utf8_chunks() {
        chunk.valid().chars().try_for_each(|c| character(c, out))?;
        if !chunk.invalid().is_empty() {
            out.write_char(char::REPLACEMENT_CHARACTER)?;
        }
    }
    out.write_char('"')
}

fn character(c: char, out: &mut impl Write) -> Result {
    match c {
        '"' => out.write_str("\\\""),
        '\\' => out.write_str("\\\\"),
        '\n' => out.write_str("\\n"),
        '\0'..=' ' if c != ' ' => write!(out, "\\u{:04x}", c as u32),
        _ => out.write_char(c),
    }
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8], out: &mut impl Write) -> Result {
    out.write_char('"')?;
    for part in bytes.chunks(3) {
        let three =
            part.iter().fold(0, |all, &byte| all << 8 | u32::from(byte)) << (8 * (3 - part.len()));
        for digit in 0..4 {
            let six = three >> (18 - 6 * digit) & 63;
            out.write_char(if digit > part.len() { '=' } else { DIGITS[six as usize].into() })?;
        }
    }
    out.write_char('"')
}
