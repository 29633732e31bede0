//! The typed pool of a Dart message.

use super::{stem, type_ident};
use crate::emit::view::MessageView;
use crate::emit::Writer;
use crate::names;
use crate::schema::{Pool, Schema};

/// The class of a message's pool.
pub(super) fn pool(out: &mut Writer, view: MessageView, schema: &Schema) {
    let Some(pool) = &view.message.pool else { return };
    let (message, class) = (type_ident(&view.message.name), format!("{}Pool", view.message.name));
    out.claim("file", &class, &view.message.place);
    out.line(format!(
        "/// The pool of [{message}]. Can be sent to other isolates, as a [Pool] can."
    ));
    out.block(format!("final class {class} {{"), "}\n", |out| {
        out.line(format!("const {class}._(this.pool);\n"));
        open(out, view, pool, &class, &schema.stem);
        out.line("/// The pool itself.\nfinal Pool pool;\n");
        methods(out, &message);
    });
}

fn open(out: &mut Writer, view: MessageView, pool: &Pool, class: &str, schema: &str) {
    let (message, stem) = (type_ident(&view.message.name), stem(view));
    out.line(format!(
        "/// Finds or makes the pool; throws what [Pool.openTyped] does.\n///\n/// Its name is `{}`.",
        pool.name
    ));
    out.block(format!("static {class} open() {{"), "}\n", |out| {
        out.block(format!("if (sizeOf<{message}>() != {stem}Size) {{"), "}", |out| {
            out.line(format!("throw StateError('{message} has another layout here');"));
        });
        out.line(format!("return {class}._(Pool.openTyped("));
        out.line(format!("  name: '{}',", pool.name));
        out.line(format!("  objectSize: {stem}Size,\n  objectAlign: {stem}Align,"));
        out.line(format!("  capacity: {},", pool.capacity));
        if pool.limit != 0 {
            out.line(format!("  limit: {},", pool.limit));
        }
        if pool.magazine_rounds != 0 {
            out.line(format!("  magazineRounds: {},", pool.magazine_rounds));
        }
        if pool.abort_on_misuse {
            out.line("  flags: poolAbortOnMisuse,");
        }
        let hash = names::camel(&format!("{schema}_layout_hash"));
        out.line(format!("  schema: '{}',\n  layoutHash: {hash},", names::snake(schema)));
        out.line("));");
    });
}

fn methods(out: &mut Writer, message: &str) {
    out.line(
        "/// An empty message, to be given back with [free]; throws a\n\
         /// [PoolExhaustedException] if all are live.",
    );
    out.block(format!("Pointer<{message}> alloc() {{"), "}\n", |out| {
        out.line("final address = pool.allocAddress();");
        out.line("if (address == 0) throw const PoolExhaustedException();");
        out.line(format!("return Pointer<{message}>.fromAddress(address)..clear();"));
    });
    out.line("/// Like [alloc], but null if all messages are live.");
    out.block(format!("Pointer<{message}>? tryAlloc() {{"), "}\n", |out| {
        out.line("final address = pool.allocAddress();");
        out.line("if (address == 0) return null;");
        out.line(format!("return Pointer<{message}>.fromAddress(address)..clear();"));
    });
    out.line("/// Gives [message] back; throws what [Pool.freeAddress] does.");
    out.block(format!("void free(Pointer<{message}> message) {{"), "}", |out| {
        out.line("pool.freeAddress(message.address);");
    });
}
