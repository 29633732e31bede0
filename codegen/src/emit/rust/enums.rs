//! Enumerations.

use super::{comment, ident};
use crate::emit::Writer;
use crate::names;
use crate::schema::{Enum, EnumValue};

pub(super) fn enumeration(out: &mut Writer, e: &Enum) {
    let name = ident(&e.name);
    out.claim("file", &name, &e.place);
    comment(out, &e.comment, &format!("The known values of `{}`.", e.name));
    let deprecated = e.deprecated || e.values.iter().any(|value| value.deprecated);
    out.line("#[allow(clippy::enum_variant_names)] // The schema's names.");
    if deprecated {
        out.line("#[allow(deprecated)]");
    }
    out.line("#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\n#[repr(i32)]");
    let variants: Vec<_> = e.values.iter().map(|v| (ident(&names::pascal(&v.name)), v)).collect();
    let own = || variants.iter().filter(|(_, value)| value.alias_of.is_none());
    out.block(format!("pub enum {name} {{"), "}\n", |out| {
        for (variant, value) in own() {
            out.claim(&name, variant, &value.place);
            comment(out, &value.comment, &format!("`{}`.", value.name));
            attributes(out, value);
            out.line(format!("{variant} = {},", value.number));
        }
    });
    if deprecated {
        out.line("#[allow(deprecated)]");
    }
    out.block(format!("impl {name} {{"), "}\n", |out| {
        for value in &e.values {
            alias(out, &name, value, &variants);
        }
        let note = if e.closed { "; a decoder treats others as unknown fields" } else { "" };
        out.line(format!("/// The value of this number, if it is a known one{note}."));
        out.block("pub fn from_number(number: i32) -> Option<Self> {", "}", |out| {
            out.block("match number {", "}", |out| {
                for (variant, value) in own() {
                    out.line(format!("{} => Some(Self::{variant}),", value.number));
                }
                out.line("_ => None,");
            });
        });
    });
}

fn attributes(out: &mut Writer, value: &EnumValue) {
    if value.deprecated {
        out.line("#[deprecated]");
    }
}

/// Another name of a value is a constant.
fn alias(out: &mut Writer, scope: &str, value: &EnumValue, variants: &[(String, &EnumValue)]) {
    let Some((first, _)) = value.alias_of.map(|index| &variants[index]) else { return };
    let name = ident(&value.name);
    out.claim(scope, &name, &value.place);
    comment(out, &value.comment, &format!("Another name of [`Self::{first}`]."));
    attributes(out, value);
    out.line(format!("pub const {name}: Self = Self::{first};"));
    out.gap();
}
