//! The classes of repeated fields.

use super::views::view_type;
use super::{native, type_ident};
use crate::emit::view::FieldView;
use crate::layout::Role;
use crate::schema::{Kind, Scalar, Schema};

/// `_SmallMessageList`, of messages or values of an enumeration.
pub(super) fn list_type(element: &str) -> String {
    format!("_{element}List")
}

/// The type of a repeated field as callers see it, and the class that is made.
pub(super) fn types(field: FieldView, kind: Kind, schema: &Schema) -> (String, String) {
    let own = match kind {
        Kind::Text { .. } => "NativeTextList".to_owned(),
        Kind::Bytes { .. } => "NativeBytesList".to_owned(),
        Kind::Scalar(Scalar::Bool) => "NativeBoolList".to_owned(),
        Kind::Scalar(_) => {
            format!("Native{}List", native(field.member(Role::Value).element, schema))
        }
        Kind::Enum(index) => {
            let name = &schema.enums[index].name;
            return (format!("NativeEnumList<{}>", type_ident(name)), list_type(name));
        }
        Kind::Message(index) => {
            let name = &schema.messages[index].name;
            return (format!("NativeMessageList<{}>", view_type(name)), list_type(name));
        }
    };
    (own.clone(), own)
}
