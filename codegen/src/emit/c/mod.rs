//! The C header: the reference of every layout.

mod functions;
mod probe;

use crate::emit::view::{self, MessageView};
use crate::emit::{banner, Emitter, Target, Writer};
use crate::layout::{Element, Member, Model};
use crate::names;
use crate::schema::{Enum, Scalar, Schema};

/// Emits C99 that is also C++.
pub(crate) struct C;

impl Emitter for C {
    fn language(&self) -> &'static str {
        "C"
    }

    fn files(&self, model: &Model) -> Vec<(Target, String, Writer)> {
        let stem = &model.schema.stem;
        vec![
            (Target::C, format!("{stem}.g.h"), header(model)),
            (Target::CProbe, format!("{stem}_probe.g.c"), probe::probe(model)),
        ]
    }
}

/// Keywords of C23 and C++, and the words <stdbool.h>, <stddef.h> and <stdint.h> take.
const RESERVED: &[&str] = &[
    "NULL",
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "int16_t",
    "int32_t",
    "int64_t",
    "int8_t",
    "linux",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "offsetof",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "restrict",
    "return",
    "short",
    "signed",
    "size_t",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "typeof",
    "typeof_unqual",
    "uint16_t",
    "uint32_t",
    "uint64_t",
    "uint8_t",
    "union",
    "unix",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
];

fn ident(name: &str) -> String {
    names::escape(name, RESERVED)
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

fn header(model: &Model) -> Writer {
    let schema = &model.schema;
    let macro_stem = names::screaming(&schema.stem);
    let guard = format!("MAGPOOL_GENERATED_{macro_stem}_G_H");
    let mut out = Writer::new(4);
    out.line(format!("/* {} */", banner(model, "--c-out")));
    out.line(format!("#ifndef {guard}\n#define {guard}\n"));
    out.line("#include <pool.h>\n\n#include <string.h>\n");
    out.line(ASSERT_MACROS);
    let hash_name = format!("{macro_stem}_LAYOUT_HASH");
    out.claim("file", &hash_name, &schema.place);
    out.line("/* Equal in two programs if and only if all layouts below are. */");
    out.line(format!("#define {hash_name} UINT64_C({:#018x})", model.hash));
    out.gap();
    schema.enums.iter().for_each(|e| enumeration(&mut out, e));
    for view in view::messages(model) {
        declaration(&mut out, view, schema);
        layout_asserts(&mut out, view);
        functions::functions(&mut out, view, schema);
        functions::pool_functions(&mut out, view);
    }
    out.line(format!("#endif /* {guard} */"));
    out
}

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
    comment(out, &e.comment, &format!("A value of {name}; any number may be stored."));
    out.line(format!("typedef int32_t {name};"));
    out.block("enum {", "};", |out| {
        for value in &e.values {
            let prefix = format!("{}_", names::screaming(&e.name));
            let bare = value.name.strip_prefix(&prefix).unwrap_or(&value.name);
            let constant = format!("{prefix}{bare}");
            out.claim("file", &constant, &value.place);
            let number = match value.number {
                // The literal's sign is an operator, and 2147483648 is no int.
                i32::MIN => "(-2147483647 - 1)".to_owned(),
                number => number.to_string(),
            };
            out.line(format!("{constant} = {number},"));
        }
    });
    out.gap();
}

/// The schema's comment, or else `default`, as a C comment.
fn comment(out: &mut Writer, lines: &[String], default: &str) {
    match lines {
        [] => {
            out.line(format!("/* {default} */"));
        }
        lines => {
            let safe: Vec<String> = lines.iter().map(|line| line.replace("*/", "* /")).collect();
            out.line(format!("/* {} */", safe.join("\n * ")));
        }
    }
}

fn declaration(out: &mut Writer, view: MessageView, schema: &Schema) {
    let name = ident(&view.message.name);
    out.claim("file", &name, &view.message.place);
    let default = format!("Message {}.", view.message.full_name);
    comment(out, &view.message.comment, &default);
    out.block(format!("typedef struct {name} {{"), &format!("}} {name};"), |out| {
        for field in view.fields() {
            if !field.field.comment.is_empty() {
                comment(out, &field.field.comment, "");
            }
            for member in field.members() {
                let member_name = ident(&member.name);
                out.claim(&view.message.full_name, &member_name, &field.field.place);
                let ty = type_of(member.element, schema);
                out.line(format!("{ty} {member_name}{};", bounds(member)));
            }
        }
    });
    out.gap();
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
    for member in view.fields().flat_map(|field| field.members()) {
        let member_name = ident(&member.name);
        out.line(format!(
            "MAGPOOL_LAYOUT_ASSERT(offsetof({name}, {member_name}) == {},\n    \
             \"offset of {name}.{member_name}\");",
            member.offset
        ));
    }
    out.gap();
}
