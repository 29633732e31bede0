//! The typed pool of a Dart message.

use super::clear::clear_name;
use super::leases::owner_type;
use super::{arrow, stem, type_ident, wrap};
use crate::emit::view::MessageView;
use crate::emit::Writer;
use crate::names;
use crate::schema::{Pool, Schema};

/// The class of a message's pool.
pub(super) fn pool(out: &mut Writer, view: MessageView, schema: &Schema) {
    let Some(pool) = &view.message.pool else { return };
    let (message, class) = (type_ident(&view.message.name), owner_type(&view.message.name, "Pool"));
    out.claim("file", &class, &view.message.place);
    out.line(format!(
        "/// The pool of [{message}]. Can be sent to other isolates, as a [Pool] can."
    ));
    out.block(format!("final class {class} {{"), "}\n", |out| {
        out.line(format!("const {class}._(this.pool);\n"));
        open(out, view, pool, &class, &schema.stem);
        out.line("/// The pool itself.\nfinal Pool pool;");
        lease_methods(out, view);
        batch_methods(out, &view.message.name);
        pointer_methods(out, view);
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
        out.line(format!("  objectSize: {stem}Size,"));
        if pool.align > view.layout.align {
            out.line(format!("  objectAlign: {},", pool.align));
        } else {
            out.line(format!("  objectAlign: {stem}Align,"));
        }
        out.line(format!("  capacity: {},", pool.capacity));
        if pool.limit != 0 {
            out.line(format!("  limit: {},", pool.limit));
        }
        if pool.magazine_rounds != 0 {
            out.line(format!("  magazineRounds: {},", pool.magazine_rounds));
        }
        if pool.reserve != 0 {
            out.line(format!("  reserve: {},", pool.reserve));
        }
        let flags =
            [(pool.abort_on_misuse, "poolAbortOnMisuse"), (pool.huge_pages, "poolHugePages")];
        let set: Vec<&str> = flags.iter().filter(|(on, _)| *on).map(|(_, flag)| *flag).collect();
        if !set.is_empty() {
            out.line(format!("  flags: {},", set.join(" | ")));
        }
        let hash = names::camel(&format!("{schema}_layout_hash"));
        out.line(format!("  schema: '{}',\n  layoutHash: {hash},", names::snake(schema)));
        out.line("));");
    });
}

/// The comment of a member.
fn about(out: &mut Writer, text: &str) {
    out.gap();
    wrap(text).lines().for_each(|line| out.line(format!("/// {line}")));
}

/// A member that gives null if there is no object.
fn trying(out: &mut Writer, head: &str, body: &str) {
    out.block(format!("{head} {{"), "}", |out| {
        out.line("final address = pool.allocAddress();\nif (address == 0) return null;");
        out.line(body);
    });
}

/// The statement that empties the object at `address`, also of what is out of use if the schema
/// wants that.
pub(super) fn empty(view: MessageView) -> String {
    let zero = view.message.pool.as_ref().is_some_and(|pool| pool.zero);
    let zeros = if zero { format!("zeroBytes(address, {}Size);\n", stem(view)) } else { "".into() };
    format!("{zeros}{}(address);", clear_name(&view.message.name))
}

fn lease_methods(out: &mut Writer, view: MessageView) {
    let name = &view.message.name;
    let lease = owner_type(name, "Lease");
    let body = format!("{}\nreturn {lease}._(pool, address);", empty(view));
    about(
        out,
        "A lease of an empty message; throws a [PoolExhaustedException] if all are live, and what \
         else [Pool.requireAddress] does.",
    );
    out.line("@pragma('vm:prefer-inline')");
    out.block(format!("{lease} alloc() {{"), "}", |out| {
        out.line("final address = pool.requireAddress();");
        out.line(&body);
    });
    about(out, "Like [alloc], but null if all messages are live.");
    trying(out, &format!("{lease}? tryAlloc()"), &body);
    about(
        out,
        "What [body] makes of an empty message, which is given back when it is done: at once, or \
         when the future that it returns completes.",
    );
    let head = format!("R use<R>(R Function({lease} lease) body)");
    arrow(out, &head, "useLease(alloc(), body)");
    about(
        out,
        "A lease of the live message at [address], which `release` of another lease gave away. \
         Throws an [ArgumentError] for an address that is not of this pool.",
    );
    let adopted = format!("{lease}._(pool, checkAdopted(pool, address))");
    arrow(out, &format!("{lease} adopt(int address)"), &adopted);
}

fn batch_methods(out: &mut Writer, name: &str) {
    let batch = owner_type(name, "Batch");
    about(out, "Up to [count] empty messages: fewer only if all others were live.");
    let head = format!("{batch} allocBatch(int count)");
    arrow(out, &head, &format!("{batch}._alloc(pool, count)"));
    about(
        out,
        "The live messages at [addresses], which `release` of another batch gave away, or of \
         leases.",
    );
    let head = format!("{batch} adoptBatch(List<int> addresses)");
    arrow(out, &head, &format!("{batch}._adopt(pool, addresses)"));
}

/// For those who want no owner.
fn pointer_methods(out: &mut Writer, view: MessageView) {
    let message = type_ident(&view.message.name);
    let zero = view.message.pool.as_ref().is_some_and(|pool| pool.zero);
    let pointer = format!("Pointer<{message}>");
    about(
        out,
        "An empty message that has no owner but the caller, to be given back with [freePointer]; \
         throws what [alloc] does.",
    );
    let head = format!("{pointer} allocPointer()");
    if zero {
        out.block(format!("{head} {{"), "}", |out| {
            out.line("final address = pool.requireAddress();");
            out.line(empty(view));
            out.line(format!("return {pointer}.fromAddress(address);"));
        });
    } else {
        arrow(out, &head, &format!("{pointer}.fromAddress(pool.requireAddress())..clear()"));
    }
    about(out, "Like [allocPointer], but null if all messages are live.");
    let body = match zero {
        true => format!("{}\nreturn {pointer}.fromAddress(address);", empty(view)),
        false => format!("return {pointer}.fromAddress(address)..clear();"),
    };
    trying(out, &format!("{pointer}? tryAllocPointer()"), &body);
    about(out, "Gives [message] back; throws what [Pool.freeAddress] does.");
    let head = format!("void freePointer({pointer} message)");
    arrow(out, &head, "pool.freeAddress(message.address)");
}
