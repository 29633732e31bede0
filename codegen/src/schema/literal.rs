//! Values a schema gives: proto2's defaults.

use protox::prost_reflect::{FieldDescriptor, Value};

/// The value a field has when it is absent or cleared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Bool(bool),
    Int(i64),
    Uint(u64),
    F32(f32),
    F64(f64),
    Bytes(Vec<u8>),
}

impl Literal {
    /// The default of a singular field that is no message, unless it is 0 or empty.
    pub(super) fn default_of(field: &FieldDescriptor) -> Option<Self> {
        if field.is_list() || field.is_map() || field.kind().as_message().is_some() {
            return None;
        }
        let found = match field.default_value() {
            Value::Bool(value) => Self::Bool(value),
            Value::I32(value) | Value::EnumNumber(value) => Self::Int(value.into()),
            Value::I64(value) => Self::Int(value),
            Value::U32(value) => Self::Uint(value.into()),
            Value::U64(value) => Self::Uint(value),
            Value::F32(value) => Self::F32(value),
            Value::F64(value) => Self::F64(value),
            Value::String(value) => Self::Bytes(value.into_bytes()),
            Value::Bytes(value) => Self::Bytes(value.to_vec()),
            Value::Message(_) | Value::List(_) | Value::Map(_) => return None,
        };
        (!found.is_zero()).then_some(found)
    }

    fn is_zero(&self) -> bool {
        match self {
            Self::Bool(value) => !value,
            Self::Int(value) => *value == 0,
            Self::Uint(value) => *value == 0,
            // -0.0 is another value than 0.
            Self::F32(value) => value.to_bits() == 0,
            Self::F64(value) => value.to_bits() == 0,
            Self::Bytes(value) => value.is_empty(),
        }
    }
}
