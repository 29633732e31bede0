//! Oneofs: the union a Struct holds, and the enumeration of what it may hold.

use super::{comment, deprecated, ident, struct_field, type_ident, value_ident};
use crate::emit::view::{FieldView, MessageView, OneofView};
use crate::emit::Writer;
use crate::layout::Role;
use crate::names;
use crate::schema::Schema;

fn stem(view: MessageView, oneof: OneofView) -> String {
    format!("{}{}", view.message.name, names::pascal(&oneof.oneof.name))
}

/// `TrackBodyCase` for `body` of `Track`.
pub(super) fn case_type(view: MessageView, oneof: OneofView) -> String {
    format!("{}Case", stem(view, oneof))
}

pub(super) fn union_type(view: MessageView, oneof: OneofView) -> String {
    format!("{}Union", stem(view, oneof))
}

/// `whichBody` and `clearBody`.
pub(super) fn member_names(oneof: OneofView) -> [String; 2] {
    ["which", "clear"].map(|verb| ident(&format!("{verb}_{}", oneof.oneof.name)))
}

/// The types of all oneofs of a message.
pub(super) fn declarations(out: &mut Writer, view: MessageView, schema: &Schema) {
    for oneof in view.oneofs() {
        cases(out, view, oneof);
        union(out, view, oneof, schema);
    }
}

fn cases(out: &mut Writer, view: MessageView, oneof: OneofView) {
    let name = case_type(view, oneof);
    out.claim("file", &name, &oneof.oneof.place);
    let class = type_ident(&view.message.name);
    out.line(format!("/// Which field of `{}` is present in a [{class}].", oneof.oneof.name));
    out.block(format!("enum {name} {{"), "}\n", |out| {
        let fields: Vec<_> = oneof.fields().collect();
        out.claim(&name, "notSet", &oneof.oneof.place);
        out.line("/// None.\nnotSet(0),\n");
        for (i, field) in fields.iter().enumerate() {
            let case = value_ident(&field.field.name);
            out.claim(&name, &case, &field.field.place);
            let end = if i + 1 == fields.len() { ';' } else { ',' };
            out.line(format!("/// `{}`.", field.field.name));
            deprecated(out, field.field.deprecated);
            out.line(format!("{case}({}){end}\n", field.field.number));
        }
        out.line(format!("const {name}(this.number);\n"));
        out.line("/// The field's number in the schema, or 0.\nfinal int number;\n");
        out.line("/// The case of this [number]: [notSet] if it is no field's.");
        out.block(format!("static {name} fromNumber(int number) {{"), "}", |out| {
            out.block("for (final value in values) {", "}", |out| {
                out.line("if (value.number == number) return value;");
            });
            out.line("return notSet;");
        });
    });
}

fn union(out: &mut Writer, view: MessageView, oneof: OneofView, schema: &Schema) {
    let name = union_type(view, oneof);
    let of = format!("`{}` of [{}]", oneof.oneof.name, type_ident(&view.message.name));
    for field in oneof.fields().filter(|field| field.members().len() > 1) {
        text_struct(out, &name, field, schema);
    }
    out.claim("file", &name, &oneof.oneof.place);
    out.line(format!("/// The fields of {of}, all in one place."));
    out.block(format!("final class {name} extends Union {{"), "}\n", |out| {
        for field in oneof.fields() {
            let member = ident(&field.field.name);
            out.claim(&name, &member, &field.field.place);
            out.gap();
            comment(out, &field.field.comment, &format!("Field `{}`.", field.field.name));
            deprecated(out, field.field.deprecated);
            if field.members().len() > 1 {
                out.line(format!("external {} {member};", text_type(&name, field)));
            } else {
                struct_field(out, &member, field.member(Role::Value), schema);
            }
        }
    });
}

fn text_type(union: &str, field: FieldView) -> String {
    format!("{union}{}", names::pascal(&field.field.name))
}

fn text_struct(out: &mut Writer, union: &str, field: FieldView, schema: &Schema) {
    let name = text_type(union, field);
    out.claim("file", &name, &field.field.place);
    let shown = &field.field.name;
    out.line(format!("/// Field `{shown}` within a [{union}]."));
    out.block(format!("final class {name} extends Struct {{"), "}\n", |out| {
        out.line(format!("/// Bytes of `{shown}` in use."));
        struct_field(out, "length", field.member(Role::Length), schema);
        out.gap();
        out.line(format!("/// Field `{shown}`."));
        struct_field(out, "bytes", field.member(Role::Value), schema);
    });
}
