//! The Rust module: `repr(C)` structs, safe accessors and typed pools.

mod accessors;
mod pools;
mod probe;

use crate::emit::view::{self, FieldView, MessageView};
use crate::emit::{banner, Emitter, Target, Writer};
use crate::layout::{Element, Member, Model};
use crate::names;
use crate::schema::{Enum, Kind, Scalar, Schema};

/// Emits Rust 2021. The text is meant for `include!`, so it has no inner attributes.
pub(crate) struct Rust;

impl Emitter for Rust {
    fn language(&self) -> &'static str {
        "Rust"
    }

    fn files(&self, model: &Model) -> Vec<(Target, String, Writer)> {
        let stem = &model.schema.stem;
        vec![
            (Target::Rust, format!("{stem}.g.rs"), module(model)),
            (Target::RustProbe, format!("{stem}_probe.g.rs"), probe::probe(model)),
        ]
    }
}

/// Keywords, used and reserved, and the names of the prelude and of `magpool` the text relies on.
const RESERVED: &[&str] = &[
    "Box", "Clone", "Copy", "Default", "Err", "None", "Ok", "Option", "Result", "Self", "Some",
    "String", "Vec", "abstract", "as", "async", "await", "become", "bool", "box", "break", "const",
    "continue", "crate", "do", "dyn", "else", "enum", "extern", "f32", "f64", "false", "final",
    "fn", "for", "gen", "i32", "i64", "if", "impl", "in", "let", "loop", "macro", "magpool",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "str", "struct", "super", "trait", "true", "try", "type", "typeof", "u32", "u64", "u8",
    "unsafe", "unsized", "use", "usize", "virtual", "where", "while", "yield",
];

fn ident(name: &str) -> String {
    names::escape(name, RESERVED)
}

fn type_of(element: Element, schema: &Schema) -> String {
    let plain = match element {
        Element::Flag | Element::Char | Element::Byte | Element::Scalar(Scalar::Bool) => "u8",
        Element::Size | Element::Scalar(Scalar::U32) => "u32",
        Element::Scalar(Scalar::U64) => "u64",
        Element::Scalar(Scalar::I32) | Element::Enum(_) => "i32",
        Element::Scalar(Scalar::I64) => "i64",
        Element::Scalar(Scalar::F32) => "f32",
        Element::Scalar(Scalar::F64) => "f64",
        Element::Message(index) => return ident(&schema.messages[index].name),
    };
    plain.to_owned()
}

fn module(model: &Model) -> Writer {
    let schema = &model.schema;
    let mut out = Writer::new(4);
    out.line(format!("// {}\n", banner(model, "--rust-out")));
    let hash = format!("{}_LAYOUT_HASH", names::screaming(&schema.stem));
    out.claim("file", &hash, &schema.place);
    out.line("/// Equal in two programs if and only if the layouts of all messages are.");
    out.line(format!("pub const {hash}: u64 = {:#018x};\n", model.hash));
    schema.enums.iter().for_each(|e| enumeration(&mut out, e));
    for view in view::messages(model) {
        declaration(&mut out, view, schema);
        layout_asserts(&mut out, view);
        traits(&mut out, view, schema);
        accessors::accessors(&mut out, view, schema);
        pools::pools(&mut out, view);
    }
    out
}

/// The schema's comment, or else `default`, as documentation.
fn comment(out: &mut Writer, lines: &[String], default: &str) {
    if lines.is_empty() {
        out.line(format!("/// {default}"));
    }
    for line in lines {
        out.line(format!("/// {line}").trim_end());
    }
}

fn enumeration(out: &mut Writer, e: &Enum) {
    let name = ident(&e.name);
    out.claim("file", &name, &e.place);
    comment(out, &e.comment, &format!("The known values of `{}`.", e.name));
    out.line("#[allow(clippy::enum_variant_names)] // The schema's names.");
    out.line("#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\n#[repr(i32)]");
    let variants: Vec<_> = e.values.iter().map(|v| (ident(&names::pascal(&v.name)), v)).collect();
    out.block(format!("pub enum {name} {{"), "}\n", |out| {
        for (variant, value) in &variants {
            out.claim(&name, variant, &value.place);
            out.line(format!("/// `{}`.\n{variant} = {},", value.name, value.number));
        }
    });
    out.block(format!("impl {name} {{"), "}\n", |out| {
        out.line("/// The value of this number, if it is a known one.");
        out.block("pub fn from_number(number: i32) -> Option<Self> {", "}", |out| {
            out.block("match number {", "}", |out| {
                for (variant, value) in &variants {
                    out.line(format!("{} => Some(Self::{variant}),", value.number));
                }
                out.line("_ => None,");
            });
        });
    });
}

fn declaration(out: &mut Writer, view: MessageView, schema: &Schema) {
    let name = ident(&view.message.name);
    out.claim("file", &name, &view.message.place);
    comment(out, &view.message.comment, &format!("Message `{}`.", view.message.full_name));
    out.line("#[repr(C)]\n#[derive(Clone, Copy)]");
    out.block(format!("pub struct {name} {{"), "}\n", |out| {
        for field in view.fields() {
            for member in field.members() {
                let member_name = ident(&member.name);
                out.claim(&view.message.full_name, &member_name, &field.field.place);
                let lines =
                    if member.name == field.field.name { &field.field.comment[..] } else { &[] };
                comment(out, lines, &member_comment(field, member));
                let ty = member_type(member, schema);
                out.line(format!("pub {member_name}: {ty},"));
            }
        }
    });
}

fn member_comment(field: FieldView, member: &Member) -> String {
    use crate::layout::Role;
    let name = &field.field.name;
    match member.role {
        Role::Has => format!("1 if `{name}` is present, 0 if not."),
        Role::Count => format!("Elements of `{name}` in use."),
        Role::Length => format!("Bytes of `{name}` in use."),
        Role::Lengths => format!("Bytes in use of each element of `{name}`."),
        Role::Value => format!("Field `{name}`."),
    }
}

fn member_type(member: &Member, schema: &Schema) -> String {
    let element = type_of(member.element, schema);
    member.dims.iter().rev().fold(element, |inner, bound| format!("[{inner}; {bound}]"))
}

fn layout_asserts(out: &mut Writer, view: MessageView) {
    let name = ident(&view.message.name);
    out.block("const _: () = {", "};\n", |out| {
        out.line(format!("assert!(::core::mem::size_of::<{name}>() == {});", view.layout.size));
        out.line(format!("assert!(::core::mem::align_of::<{name}>() == {});", view.layout.align));
        for member in view.fields().flat_map(FieldView::members) {
            let (member_name, offset) = (ident(&member.name), member.offset);
            out.line(format!(
                "assert!(::core::mem::offset_of!({name}, {member_name}) == {offset});"
            ));
        }
    });
}

fn traits(out: &mut Writer, view: MessageView, schema: &Schema) {
    let name = ident(&view.message.name);
    out.line(
        "// SAFETY: made of integers, floats and arrays of them alone (flags and enumerations are\n\
         // stored as integers), so every pattern of bits is a value and none owns anything.",
    );
    out.line(format!("unsafe impl magpool::PlainData for {name} {{}}\n"));
    out.line("#[allow(clippy::derivable_impls)] // Only for arrays of up to 32 elements.");
    out.block(format!("impl Default for {name} {{"), "}\n", |out| {
        out.block("fn default() -> Self {", "}", |out| {
            out.block("Self {", "}", |out| {
                for member in view.fields().flat_map(FieldView::members) {
                    out.line(format!("{}: {},", ident(&member.name), zero(member, schema)));
                }
            });
        });
    });
    debug(out, view);
}

fn zero(member: &Member, schema: &Schema) -> String {
    let element = match member.element {
        Element::Scalar(Scalar::F32 | Scalar::F64) => "0.0".to_owned(),
        Element::Message(index) => format!("{}::default()", ident(&schema.messages[index].name)),
        _ => "0".to_owned(),
    };
    member.dims.iter().rev().fold(element, |inner, bound| format!("[{inner}; {bound}]"))
}

/// Debug output shows what the accessors show, not the bytes out of use.
fn debug(out: &mut Writer, view: MessageView) {
    let name = ident(&view.message.name);
    out.block(format!("impl ::core::fmt::Debug for {name} {{"), "}\n", |out| {
        let head = "fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {";
        out.block(head, "}", |out| {
            out.line(format!("let mut shown = f.debug_struct(\"{name}\");"));
            for field in view.fields() {
                let getter = ident(&field.field.name);
                let shown = match (field.field.kind, field.field.max_count) {
                    (Kind::Text { .. }, None) => {
                        format!("String::from_utf8_lossy(self.{getter}())")
                    }
                    (Kind::Text { .. }, Some(_)) => format!(
                        "self.{}_iter().map(String::from_utf8_lossy).collect::<Vec<_>>()",
                        field.field.name
                    ),
                    (Kind::Bytes { .. }, Some(_)) => {
                        format!("self.{}_iter().collect::<Vec<_>>()", field.field.name)
                    }
                    _ => format!("self.{getter}()"),
                };
                out.line(format!("shown.field(\"{}\", &{shown});", field.field.name));
            }
            out.line("shown.finish()");
        });
    });
}
