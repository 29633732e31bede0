//! The Dart library: Struct classes, flat accessors on their pointers, views and leases, typed
//! pools. Keeps to Dart 3.2.

mod accessors;
mod leases;
mod missing;
mod pools;
mod probe;
mod views;
mod wire;

use crate::emit::view::{self, FieldView, MessageView};
use crate::emit::{banner, Emitter, Target, Writer};
use crate::layout::{Element, Member, Model, Role};
use crate::names;
use crate::place::Place;
use crate::schema::{Enum, Kind, Message, Scalar, Schema};

/// Emits Dart as `dart format` of that language version leaves it.
pub(crate) struct Dart;

impl Emitter for Dart {
    fn language(&self) -> &'static str {
        "Dart"
    }

    fn targets(&self) -> &'static [Target] {
        &[Target::Dart, Target::DartProbe]
    }

    fn missing(&self, model: &Model) -> Vec<(Place, String)> {
        missing::missing(model)
    }

    fn files(&self, model: &Model) -> Vec<(Target, String, Writer)> {
        let stem = &model.schema.stem;
        vec![
            (Target::Dart, format!("{stem}.g.dart"), library(model)),
            (Target::DartProbe, format!("{stem}_probe.g.dart"), probe::probe(model)),
        ]
    }
}

/// Columns `dart format` fills.
const WIDTH: usize = 80;

/// Reserved words, and lower-case names the text relies on where members come first: built-in
/// types, and members of Object, Pointer and its extensions.
const RESERVED: &[&str] = &[
    "address",
    "as",
    "assert",
    "async",
    "await",
    "bool",
    "break",
    "case",
    "cast",
    "catch",
    "class",
    "const",
    "continue",
    "default",
    "do",
    "double",
    "dynamic",
    "elementAt",
    "else",
    "enum",
    "export",
    "extends",
    "external",
    "false",
    "final",
    "finally",
    "for",
    "hashCode",
    "if",
    "import",
    "in",
    "int",
    "is",
    "late",
    "library",
    "new",
    "noSuchMethod",
    "null",
    "num",
    "part",
    "ref",
    "refWithFinalizer",
    "rethrow",
    "return",
    "runtimeType",
    "static",
    "super",
    "switch",
    "sync",
    "this",
    "throw",
    "toString",
    "true",
    "try",
    "typedef",
    "utf8",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// Types the text uses, which a message's own class must not hide.
const RESERVED_TYPES: &[&str] = &[
    "ArgumentError",
    "Array",
    "Double",
    "Float",
    "Float32List",
    "Float64List",
    "Function",
    "GuardedLease",
    "Int32",
    "Int32List",
    "Int64",
    "Int64List",
    "Lease",
    "LeaseBatch",
    "List",
    "MessageCursor",
    "NativeBoolList",
    "NativeBytesList",
    "NativeDoubleList",
    "NativeEnumList",
    "NativeFloatList",
    "NativeInt32List",
    "NativeInt64List",
    "NativeMessage",
    "NativeMessageList",
    "NativeTextList",
    "NativeUint32List",
    "NativeUint64List",
    "NestedMessage",
    "Object",
    "Pointer",
    "Pool",
    "PoolExhaustedException",
    "RangeError",
    "StateError",
    "String",
    "Struct",
    "Uint32",
    "Uint32List",
    "Uint64",
    "Uint64List",
    "Uint8",
    "Uint8List",
];

/// What an enumeration has beside its values.
const RESERVED_VALUES: &[&str] = &["fromNumber", "index", "number", "values"];

fn ident(snake: &str) -> String {
    names::escape(&names::camel(snake), RESERVED)
}

fn type_ident(name: &str) -> String {
    names::escape(name, RESERVED_TYPES)
}

fn value_ident(name: &str) -> String {
    names::escape(&ident(name), RESERVED_VALUES)
}

/// `smallMessage`, the beginning of a message's constants.
fn stem(view: MessageView) -> String {
    names::camel(&view.message.name)
}

fn offset_name(view: MessageView, member: &Member) -> String {
    names::camel(&format!("{}_{}_offset", view.snake(), member.name))
}

/// The native type of an element.
fn native(element: Element, schema: &Schema) -> String {
    let plain = match element {
        Element::Flag | Element::Char | Element::Byte | Element::Scalar(Scalar::Bool) => "Uint8",
        Element::Size | Element::Scalar(Scalar::U32) => "Uint32",
        Element::Scalar(Scalar::U64) => "Uint64",
        Element::Scalar(Scalar::I32) | Element::Enum(_) => "Int32",
        Element::Scalar(Scalar::I64) => "Int64",
        Element::Scalar(Scalar::F32) => "Float",
        Element::Scalar(Scalar::F64) => "Double",
        Element::Message(index) => return type_ident(&schema.messages[index].name),
    };
    plain.to_owned()
}

/// The Dart type a single element is read as.
fn plain(element: Element) -> &'static str {
    match element {
        Element::Scalar(Scalar::F32 | Scalar::F64) => "double",
        _ => "int",
    }
}

/// Breaks a comment where its lines would be too long.
fn wrap(comment: &str) -> String {
    let mut lines = vec![String::new()];
    for word in comment.split(' ') {
        let full = lines.last().is_some_and(|line| line.len() + word.len() > WIDTH - 8);
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines.join("\n")
}

/// `line`, or `split`, which says the same on several, if that is too long.
fn fitted(out: &mut Writer, line: &str, split: &str) {
    out.line(if line.len() <= out.room(WIDTH) { line } else { split });
}

/// The head of a class that extends one and has a mixin, split before what does not fit.
fn class_head(out: &Writer, class: &str, base: &str, mixin: &str) -> String {
    let line = format!("final class {class} extends {base} with {mixin} {{");
    if line.len() <= out.room(WIDTH) {
        return line;
    }
    format!("final class {class} extends {base}\n    with {mixin} {{")
}

/// `head => expression;`, on two lines if one is too short.
fn arrow(out: &mut Writer, head: &str, expression: &str) {
    let [line, split] = [" ", "\n    "].map(|gap| format!("{head} =>{gap}{expression};"));
    fitted(out, &line, &split);
}

/// `open`, the arguments and `);`, on more than one line: split before one of the arguments if
/// that is enough, else before each.
fn split_call(out: &mut Writer, open: &str, arguments: &[String]) {
    let room = out.room(WIDTH);
    let all = arguments.join(", ");
    let first = |count: usize| arguments[..count].join(", ");
    let fits = |count: &usize| open.len() + first(*count).len() < room;
    let most = (0..arguments.len()).rev().find(fits).unwrap_or(0);
    let count = if all.len() + 6 <= room { 0 } else { most };
    let rest = arguments[count..].join(", ");
    let gap = if count == 0 { "" } else { "," };
    out.line(if rest.len() + 6 <= room {
        format!("{open}{}{gap}\n    {rest});", first(count))
    } else {
        format!("{open}\n    {});", arguments.join(",\n    "))
    });
}

fn library(model: &Model) -> Writer {
    let schema = &model.schema;
    let mut out = Writer::new(2);
    out.line(format!("// {}", banner(model, "--dart-out")));
    out.line("// ignore_for_file: type=lint\n");
    out.line(format!("/// The messages of `{}` and their pools.\nlibrary;\n", schema.file));
    imports(&mut out, model);
    let hash = names::camel(&format!("{}_layout_hash", schema.stem));
    out.claim("file", &hash, &schema.place);
    out.line("/// Equal in two programs if and only if the layouts of all messages are.");
    out.line(format!("const int {hash} = {:#018x};\n", model.hash));
    schema.enums.iter().for_each(|e| enumeration(&mut out, e));
    for view in view::messages(model) {
        declaration(&mut out, view, schema);
        constants(&mut out, view);
        accessors::accessors(&mut out, view, schema);
        if is_viewed(view.message, schema) {
            views::view(&mut out, view, schema);
        }
        leases::leases(&mut out, view);
        pools::pool(&mut out, view, schema);
    }
    leases::parts(&mut out, schema);
    wire::wire(&mut out, model);
    accessors::helpers(&mut out, schema);
    out
}

/// Whether something owns such messages: a pool, or another message.
fn is_viewed(message: &Message, schema: &Schema) -> bool {
    let mut fields = schema.messages.iter().flat_map(|message| &message.fields);
    let is_inner = |kind| {
        matches!(kind, Kind::Message(i)
        if schema.messages[i].full_name == message.full_name)
    };
    message.pool.is_some() || fields.any(|field| is_inner(field.kind))
}

fn imports(out: &mut Writer, model: &Model) {
    let schema = &model.schema;
    let fields = || schema.messages.iter().flat_map(|message| &message.fields);
    let text = fields().any(|f| matches!(f.kind, Kind::Text { .. }));
    let views = fields().any(|f| match f.kind {
        Kind::Text { .. } | Kind::Bytes { .. } => true,
        Kind::Scalar(_) | Kind::Enum(_) => f.max_count.is_some(),
        Kind::Message(_) => false,
    });
    let wired = crate::wire::is_supported(model);
    let pools = schema.messages.iter().any(|message| message.pool.is_some());
    let viewed = pools || fields().any(|f| matches!(f.kind, Kind::Message(_)));
    let lines = [
        (text, "import 'dart:convert';"),
        (true, "import 'dart:ffi';"),
        (views || wired, "import 'dart:typed_data';"),
        (viewed || wired, ""),
        (viewed, "import 'package:magpool/generated.dart';"),
        (pools || wired, "import 'package:magpool/magpool.dart';"),
    ];
    lines.iter().filter(|(wanted, _)| *wanted).for_each(|(_, line)| out.line(line));
    out.gap();
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
    let name = type_ident(&e.name);
    out.claim("file", &name, &e.place);
    comment(out, &e.comment, &format!("The known values of `{}`.", e.name));
    out.block(format!("enum {name} {{"), "}\n", |out| {
        for (i, value) in e.values.iter().enumerate() {
            let constant = value_ident(&value.name);
            out.claim(&name, &constant, &value.place);
            let end = if i + 1 == e.values.len() { ';' } else { ',' };
            out.line(format!("/// `{}`.\n{constant}({}){end}", value.name, value.number));
            out.gap();
        }
        out.line(format!("const {name}(this.number);\n"));
        out.line("/// The number it is stored as.\nfinal int number;\n");
        out.line("/// The value of this [number], or null if it is not a known one.");
        out.block(format!("static {name}? fromNumber(int number) {{"), "}", |out| {
            out.block("for (final value in values) {", "}", |out| {
                out.line("if (value.number == number) return value;");
            });
            out.line("return null;");
        });
    });
}

fn declaration(out: &mut Writer, view: MessageView, schema: &Schema) {
    let name = type_ident(&view.message.name);
    out.claim("file", &name, &view.message.place);
    comment(out, &view.message.comment, &format!("Message `{}`.", view.message.full_name));
    out.block(format!("final class {name} extends Struct {{"), "}\n", |out| {
        for field in view.fields() {
            for member in field.members() {
                struct_member(out, &view.message.full_name, field, member, schema);
            }
        }
    });
}

fn struct_member(
    out: &mut Writer,
    scope: &str,
    field: FieldView,
    member: &Member,
    schema: &Schema,
) {
    let name = ident(&member.name);
    out.claim(scope, &name, &field.field.place);
    out.gap();
    let shown = &field.field.name;
    match member.role {
        Role::Has => out.line(format!("/// 1 if `{shown}` is present, 0 if not.")),
        Role::Count => out.line(format!("/// Elements of `{shown}` in use.")),
        Role::Length => out.line(format!("/// Bytes of `{shown}` in use.")),
        Role::Lengths => out.line(format!("/// Bytes in use of each element of `{shown}`.")),
        Role::Value => comment(out, &field.field.comment, &format!("Field `{shown}`.")),
    }
    let native = native(member.element, schema);
    if member.dims.is_empty() {
        if let Element::Message(_) = member.element {
            out.line(format!("external {native} {name};"));
        } else {
            out.line(format!("@{native}()\nexternal {} {name};", plain(member.element)));
        }
        return;
    }
    let bounds: Vec<String> = member.dims.iter().map(u32::to_string).collect();
    let ty = member.dims.iter().fold(native, |inner, _| format!("Array<{inner}>"));
    out.line(format!("@Array({})\nexternal {ty} {name};", bounds.join(", ")));
}

fn constants(out: &mut Writer, view: MessageView) {
    let (stem, name) = (stem(view), &view.message.name);
    let class = type_ident(name);
    let mut constant = |place, constant: String, value: u64, what: String| {
        // Members come before constants where accessors use them, so they must differ too.
        out.claim("file", &constant, place);
        out.claim(&accessors::scope(view), &constant, place);
        out.line(format!("/// {what}\nconst int {constant} = {value};\n"));
    };
    let place = &view.message.place;
    let layout = view.layout;
    constant(place, format!("{stem}Size"), layout.size, format!("Bytes of a [{class}]."));
    constant(place, format!("{stem}Align"), layout.align, format!("Alignment of a [{class}]."));
    for field in view.fields() {
        for member in field.members() {
            let what = format!("Offset of [{class}.{}].", ident(&member.name));
            constant(&field.field.place, offset_name(view, member), member.offset, what);
        }
    }
}
