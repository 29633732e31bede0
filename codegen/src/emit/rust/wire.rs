//! How the messages travel, in Rust: the tables, and what connects them with the types.

use super::ident;
use crate::emit::view::{self, MessageView};
use crate::emit::Writer;
use crate::layout::Model;
use crate::names::screaming;
use crate::wire::{is_supported, tables};

/// The last section of the module.
pub(super) fn wire(out: &mut Writer, model: &Model) {
    if !is_supported(model) {
        return;
    }
    let tables = tables(model);
    let (name, place) = (format!("{}_WIRE", screaming(&model.schema.stem)), &model.schema.place);
    out.claim("file", &name, place);
    out.line("/// How the messages travel in protobuf's wire format; see [`magpool::wire`].");
    out.line("#[rustfmt::skip]");
    let head = format!("const {name}: magpool::wire::Tables<'static> = {{");
    out.block(head, "};\n", |out| {
        out.line("use magpool::wire::*;");
        out.block("Tables::new(&[", "])", |out| {
            for row in &tables.rows {
                out.line(format!("Row([{}]), // {}", row.words(""), row.about));
            }
        });
    });
    let names: String = tables.names.iter().map(|name| format!("{name}\0")).collect();
    out.claim("file", &format!("{name}_NAMES"), place);
    out.line("/// What the fields are called in JSON.");
    out.line(format!("const {name}_NAMES: &str = {names:?};\n"));
    // Nobody sends the entries of maps alone.
    for view in view::messages(model).filter(|view| !view.message.map_entry) {
        let start = tables.starts[&view.message.full_name];
        connection(out, view, &name, start);
        if let Some(pool) = &view.message.pool {
            decode(out, view, pool.zero);
        }
    }
}

fn connection(out: &mut Writer, view: MessageView, tables: &str, start: usize) {
    let name = ident(&view.message.name);
    out.line(
        "// SAFETY: the table has the offsets that are asserted above, and every pattern of bits\n\
         // is a value.",
    );
    out.block(format!("unsafe impl magpool::wire::Message for {name} {{"), "}\n", |out| {
        let table = "const TABLE: magpool::wire::Table<'static>";
        out.line(format!("{table} = {tables}.message({start});"));
        out.line(format!("const NAMES: &'static str = {tables}_NAMES;"));
    });
}

fn decode(out: &mut Writer, view: MessageView, zero: bool) {
    let (ty, snake) = (ident(&view.message.name), view.snake());
    let name = format!("{snake}_decode");
    out.claim("file", &name, &view.message.place);
    out.line(format!(
        "/// A message from the pool of `{ty}`, made of bytes; dropping it gives it back.\n///\n\
         /// # Errors\n///\n/// The pool has no object for it, or the bytes are none."
    ));
    let result = format!("magpool::Pooled<'static, {ty}>, magpool::wire::DecodeError");
    let head = format!("pub fn {name}(\n    bytes: &[u8],\n) -> Result<{result}> {{");
    out.block(head, "}\n", |out| {
        if zero {
            let fault = "map_err(magpool::wire::DecodeError";
            out.line("use magpool::wire::Message;");
            out.line(format!("let mut message = {snake}_alloc().{fault}::Pool)?;"));
            out.line(format!("message.decode_from(bytes).{fault}::Wire)?;\nOk(message)"));
            return;
        }
        out.line(format!(
            "{snake}_pool().map_err(magpool::wire::DecodeError::Pool)?.decode(bytes)"
        ));
    });
}
