//! Whether two messages hold the same: what is out of use does not count.

use super::functions::function;
use super::{case_constant, ident, path};
use crate::emit::view::{FieldView, MessageView, OneofView};
use crate::emit::Writer;
use crate::layout::Role;
use crate::names;
use crate::schema::{Kind, Presence, Schema};

pub(super) fn equal(out: &mut Writer, view: MessageView, schema: &Schema) {
    let ty = ident(&view.message.name);
    let name = format!("{}_equal", view.snake());
    out.line("/* Whether both hold the same; a damaged length or count equals nothing. */");
    let parameters = format!("const {ty} *a, const {ty} *b");
    function(out, view, None, ("bool", &name, &parameters), |out| {
        for field in view.fields().filter(|f| f.oneof().is_none()) {
            match field.field.max_count {
                Some(_) => list(out, field, schema),
                None => single(out, field, schema),
            }
        }
        view.oneofs().for_each(|oneof| one_of(out, view, oneof, schema));
        if view.message.fields.is_empty() {
            out.line("(void)a;\n(void)b;");
        }
        out.line("return true;");
    });
}

/// `if (condition) return false`
fn unequal(out: &mut Writer, condition: &str) {
    out.block(format!("if ({condition}) {{"), "}", |out| out.line("return false;"));
}

/// The condition under which a single value, or an element (`at` is `[i]`), differs.
fn differs(field: FieldView, at: &str, schema: &Schema) -> String {
    let value = format!("{}{at}", path(field, Role::Value));
    match field.field.kind {
        Kind::Scalar(_) | Kind::Enum(_) => format!("a->{value} != b->{value}"),
        Kind::Message(index) => {
            let inner = names::snake(&schema.messages[index].name);
            format!("!{inner}_equal(&a->{value}, &b->{value})")
        }
        Kind::Text { max_length } | Kind::Bytes { max_length } => {
            let role = if at.is_empty() { Role::Length } else { Role::Lengths };
            if field.role(role).is_none() {
                return format!("memcmp(a->{value}, b->{value}, {max_length}) != 0");
            }
            let length = format!("{}{at}", path(field, role));
            format!(
                "a->{length} != b->{length} || a->{length} > {max_length} ||\n    \
                 memcmp(a->{value}, b->{value}, a->{length}) != 0"
            )
        }
    }
}

fn single(out: &mut Writer, field: FieldView, schema: &Schema) {
    let differs = differs(field, "", schema);
    if field.field.presence == Presence::Flag {
        let has = ident(&field.member(Role::Has).name);
        unequal(out, &format!("(a->{has} != 0) != (b->{has} != 0)"));
        let differs = if differs.contains("||") { format!("({differs})") } else { differs };
        unequal(out, &format!("a->{has} != 0 && {differs}"));
    } else {
        unequal(out, &differs);
    }
}

fn list(out: &mut Writer, field: FieldView, schema: &Schema) {
    let max = field.max_count();
    let end = match field.role(Role::Count) {
        Some(count) => {
            let count = ident(&count.name);
            unequal(out, &format!("a->{count} != b->{count} || a->{count} > {max}"));
            format!("a->{count}")
        }
        None => max.to_string(),
    };
    out.block(format!("for (uint32_t i = 0; i < {end}; i++) {{"), "}", |out| {
        unequal(out, &differs(field, "[i]", schema));
    });
}

fn one_of(out: &mut Writer, view: MessageView, oneof: OneofView, schema: &Schema) {
    let case = ident(&oneof.case_name());
    unequal(out, &format!("a->{case} != b->{case}"));
    for field in oneof.fields() {
        let constant = case_constant(view, &oneof.oneof.name, &field.field.name);
        let differs = differs(field, "", schema);
        let differs = if differs.contains("||") { format!("({differs})") } else { differs };
        unequal(out, &format!("a->{case} == {constant} && {differs}"));
    }
}
