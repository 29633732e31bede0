//! Enumerations.

use super::{comment, deprecated, type_ident, value_ident};
use crate::emit::Writer;
use crate::schema::Enum;

pub(super) fn enumeration(out: &mut Writer, e: &Enum) {
    let name = type_ident(&e.name);
    out.claim("file", &name, &e.place);
    comment(out, &e.comment, &format!("The known values of `{}`.", e.name));
    deprecated(out, e.deprecated);
    out.block(format!("enum {name} {{"), "}\n", |out| {
        let own: Vec<_> = e.values.iter().filter(|value| value.alias_of.is_none()).collect();
        for (i, value) in own.iter().enumerate() {
            let constant = value_ident(&value.name);
            out.claim(&name, &constant, &value.place);
            let end = if i + 1 == own.len() { ';' } else { ',' };
            comment(out, &value.comment, &format!("`{}`.", value.name));
            deprecated(out, value.deprecated);
            out.line(format!("{constant}({}){end}", value.number));
            out.gap();
        }
        out.line(format!("const {name}(this.number);\n"));
        aliases(out, e, &name);
        out.line("/// The number it is stored as.\nfinal int number;\n");
        let note = if e.closed { "\n/// Decoders treat others as unknown fields." } else { "" };
        let about = "The value of this [number], or null if it is not a known one.";
        out.line(format!("/// {about}{note}"));
        out.block(format!("static {name}? fromNumber(int number) {{"), "}", |out| {
            out.block("for (final value in values) {", "}", |out| {
                out.line("if (value.number == number) return value;");
            });
            out.line("return null;");
        });
    });
}

/// Another name of a value is a constant.
fn aliases(out: &mut Writer, e: &Enum, name: &str) {
    for value in &e.values {
        let Some(first) = value.alias_of.map(|index| value_ident(&e.values[index].name)) else {
            continue;
        };
        let alias = value_ident(&value.name);
        out.claim(name, &alias, &value.place);
        comment(out, &value.comment, &format!("Another name of [{first}]."));
        deprecated(out, value.deprecated);
        out.line(format!("static const {alias} = {first};\n"));
    }
}
