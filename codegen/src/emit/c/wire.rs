//! How the messages travel, in C: the tables, and functions that call the library with them.

use super::ident;
use crate::emit::view::{self, MessageView};
use crate::emit::Writer;
use crate::layout::Model;
use crate::wire::{is_supported, tables, Tables};

/// More than this C99 compilers need not take in one text.
const TEXT_MAX: usize = 4000;

/// The last section of the header.
pub(super) fn wire(out: &mut Writer, model: &Model) {
    if !is_supported(model) {
        return;
    }
    let tables = tables(model);
    let name = format!("{}_wire", model.schema.stem);
    rows(out, model, &name, &tables);
    names(out, model, &name, &tables.names);
    // Nobody sends the entries of maps alone.
    for view in view::messages(model).filter(|view| !view.message.map_entry) {
        let start = tables.starts[&view.message.full_name];
        let table = format!("&{name}[{start}]");
        functions(out, view, &table, &name);
        if let Some(pool) = &view.message.pool {
            decode(out, view, pool.zero);
        }
    }
}

fn rows(out: &mut Writer, model: &Model, name: &str, tables: &Tables) {
    out.claim("file", name, &model.schema.place);
    out.line("/* How the messages travel in protobuf's wire format: see pool_wire.h. */");
    out.block(format!("static const pool_wire_row_t {name}[] = {{"), "};\n", |out| {
        for row in &tables.rows {
            out.line(format!("{{{{{}}}}}, /* {} */", row.words("POOL_WIRE_"), row.about));
        }
    });
}

fn names(out: &mut Writer, model: &Model, name: &str, names: &[String]) {
    let array = format!("{name}_names");
    out.claim("file", &array, &model.schema.place);
    out.line("/* What the fields are called in JSON. */");
    let long = names.iter().map(|name| name.len() + 1).sum::<usize>() > TEXT_MAX;
    let (begin, end) = if long { (" {", "};\n") } else { ("", "    \"\";\n") };
    out.block(format!("static const char {array}[] ={begin}"), end, |out| {
        for name in names {
            if long {
                let bytes = name.bytes().map(|byte| format!("'{}', ", literal(byte)));
                out.line(format!("{}0,", bytes.collect::<String>()));
            } else {
                let text: String = name.bytes().map(literal).collect();
                out.line(format!("\"{text}\\0\""));
            }
        }
    });
}

fn literal(byte: u8) -> String {
    match byte {
        b'"' | b'\'' | b'\\' | b'?' => format!("\\{}", byte as char),
        b' '..=b'~' => (byte as char).to_string(),
        _ => format!("\\{byte:03o}"),
    }
}

/// Opens a function's block, and claims its name.
fn function(
    out: &mut Writer,
    view: MessageView,
    comment: &str,
    (result, name, parameters): (&str, &str, &str),
    body: impl FnOnce(&mut Writer),
) {
    out.claim("file", name, &view.message.place);
    let space = if result.ends_with('*') { "" } else { " " };
    let head = format!("static inline {result}{space}{name}(");
    let head = match head.len() + parameters.len() {
        0..=96 => format!("{head}{parameters}) {{"),
        _ => format!("{head}\n        {parameters}) {{"),
    };
    out.line(format!("/* {comment} */"));
    out.block(head, "}\n", body);
}

fn functions(out: &mut Writer, view: MessageView, table: &str, stem: &str) {
    let (ty, snake) = (ident(&view.message.name), view.snake());
    let parameters =
        format!("{ty} *message, const void *bytes, size_t length, pool_wire_error_t *out_error");
    for (comment, name, call) in [
        (
            "Makes the message what the bytes say; empty if it fails. See pool_wire_decode.",
            format!("{snake}_decode_into"),
            "pool_wire_decode",
        ),
        (
            "Adds what the bytes say; empty if it fails. See pool_wire_merge.",
            format!("{snake}_merge"),
            "pool_wire_merge",
        ),
    ] {
        function(out, view, comment, ("pool_wire_status_t", &name, &parameters), |out| {
            out.line(format!("return {call}({table}, bytes, length, message, out_error);"));
        });
    }
    function(
        out,
        view,
        "Bytes of its encoding.",
        ("size_t", &format!("{snake}_encoded_size"), &format!("const {ty} *message")),
        |out| out.line(format!("return pool_wire_size({table}, message);")),
    );
    function(
        out,
        view,
        "Encodes it into `out`; *out_length is how long that is. See pool_wire_encode.",
        (
            "pool_wire_status_t",
            &format!("{snake}_encode"),
            &format!("const {ty} *message, void *out, size_t capacity, size_t *out_length"),
        ),
        |out| {
            let call = "message, out, capacity, out_length";
            out.line(format!("return pool_wire_encode({table}, {call});"));
        },
    );
    function(
        out,
        view,
        "Writes it as JSON, for debugging; returns the text's length. See pool_wire_json.",
        (
            "size_t",
            &format!("{snake}_json"),
            &format!("const {ty} *message, char *buffer, size_t size"),
        ),
        |out| {
            let call = format!("{stem}_names, message, buffer, size");
            out.line(format!("return pool_wire_json({table}, {call});"));
        },
    );
}

fn decode(out: &mut Writer, view: MessageView, zero: bool) {
    let (ty, snake) = (ident(&view.message.name), view.snake());
    function(
        out,
        view,
        "A message from the pool, made of bytes; NULL, and *out_error (unless NULL), if there\n \
         * is no object for it (POOL_WIRE_NO_OBJECT) or the bytes are none.",
        (
            &format!("{ty} *"),
            &format!("{snake}_decode"),
            "const void *bytes, size_t length, pool_wire_error_t *out_error",
        ),
        |out| {
            out.line(format!("{ty} *message = ({ty} *)pool_alloc({snake}_pool());"));
            out.block("if (message == NULL) {", "}", |out| {
                out.block("if (out_error != NULL) {", "}", |out| {
                    out.line("out_error->status = POOL_WIRE_NO_OBJECT;");
                    out.line("out_error->field = 0;\nout_error->offset = 0;");
                });
                out.line("return NULL;");
            });
            if zero {
                out.line(format!("{snake}_init(message);"));
            }
            let call = format!("{snake}_decode_into(message, bytes, length, out_error)");
            out.block(format!("if ({call} != POOL_WIRE_OK) {{"), "}", |out| {
                out.line(format!("(void){snake}_free(message);\nreturn NULL;"));
            });
            out.line("return message;");
        },
    );
}
