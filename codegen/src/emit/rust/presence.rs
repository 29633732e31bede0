//! How code reaches a field that may be absent, and one that shares its place with others.

use super::{ident, literal};
use crate::emit::view::FieldView;
use crate::layout::Role;
use crate::schema::{Kind, Presence};

/// Where a member of a field is, within its message: `title_length`, or `body.title.length`.
pub(super) fn path(field: FieldView, role: Role) -> String {
    let Some(oneof) = field.oneof() else { return ident(&field.member(role).name) };
    let place = format!("{}.{}", ident(&oneof.name), ident(&field.field.name));
    match (field.members().len(), role) {
        (1, _) => place,
        (_, Role::Value) => format!("{place}.text"),
        _ => format!("{place}.length"),
    }
}

/// Code to reach a field, in methods of its message.
pub(super) struct Reach {
    /// Binds `held`, if the field is in a union.
    pub(super) bind: String,
    pub(super) bind_mut: String,
    pub(super) value: String,
    /// Of a text that has one.
    pub(super) length: String,
}

pub(super) fn reach(field: FieldView) -> Reach {
    let Some(oneof) = field.oneof() else {
        let length = field.role(Role::Length).map(|m| format!("self.{}", ident(&m.name)));
        return Reach {
            bind: String::new(),
            bind_mut: String::new(),
            value: format!("self.{}", ident(&field.field.name)),
            length: length.unwrap_or_default(),
        };
    };
    let place = format!("self.{}.{}", ident(&oneof.name), ident(&field.field.name));
    let safety = "// SAFETY: plain data; all bytes of the union were set when its case was.";
    let number = matches!(field.field.kind, Kind::Scalar(_) | Kind::Enum(_));
    let by = if number { "" } else { "&" };
    let value = if field.members().len() == 1 { "held" } else { "held.text" };
    Reach {
        bind: format!("{safety}\nlet held = unsafe {{ {by}{place} }};\n"),
        bind_mut: format!("{safety}\nlet held = unsafe {{ &mut {place} }};\n"),
        value: value.to_owned(),
        length: "held.length".to_owned(),
    }
}

/// `Some(x)` and `Option<X>` for what may be absent, and the code that returns `None`.
pub(super) fn optional(field: FieldView) -> Optional {
    match (field.field.presence, field.oneof()) {
        (Presence::Oneof(_), Some(oneof)) => {
            let case = ident(&format!("{}_case", oneof.name));
            Optional(Some(format!("self.{case} != {}", field.field.number)))
        }
        (Presence::Flag, _) => {
            Optional(Some(format!("self.{} == 0", ident(&field.member(Role::Has).name))))
        }
        _ => Optional(None),
    }
}

/// The condition under which a field is absent, if it can be.
pub(super) struct Optional(Option<String>);

impl Optional {
    pub(super) fn ty(&self, inner: &str) -> String {
        if self.0.is_some() {
            format!("Option<{inner}>")
        } else {
            inner.to_owned()
        }
    }

    pub(super) fn value(&self, inner: &str) -> String {
        if self.0.is_some() {
            format!("Some({inner})")
        } else {
            inner.to_owned()
        }
    }

    /// Leaves the function if the field is absent.
    pub(super) fn guard(&self) -> String {
        let absent = self.0.as_ref();
        absent.map_or_else(String::new, |absent| format!("if {absent} {{\n    return None;\n}}\n"))
    }

    /// For comments.
    pub(super) fn note(&self) -> &'static str {
        if self.0.is_some() {
            "; `None` if it is absent"
        } else {
            ""
        }
    }
}

/// Makes a field present, before or after it is written.
pub(super) fn mark(field: FieldView) -> String {
    match (field.field.presence, field.oneof()) {
        (Presence::Oneof(_), Some(oneof)) => {
            format!("self.choose_{}({});\n", oneof.name, field.field.number)
        }
        (Presence::Flag, _) => format!("self.{} = 1;\n", ident(&field.member(Role::Has).name)),
        _ => String::new(),
    }
}

/// The method that reads a field or else its default, if the schema gives one: comment, name,
/// signature and body.
pub(super) fn or_default(field: FieldView, ty: &str) -> Option<[String; 4]> {
    field.field.default.as_ref().filter(|_| field.has_presence())?;
    let name = &field.field.name;
    let default = literal::given(field);
    let getter = ident(name);
    let body = match field.field.kind {
        Kind::Enum(_) => {
            let read = reach(field);
            let guard = optional(field).guard().replace("None", &default);
            // Nothing else is done with it, so it needs no name.
            let bind = read.bind.replace("let held = ", "").replace(";\n", "\n");
            if bind.is_empty() {
                format!("{guard}{}", read.value)
            } else {
                format!("{guard}{}", bind.trim_end())
            }
        }
        _ => format!("self.{getter}().unwrap_or({default})"),
    };
    let comment = format!("Reads `{name}`, or `{}` if it is absent.", default.replace('`', "'"));
    Some([comment, format!("{name}_or_default"), format!("(&self) -> {ty}"), body])
}
