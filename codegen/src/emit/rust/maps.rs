//! Finding, putting and removing the entries of maps: a short list, looked through from its
//! beginning.

use super::accessors::Methods;
use super::ident;
use crate::emit::view::FieldView;
use crate::layout::Role;
use crate::schema::{Field, Kind, Message, Scalar, Schema};

/// The message of a map's entries, and its key; `None` if the field is no map.
pub(super) fn entry<'a>(field: FieldView, schema: &'a Schema) -> Option<(&'a Message, &'a Field)> {
    let Kind::Message(index) = field.field.kind else { return None };
    let entry = &schema.messages[index];
    let key = entry.fields.first().filter(|_| entry.map_entry)?;
    Some((entry, key))
}

/// The type a key is given as.
pub(super) fn key_type(key: &Field) -> &'static str {
    match key.kind {
        Kind::Text { .. } => "&str",
        Kind::Scalar(Scalar::Bool) => "bool",
        Kind::Scalar(Scalar::I32) => "i32",
        Kind::Scalar(Scalar::I64) => "i64",
        Kind::Scalar(Scalar::U32) => "u32",
        _ => "u64",
    }
}

/// The methods of a map; none if the field is something else.
pub(super) fn map(methods: &mut Methods, field: FieldView) {
    let schema = methods.schema;
    let Some((entry, key)) = entry(field, schema) else { return };
    let (name, entry, key_type) = (&field.field.name, ident(&entry.name), key_type(key));
    let is_text = matches!(key.kind, Kind::Text { .. });
    let given = if is_text { "key.as_bytes()" } else { "key" };
    let position =
        format!("self.{}().iter().position(|entry| entry.key() == {given})", ident(name));

    let comment = format!("The entry of `{name}` with this key, if there is one.");
    let body = format!("{position}.map(|index| &self.{}[index])", ident(name));
    let signature = format!("(&self, key: {key_type}) -> Option<&{entry}>");
    methods.method(Some(field), &comment, (&format!("find_{name}"), &signature), &body);

    let long = if is_text { ", or the key is too long" } else { "" };
    let comment = format!(
        "The entry of `{name}` with this key, appended if there was none.\n\n# Errors\n\n\
         There was none and the map is full{long}; nothing changes."
    );
    let (value, count) = (ident(name), ident(&field.member(Role::Count).name));
    let store = if is_text { "slot.set_key(key)?;" } else { "slot.set_key(key);" };
    let max = field.max_count();
    let body = format!(
        "if let Some(index) = {position} {{\n    return Ok(&mut self.{value}[index]);\n}}\n\
         let Some(slot) = self.{value}.get_mut(self.{count} as usize) else {{\n    \
         return Err(magpool::FieldTooLong {{ max: {max}, len: {max} + 1 }});\n}};\n\
         slot.clear();\n{store}\nself.{count} += 1;\nOk(slot)"
    );
    let signature =
        format!("(&mut self, key: {key_type}) -> Result<&mut {entry}, magpool::FieldTooLong>");
    methods.method(Some(field), &comment, (&format!("put_{name}"), &signature), &body);

    let comment = format!(
        "Removes the entry of `{name}` with this key; the last one takes its place. False if there \
         was none."
    );
    let body = format!(
        "let Some(index) = {position} else {{\n    return false;\n}};\n\
         let last = self.{name}_len() - 1;\nself.{value}[index] = self.{value}[last];\n\
         self.{count} = last as u32;\ntrue"
    );
    let signature = format!("(&mut self, key: {key_type}) -> bool");
    methods.method(Some(field), &comment, (&format!("remove_{name}"), &signature), &body);
}
