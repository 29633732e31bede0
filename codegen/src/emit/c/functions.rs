//! The static inline functions of the C header: clearing, and setting single fields.

use super::{case_constant, ident, lists, literal, maps, path, text_name, type_of};
use crate::emit::view::{FieldView, MessageView, OneofView, Part};
use crate::emit::Writer;
use crate::layout::Role;
use crate::names;
use crate::schema::{Kind, Literal, Presence, Scalar, Schema};

/// Functions every message has.
pub(super) fn functions(out: &mut Writer, view: MessageView, schema: &Schema) {
    clear(out, view, schema);
    init(out, view);
    for oneof in view.oneofs() {
        clear_oneof(out, view, oneof);
    }
    for field in view.fields() {
        default_text(out, view, field);
        match (field.field.kind, field.field.max_count) {
            (Kind::Message(_), Some(_)) if field.field.fixed => {}
            (_, Some(_)) => {
                lists::add(out, view, field, schema);
                maps::functions(out, view, field, schema);
            }
            _ if field.field.unknown => clear_unknown(out, view, field),
            (Kind::Text { .. } | Kind::Bytes { .. }, None) => set_text(out, view, field),
            (Kind::Message(index), None) => {
                mutable(out, view, field, &schema.messages[index].name);
            }
            (Kind::Scalar(_) | Kind::Enum(_), None) => {
                if field.has_presence() {
                    scalar(out, view, field, schema);
                }
            }
        }
    }
}

/// Opens a function's block; its name is claimed for `field`, or the message.
pub(super) fn function(
    out: &mut Writer,
    view: MessageView,
    field: Option<FieldView>,
    (result, name, parameters): (&str, &str, &str),
    body: impl FnOnce(&mut Writer),
) {
    out.claim("file", name, field.map_or(&view.message.place, |f| &f.field.place));
    let attribute =
        if field.is_some_and(|f| f.field.deprecated) { "MAGPOOL_DEPRECATED " } else { "" };
    let space = if result.ends_with('*') { "" } else { " " };
    let head = format!("{attribute}static inline {result}{space}{name}({parameters}) {{");
    let head = match head.len() {
        0..=100 => head,
        _ => format!("{attribute}static inline {result}{space}{name}(\n        {parameters}) {{"),
    };
    out.block(head, "}\n", body);
}

fn clear(out: &mut Writer, view: MessageView, schema: &Schema) {
    let ty = ident(&view.message.name);
    let name = format!("{}_clear", view.snake());
    let defaults = view.fields().any(|f| !f.has_presence() && f.field.default.is_some());
    let numbers = if defaults { "become 0 or their default" } else { "become 0" };
    out.line(format!(
        "/* Empties the message: numbers, lengths and counts {numbers}, messages absent. */"
    ));
    function(out, view, None, ("void", &name, &format!("{ty} *message")), |out| {
        for field in view.fields().filter(|f| f.oneof().is_none()) {
            clear_field(out, field, schema);
        }
        for part in view.parts() {
            match part {
                Part::Case(oneof) => {
                    out.line(format!("message->{} = 0;", ident(&oneof.case_name())));
                }
                Part::Empty => out.line("message->empty = 0;"),
                _ => {}
            }
        }
    });
}

fn clear_field(out: &mut Writer, field: FieldView, schema: &Schema) {
    let first = &field.members()[0];
    let member = ident(&first.name);
    match (first.role, field.field.kind) {
        (Role::Value, Kind::Message(index)) => {
            let head = format!("for (size_t i = 0; i < {}; i++) {{", field.max_count());
            let inner = inner_names(&schema.messages[index].name).1;
            out.block(head, "}", |out| out.line(format!("{inner}(&message->{member}[i]);")));
        }
        (Role::Value, _) if !first.dims.is_empty() => {
            out.line(format!("memset(message->{member}, 0, sizeof message->{member});"));
        }
        (Role::Value, _) => out.line(format!("message->{member} = {};", literal::zero_of(field))),
        _ => out.line(format!("message->{member} = 0;")),
    }
}

fn init(out: &mut Writer, view: MessageView) {
    let (ty, snake) = (ident(&view.message.name), view.snake());
    let name = format!("{snake}_init");
    out.line("/* As clear, but every byte out of use is 0, too. */");
    function(out, view, None, ("void", &name, &format!("{ty} *message")), |out| {
        out.line(format!("memset(message, 0, sizeof *message);\n{snake}_clear(message);"));
    });
}

fn clear_oneof(out: &mut Writer, view: MessageView, oneof: OneofView) {
    let name = format!("{}_clear_{}", view.snake(), oneof.oneof.name);
    let parameters = format!("{} *message", ident(&view.message.name));
    out.line(format!("/* No field of {} is present. */", oneof.oneof.name));
    function(out, view, None, ("void", &name, &parameters), |out| {
        out.line(format!("message->{} = 0;", ident(&oneof.case_name())));
    });
}

/// Unknown fields are not set: only a decoder knows that they are some.
fn clear_unknown(out: &mut Writer, view: MessageView, field: FieldView) {
    let name = format!("{}_clear_{}", view.snake(), field.field.name);
    let parameters = format!("{} *message", ident(&view.message.name));
    out.line("/* Forgets the fields that the schema does not have. */");
    function(out, view, Some(field), ("void", &name, &parameters), |out| {
        out.line(format!("message->{} = 0;", path(field, Role::Length)));
    });
}

/// What is said of a text's default; numbers have a function that knows theirs.
fn default_text(out: &mut Writer, view: MessageView, field: FieldView) {
    let Some(Literal::Bytes(bytes)) = &field.field.default else { return };
    let stem = names::screaming(&view.message.name);
    let name = format!("{stem}_{}_DEFAULT", names::screaming(&field.field.name));
    out.claim("file", &name, &field.field.place);
    out.line(format!("/* What {} means when it is absent. */", field.field.name));
    out.line(format!("#define {name} {}\n", literal::quoted(bytes)));
}

/// Marks a field as present.
fn mark(out: &mut Writer, view: MessageView, field: FieldView) {
    match field.oneof() {
        Some(oneof) => {
            let constant = case_constant(view, &oneof.name, &field.field.name);
            out.line(format!("message->{} = {constant};", ident(&format!("{}_case", oneof.name))));
        }
        None if field.field.presence == Presence::Flag => {
            out.line(format!("message->{} = 1;", ident(&field.member(Role::Has).name)));
        }
        None => {}
    }
}

/// Whether a field with presence is absent, as a condition.
fn is_absent(view: MessageView, field: FieldView) -> String {
    match field.oneof() {
        Some(oneof) => {
            let constant = case_constant(view, &oneof.name, &field.field.name);
            format!("message->{} != {constant}", ident(&format!("{}_case", oneof.name)))
        }
        None => format!("message->{} == 0", ident(&field.member(Role::Has).name)),
    }
}

/// The type a number is given and returned as, and how `value` is stored.
pub(super) fn given(field: FieldView, schema: &Schema) -> (String, &'static str) {
    if field.field.kind == Kind::Scalar(Scalar::Bool) {
        return ("bool".to_owned(), "value ? 1 : 0");
    }
    (type_of(field.member(Role::Value).element, schema), "value")
}

fn scalar(out: &mut Writer, view: MessageView, field: FieldView, schema: &Schema) {
    let (ty, snake, shown) = (ident(&view.message.name), view.snake(), &field.field.name);
    let value = path(field, Role::Value);
    let (given, stored) = given(field, schema);
    out.line(format!("/* Sets {shown}, which is present then. */"));
    let (name, parameters) =
        (format!("{snake}_set_{shown}"), format!("{ty} *message, {given} value"));
    function(out, view, Some(field), ("void", &name, &parameters), |out| {
        out.line(format!("message->{value} = {stored};"));
        mark(out, view, field);
    });
    let default = literal::zero_of(field);
    out.line(format!("/* Returns {shown}, or {default} if it is absent. */"));
    let (name, parameters) = (format!("{snake}_get_{shown}"), format!("const {ty} *message"));
    function(out, view, Some(field), (&given, &name, &parameters), |out| {
        let to_bool = if given == "bool" { " != 0" } else { "" };
        let default = if given == "bool" { (default != "0").to_string() } else { default.clone() };
        let absent = is_absent(view, field);
        out.line(format!("return {absent} ? {default} : message->{value}{to_bool};"));
    });
}

/// The parameters that carry a text or bytes, and what the bytes are called.
pub(super) fn text_parameters(field: FieldView) -> (String, &'static str) {
    let ty = if text_name(field) == "data" { "void" } else { "char" };
    let length = if field.field.fixed { "" } else { ", size_t length" };
    (format!("const {ty} *{}{length}", text_name(field)), text_name(field))
}

fn set_text(out: &mut Writer, view: MessageView, field: FieldView) {
    let ty = ident(&view.message.name);
    let name = format!("{}_set_{}", view.snake(), field.field.name);
    let (parameters, source) = text_parameters(field);
    let value = path(field, Role::Value);
    let max = field.max_length();
    let parameters = format!("{ty} *message, {parameters}");
    if field.field.fixed {
        out.line(format!("/* Copies the {max} bytes of {source}. */"));
        function(out, view, Some(field), ("void", &name, &parameters), |out| {
            out.line(format!("memcpy(message->{value}, {source}, {max});"));
            mark(out, view, field);
        });
        return;
    }
    out.line(format!("/* Copies {source}; false, and unchanged, if it is longer than {max}. */"));
    function(out, view, Some(field), ("bool", &name, &parameters), |out| {
        out.block(format!("if (length > {max}) {{"), "}", |out| {
            out.line("return false;");
        });
        store_text(out, view, field, "length");
        out.line("return true;");
    });
    if field.can_be_cut() {
        fit_text(out, view, field, &parameters);
    }
}

/// Copies a text of a length that fits.
fn store_text(out: &mut Writer, view: MessageView, field: FieldView, length: &str) {
    let (value, stored) = (path(field, Role::Value), path(field, Role::Length));
    out.block(format!("if ({length} != 0) {{"), "}", |out| {
        out.line(format!("memcpy(message->{value}, {}, {length});", text_name(field)));
    });
    out.line(format!("message->{stored} = (uint32_t){length};"));
    mark(out, view, field);
}

/// The function that stores what fits.
fn fit_text(out: &mut Writer, view: MessageView, field: FieldView, parameters: &str) {
    let (source, max) = (text_name(field), field.max_length());
    let name = format!("{}_fit_{}", view.snake(), field.field.name);
    let is_string = matches!(field.field.kind, Kind::Text { .. });
    let character = if is_string { " No character is cut in two." } else { "" };
    out.line(format!("/* Copies what fits of {source}; false if that is not all.{character} */"));
    function(out, view, Some(field), ("bool", &name, parameters), |out| {
        out.line(format!("size_t fits = length > {max} ? {max} : length;"));
        if is_string {
            let inside = format!("({source}[fits] & 0xc0) == 0x80");
            out.block(format!("while (fits < length && fits > 0 && {inside}) {{"), "}", |out| {
                out.line("fits--;");
            });
        }
        store_text(out, view, field, "fits");
        out.line("return fits == length;");
    });
}

fn mutable(out: &mut Writer, view: MessageView, field: FieldView, inner: &str) {
    let ty = ident(&view.message.name);
    let name = format!("{}_mutable_{}", view.snake(), field.field.name);
    let value = path(field, Role::Value);
    let (inner_type, inner_clear) = inner_names(inner);
    out.line("/* The inner message; if it was absent it is now present, and empty. */");
    let signature = (format!("{inner_type} *"), format!("{ty} *message"));
    function(out, view, Some(field), (&signature.0, &name, &signature.1), |out| {
        out.block(format!("if ({}) {{", is_absent(view, field)), "}", |out| {
            out.line(format!("{inner_clear}(&message->{value});"));
            mark(out, view, field);
        });
        out.line(format!("return &message->{value};"));
    });
}

/// An inner message's type, and the function that clears it.
pub(super) fn inner_names(inner: &str) -> (String, String) {
    (ident(inner), format!("{}_clear", names::snake(inner)))
}
