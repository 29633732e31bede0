//! How the generated code reaches a field that may be absent, or shares its place with others.

use super::{ident, literal, offset_of};
use crate::emit::view::{FieldView, MessageView};
use crate::layout::Role;
use crate::schema::Schema;

/// Where a member of a field is, within its Struct: `titleLength`, or `body.title.length`.
pub(super) fn path(field: FieldView, role: Role) -> String {
    let Some(oneof) = field.oneof() else { return ident(&field.member(role).name) };
    let place = format!("{}.{}", ident(&oneof.name), ident(&field.field.name));
    match (field.members().len(), role) {
        (1, _) => place,
        (_, Role::Value) => format!("{place}.bytes"),
        _ => format!("{place}.length"),
    }
}

/// Code about whether a field is present.
pub(super) struct Presence {
    /// The condition.
    pub(super) present: String,
    /// Makes it present.
    pub(super) mark: String,
    /// Makes it absent, if it was present.
    pub(super) clear: String,
    /// Another field may be present in its place.
    pub(super) shared: bool,
}

/// By way of the Struct; none for a field that is always present.
pub(super) fn in_struct(field: FieldView) -> Option<Presence> {
    field.has_presence().then(|| {
        let (member, number) = match field.oneof() {
            Some(oneof) => (format!("{}_case", oneof.name), field.field.number),
            None => (field.member(Role::Has).name.clone(), 1),
        };
        let member = format!("ref.{}", ident(&member));
        let shared = field.oneof().is_some();
        let present =
            if shared { format!("{member} == {number}") } else { format!("{member} != 0") };
        let (mark, clear) = (format!("{member} = {number}"), format!("{member} = 0"));
        Presence { present, mark, clear, shared }
    })
}

/// By way of the address.
pub(super) fn in_memory(view: MessageView, field: FieldView) -> Option<Presence> {
    field.has_presence().then(|| {
        let (member, native, number) = match field.oneof() {
            Some(oneof) => (format!("{}_case", oneof.name), "Uint32", field.field.number),
            None => (field.member(Role::Has).name.clone(), "Uint8", 1),
        };
        let place = format!("address + {}", offset_of(view, &member));
        let shared = field.oneof().is_some();
        let test = if shared { format!("== {number}") } else { "!= 0".to_owned() };
        Presence {
            present: format!("load{native}({place}) {test}"),
            mark: format!("store{native}({place}, {number})"),
            clear: format!("store{native}({place}, 0)"),
            shared,
        }
    })
}

/// `?` behind the type of what may be absent.
pub(super) fn question(field: FieldView) -> &'static str {
    if field.has_presence() {
        "?"
    } else {
        ""
    }
}

/// For comments.
pub(super) fn note(field: FieldView) -> &'static str {
    if field.has_presence() {
        "; null if it is absent"
    } else {
        ""
    }
}

/// The type and value of a field's default, if the schema gives one that readers may miss.
pub(super) fn default(field: FieldView, schema: &Schema) -> Option<(String, String)> {
    field.field.default.as_ref().filter(|_| field.has_presence())?;
    Some(literal::given(field, schema))
}
