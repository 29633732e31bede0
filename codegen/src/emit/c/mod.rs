//! The C header: the reference of every layout.

mod equal;
mod functions;
mod lists;
mod literal;
mod maps;
mod pools;
mod probe;
mod reserved;
mod wire;

use crate::emit::view::{self, FieldView, MessageView, OneofView, Part};
use crate::emit::{banner, Emitter, Target, Writer};
use crate::layout::{Element, Member, Model, Role};
use crate::names;
use crate::schema::{Enum, Home, Kind, Literal, Scalar, Schema};

/// Emits C99 that is also C++.
pub(crate) struct C;

impl Emitter for C {
    fn language(&self) -> &'static str {
        "C"
    }

    fn targets(&self) -> &'static [Target] {
        &[Target::C, Target::CProbe]
    }

    fn files(&self, model: &Model) -> Vec<(Target, String, Writer)> {
        let stem = &model.schema.stem;
        vec![
            (Target::C, format!("{stem}.g.h"), header(model)),
            (Target::CProbe, format!("{stem}_probe.g.c"), probe::probe(model)),
        ]
    }
}

fn ident(name: &str) -> String {
    names::escape(name, reserved::WORDS)
}

fn type_of(element: Element, schema: &Schema) -> String {
    let fixed = match element {
        Element::Char => "char",
        Element::Flag | Element::Byte | Element::Scalar(Scalar::Bool) => "uint8_t",
        Element::Size | Element::Scalar(Scalar::U32) => "uint32_t",
        Element::Scalar(Scalar::U64) => "uint64_t",
        Element::Scalar(Scalar::I32) => "int32_t",
        Element::Scalar(Scalar::I64) => "int64_t",
        Element::Scalar(Scalar::F32) => "float",
        Element::Scalar(Scalar::F64) => "double",
        Element::Enum(index) => return ident(&schema.enums[index].name),
        Element::Message(index) => return ident(&schema.messages[index].name),
    };
    fixed.to_owned()
}

/// Where a member of a field is, within its message: `title_length`, or `body.title.length`.
fn path(field: FieldView, role: Role) -> String {
    let Some(oneof) = field.oneof() else { return ident(&field.member(role).name) };
    let place = format!("{}.{}", ident(&oneof.name), ident(&field.field.name));
    match (field.members().len(), role) {
        (1, _) => place,
        (_, Role::Value) => format!("{place}.{}", text_name(field)),
        _ => format!("{place}.length"),
    }
}

/// What the bytes of a text are called.
fn text_name(field: FieldView) -> &'static str {
    match field.field.kind {
        Kind::Bytes { .. } => "data",
        _ => "text",
    }
}

/// The constant that says a oneof holds this field, or none.
fn case_constant(message: MessageView, oneof: &str, field: &str) -> String {
    let stem = names::screaming(&message.message.name);
    format!("{stem}_{}_{}", names::screaming(oneof), names::screaming(field))
}

fn header(model: &Model) -> Writer {
    let schema = &model.schema;
    let macro_stem = names::screaming(&schema.stem);
    let guard = format!("MAGPOOL_GENERATED_{macro_stem}_G_H");
    let mut out = Writer::new(4);
    out.line(format!("/* {} */", banner(model, "--c-out")));
    if !schema.comment.is_empty() {
        comment(&mut out, &schema.comment, "");
    }
    out.line(format!("#ifndef {guard}\n#define {guard}\n"));
    out.line("#include <pool.h>\n#include <pool_wire.h>\n");
    if uses_math(model) {
        out.line("#include <math.h>");
    }
    out.line("#include <string.h>\n");
    imports(&mut out, schema);
    out.line(ASSERT_MACROS);
    if uses_deprecation(model) {
        out.line(DEPRECATED_MACRO);
    }
    reserved::claim(&mut out);
    let hash_name = format!("{macro_stem}_LAYOUT_HASH");
    out.claim("file", &hash_name, &schema.place);
    out.line("/* Equal in two programs if and only if all layouts below are. */");
    out.line(format!("#define {hash_name} UINT64_C({:#018x})", model.hash));
    out.gap();
    view::enums(model).for_each(|e| enumeration(&mut out, e));
    for view in view::messages(model) {
        view.oneofs().for_each(|oneof| cases(&mut out, view, oneof));
        declaration(&mut out, view, schema);
        layout_asserts(&mut out, view);
        functions::functions(&mut out, view, schema);
        equal::equal(&mut out, view, schema);
        pools::pool_functions(&mut out, view);
    }
    wire::wire(&mut out, model);
    out.line(format!("#endif /* {guard} */"));
    out
}

/// The headers whose types this one uses, and the names they take.
fn imports(out: &mut Writer, schema: &Schema) {
    for import in &schema.imports {
        out.line(format!("#include \"{}.g.h\"", import.stem));
    }
    out.gap();
    let messages = schema.messages.iter().map(|m| (&m.home, &m.name, &m.place));
    let enums = schema.enums.iter().map(|e| (&e.home, &e.name, &e.place));
    for (_, name, place) in messages.chain(enums).filter(|(home, ..)| **home != Home::Own) {
        out.claim("file", &ident(name), place);
    }
}

fn uses_deprecation(model: &Model) -> bool {
    let values = view::enums(model).flat_map(|e| &e.values).any(|value| value.deprecated);
    values || view::messages(model).any(|m| m.fields().any(|f| f.field.deprecated))
}

/// Whether a default is one of the numbers only <math.h> has a name for.
fn uses_math(model: &Model) -> bool {
    let infinite = |default: &Literal| match default {
        Literal::F32(value) => !value.is_finite(),
        Literal::F64(value) => !value.is_finite(),
        _ => false,
    };
    let fields = view::messages(model).flat_map(|m| &m.message.fields);
    fields.filter_map(|f| f.default.as_ref()).any(infinite)
}

/// Marks what a schema calls deprecated; members cannot be, since functions here use them.
const DEPRECATED_MACRO: &str = "\
#ifndef MAGPOOL_DEPRECATED
#if defined(__GNUC__)
#define MAGPOOL_DEPRECATED __attribute__((deprecated))
#else
#define MAGPOOL_DEPRECATED
#endif
#endif
";

/// Static assertions in each language version; C99 has to make do with an array's size.
const ASSERT_MACROS: &str = "\
#ifndef MAGPOOL_LAYOUT_ASSERT
#if defined(__cplusplus)
#define MAGPOOL_LAYOUT_ASSERT(holds, text) static_assert(holds, text)
#define MAGPOOL_LAYOUT_ALIGNED(type, align) (alignof(type) == (align))
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define MAGPOOL_LAYOUT_ASSERT(holds, text) _Static_assert(holds, text)
#define MAGPOOL_LAYOUT_ALIGNED(type, align) (_Alignof(type) == (align))
#else
#define MAGPOOL_LAYOUT_ASSERT(holds, text) extern char magpool_layout_holds[(holds) ? 1 : -1]
#if defined(__GNUC__)
#define MAGPOOL_LAYOUT_ALIGNED(type, align) (__alignof__(type) == (align))
#else
#define MAGPOOL_LAYOUT_ALIGNED(type, align) (sizeof(type) % (align) == 0)
#endif
#endif
#endif
";

fn enumeration(out: &mut Writer, e: &Enum) {
    let name = ident(&e.name);
    out.claim("file", &name, &e.place);
    let note = if e.closed { ", but decoders drop unknown ones" } else { "" };
    comment(out, &e.comment, &format!("A value of {name}; any number may be stored{note}."));
    out.line(format!("typedef int32_t {name};"));
    out.block("enum {", "};", |out| {
        for value in &e.values {
            let prefix = format!("{}_", names::screaming(&e.name));
            let bare = value.name.strip_prefix(&prefix).unwrap_or(&value.name);
            let constant = format!("{prefix}{bare}");
            out.claim("file", &constant, &value.place);
            if !value.comment.is_empty() {
                comment(out, &value.comment, "");
            }
            let attribute = if value.deprecated { " MAGPOOL_DEPRECATED" } else { "" };
            let number = literal::int32(value.number);
            out.line(format!("{constant}{attribute} = {number},"));
        }
    });
    out.gap();
}

/// The schema's comment, or else `default`, as a C comment.
fn comment(out: &mut Writer, lines: &[String], default: &str) {
    match lines {
        [] => out.line(format!("/* {default} */")),
        lines => {
            let safe = |line: &String| line.replace("*/", "* /").replace("/*", "/ *");
            let safe: Vec<String> = lines.iter().map(safe).collect();
            let text = safe.join("\n * ").replace(" \n", "\n");
            out.line(format!("/* {text} */"));
        }
    }
}

/// The values of a oneof's case.
fn cases(out: &mut Writer, view: MessageView, oneof: OneofView) {
    let name = &oneof.oneof.name;
    out.line(format!("/* Which field of {}.{name} is present. */", ident(&view.message.name)));
    out.block("enum {", "};", |out| {
        let none = case_constant(view, name, "not_set");
        out.claim("file", &none, &oneof.oneof.place);
        out.line(format!("{none} = 0,"));
        for field in oneof.fields() {
            let constant = case_constant(view, name, &field.field.name);
            out.claim("file", &constant, &field.field.place);
            out.line(format!("{constant} = {},", field.field.number));
        }
    });
    out.gap();
}

fn declaration(out: &mut Writer, view: MessageView, schema: &Schema) {
    let name = ident(&view.message.name);
    let scope = &view.message.full_name;
    out.claim("file", &name, &view.message.place);
    let default = format!("Message {}.", view.message.full_name);
    comment(out, &view.message.comment, &default);
    let mut commented = Vec::new();
    out.block(format!("typedef struct {name} {{"), &format!("}} {name};"), |out| {
        for part in view.parts() {
            match part {
                Part::Member(field, member) => {
                    if !commented.contains(&field.number) {
                        field_comment(out, field);
                        commented.push(field.number);
                    }
                    let member_name = ident(&member.name);
                    out.claim(scope, &member_name, &field.field.place);
                    let ty = type_of(member.element, schema);
                    out.line(format!("{ty} {member_name}{};", bounds(member)));
                }
                Part::Case(oneof) => {
                    let case = ident(&oneof.case_name());
                    out.claim(scope, &case, &oneof.oneof.place);
                    out.line(format!("uint32_t {case};"));
                }
                Part::Union(oneof) => union(out, scope, oneof, schema),
                Part::Empty => out.line("uint8_t empty; /* Always 0: C has no empty structs. */"),
            }
        }
    });
    out.gap();
}

fn field_comment(out: &mut Writer, field: FieldView) {
    let mut lines = field.field.comment.clone();
    if field.field.required {
        lines.push("Required.".to_owned());
    }
    if field.field.deprecated {
        lines.push("Deprecated.".to_owned());
    }
    if !lines.is_empty() {
        comment(out, &lines, "");
    }
}

fn union(out: &mut Writer, scope: &str, oneof: OneofView, schema: &Schema) {
    let name = ident(&oneof.oneof.name);
    out.claim(scope, &name, &oneof.oneof.place);
    if !oneof.oneof.comment.is_empty() {
        comment(out, &oneof.oneof.comment, "");
    }
    out.block("union {", &format!("}} {name};"), |out| {
        for field in oneof.fields() {
            let member_name = ident(&field.field.name);
            out.claim(&format!("{scope}.{name}"), &member_name, &field.field.place);
            field_comment(out, field);
            let value = field.member(Role::Value);
            let (ty, bounds) = (type_of(value.element, schema), bounds(value));
            if field.members().len() == 1 {
                out.line(format!("{ty} {member_name}{bounds};"));
            } else {
                out.block("struct {", &format!("}} {member_name};"), |out| {
                    out.line(format!("uint32_t length;\n{ty} {}{bounds};", text_name(field)));
                });
            }
        }
    });
}

fn bounds(member: &Member) -> String {
    member.dims.iter().map(|bound| format!("[{bound}]")).collect()
}

fn layout_asserts(out: &mut Writer, view: MessageView) {
    let name = ident(&view.message.name);
    let (size, align) = (view.layout.size, view.layout.align);
    out.line(format!(
        "MAGPOOL_LAYOUT_ASSERT(sizeof({name}) == {size}, \"size of {name}\");\n\
         MAGPOOL_LAYOUT_ASSERT(MAGPOOL_LAYOUT_ALIGNED({name}, {align}), \"alignment of {name}\");"
    ));
    for (member, offset) in offsets(view) {
        out.line(format!(
            "MAGPOOL_LAYOUT_ASSERT(offsetof({name}, {member}) == {offset},\n    \
             \"offset of {name}.{member}\");"
        ));
    }
    out.gap();
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
                let fields = oneof.fields();
                let members = fields.flat_map(|f| f.members().iter().map(move |m| (f, m)));
                found.extend(members.map(|(f, m)| (path(f, m.role), m.offset)));
            }
            Part::Empty => found.push(("empty".to_owned(), 0)),
        }
    }
    found
}
