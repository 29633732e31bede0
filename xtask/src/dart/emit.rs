//! The Dart text, as `dart format` leaves it.

use super::items::{Constant, Function, Items, Struct, Typed};
use super::table::{Call, FUNCTIONS, LEFT_OUT, STRUCTS};
use std::collections::BTreeMap;

const HEAD: &str = "\
// Generated from the headers in include/; do not edit.
// Run: cargo xtask dart-bindings
// ignore_for_file: type=lint

/// What the headers in `include/` declare, bound on first use in each isolate.
///
/// Functions are top-level finals, never fields: an object that holds a bound
/// function cannot be sent to another isolate. Pointers are plain integers,
/// since a returned `Pointer` is a heap object and an `int` is not.
///
/// A leaf call costs less than half, but no isolate of the group can collect
/// garbage while it runs. Each function says why it is a leaf or not.
library;

import 'dart:ffi';

import 'library.dart';

final DynamicLibrary _lib = nativeLibrary;
";

/// Columns that `dart format` fills.
const WIDTH: usize = 80;

/// A type on both sides.
#[derive(Clone, Copy)]
struct Type {
    /// Its name in `dart:ffi`.
    native: &'static str,
    /// Its name in the name of a signature.
    short: &'static str,
    dart: &'static str,
}

const POINTER: Type = Type { native: "UintPtr", short: "Ptr", dart: "int" };

/// The types of C that Dart has, by their names in Rust.
const TYPES: &[(&str, Type)] = &[
    ("", Type { native: "Void", short: "Void", dart: "void" }),
    ("bool", Type { native: "Bool", short: "Bool", dart: "bool" }),
    ("::core::ffi::c_int", Type { native: "Int", short: "Int", dart: "int" }),
    ("usize", Type { native: "Size", short: "Size", dart: "int" }),
    ("u8", Type { native: "Uint8", short: "U8", dart: "int" }),
    ("u32", Type { native: "Uint32", short: "U32", dart: "int" }),
    ("u64", Type { native: "Uint64", short: "U64", dart: "int" }),
    ("i32", Type { native: "Int32", short: "I32", dart: "int" }),
    ("i64", Type { native: "Int64", short: "I64", dart: "int" }),
];

/// Names that are words of Dart, and what stands for them.
const RENAMED: &[(&str, &str)] = &[("null", "nullPointer")];

/// The text of the whole library.
pub(super) fn library(items: &Items) -> Result<String, String> {
    let mut out = HEAD.to_owned();
    for constant in constants(items) {
        out += &self::constant(constant)?;
    }
    out += &statuses(items);
    for item in &items.structs {
        out += &structure(items, item)?;
    }
    let mut signatures = BTreeMap::new();
    for function in &items.functions {
        out += &self::function(items, function, &mut signatures)?;
    }
    out += "\n// Signatures, named by the types of their result and parameters.\n";
    for (name, signature) in signatures {
        let line = format!("typedef {name} = {signature};\n");
        out += &if line.len() > WIDTH + 1 { line.replacen('(', "(\n    ", 1) } else { line };
    }
    Ok(out)
}

fn constants(items: &Items) -> impl Iterator<Item = &Constant> {
    items.constants.iter().filter(|constant| {
        constant.kind != "pool_status_t"
            && !LEFT_OUT.iter().any(|prefix| constant.name.starts_with(prefix))
    })
}

fn constant(constant: &Constant) -> Result<String, String> {
    // Dart's integers are signed.
    let value = if constant.value == "u64::MAX" { "-1" } else { &constant.value };
    value.parse::<i64>().map_err(|_| format!("{}: {value} is no number", constant.name))?;
    let name = camel_case(&constant.name.to_lowercase());
    Ok(format!("\n{}const int {name} = {value};\n", doc(&constant.doc, "")))
}

/// The enumerators of `pool_status_t`.
fn statuses(items: &Items) -> String {
    let mut out = "\n/// What a native call came to. Values are never reused.\n\
                   abstract final class PoolStatus {\n"
        .to_owned();
    let enumerators = items.constants.iter().filter(|constant| constant.kind == "pool_status_t");
    for (place, constant) in enumerators.enumerate() {
        let name = constant.name.trim_start_matches("POOL_").trim_start_matches("ERR_");
        let name = camel_case(&name.to_lowercase());
        let name =
            RENAMED.iter().find(|(word, _)| *word == name).map_or(name.as_str(), |new| new.1);
        let gap = if place == 0 { "" } else { "\n" };
        out += &format!(
            "{gap}{}  static const int {name} = {};\n",
            doc(&constant.doc, "  "),
            constant.value
        );
    }
    out + "}\n"
}

fn structure(items: &Items, item: &Struct) -> Result<String, String> {
    let Some((_, Some(name), copy)) = STRUCTS.iter().find(|entry| entry.0 == item.name) else {
        return Ok(String::new());
    };
    let mut out = format!(
        "\n{}///\n/// `{}`, member for member.\nfinal class {name} extends Struct {{\n",
        doc(&item.doc, ""),
        item.name
    );
    for (place, member) in item.members.iter().enumerate() {
        let gap = if place == 0 { "" } else { "\n" };
        out += &format!(
            "{gap}{}  @{}()\n  external int {};\n",
            doc(&member.doc, "  "),
            dart_type(items, member)?.native,
            camel_case(&member.name)
        );
    }
    out += "}\n";
    if let Some(copy) = copy {
        out += &figures(item, name, copy);
    }
    Ok(out)
}

/// A plain copy of a struct, for users: without the size of the struct itself.
fn figures(item: &Struct, native: &str, name: &str) -> String {
    let members: Vec<&Typed> =
        item.members.iter().filter(|member| member.name != "struct_size").collect();
    let copied: Vec<String> = members
        .iter()
        .map(|member| camel_case(&member.name))
        .map(|member| format!("{member} = native.{member}"))
        .collect();
    let mut out = format!(
        "\n{}///\n/// The members of `{}`, copied.\nabstract base class {name} {{\n  \
         /// Copies what the library filled in.\n  {name}({native} native)\n      : {};\n",
        doc(&item.doc, ""),
        item.name,
        copied.join(",\n        ")
    );
    for member in members {
        let name = camel_case(&member.name);
        out += &format!("\n{}  final int {name};\n", doc(&member.doc, "  "));
    }
    out + "}\n"
}

fn function(
    items: &Items,
    function: &Function,
    signatures: &mut BTreeMap<String, String>,
) -> Result<String, String> {
    let entry = FUNCTIONS.iter().find(|entry| entry.0 == function.name);
    let Some((_, call, why)) = entry else { return Ok(String::new()) };
    let kind = match call {
        Call::Leaf => "A leaf",
        Call::Waits => "Not a leaf",
        Call::Address => "An address, not a function",
        Call::Unbound => return Ok(String::new()),
    };
    let mut out = format!("\n{}///\n", doc(&function.doc, ""));
    out += &wrapped(&format!("{kind}: {why}."));
    let name = camel_case(&function.name);
    if matches!(call, Call::Address) {
        out += &format!(
            "final Pointer<NativeFinalizerFunction> {name} =\n    _lib.lookup('{}');\n",
            function.name
        );
        return Ok(out);
    }
    let result = resolved(items, &function.result)?;
    let types: Result<Vec<Type>, String> =
        function.parameters.iter().map(|parameter| dart_type(items, parameter)).collect();
    let (native, dart) = signature(result, &types?, signatures);
    let leaf = if matches!(call, Call::Leaf) { ", isLeaf: true" } else { "" };
    out += &bound(&left_side(items, function, result, &name)?, &native, &dart, function, leaf);
    Ok(out)
}

/// `final int Function(int pool) poolTrim`; without the parameters' names if that is too long.
fn left_side(
    items: &Items,
    function: &Function,
    result: Type,
    name: &str,
) -> Result<String, String> {
    let (mut named, mut bare) = (Vec::new(), Vec::new());
    for parameter in &function.parameters {
        let dart = dart_type(items, parameter)?.dart;
        named.push(format!("{dart} {}", camel_case(&parameter.name)));
        bare.push(dart);
    }
    let side = |list: String| format!("final {} Function({list}) {name}", result.dart);
    let long = side(named.join(", "));
    Ok(if long.len() + 2 > WIDTH { side(bare.join(", ")) } else { long })
}

/// The declaration, broken where `dart format` breaks it.
fn bound(left: &str, native: &str, dart: &str, function: &Function, leaf: &str) -> String {
    let right = format!("_lib.lookupFunction<{native}, {dart}>('{}'", function.name);
    if left.len() + right.len() + leaf.len() + 5 <= WIDTH {
        return format!("{left} = {right}{leaf});\n");
    }
    // Without `_lib`.
    if right.len() + leaf.len() + 2 > WIDTH {
        let leaf = leaf.replacen(", ", ",\n        ", 1);
        return format!("{left} =\n    {right}{leaf});\n");
    }
    let (place, right) = if 4 + right.len() + leaf.len() + 2 <= WIDTH {
        (" =\n    ", right)
    } else {
        (" = _lib\n    ", right.replacen("_lib", "", 1))
    };
    format!("{left}{place}{right}{leaf});\n")
}

/// The names of a signature in C and in Dart, which are noted.
fn signature(
    result: Type,
    parameters: &[Type],
    signatures: &mut BTreeMap<String, String>,
) -> (String, String) {
    let shorts: String = parameters.iter().map(|parameter| parameter.short).collect();
    let natives: Vec<&str> = parameters.iter().map(|parameter| parameter.native).collect();
    let native = format!("_{}{}", result.short, if shorts.is_empty() { "None" } else { &shorts });
    signatures
        .insert(native.clone(), format!("{} Function({})", result.native, natives.join(", ")));

    let darts: Vec<&str> = parameters.iter().map(|parameter| parameter.dart).collect();
    let plain = darts.iter().all(|dart| *dart == "int");
    let rest = if plain { darts.len().to_string() } else { capital(&darts.concat()) };
    let dart = format!("_{}{rest}", capital(result.dart));
    signatures.insert(dart.clone(), format!("{} Function({})", result.dart, darts.join(", ")));
    (native, dart)
}

fn dart_type(items: &Items, typed: &Typed) -> Result<Type, String> {
    resolved(items, &typed.kind)
}

/// What a type of Rust is in Dart: names are looked up, pointers are numbers.
fn resolved(items: &Items, kind: &str) -> Result<Type, String> {
    if kind.starts_with('*') || kind.starts_with("::core::option::Option<") {
        return Ok(POINTER);
    }
    if let Some((_, found)) = TYPES.iter().find(|(rust, _)| *rust == kind) {
        return Ok(*found);
    }
    let alias = items.aliases.iter().find(|(name, _)| name == kind);
    alias.map_or_else(
        || Err(format!("{kind}: no type of xtask/src/dart/emit.rs")),
        |(_, meaning)| resolved(items, meaning),
    )
}

/// A comment of the header above a Dart item.
fn doc(lines: &[String], indent: &str) -> String {
    let text = if lines.is_empty() { &["See the header.".to_owned()] } else { lines };
    text.iter()
        .map(|line| format!("{indent}/// {}", plain(line)).trim_end().to_owned() + "\n")
        .collect()
}

/// A line without what would be read as HTML.
fn plain(line: &str) -> String {
    let Some((before, after)) = line.split_once("\\<") else { return line.to_owned() };
    match after.split_once('>') {
        Some((word, rest)) => format!("{before}({word}){rest}"),
        None => format!("{before}<{after}"),
    }
}

/// A sentence as comment lines.
fn wrapped(text: &str) -> String {
    let (mut out, mut line) = (String::new(), "///".to_owned());
    for word in text.split(' ') {
        if line.len() + 1 + word.len() > WIDTH {
            out += &(std::mem::replace(&mut line, "///".to_owned()) + "\n");
        }
        line += &format!(" {word}");
    }
    out + &line + "\n"
}

fn camel_case(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &capital(word))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
