//! Values as C writes them.

use crate::emit::view::FieldView;
use crate::schema::{Kind, Literal, Scalar};

/// An `int32_t`.
pub(super) fn int32(number: i32) -> String {
    match number {
        // The literal's sign is an operator, and 2147483648 is no int.
        i32::MIN => "(-2147483647 - 1)".to_owned(),
        number => number.to_string(),
    }
}

/// What a number is when it is absent or cleared.
pub(super) fn zero_of(field: FieldView) -> String {
    field.field.default.as_ref().map_or_else(|| "0".to_owned(), |value| number(value, field))
}

fn number(value: &Literal, field: FieldView) -> String {
    let wide = matches!(field.field.kind, Kind::Scalar(Scalar::I64 | Scalar::U64));
    match value {
        Literal::Bool(value) => u8::from(*value).to_string(),
        Literal::Int(i64::MIN) => "INT64_MIN".to_owned(),
        Literal::Int(value) if wide => format!("INT64_C({value})"),
        Literal::Int(value) => int32(*value as i32),
        Literal::Uint(value) if wide => format!("UINT64_C({value})"),
        Literal::Uint(value) => format!("{value}u"),
        Literal::F32(value) if value.is_finite() => format!("{value:?}f"),
        Literal::F32(value) => not_finite(f64::from(*value)),
        Literal::F64(value) if value.is_finite() => format!("{value:?}"),
        Literal::F64(value) => not_finite(*value),
        Literal::Bytes(_) => "0".to_owned(),
    }
}

fn not_finite(value: f64) -> String {
    let name = match value {
        value if value.is_nan() => "NAN",
        value if value > 0.0 => "INFINITY",
        _ => "-INFINITY",
    };
    name.to_owned()
}

/// A text in quotation marks.
pub(super) fn quoted(bytes: &[u8]) -> String {
    let escaped: String = bytes.iter().map(|&byte| escape(byte)).collect();
    format!("\"{escaped}\"")
}

/// Octal takes at most three digits, so that none behind it is taken for one of them.
fn escape(byte: u8) -> String {
    match byte {
        b'"' | b'\\' | b'?' => format!("\\{}", byte as char),
        b' '..=b'~' => (byte as char).to_string(),
        _ => format!("\\{byte:03o}"),
    }
}
