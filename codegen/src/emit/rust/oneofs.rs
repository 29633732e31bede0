//! Oneofs: a private union and its case, and an enumeration of references for those who read.

use super::accessors::Methods;
use super::presence::reach;
use super::{comment, ident, member_type, type_of};
use crate::emit::view::{FieldView, MessageView, OneofView};
use crate::emit::Writer;
use crate::layout::Role;
use crate::names;
use crate::schema::{Kind, Scalar, Schema};

/// `TrackBody` for `body` of `Track`. Schemas like to call a message that.
fn stem(view: MessageView, oneof: OneofView) -> String {
    format!("{}{}", view.message.name, names::pascal(&oneof.oneof.name))
}

/// The public enumeration's name.
fn enum_name(view: MessageView, oneof: OneofView) -> String {
    format!("{}Field", stem(view, oneof))
}

pub(super) fn union_name(view: MessageView, oneof: OneofView) -> String {
    format!("{}Union", stem(view, oneof))
}

/// The union and the enumeration of each oneof.
pub(super) fn declarations(out: &mut Writer, view: MessageView, schema: &Schema) {
    for oneof in view.oneofs() {
        enumeration(out, view, oneof, schema);
        union(out, view, oneof, schema);
    }
}

/// Whether a variant borrows from the message.
fn borrows(field: FieldView) -> bool {
    field.field.is_text() || matches!(field.field.kind, Kind::Message(_))
}

fn lifetime(oneof: OneofView, name: &str) -> String {
    let any = oneof.fields().any(borrows);
    if any {
        format!("<{name}>")
    } else {
        String::new()
    }
}

fn enumeration(out: &mut Writer, view: MessageView, oneof: OneofView, schema: &Schema) {
    let name = enum_name(view, oneof);
    out.claim("file", &name, &oneof.oneof.place);
    let default = format!("Field of `{}` that is present in a `{}`.", oneof.oneof.name, {
        &view.message.name
    });
    comment(out, &oneof.oneof.comment, &default);
    out.line("#[derive(Clone, Copy, Debug, PartialEq)]");
    out.block(format!("pub enum {name}{} {{", lifetime(oneof, "'a")), "}\n", |out| {
        out.line("/// No field.\nNone,");
        for field in oneof.fields() {
            let variant = variant(field);
            out.claim(&name, &variant, &field.field.place);
            let number = matches!(field.field.kind, Kind::Enum(_));
            let note = if number { ", as a number" } else { "" };
            let default = format!("Field `{}`{note}.", field.field.name);
            comment(out, &field.field.comment, &default);
            out.line(format!("{variant}({}),", variant_type(field, schema)));
        }
    });
}

fn variant(field: FieldView) -> String {
    ident(&names::pascal(&field.field.name))
}

fn variant_type(field: FieldView, schema: &Schema) -> String {
    match field.field.kind {
        Kind::Scalar(Scalar::Bool) => "bool".to_owned(),
        Kind::Text { max_length } | Kind::Bytes { max_length } if field.field.fixed => {
            format!("&'a [u8; {max_length}]")
        }
        Kind::Text { .. } | Kind::Bytes { .. } => "&'a [u8]".to_owned(),
        Kind::Message(index) => format!("&'a {}", ident(&schema.messages[index].name)),
        _ => type_of(field.member(Role::Value).element, schema),
    }
}

fn union(out: &mut Writer, view: MessageView, oneof: OneofView, schema: &Schema) {
    let name = union_name(view, oneof);
    out.claim("file", &name, &oneof.oneof.place);
    for field in oneof.fields().filter(|f| f.members().len() > 1) {
        let ty = text_struct(&name, field);
        out.claim("file", &ty, &field.field.place);
        let text = member_type(field.member(Role::Value), schema);
        out.line(format!("#[repr(C)]\n#[derive(Clone, Copy)]\nstruct {ty} {{"));
        out.line(format!("    length: u32,\n    text: {text},\n}}\n"));
    }
    out.line("#[repr(C)]\n#[derive(Clone, Copy)]");
    out.block(format!("union {name} {{"), "}\n", |out| {
        for field in oneof.fields() {
            let member = ident(&field.field.name);
            out.claim(&name, &member, &field.field.place);
            let ty = match field.members().len() {
                1 => member_type(field.member(Role::Value), schema),
                _ => text_struct(&name, field),
            };
            out.line(format!("{member}: {ty},"));
        }
        out.line(format!("_bytes: [u8; {}],", oneof.layout.size));
    });
}

fn text_struct(union: &str, field: FieldView) -> String {
    format!("{union}{}", names::pascal(&field.field.name))
}

/// The union without a field.
pub(super) fn empty_union(view: MessageView, oneof: OneofView) -> String {
    format!("{} {{ _bytes: [0; {}] }}", union_name(view, oneof), oneof.layout.size)
}

/// The methods of a oneof itself; its fields have theirs.
pub(super) fn methods(methods: &mut Methods, oneof: OneofView) {
    let view = methods.view;
    let (name, case) = (&oneof.oneof.name, ident(&oneof.case_name()));
    let ty = enum_name(view, oneof);
    let arms = oneof.fields().map(|field| arm(&ty, field));
    let body =
        format!("match self.{case} {{\n{}    _ => {ty}::None,\n}}", arms.collect::<String>());
    let signature = format!("(&self) -> {ty}{}", lifetime(oneof, "'_"));
    let comment = format!("The field of `{name}` that is present.");
    methods.method(None, &comment, (&ident(name), &signature), &body);
    let comment = format!("Makes all fields of `{name}` absent.");
    let body = format!("self.{case} = 0;");
    methods.method(None, &comment, (&format!("clear_{name}"), "(&mut self)"), &body);
    let body = format!(
        "if self.{case} != case {{\n    self.{} = {};\n    self.{case} = case;\n}}",
        ident(name),
        empty_union(view, oneof)
    );
    methods.private(&format!("choose_{name}"), "(&mut self, case: u32)", &body);
}

/// An arm of the `match` over the case; 4 spaces deep.
fn arm(ty: &str, field: FieldView) -> String {
    let (number, variant) = (field.field.number, variant(field));
    if !matches!(field.field.kind, Kind::Enum(_)) {
        let getter = ident(&field.field.name);
        return format!("    {number} => self.{getter}().map_or({ty}::None, {ty}::{variant}),\n");
    }
    let reach = reach(field);
    let bind = reach.bind.replace('\n', "\n        ");
    format!("    {number} => {{\n        {}{ty}::{variant}({})\n    }}\n", bind, reach.value)
}

/// The condition under which both messages hold the same.
pub(super) fn equal(oneof: OneofView) -> String {
    let name = ident(&oneof.oneof.name);
    format!("self.{name}() == other.{name}()")
}
