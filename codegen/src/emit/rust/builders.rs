//! Builders: fields set one after the other, in place, and one error at the end.

use super::{allow_deprecated, ident, maps, member_type, texts, type_of};
use crate::emit::view::{FieldView, MessageView};
use crate::emit::Writer;
use crate::layout::Role;
use crate::names;
use crate::schema::{Kind, Scalar, Schema};

/// The builder of a message, and the method that begins it.
pub(super) fn builder(out: &mut Writer, view: MessageView, schema: &Schema) {
    if view.message.fields.iter().all(|field| field.unknown) || view.message.map_entry {
        return;
    }
    let name = ident(&view.message.name);
    let builder = format!("{}Builder", view.message.name);
    let begin = method_name(view);
    out.claim("file", &builder, &view.message.place);
    out.claim(&format!("impl {}", view.message.full_name), &begin, &view.message.place);
    out.line(format!(
        "/// Sets the fields of a [`{name}`] one after the other; what does not fit is left out, and\n\
         /// reported by [`finish`](Self::finish).\n\
         #[must_use = \"finish says whether all fields fit\"]\n#[derive(Debug)]\n\
         pub struct {builder}<'a> {{\n    message: &'a mut {name},\n    \
         refused: Option<magpool::FieldTooLong>,\n}}\n"
    ));
    out.block(format!("impl {name} {{"), "}\n", |out| {
        out.line("/// Begins to set fields; those not set keep what they hold.");
        out.block(format!("pub fn {begin}(&mut self) -> {builder}<'_> {{"), "}", |out| {
            out.line(format!("{builder} {{ message: self, refused: None }}"));
        });
    });
    allow_deprecated(out, view);
    out.block(format!("impl<'a> {builder}<'a> {{"), "}\n", |out| {
        let fields = view.fields().filter(|field| !field.field.unknown);
        fields.for_each(|field| setter(out, view, schema, field));
        finish(out, &name);
    });
}

/// `build`, unless a field is called that.
fn method_name(view: MessageView) -> String {
    let taken = view.fields().any(|field| field.field.name == "build");
    if taken { "build_" } else { "build" }.to_owned()
}

fn finish(out: &mut Writer, name: &str) {
    out.gap();
    out.line("/// The message.\n///\n/// # Errors\n///\n/// The first field that did not fit.");
    let head = format!("pub fn finish(self) -> Result<&'a mut {name}, magpool::FieldTooLong> {{");
    out.block(head, "}", |out| {
        out.line("self.refused.map_or(Ok(self.message), Err)");
    });
}

/// What a builder's method takes and does.
struct Step {
    parameters: String,
    /// An expression of `Result<(), FieldTooLong>`, or a statement.
    action: String,
    may_fail: bool,
}

fn setter(out: &mut Writer, view: MessageView, schema: &Schema, field: FieldView) {
    let name = names::escape(&ident(&field.field.name), &["finish"]);
    out.claim(&format!("builder {}", view.message.full_name), &name, &field.field.place);
    let step = step(schema, field);
    let repeated = field.field.max_count.is_some() && field.role(Role::Count).is_some();
    let verb = if repeated { "Appends to" } else { "Sets" };
    out.gap();
    out.line(format!("/// {verb} `{}`.", field.field.name));
    if field.field.deprecated {
        out.line("#[deprecated]");
    }
    let own = if step.may_fail { "mut self" } else { "self" };
    out.block(format!("pub fn {name}({own}, {}) -> Self {{", step.parameters), "}", |out| {
        if step.may_fail {
            out.line(format!("let outcome = {};", step.action));
            out.block("if let Err(error) = outcome {", "}", |out| {
                out.line("self.refused.get_or_insert(error);");
            });
        } else {
            out.line(format!("{};", step.action));
        }
        out.line("self");
    });
}

fn step(schema: &Schema, field: FieldView) -> Step {
    let (name, kind) = (&field.field.name, field.field.kind);
    let repeated = field.field.max_count.is_some();
    let member = field.member(Role::Value);
    let element = type_of(member.element, schema);
    if repeated && field.role(Role::Count).is_none() {
        return Step {
            parameters: format!("value: {}", member_type(member, schema)),
            action: format!("*self.message.{name}_mut() = value"),
            may_fail: false,
        };
    }
    if let Some((_, key)) = maps::entry(field, schema) {
        let key = maps::key_type(key);
        return Step {
            parameters: format!("key: {key}, fill: impl FnOnce(&mut {element})"),
            action: format!("self.message.put_{name}(key).map(fill)"),
            may_fail: true,
        };
    }
    let max = field.max_count();
    match kind {
        Kind::Message(_) if repeated => Step {
            parameters: format!("fill: impl FnOnce(&mut {element})"),
            action: format!(
                "self.message.add_{name}().map(fill).ok_or(magpool::FieldTooLong {{\n    \
                 max: {max},\n    len: {max} + 1,\n}})"
            ),
            may_fail: true,
        },
        Kind::Message(_) => Step {
            parameters: format!("fill: impl FnOnce(&mut {element})"),
            action: format!("fill(self.message.{name}_mut())"),
            may_fail: false,
        },
        _ => {
            let (ty, text) = match kind {
                Kind::Text { .. } | Kind::Bytes { .. } => (texts::argument(field).0, true),
                Kind::Enum(index) => (ident(&schema.enums[index].name), false),
                Kind::Scalar(Scalar::Bool) => ("bool".to_owned(), false),
                _ => (element, false),
            };
            let verb = if repeated { "add" } else { "set" };
            Step {
                parameters: format!("value: {ty}"),
                action: format!("self.message.{verb}_{name}(value)"),
                may_fail: repeated || (text && !field.field.fixed),
            }
        }
    }
}
