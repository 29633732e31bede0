//! The static inline functions of the C header: clearing, setting, adding; and the pools.

use super::{ident, type_of};
use crate::emit::view::{FieldView, MessageView};
use crate::emit::Writer;
use crate::layout::Role;
use crate::schema::{Kind, Pool, Scalar, Schema};

/// Functions every message has.
pub(super) fn functions(out: &mut Writer, view: MessageView, schema: &Schema) {
    clear(out, view);
    for field in view.fields() {
        match (field.field.kind, field.field.max_count) {
            (Kind::Text { .. } | Kind::Bytes { .. }, None) => set_text(out, view, field),
            (Kind::Text { .. } | Kind::Bytes { .. }, Some(_)) => add_text(out, view, field),
            (Kind::Message(index), None) => {
                mutable(out, view, field, &schema.messages[index].name);
            }
            (Kind::Message(index), Some(_)) => {
                add_message(out, view, field, &schema.messages[index].name);
            }
            (Kind::Scalar(_) | Kind::Enum(_), Some(_)) => add_scalar(out, view, field, schema),
            (Kind::Scalar(_) | Kind::Enum(_), None) => {}
        }
    }
}

/// Opens a function's block; its name is claimed for `field`, or the message.
fn function(
    out: &mut Writer,
    view: MessageView,
    field: Option<FieldView>,
    (result, name, parameters): (&str, &str, &str),
    body: impl FnOnce(&mut Writer),
) {
    out.claim("file", name, field.map_or(&view.message.place, |f| &f.field.place));
    let space = if result.ends_with('*') { "" } else { " " };
    let head = format!("static inline {result}{space}{name}({parameters}) {{");
    let head = match head.len() {
        0..=100 => head,
        _ => format!("static inline {result}{space}{name}(\n        {parameters}) {{"),
    };
    out.block(head, "}\n", body);
}

fn clear(out: &mut Writer, view: MessageView) {
    let ty = ident(&view.message.name);
    let name = format!("{}_clear", view.snake());
    out.line("/* Empties the message: numbers, lengths and counts become 0, messages absent. */");
    function(out, view, None, ("void", &name, &format!("{ty} *message")), |out| {
        for field in view.fields() {
            let member = field.members()[0].role;
            out.line(format!("message->{} = 0;", ident(&field.member(member).name)));
        }
    });
}

/// The parameters that carry a text or bytes, and what the bytes are called.
fn text_parameters(field: FieldView) -> (&'static str, &'static str) {
    match field.field.kind {
        Kind::Bytes { .. } => ("const void *data, size_t length", "data"),
        _ => ("const char *text, size_t length", "text"),
    }
}

fn set_text(out: &mut Writer, view: MessageView, field: FieldView) {
    let ty = ident(&view.message.name);
    let name = format!("{}_set_{}", view.snake(), field.field.name);
    let (parameters, source) = text_parameters(field);
    let value = ident(&field.member(Role::Value).name);
    let stored = ident(&field.member(Role::Length).name);
    let max = field.max_length();
    out.line(format!("/* Copies {source}; false, and unchanged, if it is longer than {max}. */"));
    let parameters = format!("{ty} *message, {parameters}");
    function(out, view, Some(field), ("bool", &name, &parameters), |out| {
        out.block(format!("if (length > {max}) {{"), "}", |out| {
            out.line("return false;");
        });
        out.block("if (length != 0) {", "}", |out| {
            out.line(format!("memcpy(message->{value}, {source}, length);"));
        });
        out.line(format!("message->{stored} = (uint32_t)length;\nreturn true;"));
    });
}

fn add_text(out: &mut Writer, view: MessageView, field: FieldView) {
    let ty = ident(&view.message.name);
    let name = format!("{}_add_{}", view.snake(), field.field.name);
    let (parameters, source) = text_parameters(field);
    let value = ident(&field.member(Role::Value).name);
    let lengths = ident(&field.member(Role::Lengths).name);
    let count = ident(&field.member(Role::Count).name);
    let (max, max_count) = (field.max_length(), field.max_count());
    out.line(format!(
        "/* Appends {source}; false, and unchanged, if it is longer than {max} or {max_count} are there. */"
    ));
    let parameters = format!("{ty} *message, {parameters}");
    function(out, view, Some(field), ("bool", &name, &parameters), |out| {
        out.line(format!("const uint32_t index = message->{count};"));
        out.block(format!("if (index >= {max_count} || length > {max}) {{"), "}", |out| {
            out.line("return false;");
        });
        out.block("if (length != 0) {", "}", |out| {
            out.line(format!("memcpy(message->{value}[index], {source}, length);"));
        });
        out.line(format!("message->{lengths}[index] = (uint32_t)length;"));
        out.line(format!("message->{count} = index + 1;\nreturn true;"));
    });
}

fn add_scalar(out: &mut Writer, view: MessageView, field: FieldView, schema: &Schema) {
    let ty = ident(&view.message.name);
    let name = format!("{}_add_{}", view.snake(), field.field.name);
    let member = field.member(Role::Value);
    let value = ident(&member.name);
    let count = ident(&field.member(Role::Count).name);
    let max_count = field.max_count();
    let is_bool = field.field.kind == Kind::Scalar(Scalar::Bool);
    let given = if is_bool { "bool".to_owned() } else { type_of(member.element, schema) };
    let stored = if is_bool { "value ? 1 : 0" } else { "value" };
    out.line(format!("/* Appends a value; false, and unchanged, if {max_count} are there. */"));
    let parameters = format!("{ty} *message, {given} value");
    function(out, view, Some(field), ("bool", &name, &parameters), |out| {
        out.line(format!("const uint32_t index = message->{count};"));
        out.block(format!("if (index >= {max_count}) {{"), "}", |out| {
            out.line("return false;");
        });
        out.line(format!("message->{value}[index] = {stored};"));
        out.line(format!("message->{count} = index + 1;\nreturn true;"));
    });
}

fn add_message(out: &mut Writer, view: MessageView, field: FieldView, inner: &str) {
    let ty = ident(&view.message.name);
    let name = format!("{}_add_{}", view.snake(), field.field.name);
    let value = ident(&field.member(Role::Value).name);
    let count = ident(&field.member(Role::Count).name);
    let max_count = field.max_count();
    let (inner_type, inner_clear) = inner_names(inner);
    out.line(format!(
        "/* Appends an empty message and returns it; NULL if {max_count} are there. */"
    ));
    let signature = (format!("{inner_type} *"), format!("{ty} *message"));
    function(out, view, Some(field), (&signature.0, &name, &signature.1), |out| {
        out.line(format!("const uint32_t index = message->{count};"));
        out.block(format!("if (index >= {max_count}) {{"), "}", |out| {
            out.line("return NULL;");
        });
        out.line(format!("{inner_clear}(&message->{value}[index]);"));
        out.line(format!("message->{count} = index + 1;\nreturn &message->{value}[index];"));
    });
}

fn mutable(out: &mut Writer, view: MessageView, field: FieldView, inner: &str) {
    let ty = ident(&view.message.name);
    let name = format!("{}_mutable_{}", view.snake(), field.field.name);
    let value = ident(&field.member(Role::Value).name);
    let has = ident(&field.member(Role::Has).name);
    let (inner_type, inner_clear) = inner_names(inner);
    out.line("/* The inner message; if it was absent it is now present, and empty. */");
    let signature = (format!("{inner_type} *"), format!("{ty} *message"));
    function(out, view, Some(field), (&signature.0, &name, &signature.1), |out| {
        out.block(format!("if (message->{has} == 0) {{"), "}", |out| {
            out.line(format!("{inner_clear}(&message->{value});\nmessage->{has} = 1;"));
        });
        out.line(format!("return &message->{value};"));
    });
}

fn inner_names(inner: &str) -> (String, String) {
    (ident(inner), format!("{}_clear", crate::names::snake(inner)))
}

/// Functions of a message that has a pool.
pub(super) fn pool_functions(out: &mut Writer, view: MessageView) {
    let Some(pool) = &view.message.pool else { return };
    pool_open(out, view, pool);
    pool_handle(out, view);
    let (ty, snake) = (ident(&view.message.name), view.snake());
    out.line("/* An empty message from the pool; NULL as pool_alloc says. */");
    let name = format!("{snake}_alloc");
    function(out, view, None, (&format!("{ty} *"), &name, "void"), |out| {
        out.line(format!("{ty} *message = ({ty} *)pool_alloc({snake}_pool());"));
        out.block("if (message != NULL) {", "}", |out| {
            out.line(format!("{snake}_clear(message);"));
        });
        out.line("return message;");
    });
    out.line("/* Gives a message back to the pool; returns what pool_free does. */");
    let (name, parameter) = (format!("{snake}_free"), format!("{ty} *message"));
    function(out, view, None, ("pool_status_t", &name, &parameter), |out| {
        out.line(format!("return pool_free({snake}_pool(), message);"));
    });
}

fn pool_open(out: &mut Writer, view: MessageView, pool: &Pool) {
    let name = format!("{}_pool_open", view.snake());
    let ty = ident(&view.message.name);
    out.line(format!(
        "/* Finds or makes the pool \"{}\"; returns what pool_open does. */",
        pool.name
    ));
    function(out, view, None, ("pool_status_t", &name, "pool_t **out_pool"), |out| {
        out.line("pool_config_t config = POOL_CONFIG_INIT;");
        out.line(format!("config.name = \"{}\";", pool.name));
        out.line(format!("config.object_size = sizeof({ty});"));
        out.line(format!("config.object_align = {};", view.layout.align));
        out.line(format!("config.capacity = {};", pool.capacity));
        if pool.limit != 0 {
            out.line(format!("config.limit = {};", pool.limit));
        }
        if pool.magazine_rounds != 0 {
            out.line(format!("config.magazine_rounds = {};", pool.magazine_rounds));
        }
        if pool.abort_on_misuse {
            out.line("config.flags = POOL_ABORT_ON_MISUSE;");
        }
        out.line("return pool_open(&config, out_pool);");
    });
}

fn pool_handle(out: &mut Writer, view: MessageView) {
    let name = format!("{}_pool", view.snake());
    out.line(
        "/* The pool, found or made at the first call and remembered: destroy it only when no\n \
         * part of the program uses this header any more. NULL if it cannot be made. */",
    );
    function(out, view, None, ("pool_t *", &name, "void"), |out| {
        let open = format!("if (pool == NULL && {name}_open(&pool) == POOL_OK) {{");
        out.line("pool_t *pool = NULL;");
        // Racing threads are given the same handle by pool_open, so either store is right.
        out.line("#if defined(__GNUC__)\nstatic pool_t *remembered = NULL;");
        out.line("pool = __atomic_load_n(&remembered, __ATOMIC_ACQUIRE);\n#endif");
        out.block(open, "}", |out| {
            out.line("#if defined(__GNUC__)");
            out.line("__atomic_store_n(&remembered, pool, __ATOMIC_RELEASE);\n#endif");
        });
        out.line("return pool;");
    });
}
