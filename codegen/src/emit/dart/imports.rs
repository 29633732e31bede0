//! The libraries the output stands on, and those of other schemas.

use std::collections::BTreeSet;

use super::type_ident;
use crate::emit::view;
use crate::emit::Writer;
use crate::layout::Model;
use crate::place::Place;
use crate::schema::{Home, Kind};

pub(super) fn imports(out: &mut Writer, model: &Model) {
    let schema = &model.schema;
    let fields = || view::messages(model).flat_map(|view| &view.message.fields);
    let text = fields().any(|f| matches!(f.kind, Kind::Text { .. }));
    let views = fields().any(|f| match f.kind {
        Kind::Text { .. } | Kind::Bytes { .. } => true,
        Kind::Scalar(_) | Kind::Enum(_) => f.max_count.is_some(),
        Kind::Message(_) => false,
    });
    let messages = view::messages(model).next().is_some();
    let wired = crate::wire::is_supported(model);
    let pools = view::messages(model).any(|view| view.message.pool.is_some());
    let lines = [
        (text, "import 'dart:convert';"),
        (messages, "import 'dart:ffi';"),
        (views || wired, "import 'dart:typed_data';"),
        (messages, "\nimport 'package:magpool/generated.dart';"),
        (pools || wired, "import 'package:magpool/magpool.dart';"),
    ];
    lines.iter().filter(|(wanted, _)| *wanted).for_each(|(_, line)| out.line(line));
    out.gap();
    others(out, model);
    for import in schema.imports.iter().filter(|import| import.public) {
        out.line(format!("export '{}.g.dart';", import.stem));
    }
    out.gap();
}

/// Those whose types the fields use.
fn others(out: &mut Writer, model: &Model) {
    let schema = &model.schema;
    let mut stems = BTreeSet::new();
    let mut note = |out: &mut Writer, home: &Home, name: &str, place: &Place| {
        if let Home::Import(stem) = home {
            out.claim("file", &type_ident(name), place);
            stems.insert(stem.clone());
        }
    };
    for field in view::messages(model).flat_map(|view| &view.message.fields) {
        match field.kind {
            Kind::Message(index) => {
                let inner = &schema.messages[index];
                note(out, &inner.home, &inner.name, &inner.place);
            }
            Kind::Enum(index) => {
                let inner = &schema.enums[index];
                note(out, &inner.home, &inner.name, &inner.place);
            }
            _ => {}
        }
    }
    // Beside this one.
    stems.iter().for_each(|stem| out.line(format!("import '{stem}.g.dart';")));
    out.gap();
}
