//! Appending to repeated fields.

use super::functions::{function, given, inner_names, text_parameters};
use super::ident;
use crate::emit::view::{FieldView, MessageView};
use crate::emit::Writer;
use crate::layout::Role;
use crate::schema::{Kind, Schema};

/// The function that appends; a list of fixed length needs none.
pub(super) fn add(out: &mut Writer, view: MessageView, field: FieldView, schema: &Schema) {
    if field.role(Role::Count).is_none() {
        return;
    }
    match field.field.kind {
        Kind::Text { .. } | Kind::Bytes { .. } => add_text(out, view, field),
        Kind::Message(index) => add_message(out, view, field, &schema.messages[index].name),
        Kind::Scalar(_) | Kind::Enum(_) => add_scalar(out, view, field, schema),
    }
}

/// `const uint32_t index`, of the next element, or out of the function.
fn take_index(out: &mut Writer, field: FieldView, also: &str, refusal: &str) {
    let count = ident(&field.member(Role::Count).name);
    out.line(format!("const uint32_t index = message->{count};"));
    out.block(format!("if (index >= {}{also}) {{", field.max_count()), "}", |out| {
        out.line(format!("return {refusal};"));
    });
}

fn count(out: &mut Writer, field: FieldView, result: &str) {
    let count = ident(&field.member(Role::Count).name);
    out.line(format!("message->{count} = index + 1;\nreturn {result};"));
}

fn add_text(out: &mut Writer, view: MessageView, field: FieldView) {
    let ty = ident(&view.message.name);
    let name = format!("{}_add_{}", view.snake(), field.field.name);
    let (parameters, source) = text_parameters(field);
    let value = ident(&field.member(Role::Value).name);
    let (max, max_count) = (field.max_length(), field.max_count());
    let parameters = format!("{ty} *message, {parameters}");
    let Some(lengths) = field.role(Role::Lengths) else {
        out.line(format!(
            "/* Appends the {max} bytes of {source}; false, and unchanged, if {max_count} are there. */"
        ));
        function(out, view, Some(field), ("bool", &name, &parameters), |out| {
            take_index(out, field, "", "false");
            out.line(format!("memcpy(message->{value}[index], {source}, {max});"));
            count(out, field, "true");
        });
        return;
    };
    out.line(format!(
        "/* Appends {source}; false, and unchanged, if it is longer than {max} or {max_count} are there. */"
    ));
    function(out, view, Some(field), ("bool", &name, &parameters), |out| {
        take_index(out, field, &format!(" || length > {max}"), "false");
        out.block("if (length != 0) {", "}", |out| {
            out.line(format!("memcpy(message->{value}[index], {source}, length);"));
        });
        out.line(format!("message->{}[index] = (uint32_t)length;", ident(&lengths.name)));
        count(out, field, "true");
    });
}

fn add_scalar(out: &mut Writer, view: MessageView, field: FieldView, schema: &Schema) {
    let ty = ident(&view.message.name);
    let name = format!("{}_add_{}", view.snake(), field.field.name);
    let value = ident(&field.member(Role::Value).name);
    let max_count = field.max_count();
    let (given, stored) = given(field, schema);
    out.line(format!("/* Appends a value; false, and unchanged, if {max_count} are there. */"));
    let parameters = format!("{ty} *message, {given} value");
    function(out, view, Some(field), ("bool", &name, &parameters), |out| {
        take_index(out, field, "", "false");
        out.line(format!("message->{value}[index] = {stored};"));
        count(out, field, "true");
    });
}

fn add_message(out: &mut Writer, view: MessageView, field: FieldView, inner: &str) {
    let ty = ident(&view.message.name);
    let name = format!("{}_add_{}", view.snake(), field.field.name);
    let value = ident(&field.member(Role::Value).name);
    let max_count = field.max_count();
    let (inner_type, inner_clear) = inner_names(inner);
    out.line(format!(
        "/* Appends an empty message and returns it; NULL if {max_count} are there. */"
    ));
    let signature = (format!("{inner_type} *"), format!("{ty} *message"));
    function(out, view, Some(field), (&signature.0, &name, &signature.1), |out| {
        take_index(out, field, "", "NULL");
        out.line(format!("{inner_clear}(&message->{value}[index]);"));
        count(out, field, &format!("&message->{value}[index]"));
    });
}
