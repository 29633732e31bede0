//! The Rust module: `repr(C)` structs, safe accessors and typed pools.

mod accessors;
mod builders;
mod enums;
mod lists;
mod literal;
mod maps;
mod oneofs;
mod pools;
mod presence;
mod probe;
mod texts;
mod traits;

use std::collections::{BTreeMap, BTreeSet};
mod wire;

use crate::emit::view::{self, FieldView, MessageView, Part};
use crate::emit::{banner, docs, Emitter, Target, Writer};
use crate::layout::{Element, Member, Model, Role};
use crate::names;
use crate::place::Place;
use crate::schema::{Home, Kind, Scalar, Schema};

/// Emits Rust 2021. The text is meant for `include!`, so it has no inner attributes.
pub(crate) struct Rust;

impl Emitter for Rust {
    fn language(&self) -> &'static str {
        "Rust"
    }

    fn targets(&self) -> &'static [Target] {
        &[Target::Rust, Target::RustProbe]
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
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Err",
    "FnOnce",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "PartialEq",
    "Result",
    "Self",
    "Some",
    "String",
    "Vec",
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "bool",
    "box",
    "break",
    "const",
    "continue",
    "crate",
    "default",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "f32",
    "f64",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "i32",
    "i64",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "magpool",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "str",
    "struct",
    "super",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "u32",
    "u64",
    "u8",
    "unsafe",
    "unsized",
    "use",
    "usize",
    "virtual",
    "where",
    "while",
    "yield",
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
    out.line(format!("// {}", banner(model, "--rust-out")));
    schema.comment.iter().for_each(|line| out.line(format!("// {line}").trim_end()));
    out.gap();
    imports(&mut out, model);
    let hash = format!("{}_LAYOUT_HASH", names::screaming(&schema.stem));
    out.claim("file", &hash, &schema.place);
    out.line("/// Equal in two programs if and only if the layouts of all messages are.");
    out.line(format!("pub const {hash}: u64 = {:#018x};\n", model.hash));
    view::enums(model).for_each(|e| enums::enumeration(&mut out, e));
    for view in view::messages(model) {
        declaration(&mut out, view, schema);
        oneofs::declarations(&mut out, view, schema);
        layout_asserts(&mut out, view);
        traits::traits(&mut out, view, schema);
        accessors::accessors(&mut out, view, schema);
        builders::builder(&mut out, view, schema);
        pools::pools(&mut out, view);
    }
    wire::wire(&mut out, model);
    out
}

/// The modules of other files are beside this one, named as the files.
fn imports(out: &mut Writer, model: &Model) {
    let schema = &model.schema;
    let mut used: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut note = |out: &mut Writer, home: &'_ Home, name: &str, place: &Place| {
        let Home::Import(stem) = home else { return };
        let Some(import) = schema.imports.iter().find(|import| import.stem == *stem) else {
            return;
        };
        let name = ident(name);
        out.claim("file", &name, place);
        if !import.public {
            used.entry(&import.stem).or_default().insert(name);
        }
    };
    for field in view::messages(model).flat_map(|m| &m.message.fields) {
        match field.kind {
            Kind::Message(index) => {
                let inner = &schema.messages[index];
                note(out, &inner.home, &inner.name, &inner.place);
            }
            Kind::Enum(index) => {
                let inner = &schema.enums[index];
                note(out, &inner.home, &inner.name, &inner.place);
            }
            _ => {}
        }
    }
    for import in schema.imports.iter().filter(|import| import.public) {
        out.line(format!("#[allow(unused_imports)]\npub use super::{}::*;", ident(&import.stem)));
    }
    for (stem, names) in used {
        let names: Vec<String> = names.into_iter().collect();
        let stem = ident(stem);
        // An enumeration of which only numbers are stored need not be named.
        out.line("#[allow(unused_imports)]");
        match &names[..] {
            [name] => out.line(format!("use super::{stem}::{name};")),
            names => out.line(format!("use super::{stem}::{{{}}};", names.join(", "))),
        }
    }
    out.gap();
}

/// The schema's comment, or else `default`, as documentation.
fn comment(out: &mut Writer, lines: &[String], default: &str) {
    if lines.is_empty() {
        out.line(format!("/// {default}"));
    }
    for line in docs::lines(lines) {
        out.line(format!("/// {line}").trim_end());
    }
}

/// What lets generated code use what the schema calls deprecated.
fn allow_deprecated(out: &mut Writer, view: MessageView) {
    if view.message.deprecated || view.fields().any(|f| f.field.deprecated) {
        out.line("#[allow(deprecated)]");
    }
}

fn declaration(out: &mut Writer, view: MessageView, schema: &Schema) {
    let name = ident(&view.message.name);
    let scope = &view.message.full_name;
    out.claim("file", &name, &view.message.place);
    comment(out, &view.message.comment, &format!("Message `{scope}`."));
    out.line("#[repr(C)]\n#[derive(Clone, Copy)]");
    out.block(format!("pub struct {name} {{"), "}\n", |out| {
        for part in view.parts() {
            match part {
                Part::Member(field, member) => {
                    let member_name = ident(&member.name);
                    out.claim(scope, &member_name, &field.field.place);
                    let own = member.role == Role::Value;
                    let lines = if own { &field.field.comment[..] } else { &[] };
                    comment(out, lines, &member_comment(field, member));
                    let ty = member_type(member, schema);
                    out.line(format!("pub {member_name}: {ty},"));
                }
                Part::Case(oneof) => {
                    let case = ident(&oneof.case_name());
                    out.claim(scope, &case, &oneof.oneof.place);
                    out.line(format!("{case}: u32,"));
                }
                Part::Union(oneof) => {
                    let member = ident(&oneof.oneof.name);
                    out.claim(scope, &member, &oneof.oneof.place);
                    out.line(format!("{member}: {},", oneofs::union_name(view, oneof)));
                }
                Part::Empty => out.line("/// Always 0: C has no empty structs.\npub empty: u8,"),
            }
        }
    });
}

fn member_comment(field: FieldView, member: &Member) -> String {
    let name = &field.field.name;
    match member.role {
        Role::Has => format!("1 if `{name}` is present, 0 if not."),
        Role::Count => format!("Elements of `{name}` in use."),
        Role::Length => format!("Bytes of `{name}` in use."),
        Role::Lengths => format!("Bytes in use of each element of `{name}`."),
        Role::Value if field.field.required => format!("Field `{name}`, which is required."),
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
        for (member, offset) in offsets(view) {
            out.line(format!("assert!(::core::mem::offset_of!({name}, {member}) == {offset});"));
        }
    });
}

/// Every member with its offset: of fields, cases, and within unions.
fn offsets(view: MessageView) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    for part in view.parts() {
        match part {
            Part::Member(_, member) => found.push((ident(&member.name), member.offset)),
            Part::Case(oneof) => found.push((ident(&oneof.case_name()), oneof.layout.case_offset)),
            Part::Union(oneof) => {
                found.push((ident(&oneof.oneof.name), oneof.layout.offset));
                let members = oneof.fields().flat_map(|f| f.members().iter().map(move |m| (f, m)));
                found.extend(members.map(|(f, m)| (presence::path(f, m.role), m.offset)));
            }
            Part::Empty => found.push(("empty".to_owned(), 0)),
        }
    }
    found
}
