//! What a schema may have that the Dart emitter cannot write yet.

use crate::emit::view;
use crate::layout::Model;
use crate::place::Place;
use crate::schema::{Field, Kind, Message, Presence};

/// All there is of it, with its place.
pub(super) fn missing(model: &Model) -> Vec<(Place, String)> {
    let mut found: Vec<(Place, String)> = Vec::new();
    for import in &model.schema.imports {
        let what = format!("a file that uses `{}`", import.stem);
        found.push((model.schema.place.clone(), what));
    }
    for e in view::enums(model) {
        let aliases = e.values.iter().filter(|value| value.alias_of.is_some());
        found.extend(aliases.map(|value| (value.place.clone(), format!("alias `{}`", value.name))));
    }
    for view in view::messages(model) {
        of_message(view.message, &mut found);
    }
    found
}

fn of_message(message: &Message, found: &mut Vec<(Place, String)>) {
    let mut add = |place: &Place, what: String| found.push((place.clone(), what));
    if message.fields.is_empty() {
        add(&message.place, format!("empty message `{}`", message.name));
    }
    if message.compact {
        add(&message.place, format!("compact message `{}`", message.name));
    }
    for oneof in &message.oneofs {
        add(&oneof.place, format!("oneof `{}`", oneof.name));
    }
    if let Some(pool) = &message.pool {
        let options = [
            (pool.reserve != 0, "reserve"),
            (pool.align != 0, "align"),
            (pool.zero, "zero"),
            (pool.huge_pages, "huge_pages"),
        ];
        for (_, option) in options.into_iter().filter(|(given, _)| *given) {
            add(&pool.place, format!("pool option `{option}`"));
        }
    }
    for field in &message.fields {
        if let Some(what) = of_field(field) {
            add(&field.place, format!("{what} `{}`", field.name));
        }
    }
}

fn of_field(field: &Field) -> Option<&'static str> {
    let is_message = matches!(field.kind, Kind::Message(_));
    match field.presence {
        Presence::Flag if !is_message => Some("optional field"),
        _ if field.fixed => Some("fixed field"),
        _ if field.default.is_some() => Some("default of field"),
        _ => None,
    }
}
