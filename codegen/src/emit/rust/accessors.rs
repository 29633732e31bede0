//! The methods of a Rust message. Reading clamps stored lengths and counts, so that a damaged
//! message never makes it panic.

use super::presence::{self, mark, optional, reach};
use super::{allow_deprecated, ident, lists, literal, maps, oneofs, texts, type_of};
use crate::emit::view::{FieldView, MessageView, Part};
use crate::emit::Writer;
use crate::layout::Role;
use crate::schema::{Kind, Presence, Scalar, Schema};

pub(super) const TOO_LONG: &str = "Result<(), magpool::FieldTooLong>";

/// The `impl` block of a message.
pub(super) fn accessors(out: &mut Writer, view: MessageView, schema: &Schema) {
    let name = ident(&view.message.name);
    allow_deprecated(out, view);
    out.block(format!("impl {name} {{"), "}\n", |out| {
        let mut methods = Methods { out, view, schema };
        methods.clear();
        view.oneofs().for_each(|oneof| oneofs::methods(&mut methods, oneof));
        view.fields().for_each(|field| methods.field(field));
    });
}

/// Writes methods, claiming their names.
pub(super) struct Methods<'a, 'w> {
    pub(super) out: &'w mut Writer,
    pub(super) view: MessageView<'a>,
    pub(super) schema: &'a Schema,
}

impl Methods<'_, '_> {
    /// Writes `pub fn name` + `signature`; the body may have several lines.
    pub(super) fn method(
        &mut self,
        field: Option<FieldView>,
        comment: &str,
        (name, signature): (&str, &str),
        body: &str,
    ) {
        self.claim(field, name);
        self.out.gap();
        for line in comment.lines() {
            self.out.line(format!("/// {line}").trim_end());
        }
        if field.is_some_and(|f| f.field.deprecated) {
            self.out.line("#[deprecated]");
        }
        self.out.block(format!("pub fn {name}{signature} {{"), "}", |out| {
            out.line(body);
        });
    }

    /// A method for the other methods.
    pub(super) fn private(&mut self, name: &str, signature: &str, body: &str) {
        self.claim(None, name);
        self.out.gap();
        self.out.block(format!("fn {name}{signature} {{"), "}", |out| out.line(body));
    }

    fn claim(&mut self, field: Option<FieldView>, name: &str) {
        let place = field.map_or(&self.view.message.place, |f| &f.field.place);
        self.out.claim(&format!("impl {}", self.view.message.full_name), name, place);
    }

    fn clear(&mut self) {
        let mut lines = Vec::new();
        for field in self.view.fields().filter(|f| f.oneof().is_none()) {
            lines.push(clear_field(field));
        }
        for part in self.view.parts() {
            match part {
                Part::Case(oneof) => lines.push(format!("self.{} = 0;", ident(&oneof.case_name()))),
                Part::Empty => lines.push("self.empty = 0;".to_owned()),
                _ => {}
            }
        }
        let mut fields = self.view.fields();
        let defaults = fields.any(|f| !f.has_presence() && f.field.default.is_some());
        let numbers = if defaults { "become 0 or their default" } else { "become 0" };
        let comment =
            format!("Empties the message: numbers, lengths and counts {numbers}, messages absent.");
        self.method(None, &comment, ("clear", "(&mut self)"), &lines.join("\n"));
    }

    fn field(&mut self, field: FieldView) {
        match (field.field.kind, field.field.max_count) {
            (Kind::Scalar(_) | Kind::Enum(_), None) => self.scalar(field),
            (Kind::Scalar(_) | Kind::Enum(_), Some(_)) => lists::scalars(self, field),
            (Kind::Text { .. } | Kind::Bytes { .. }, None) => texts::text(self, field),
            (Kind::Text { .. } | Kind::Bytes { .. }, Some(_)) => texts::texts(self, field),
            (Kind::Message(_), None) => self.message(field),
            (Kind::Message(_), Some(_)) => {
                lists::messages(self, field);
                maps::map(self, field);
            }
        }
        if field.field.presence == Presence::Flag && !matches!(field.field.kind, Kind::Message(_)) {
            self.clear_present(field);
        }
    }

    /// The type callers give, and how it is stored.
    pub(super) fn given(&self, field: FieldView) -> (String, &'static str) {
        match field.field.kind {
            Kind::Scalar(Scalar::Bool) => ("bool".to_owned(), "u8::from(value)"),
            Kind::Enum(index) => (ident(&self.schema.enums[index].name), "value as i32"),
            _ => (type_of(field.member(Role::Value).element, self.schema), "value"),
        }
    }

    fn scalar(&mut self, field: FieldView) {
        let name = &field.field.name;
        let (ty, stored) = self.given(field);
        let (reach, optional) = (reach(field), optional(field));
        let value = &reach.value;
        let (result, read, note) = match field.field.kind {
            Kind::Scalar(Scalar::Bool) => {
                (optional.ty(&ty), optional.value(&format!("{value} != 0")), optional.note())
            }
            Kind::Enum(_) => {
                let note = match field.has_presence() {
                    true => "; `None` if it is absent or its number is not known",
                    false => "; `None` if its number is not known",
                };
                (format!("Option<{ty}>"), format!("{ty}::from_number({value})"), note)
            }
            _ => (optional.ty(&ty), optional.value(value), optional.note()),
        };
        let body = format!("{}{}{read}", optional.guard(), reach.bind);
        let signature = format!("(&self) -> {result}");
        let comment = format!("Reads `{name}`{note}.");
        self.method(Some(field), &comment, (&ident(name), &signature), &body);
        let stored_type = type_of(field.member(Role::Value).element, self.schema);
        let default_type = match field.field.kind {
            Kind::Enum(_) => &stored_type,
            _ => &ty,
        };
        self.or_default(field, default_type);
        let signature = format!("(&mut self, value: {ty})");
        let place = presence::path(field, Role::Value);
        let body = format!("{}self.{place} = {stored};", mark(field));
        let setter = format!("set_{name}");
        self.method(Some(field), &format!("Sets `{name}`."), (&setter, &signature), &body);
    }

    /// `name_or_default`, of a field that may be absent and has a default.
    pub(super) fn or_default(&mut self, field: FieldView, ty: &str) {
        if let Some([comment, name, signature, body]) = presence::or_default(field, ty) {
            self.method(Some(field), &comment, (&name, &signature), &body);
        }
    }

    fn clear_present(&mut self, field: FieldView) {
        let name = &field.field.name;
        let body = format!("self.{} = 0;", ident(&field.member(Role::Has).name));
        let comment = format!("Makes `{name}` absent.");
        self.method(Some(field), &comment, (&format!("clear_{name}"), "(&mut self)"), &body);
    }

    fn message(&mut self, field: FieldView) {
        let name = &field.field.name;
        let ty = type_of(field.member(Role::Value).element, self.schema);
        if field.oneof().is_some() {
            return self.message_of_oneof(field, &ty);
        }
        let (member, has) = (ident(name), ident(&field.member(Role::Has).name));
        let comment = format!("Message `{name}`, if it is present.");
        let body = format!("(self.{has} != 0).then_some(&self.{member})");
        self.method(Some(field), &comment, (&member, &format!("(&self) -> Option<&{ty}>")), &body);
        let comment = format!("Message `{name}`; if it was absent it is now present, and empty.");
        let body = format!(
            "if self.{has} == 0 {{\n    self.{member}.clear();\n    self.{has} = 1;\n}}\n&mut self.{member}"
        );
        let signature = format!("(&mut self) -> &mut {ty}");
        self.method(Some(field), &comment, (&format!("{name}_mut"), &signature), &body);
        let body = format!("self.{has} = 0;");
        let comment = format!("Makes message `{name}` absent.");
        self.method(Some(field), &comment, (&format!("clear_{name}"), "(&mut self)"), &body);
    }

    fn message_of_oneof(&mut self, field: FieldView, ty: &str) {
        let name = &field.field.name;
        let (reach, optional) = (reach(field), optional(field));
        let comment = format!("Message `{name}`, if it is present.");
        let body = format!("{}{}Some(held)", optional.guard(), reach.bind);
        let signature = format!("(&self) -> Option<&{ty}>");
        self.method(Some(field), &comment, (&ident(name), &signature), &body);
        let comment = format!("Message `{name}`; if it was absent it is now present, and empty.");
        let guard = optional.guard();
        let absent = guard.lines().next().unwrap_or_default();
        let body = format!(
            "let absent = {};\n{}{}if absent {{\n    held.clear();\n}}\nheld",
            absent.trim_start_matches("if ").trim_end_matches(" {"),
            mark(field),
            reach.bind_mut
        );
        let signature = format!("(&mut self) -> &mut {ty}");
        self.method(Some(field), &comment, (&format!("{name}_mut"), &signature), &body);
    }
}

fn clear_field(field: FieldView) -> String {
    let first = &field.members()[0];
    let member = ident(&first.name);
    match (first.role, field.field.kind) {
        (Role::Value, Kind::Message(_)) => {
            format!("self.{member}.iter_mut().for_each(|message| message.clear());")
        }
        (Role::Value, kind) if !first.dims.is_empty() => {
            let float = matches!(kind, Kind::Scalar(Scalar::F32 | Scalar::F64));
            let zero = if float { "0.0" } else { "0" };
            let filled =
                first.dims.iter().rev().fold(zero.to_owned(), |z, n| format!("[{z}; {n}]"));
            format!("self.{member} = {filled};")
        }
        (Role::Value, _) => format!("self.{member} = {};", literal::stored(field)),
        _ => format!("self.{member} = 0;"),
    }
}
