//! Values as Dart writes them.

use super::{plain, type_ident, value_ident};
use crate::emit::view::FieldView;
use crate::layout::Role;
use crate::schema::{Kind, Literal, Scalar, Schema};

/// What a number is when it is cleared, as it is stored.
pub(super) fn stored(field: FieldView) -> String {
    match &field.field.default {
        Some(Literal::Bool(value)) => u8::from(*value).to_string(),
        Some(value) => number(value),
        None if matches!(field.field.kind, Kind::Scalar(Scalar::F32 | Scalar::F64)) => "0.0".into(),
        None => "0".into(),
    }
}

/// The type and value of a field's default, as readers get it.
pub(super) fn given(field: FieldView, schema: &Schema) -> (String, String) {
    let default = field.field.default.as_ref();
    match (field.field.kind, default) {
        (Kind::Enum(index), Some(Literal::Int(wanted))) => {
            let e = &schema.enums[index];
            let found = e.values.iter().find(|value| i64::from(value.number) == *wanted);
            let value = found.map_or_else(String::new, |value| value_ident(&value.name));
            let ty = type_ident(&e.name);
            (format!("{ty}?"), format!("{ty}.{value}"))
        }
        (Kind::Text { .. }, Some(Literal::Bytes(bytes))) => ("String".into(), text(bytes)),
        (Kind::Bytes { .. }, Some(Literal::Bytes(bytes))) => {
            let numbers: Vec<_> = bytes.iter().map(u8::to_string).collect();
            ("Uint8List".into(), format!("Uint8List.fromList(const [{}])", numbers.join(", ")))
        }
        (Kind::Scalar(Scalar::Bool), Some(value)) => ("bool".into(), number(value)),
        _ => (plain(field.member(Role::Value).element).into(), stored(field)),
    }
}

fn number(value: &Literal) -> String {
    match value {
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        // Numbers from 2^63 on are negative in Dart.
        Literal::Uint(value) => (*value as i64).to_string(),
        Literal::F32(value) => float(f64::from(*value)),
        Literal::F64(value) => float(*value),
        Literal::Bytes(_) => "0".to_owned(),
    }
}

fn float(value: f64) -> String {
    match value {
        value if value.is_nan() => "double.nan".to_owned(),
        f64::INFINITY => "double.infinity".to_owned(),
        f64::NEG_INFINITY => "double.negativeInfinity".to_owned(),
        value => format!("{value:?}"),
    }
}

fn text(bytes: &[u8]) -> String {
    let escape = |c: char| match c {
        '\\' | '\'' | '$' => format!("\\{c}"),
        '\n' => "\\n".to_owned(),
        c if c.is_control() => format!("\\u{{{:x}}}", c as u32),
        c => c.to_string(),
    };
    let escaped: String = String::from_utf8_lossy(bytes).chars().map(escape).collect();
    format!("'{escaped}'")
}
