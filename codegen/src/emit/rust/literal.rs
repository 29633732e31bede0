//! Values as Rust writes them.

use crate::emit::view::FieldView;
use crate::layout::{Element, Member};
use crate::schema::{Kind, Literal, Scalar, Schema};

/// What a number is when it is absent or cleared, as it is stored.
pub(super) fn stored(field: FieldView) -> String {
    match &field.field.default {
        Some(Literal::Bool(value)) => u8::from(*value).to_string(),
        Some(value) => number(value),
        None => zero(field).to_owned(),
    }
}

/// The same, as it is given.
pub(super) fn given(field: FieldView) -> String {
    match (&field.field.default, field.field.kind) {
        (Some(Literal::Bool(value)), _) => value.to_string(),
        (Some(value), _) => number(value),
        (None, Kind::Scalar(Scalar::Bool)) => "false".to_owned(),
        (None, _) => zero(field).to_owned(),
    }
}

fn zero(field: FieldView) -> &'static str {
    match field.field.kind {
        Kind::Scalar(Scalar::F32 | Scalar::F64) => "0.0",
        _ => "0",
    }
}

fn number(value: &Literal) -> String {
    match value {
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Uint(value) => value.to_string(),
        Literal::F32(value) => float(format!("{value:?}"), "f32"),
        Literal::F64(value) => float(format!("{value:?}"), "f64"),
        Literal::Bytes(bytes) => format!("b\"{}\"", bytes.escape_ascii()),
    }
}

fn float(text: String, ty: &str) -> String {
    match text.as_str() {
        "inf" => format!("{ty}::INFINITY"),
        "-inf" => format!("{ty}::NEG_INFINITY"),
        "NaN" => format!("{ty}::NAN"),
        _ => text,
    }
}

/// A member whose every byte is 0 or as the schema's defaults have it.
pub(super) fn empty_member(field: FieldView, member: &Member, schema: &Schema) -> String {
    let element = match member.element {
        Element::Message(index) => {
            format!("{}::default()", super::ident(&schema.messages[index].name))
        }
        Element::Scalar(_) | Element::Enum(_) if member.dims.is_empty() => stored(field),
        Element::Scalar(Scalar::F32 | Scalar::F64) => "0.0".to_owned(),
        _ => "0".to_owned(),
    };
    member.dims.iter().rev().fold(element, |inner, bound| format!("[{inner}; {bound}]"))
}
