//! The classes that own messages, or stand for some within others, each with the view's fields.

use std::collections::HashSet;

use super::clear::{clear_name, clear_other};
use super::lists::list_type;
use super::views::{choice_type, part_type, view_type};
use super::{arrow, class_head, fitted, maps, split_call, stem, type_ident};
use crate::emit::view::{self, MessageView};
use crate::emit::Writer;
use crate::layout::Model;
use crate::names;
use crate::schema::{Field, Kind, Presence};

/// `SmallMessageLease` and its like, for a message that has a pool.
pub(super) fn owner_type(message: &str, what: &str) -> String {
    type_ident(&format!("{message}{what}"))
}

/// The lease, the guarded lease and the batch of a message that has a pool.
pub(super) fn leases(out: &mut Writer, view: MessageView) {
    if view.message.pool.is_none() {
        return;
    }
    lease(out, view);
    guarded_lease(out, view);
    batch(out, view);
}

fn claimed(out: &mut Writer, view: MessageView, what: &str) -> String {
    let name = owner_type(&view.message.name, what);
    out.claim("file", &name, &view.message.place);
    name
}

fn lease(out: &mut Writer, view: MessageView) {
    let name = &view.message.name;
    let (message, fields) = (type_ident(name), view_type(name));
    let class = claimed(out, view, "Lease");
    let guarded = owner_type(name, "GuardedLease");
    out.line(format!("/// The sole owner of a [{message}]: see [Lease]."));
    out.block(class_head(out, &class, "Lease", &fields), "}\n", |out| {
        out.line(format!("{class}._(super.pool, super.address);\n"));
        out.line(
            "/// A lease that also gives the message back if it is forgotten, and to which\n\
             /// it moves: this one cannot be used any more. See [GuardedLease].",
        );
        arrow(out, &format!("{guarded} guard()"), &format!("{guarded}._(this)"));
    });
}

fn guarded_lease(out: &mut Writer, view: MessageView) {
    let name = &view.message.name;
    let (message, fields, stem) = (type_ident(name), view_type(name), stem(view));
    let class = claimed(out, view, "GuardedLease");
    let lease = owner_type(name, "Lease");
    out.line(format!("/// The sole owner of a [{message}], guarded: see [GuardedLease]."));
    out.block(class_head(out, &class, "GuardedLease", &fields), "}\n", |out| {
        let [line, split] = [" ", "\n    "]
            .map(|gap| format!("{class}._({lease} lease){gap}: super(lease, {stem}Size);"));
        fitted(out, &line, &split);
    });
}

fn batch(out: &mut Writer, view: MessageView) {
    let name = &view.message.name;
    let (message, fields) = (type_ident(name), view_type(name));
    let cursor = claimed(out, view, "Cursor");
    let class = claimed(out, view, "Batch");
    out.line(format!("/// A [{message}] of a [{class}]: see [LeaseBatch]."));
    out.line(format!("{}}}\n", class_head(out, &cursor, "MessageCursor", &fields)));
    out.line(format!("/// The sole owner of many [{message}]s: see [LeaseBatch]."));
    out.block(format!("final class {class} extends LeaseBatch<{cursor}> {{"), "}\n", |out| {
        out.line(format!("{class}._alloc(Pool pool, int count)"));
        out.block(format!("    : super.alloc(pool, count, {cursor}()) {{"), "}\n", |out| {
            out.block("for (var i = 0, count = length; i < count; i++) {", "}", |out| {
                if view.message.pool.as_ref().is_some_and(|pool| pool.zero) {
                    out.line(format!("zeroBytes(this[i].address, {}Size);", stem(view)));
                }
                out.line("this[i].clear();");
            });
        });
        out.line(format!("{class}._adopt(Pool pool, List<int> addresses)"));
        out.line(format!("    : super.adopt(pool, addresses, {cursor}());"));
    });
}

/// The views of messages within others, and lists of them and of enumerations; each only if a
/// field needs it.
pub(super) fn parts(out: &mut Writer, model: &Model) {
    let schema = &model.schema;
    let fields = || view::messages(model).flat_map(|view| &view.message.fields);
    let held: HashSet<Kind> = fields().map(|f| f.kind).collect();
    let repeated: HashSet<Kind> =
        fields().filter(|f| f.max_count.is_some()).map(|f| f.kind).collect();
    let chosen = |f: &&Field| matches!(f.presence, Presence::Oneof(_));
    let chosen: HashSet<Kind> = fields().filter(chosen).map(|f| f.kind).collect();
    let mapped: HashSet<Kind> =
        fields().filter(|f| maps::entry(f, schema).is_some()).map(|f| f.kind).collect();
    for (index, e) in schema.enums.iter().enumerate() {
        if repeated.contains(&Kind::Enum(index)) {
            enum_list(out, &e.name);
        }
    }
    for (index, message) in schema.messages.iter().enumerate() {
        let kind = Kind::Message(index);
        if held.contains(&kind) {
            clear_other(out, message);
            part(out, &message.name);
        }
        if chosen.contains(&kind) {
            choice(out, &message.name);
        }
        if repeated.contains(&kind) {
            message_list(out, &message.name);
        }
        if mapped.contains(&kind) {
            maps::class(out, message, schema);
        }
    }
}

fn part(out: &mut Writer, name: &str) {
    let (class, fields) = (part_type(name), view_type(name));
    out.block(class_head(out, &class, "NestedMessage", &fields), "}\n", |out| {
        out.line(format!("{class}(super.owner, super.offset);"));
    });
}

fn choice(out: &mut Writer, name: &str) {
    let (class, fields) = (choice_type(name), view_type(name));
    out.block(class_head(out, &class, "OneofMessage", &fields), "}\n", |out| {
        let places = ["owner", "offset", "caseOffset", "number"];
        split_call(out, &format!("{class}("), &places.map(|place| format!("super.{place}")));
    });
}

/// A list's constructor, which is that of every list.
fn list_constructor(out: &mut Writer, class: &str) {
    let places = ["message", "countOffset", "offset", "capacity", "field"];
    split_call(out, &format!("{class}("), &places.map(|place| format!("super.{place}")));
}

fn enum_list(out: &mut Writer, name: &str) {
    let (class, ty) = (list_type(name), type_ident(name));
    out.block(format!("final class {class} extends NativeEnumList<{ty}> {{"), "}\n", |out| {
        list_constructor(out, &class);
        out.gap();
        out.line(format!("@override\n{ty}? valueOf(int number) => {ty}.fromNumber(number);\n"));
        out.line(format!("@override\nint numberOf({ty} value) => value.number;"));
    });
}

fn message_list(out: &mut Writer, name: &str) {
    let (class, fields, part) = (list_type(name), view_type(name), part_type(name));
    let head = format!("final class {class} extends NativeMessageList<{fields}> {{");
    out.block(head, "}\n", |out| {
        list_constructor(out, &class);
        out.gap();
        out.line(format!("@override\nint get stride => {}Size;\n", names::camel(name)));
        out.line(format!("@override\n{fields} view(int offset) => {part}(message, offset);\n"));
        out.line(format!("@override\nvoid clearAt(int address) => {}(address);", clear_name(name)));
    });
}
