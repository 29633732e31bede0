//! The Dart library: Struct classes, flat accessors on their pointers, views and leases, typed
//! pools. Keeps to Dart 3.2.

mod accessors;
mod clear;
mod enums;
mod imports;
mod leases;
mod lists;
mod literal;
mod maps;
mod oneofs;
mod pools;
mod presence;
mod probe;
mod views;
mod wire;

use crate::emit::view::{self, FieldView, MessageView, Part};
use crate::emit::{banner, docs, Emitter, Target, Writer};
use crate::layout::{Element, Member, Model, Role};
use crate::names;
use crate::place::Place;
use crate::schema::{Kind, Scalar, Schema};

/// Emits Dart as `dart format` of that language version leaves it.
pub(crate) struct Dart;

impl Emitter for Dart {
    fn language(&self) -> &'static str {
        "Dart"
    }

    fn targets(&self) -> &'static [Target] {
        &[Target::Dart, Target::DartProbe]
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
    "zeroBytes",
];

/// Types the text uses, which a message's own class must not hide.
const RESERVED_TYPES: &[&str] = &[
    "ArgumentError",
    "Array",
    "Deprecated",
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
    "NativeMap",
    "NativeMessage",
    "NativeMessageList",
    "NativeTextList",
    "NativeUint32List",
    "NativeUint64List",
    "NestedMessage",
    "Object",
    "OneofMessage",
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
    "Union",
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
    offset_of(view, &member.name)
}

/// The constant of a member of the Struct, or of one within a union.
fn offset_of(view: MessageView, member: &str) -> String {
    names::camel(&format!("{}_{member}_offset", view.snake()))
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

/// What clearing a message means.
fn clear_comment(view: MessageView) -> String {
    let defaults = view.fields().any(|f| !f.has_presence() && f.field.default.is_some());
    let numbers = if defaults { "become 0 or their default" } else { "become 0" };
    format!("Empties the message: numbers, lengths and counts {numbers}, messages absent.")
}

/// What clearing a field means.
fn clear_about(field: FieldView) -> String {
    let other = if field.oneof().is_some() { ", if it is present" } else { "" };
    format!("Makes `{}` absent{other}.", field.field.name)
}

/// A field, or the default it has.
fn or_default(field: FieldView, has: &str, name: &str, default: &str) -> String {
    // A value that is not known is not absent.
    match field.field.kind {
        Kind::Enum(_) => format!("{has} ? {name} : {default}"),
        _ => format!("{name} ?? {default}"),
    }
}

/// What the accessors of unknown fields say.
const UNKNOWN: &str = "Fields that the schema does not have, encoded, as a view.";
const CLEAR_UNKNOWN: &str = "Forgets the fields that the schema does not have.";

/// What setting a text says about its length.
fn too_long(field: FieldView) -> String {
    let than = if field.field.fixed { "other than" } else { "more than" };
    format!("Setting throws an [ArgumentError] for {than} {} bytes.", field.max_length())
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
    let room = out.room(WIDTH);
    match expression.split_once(" ? ") {
        // A condition is split before each of its branches.
        Some((condition, rest)) if line.len() > room && expression.len() + 5 > room => {
            let rest = rest.replace(" : ", "\n    : ");
            out.line(format!("{head} => {condition}\n    ? {rest};"));
        }
        _ => fitted(out, &line, &split),
    }
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
    imports::imports(&mut out, model);
    let hash = names::camel(&format!("{}_layout_hash", schema.stem));
    out.claim("file", &hash, &schema.place);
    out.line("/// Equal in two programs if and only if the layouts of all messages are.");
    out.line(format!("const int {hash} = {:#018x};\n", model.hash));
    view::enums(model).for_each(|e| enums::enumeration(&mut out, e));
    for view in view::messages(model) {
        declaration(&mut out, view, schema);
        oneofs::declarations(&mut out, view, schema);
        constants(&mut out, view);
        accessors::accessors(&mut out, view, schema);
        views::view(&mut out, view, schema);
        leases::leases(&mut out, view);
        pools::pool(&mut out, view, schema);
    }
    leases::parts(&mut out, model);
    wire::wire(&mut out, model);
    accessors::helpers(&mut out, model);
    out
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

/// What stores what fits of a text: its comment, and its body, which sets the member of this name.
fn fit(field: FieldView, member: &str) -> [String; 2] {
    let (shown, max) = (&field.field.name, field.max_length());
    let about = format!("Sets `{shown}` to what fits of [value]; false if that is not all.");
    if let Kind::Text { .. } = field.field.kind {
        let body = format!(
            "final bytes = utf8.encode(value);\nvar fits = bytes.length;\n\
             if (fits > {max}) {{\n  fits = {max};\n  \
             while (bytes[fits] & 0xc0 == 0x80) fits--;\n}}\n\
             {member} = Uint8List.sublistView(bytes, 0, fits);\nreturn fits == bytes.length;"
        );
        return [format!("{about} No character is cut in two."), body];
    }
    let this = if ["value", "fits"].contains(&member) { "this." } else { "" };
    let body = format!(
        "final fits = value.length <= {max};\n\
         {this}{member} = fits ? value : value.sublist(0, {max});\nreturn fits;"
    );
    [about, body]
}

/// What tells analysers of what the schema calls deprecated.
fn deprecated(out: &mut Writer, is_deprecated: bool) {
    if is_deprecated {
        out.line("@Deprecated('the schema says so')");
    }
}

fn declaration(out: &mut Writer, view: MessageView, schema: &Schema) {
    let name = type_ident(&view.message.name);
    let scope = &view.message.full_name;
    out.claim("file", &name, &view.message.place);
    comment(out, &view.message.comment, &format!("Message `{scope}`."));
    deprecated(out, view.message.deprecated);
    out.block(format!("final class {name} extends Struct {{"), "}\n", |out| {
        for part in view.parts() {
            out.gap();
            match part {
                Part::Member(field, member) => struct_member(out, scope, field, member, schema),
                Part::Case(oneof) => {
                    let case = ident(&oneof.case_name());
                    out.claim(scope, &case, &oneof.oneof.place);
                    let shown = &oneof.oneof.name;
                    out.line(format!("/// Number of the field of `{shown}` that is present."));
                    out.line(format!("@Uint32()\nexternal int {case};"));
                }
                Part::Union(oneof) => {
                    let member = ident(&oneof.oneof.name);
                    out.claim(scope, &member, &oneof.oneof.place);
                    comment(out, &oneof.oneof.comment, "The field that is present.");
                    out.line(format!("external {} {member};", oneofs::union_type(view, oneof)));
                }
                Part::Empty => {
                    out.line("/// Always 0: C has no empty structs.\n@Uint8()");
                    out.line("external int empty;");
                }
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
    let shown = &field.field.name;
    match member.role {
        Role::Has => out.line(format!("/// 1 if `{shown}` is present, 0 if not.")),
        Role::Count => out.line(format!("/// Elements of `{shown}` in use.")),
        Role::Length => out.line(format!("/// Bytes of `{shown}` in use.")),
        Role::Lengths => out.line(format!("/// Bytes in use of each element of `{shown}`.")),
        Role::Value => {
            comment(out, &field.field.comment, &format!("Field `{shown}`."));
            deprecated(out, field.field.deprecated);
        }
    }
    struct_field(out, &name, member, schema);
}

/// A field of a Struct or Union, without its comment.
fn struct_field(out: &mut Writer, name: &str, member: &Member, schema: &Schema) {
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

/// Every member with its offset, and what to call it: of fields, cases, unions and what is within
/// those.
fn offsets(view: MessageView) -> Vec<(Place, String, u64, String)> {
    let class = type_ident(&view.message.name);
    let mut found = Vec::new();
    let mut add = |place: &Place, name: &str, offset, shown: String| {
        found.push((place.clone(), offset_of(view, name), offset, shown));
    };
    for part in view.parts() {
        match part {
            Part::Member(field, member) => {
                let shown = format!("[{class}.{}]", ident(&member.name));
                add(&field.field.place, &member.name, member.offset, shown);
            }
            Part::Case(oneof) => {
                let (name, offset) = (oneof.case_name(), oneof.layout.case_offset);
                add(&oneof.oneof.place, &name, offset, format!("[{class}.{}]", ident(&name)));
            }
            Part::Union(oneof) => {
                let name = &oneof.oneof.name;
                let shown = format!("[{class}.{}]", ident(name));
                add(&oneof.oneof.place, name, oneof.layout.offset, shown);
                for field in oneof.fields() {
                    for member in field.members() {
                        let shown =
                            format!("`{}` in a [{class}]", presence::path(field, member.role));
                        add(&field.field.place, &member.name, member.offset, shown);
                    }
                }
            }
            Part::Empty => add(&view.message.place, "empty", 0, format!("[{class}.empty]")),
        }
    }
    found
}

fn constants(out: &mut Writer, view: MessageView) {
    let (stem, name) = (stem(view), &view.message.name);
    let class = type_ident(name);
    let mut constant = |place: &Place, constant: String, value: u64, what: String| {
        // Members come before constants where accessors use them, so they must differ too.
        out.claim("file", &constant, place);
        out.claim(&accessors::scope(view), &constant, place);
        out.line(format!("/// {what}\nconst int {constant} = {value};\n"));
    };
    let place = &view.message.place;
    let layout = view.layout;
    constant(place, format!("{stem}Size"), layout.size, format!("Bytes of a [{class}]."));
    constant(place, format!("{stem}Align"), layout.align, format!("Alignment of a [{class}]."));
    for (place, name, offset, shown) in offsets(view) {
        constant(&place, name, offset, format!("Offset of {shown}."));
    }
}
