//! The methods of a Rust message. Reading clamps stored lengths and counts, so that a damaged
//! message never makes it panic.

use super::{ident, type_of};
use crate::emit::view::{FieldView, MessageView};
use crate::emit::Writer;
use crate::layout::Role;
use crate::schema::{Kind, Scalar, Schema};

const TOO_LONG: &str = "Result<(), magpool::FieldTooLong>";

/// The `impl` block of a message.
pub(super) fn accessors(out: &mut Writer, view: MessageView, schema: &Schema) {
    let name = ident(&view.message.name);
    out.block(format!("impl {name} {{"), "}\n", |out| {
        let mut methods = Methods { out, view, schema };
        methods.clear();
        view.fields().for_each(|field| methods.field(field));
    });
}

/// Writes methods, claiming their names.
struct Methods<'a, 'w> {
    out: &'w mut Writer,
    view: MessageView<'a>,
    schema: &'a Schema,
}

impl Methods<'_, '_> {
    /// Writes `pub fn name` + `signature`; the body may have several lines.
    fn method(
        &mut self,
        field: Option<FieldView>,
        comment: &str,
        (name, signature): (&str, &str),
        body: &str,
    ) {
        let place = field.map_or(&self.view.message.place, |f| &f.field.place);
        self.out.claim(&format!("impl {}", self.view.message.full_name), name, place);
        self.out.gap();
        for line in comment.lines() {
            self.out.line(format!("/// {line}").trim_end());
        }
        self.out.block(format!("pub fn {name}{signature} {{"), "}", |out| {
            out.line(body);
        });
    }

    fn clear(&mut self) {
        let mut lines = Vec::new();
        for field in self.view.fields() {
            let float = matches!(field.field.kind, Kind::Scalar(Scalar::F32 | Scalar::F64));
            let zero = if float && field.field.max_count.is_none() { "0.0" } else { "0" };
            lines.push(format!("self.{} = {zero};", ident(&field.members()[0].name)));
        }
        let comment = "Empties the message: numbers, lengths and counts become 0, messages absent.";
        self.method(None, comment, ("clear", "(&mut self)"), &lines.join("\n"));
    }

    fn field(&mut self, field: FieldView) {
        match (field.field.kind, field.field.max_count) {
            (Kind::Scalar(_) | Kind::Enum(_), None) => self.scalar(field),
            (Kind::Scalar(_) | Kind::Enum(_), Some(_)) => self.scalars(field),
            (Kind::Text { .. } | Kind::Bytes { .. }, None) => self.text(field),
            (Kind::Text { .. } | Kind::Bytes { .. }, Some(_)) => self.texts(field),
            (Kind::Message(_), None) => self.message(field),
            (Kind::Message(_), Some(_)) => self.messages(field),
        }
    }

    /// The type callers give, and how it is stored.
    fn given(&self, field: FieldView) -> (String, &'static str) {
        match field.field.kind {
            Kind::Scalar(Scalar::Bool) => ("bool".to_owned(), "u8::from(value)"),
            Kind::Enum(index) => (ident(&self.schema.enums[index].name), "value as i32"),
            _ => (type_of(field.member(Role::Value).element, self.schema), "value"),
        }
    }

    fn scalar(&mut self, field: FieldView) {
        let name = &field.field.name;
        let member = ident(name);
        let (ty, stored) = self.given(field);
        let (result, read, note) = match field.field.kind {
            Kind::Scalar(Scalar::Bool) => (ty.clone(), format!("self.{member} != 0"), ""),
            Kind::Enum(_) => (
                format!("Option<{ty}>"),
                format!("{ty}::from_number(self.{member})"),
                "; `None` if its number is not known",
            ),
            _ => (ty.clone(), format!("self.{member}"), ""),
        };
        let comment = format!("Reads `{name}`{note}.");
        self.method(Some(field), &comment, (&member, &format!("(&self) -> {result}")), &read);
        let signature = format!("(&mut self, value: {ty})");
        let body = format!("self.{member} = {stored};");
        let setter = format!("set_{name}");
        self.method(Some(field), &format!("Sets `{name}`."), (&setter, &signature), &body);
    }

    /// `name_len`, of a repeated field.
    fn len(&mut self, field: FieldView) {
        let name = &field.field.name;
        let count = ident(&field.member(Role::Count).name);
        let body = format!("(self.{count} as usize).min({})", field.max_count());
        let comment = format!("Elements of `{name}` in use.");
        self.method(Some(field), &comment, (&format!("{name}_len"), "(&self) -> usize"), &body);
    }

    fn scalars(&mut self, field: FieldView) {
        let name = &field.field.name;
        let member = ident(name);
        let element = type_of(field.member(Role::Value).element, self.schema);
        let (ty, stored) = self.given(field);
        self.len(field);
        let note = match field.field.kind {
            Kind::Enum(_) => ", as numbers",
            Kind::Scalar(Scalar::Bool) => ", 0 for false",
            _ => "",
        };
        let comment = format!("Elements of `{name}`{note}.");
        let body = format!("&self.{member}[..self.{name}_len()]");
        self.method(Some(field), &comment, (&member, &format!("(&self) -> &[{element}]")), &body);
        let comment = format!("Appends to `{name}`.\n\n# Errors\n\nIt is full; nothing changes.");
        let signature = format!("(&mut self, value: {ty}) -> {TOO_LONG}");
        let body = format!("{}\n*slot = {stored};\n{}", self.slot(field), counted(field));
        self.method(Some(field), &comment, (&format!("add_{name}"), &signature), &body);
    }

    /// Takes the next element as `slot`, or returns.
    fn slot(&self, field: FieldView) -> String {
        let member = ident(&field.field.name);
        let count = ident(&field.member(Role::Count).name);
        let max = field.max_count();
        format!(
            "let index = self.{count} as usize;\n\
             let Some(slot) = self.{member}.get_mut(index) else {{\n    \
             return Err(magpool::FieldTooLong {{ max: {max}, len: {max} + 1 }});\n}};"
        )
    }

    fn text(&mut self, field: FieldView) {
        let name = &field.field.name;
        let member = ident(name);
        let length = ident(&field.member(Role::Length).name);
        let max = field.max_length();
        let read = format!("&self.{member}[..(self.{length} as usize).min({max})]");
        let comment = format!("Bytes of `{name}`.");
        self.method(Some(field), &comment, (&member, "(&self) -> &[u8]"), &read);
        if matches!(field.field.kind, Kind::Text { .. }) {
            let comment = format!("Text of `{name}`.\n\n# Errors\n\nIt is not UTF-8.");
            let signature = "(&self) -> Result<&str, ::core::str::Utf8Error>";
            let body = format!("::core::str::from_utf8(self.{member}())");
            self.method(Some(field), &comment, (&format!("{name}_str"), signature), &body);
        }
        let (ty, bytes) = text_argument(field);
        let comment = format!(
            "Sets `{name}`.\n\n# Errors\n\nIt is longer than {max} bytes; nothing changes."
        );
        let body = format!(
            "{}\npart.copy_from_slice({bytes});\nself.{length} = value.len() as u32;\nOk(())",
            part(&format!("self.{member}"), max)
        );
        let signature = format!("(&mut self, value: {ty}) -> {TOO_LONG}");
        self.method(Some(field), &comment, (&format!("set_{name}"), &signature), &body);
    }

    fn texts(&mut self, field: FieldView) {
        let name = &field.field.name;
        let member = ident(name);
        let lengths = ident(&field.member(Role::Lengths).name);
        let max = field.max_length();
        self.len(field);
        let comment = format!("Bytes of one element of `{name}`.");
        let read = format!(
            "let text = self.{member}[..self.{name}_len()].get(index)?;\n\
             Some(&text[..(self.{lengths}[index] as usize).min({max})])"
        );
        let signature = "(&self, index: usize) -> Option<&[u8]>";
        self.method(Some(field), &comment, (&member, signature), &read);
        let comment = format!("Bytes of each element of `{name}`.");
        let signature = "(&self) -> impl Iterator<Item = &[u8]> + '_";
        let read = format!("(0..self.{name}_len()).filter_map(|index| self.{member}(index))");
        self.method(Some(field), &comment, (&format!("{name}_iter"), signature), &read);
        let (ty, bytes) = text_argument(field);
        let comment = format!(
            "Appends to `{name}`.\n\n# Errors\n\nIt is full, or the value longer than {max} bytes; \
             nothing changes."
        );
        let body = format!(
            "{}\n{}\npart.copy_from_slice({bytes});\nself.{lengths}[index] = value.len() as u32;\n{}",
            self.slot(field),
            part("slot", max),
            counted(field)
        );
        let signature = format!("(&mut self, value: {ty}) -> {TOO_LONG}");
        self.method(Some(field), &comment, (&format!("add_{name}"), &signature), &body);
    }

    fn message(&mut self, field: FieldView) {
        let name = &field.field.name;
        let member = ident(name);
        let has = ident(&field.member(Role::Has).name);
        let ty = type_of(field.member(Role::Value).element, self.schema);
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

    fn messages(&mut self, field: FieldView) {
        let name = &field.field.name;
        let member = ident(name);
        let count = ident(&field.member(Role::Count).name);
        let ty = type_of(field.member(Role::Value).element, self.schema);
        self.len(field);
        let comment = format!("Messages of `{name}`.");
        let body = format!("&self.{member}[..self.{name}_len()]");
        self.method(Some(field), &comment, (&member, &format!("(&self) -> &[{ty}]")), &body);
        let comment = format!("Messages of `{name}`, to be changed.");
        let body = format!("let len = self.{name}_len();\n&mut self.{member}[..len]");
        let signature = format!("(&mut self) -> &mut [{ty}]");
        self.method(Some(field), &comment, (&format!("{name}_mut"), &signature), &body);
        let comment = format!("Appends an empty message to `{name}`; `None` if it is full.");
        let body = format!(
            "let slot = self.{member}.get_mut(self.{count} as usize)?;\n\
             slot.clear();\nself.{count} += 1;\nSome(slot)"
        );
        let signature = format!("(&mut self) -> Option<&mut {ty}>");
        self.method(Some(field), &comment, (&format!("add_{name}"), &signature), &body);
    }
}

/// Counts the element just written and succeeds.
fn counted(field: FieldView) -> String {
    format!("self.{} += 1;\nOk(())", ident(&field.member(Role::Count).name))
}

/// The type a setter takes, and its bytes.
fn text_argument(field: FieldView) -> (&'static str, &'static str) {
    match field.field.kind {
        Kind::Bytes { .. } => ("&[u8]", "value"),
        _ => ("&str", "value.as_bytes()"),
    }
}

/// Takes as much of `target` as the value needs as `part`, or returns.
fn part(target: &str, max: u32) -> String {
    format!(
        "let Some(part) = {target}.get_mut(..value.len()) else {{\n    \
         return Err(magpool::FieldTooLong {{ max: {max}, len: value.len() }});\n}};"
    )
}
