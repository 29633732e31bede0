//! The functions that empty messages at addresses.

use super::{literal, native, offset_name, offset_of, type_ident};
use crate::emit::view::{FieldView, MessageView, Part};
use crate::emit::Writer;
use crate::layout::Role;
use crate::names;
use crate::schema::{Home, Kind, Message, Schema};

/// `_clearSmallMessage`, the function that empties a message at an address.
pub(super) fn clear_name(message: &str) -> String {
    format!("_clear{message}")
}

/// That of a message of this file.
pub(super) fn clear_function(out: &mut Writer, view: MessageView, schema: &Schema) {
    out.line("@pragma('vm:prefer-inline')");
    let head = format!("void {}(int address) {{", clear_name(&view.message.name));
    out.block(head, "}\n", |out| {
        for field in view.fields().filter(|field| field.oneof().is_none()) {
            clear_field(out, view, field, schema);
        }
        for part in view.parts() {
            match part {
                Part::Case(oneof) => {
                    let offset = offset_of(view, &oneof.case_name());
                    out.line(format!("storeUint32(address + {offset}, 0);"));
                }
                Part::Empty => {
                    let offset = offset_of(view, "empty");
                    out.line(format!("storeUint8(address + {offset}, 0);"));
                }
                _ => {}
            }
        }
    });
}

fn clear_field(out: &mut Writer, view: MessageView, field: FieldView, schema: &Schema) {
    let member = &field.members()[0];
    let offset = offset_name(view, member);
    match (member.role, field.field.kind) {
        (Role::Value, Kind::Message(index)) => {
            let inner = &schema.messages[index].name;
            let head = format!("for (var i = 0; i < {}; i++) {{", field.max_count());
            out.block(head, "}", |out| {
                let size = format!("{}Size", names::camel(inner));
                out.line(format!("{}(address + {offset} + i * {size});", clear_name(inner)));
            });
        }
        (Role::Value, _) if !member.dims.is_empty() => {
            out.line(format!("zeroBytes(address + {offset}, {});", member.extent(&[]).0));
        }
        (role, _) => {
            let native = native(member.element, schema);
            let value = if role == Role::Value { literal::stored(field) } else { "0".to_owned() };
            out.line(format!("store{native}(address + {offset}, {value});"));
        }
    }
}

/// The function that empties a message of another file.
pub(super) fn clear_other(out: &mut Writer, message: &Message) {
    if message.home == Home::Own {
        return;
    }
    let (name, class) = (clear_name(&message.name), type_ident(&message.name));
    out.line(format!("void {name}(int address) =>"));
    out.line(format!("    Pointer<{class}>.fromAddress(address).clear();\n"));
}
