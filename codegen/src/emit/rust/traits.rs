//! What every message implements: plain data, Default, Debug, PartialEq.

use super::{allow_deprecated, ident, literal, oneofs};
use crate::emit::view::{FieldView, MessageView, Part};
use crate::emit::Writer;
use crate::layout::Role;
use crate::schema::{Kind, Presence, Schema};

pub(super) fn traits(out: &mut Writer, view: MessageView, schema: &Schema) {
    let name = ident(&view.message.name);
    out.line(
        "// SAFETY: made of integers, floats and arrays of them alone (flags and enumerations are\n\
         // stored as integers), so every pattern of bits is a value and none owns anything.",
    );
    out.line(format!("unsafe impl magpool::PlainData for {name} {{}}\n"));
    default(out, view, schema);
    debug(out, view);
    equal(out, view);
}

fn default(out: &mut Writer, view: MessageView, schema: &Schema) {
    let name = ident(&view.message.name);
    out.line("#[allow(clippy::derivable_impls)] // Only for arrays of up to 32 elements.");
    out.block(format!("impl Default for {name} {{"), "}\n", |out| {
        out.block("fn default() -> Self {", "}", |out| {
            out.block("Self {", "}", |out| {
                for part in view.parts() {
                    let (member, value) = match part {
                        Part::Member(field, member) => {
                            (ident(&member.name), literal::empty_member(field, member, schema))
                        }
                        Part::Case(oneof) => (ident(&oneof.case_name()), "0".to_owned()),
                        Part::Union(oneof) => {
                            (ident(&oneof.oneof.name), oneofs::empty_union(view, oneof))
                        }
                        Part::Empty => ("empty".to_owned(), "0".to_owned()),
                    };
                    out.line(format!("{member}: {value},"));
                }
            });
        });
    });
}

/// Debug output shows what the accessors show, not the bytes out of use.
fn debug(out: &mut Writer, view: MessageView) {
    let name = ident(&view.message.name);
    allow_deprecated(out, view);
    out.block(format!("impl ::core::fmt::Debug for {name} {{"), "}\n", |out| {
        let head = "fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {";
        out.block(head, "}", |out| {
            out.line(format!("let mut shown = f.debug_struct(\"{name}\");"));
            view.fields().for_each(|field| show(out, field));
            out.line("shown.finish()");
        });
    });
}

fn show(out: &mut Writer, field: FieldView) {
    let (name, getter) = (&field.field.name, ident(&field.field.name));
    let lossy = matches!(field.field.kind, Kind::Text { .. });
    if field.oneof().is_some() {
        let text = if lossy { "String::from_utf8_lossy(held)" } else { "held" };
        out.block(format!("if let Some(held) = self.{getter}() {{"), "}", |out| {
            out.line(format!("shown.field(\"{name}\", &{text});"));
        });
        return;
    }
    let text = field.field.is_text();
    let shown = match (text, field.field.max_count, lossy) {
        (true, None, true) if field.has_presence() => {
            format!("self.{getter}().map({})", lossy_function(field))
        }
        (true, None, true) => format!("String::from_utf8_lossy(self.{getter}())"),
        (true, Some(_), true) => {
            format!("self.{name}_iter().map({}).collect::<Vec<_>>()", lossy_function(field))
        }
        (true, Some(_), false) => format!("self.{name}_iter().collect::<Vec<_>>()"),
        _ => format!("self.{getter}()"),
    };
    out.line(format!("shown.field(\"{name}\", &{shown});"));
}

/// Makes text of bytes; an array must become a slice first.
fn lossy_function(field: FieldView) -> &'static str {
    match field.field.fixed {
        true => "|text| String::from_utf8_lossy(text)",
        false => "String::from_utf8_lossy",
    }
}

/// What is out of use does not count.
fn equal(out: &mut Writer, view: MessageView) {
    let name = ident(&view.message.name);
    let plain = view.fields().filter(|field| field.oneof().is_none()).map(same);
    let conditions: Vec<String> = plain.chain(view.oneofs().map(oneofs::equal)).collect();
    allow_deprecated(out, view);
    out.block(format!("impl PartialEq for {name} {{"), "}\n", |out| {
        if conditions.is_empty() {
            out.line("fn eq(&self, _other: &Self) -> bool {\n    true\n}");
            return;
        }
        out.block("fn eq(&self, other: &Self) -> bool {", "}", |out| {
            out.line(conditions.join("\n    && "));
        });
    });
}

fn same(field: FieldView) -> String {
    let (name, getter) = (&field.field.name, ident(&field.field.name));
    match field.field.kind {
        // Unknown numbers count, too.
        Kind::Enum(_) if field.field.max_count.is_none() => {
            if field.field.presence != Presence::Flag {
                return format!("self.{getter} == other.{getter}");
            }
            let has = ident(&field.member(Role::Has).name);
            format!(
                "(self.{has} != 0) == (other.{has} != 0)\n    \
                 && (self.{has} == 0 || self.{getter} == other.{getter})"
            )
        }
        Kind::Text { .. } | Kind::Bytes { .. } if field.field.max_count.is_some() => {
            format!("self.{name}_iter().eq(other.{name}_iter())")
        }
        _ => format!("self.{getter}() == other.{getter}()"),
    }
}
