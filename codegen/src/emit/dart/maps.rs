//! Maps: finding, putting and removing entries by their keys.

use super::accessors::Members;
use super::views::view_type;
use super::{ident, plain, type_ident};
use crate::emit::view::FieldView;
use crate::emit::Writer;
use crate::layout::{Element, Role};
use crate::schema::{Field, Kind, Message, Scalar, Schema};

/// The entry of a map, with its key and value; none if the field is something else.
pub(super) fn entry<'a>(field: &Field, schema: &'a Schema) -> Option<&'a Message> {
    let Kind::Message(index) = field.kind else { return None };
    // An entry that is refused lacks its value.
    Some(&schema.messages[index]).filter(|entry| entry.map_entry && entry.fields.len() == 2)
}

/// The types of an entry's key and value, as a Dart map has them.
fn types(entry: &Message, schema: &Schema) -> [String; 2] {
    [0, 1].map(|index| match entry.fields[index].kind {
        Kind::Text { .. } => "String".to_owned(),
        Kind::Bytes { .. } => "List<int>".to_owned(),
        Kind::Scalar(Scalar::Bool) => "bool".to_owned(),
        Kind::Scalar(scalar) => plain(Element::Scalar(scalar)).to_owned(),
        Kind::Enum(index) => format!("{}?", type_ident(&schema.enums[index].name)),
        Kind::Message(index) => format!("{}?", view_type(&schema.messages[index].name)),
    })
}

/// `NativeMap<String, int, TrackAgesEntryView>`.
pub(super) fn map_type(entry: &Message, schema: &Schema) -> String {
    let [key, value] = types(entry, schema);
    format!("NativeMap<{key}, {value}, {}>", view_type(&entry.name))
}

/// `_TrackAgesEntryMap`.
pub(super) fn map_class(entry: &Message) -> String {
    format!("_{}Map", entry.name)
}

/// The members of a map on a pointer; none if the field is something else.
pub(super) fn functions(members: &mut Members, field: FieldView) {
    let Some(entry) = entry(field.field, members.schema) else { return };
    let [key, _] = types(entry, members.schema);
    let shown = &field.field.name;
    let (pointer, count) =
        (format!("Pointer<{}>", members.inner(field).0), ident(&field.member(Role::Count).name));
    let [find, put, remove, at] =
        ["find_N", "put_N", "remove_N", "N_at"].map(|form| ident(&form.replace('N', shown)));

    let about = format!("The entry of `{shown}` with this [key], or null.");
    members.begin(Some(field), &find, &about);
    let body = format!(
        "for (var i = 0, count = {count}; i < count; i++) {{\n  final entry = {at}(i);\n  \
         if (entry.key == key) return entry;\n}}\nreturn null;"
    );
    members.body(&format!("{pointer}? {find}({key} key)"), &body);

    let about = format!(
        "The entry of `{shown}` with this [key], appended if there was none.\n\n\
         Throws a [StateError] if it is full; nothing changes then."
    );
    members.begin(Some(field), &put, &about);
    let body = format!(
        "final found = {find}(key);\nif (found != null) return found;\n{}\n{}\n\
         final entry = {pointer}.fromAddress(row)..clear();\nentry.key = key;\n\
         ref.{count} = index + 1;\nreturn entry;",
        members.next_index(field),
        members.row(field)
    );
    members.body(&format!("{pointer} {put}({key} key)"), &body);

    let about = format!(
        "Removes the entry of `{shown}` with this [key]; the last takes its place.\n\
         False if there was none."
    );
    members.begin(Some(field), &remove, &about);
    let body = format!(
        "final found = {find}(key);\nif (found == null) return false;\n\
         final last = {count} - 1;\nfound.ref = {at}(last).ref;\nref.{count} = last;\n\
         return true;"
    );
    members.body(&format!("bool {remove}({key} key)"), &body);
}

/// The Dart map of entries of this message.
pub(super) fn class(out: &mut Writer, entry: &Message, schema: &Schema) {
    let [key, value] = types(entry, schema);
    let (class, view) = (map_class(entry), view_type(&entry.name));
    let choice = matches!(entry.fields[1].kind, Kind::Enum(_));
    out.line(format!("final class {class}"));
    out.block(format!("    extends {} {{", map_type(entry, schema)), "}\n", |out| {
        out.line(format!("{class}(super.list);\n"));
        out.line(format!("@override\n{key} keyOf({view} entry) => entry.key;\n"));
        out.line("@override");
        out.line(format!("void setKey({view} entry, {key} key) => entry.key = key;\n"));
        out.line(format!("@override\n{value} valueOf({view} entry) => entry.value;\n"));
        out.line("@override");
        if choice {
            out.block(format!("void setValue({view} entry, {value} value) {{"), "}", |out| {
                out.line("entry.setValue(ArgumentError.checkNotNull(value, 'value'));");
            });
        } else {
            out.line(format!("void setValue({view} entry, {value} value) =>"));
            out.line("    entry.value = value;");
        }
    });
}
