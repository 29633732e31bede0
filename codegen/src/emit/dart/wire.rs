//! How the messages travel, in Dart: the tables, and extensions that call the library with them.

use super::leases::owner_type;
use super::{accessors, type_ident, views};
use crate::emit::view::{self, MessageView};
use crate::emit::Writer;
use crate::layout::Model;
use crate::wire::{is_supported, tables, Tables};

/// The last section of the library.
pub(super) fn wire(out: &mut Writer, model: &Model) {
    if !is_supported(model) {
        return;
    }
    let tables = tables(model);
    rows(out, &tables);
    for (view, &start) in
        view::messages(model).map(|view| (view, &tables.starts[&view.message.full_name]))
    {
        let (class, stem) = (type_ident(&view.message.name), &view.message.name);
        let pointer = (format!("{stem}Wire"), format!("Pointer<{class}>"));
        message(out, view, start, pointer, &accessors::scope(view));
        let owned = (format!("{stem}ViewWire"), format!("{stem}View"));
        message(out, view, start, owned, &views::scope(view));
        if view.message.pool.is_some() {
            pool(out, view, start);
        }
    }
}

fn rows(out: &mut Writer, tables: &Tables) {
    out.line("// How the messages travel in protobuf's wire format: see pool_wire.h.");
    out.line("final PoolWireTables _wire = PoolWireTables(_wireRows, _wireNames);\n");
    out.block("const List<List<int>> _wireRows = [", "];\n", |out| {
        for row in &tables.rows {
            out.line(format!("[{}], // {}", row.numbers(), row.about));
        }
    });
    out.line("// What the fields are called in JSON.");
    out.block("const List<String> _wireNames = [", "];\n", |out| {
        for name in &tables.names {
            let escaped = name.replace('\\', "\\\\").replace('\'', "\\'").replace('$', "\\$");
            out.line(format!("'{escaped}',"));
        }
    });
}

fn message(
    out: &mut Writer,
    view: MessageView,
    row: usize,
    (name, target): (String, String),
    scope: &str,
) {
    let class = type_ident(&view.message.name);
    out.claim("file", &name, &view.message.place);
    out.line(format!("/// A [{class}] in protobuf's wire format."));
    out.block(format!("extension {name} on {target} {{"), "}\n", |out| {
        for (name, about, text) in [
            (
                "decodeWire",
                "/// Makes this what [bytes] say. Throws a [PoolWireException] if they are none;\n\
                 /// the message is empty then.",
                format!("void decodeWire(Uint8List bytes) => _wire.decode({row}, bytes, address);"),
            ),
            (
                "mergeWire",
                "/// Adds what [bytes] say: single values are replaced, messages merged, lists\n\
                 /// continued. Throws as [decodeWire].",
                format!("void mergeWire(Uint8List bytes) => _wire.merge({row}, bytes, address);"),
            ),
            (
                "encodeWire",
                "/// Its encoding. Throws a [PoolWireException] for text that is not UTF-8.",
                format!("Uint8List encodeWire() => _wire.encode({row}, address);"),
            ),
            (
                "wireJson",
                "/// It as JSON, for debugging.",
                format!("String wireJson() => _wire.json({row}, address);"),
            ),
        ] {
            out.claim(scope, name, &view.message.place);
            out.gap();
            out.line(about);
            out.line(text);
        }
    });
}

fn pool(out: &mut Writer, view: MessageView, row: usize) {
    let (class, stem) = (type_ident(&view.message.name), &view.message.name);
    let name = format!("{stem}PoolWire");
    out.claim("file", &name, &view.message.place);
    out.line(format!("/// Messages made of bytes, in the pool of [{class}]."));
    out.block(format!("extension {name} on {stem}Pool {{"), "}\n", |out| {
        out.line("/// A lease of a message made of [bytes]; throws as [decodePointer].");
        let zero = view.message.pool.as_ref().is_some_and(|pool| pool.zero);
        let size = if zero { format!(", zero: {}Size", super::stem(view)) } else { "".into() };
        let made = format!("_wire.decodeNew({row}, bytes, pool{size})");
        let lease = owner_type(stem, "Lease");
        out.line(format!("{lease} decode(Uint8List bytes) =>"));
        out.line(format!("    {lease}._(pool, {made});\n"));
        out.line(
            "/// A message made of [bytes], to be given back as one that was allocated.\n///\n\
             /// Throws a [PoolExhaustedException] if all are live, a [PoolWireException] if\n\
             /// the bytes are none; nothing stays allocated then.",
        );
        out.line(format!("Pointer<{class}> decodePointer(Uint8List bytes) =>"));
        out.line(format!("    Pointer<{class}>.fromAddress({made});"));
    });
}
