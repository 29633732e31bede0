//! Methods for strings and bytes.

use super::accessors::{Methods, TOO_LONG};
use super::ident;
use super::lists;
use super::presence::{mark, optional, reach};
use crate::emit::view::FieldView;
use crate::layout::Role;
use crate::schema::Kind;

fn is_string(field: FieldView) -> bool {
    matches!(field.field.kind, Kind::Text { .. })
}

/// The type a getter returns a reference to.
fn bytes_type(field: FieldView) -> String {
    match field.field.fixed {
        true => format!("&[u8; {}]", field.max_length()),
        false => "&[u8]".to_owned(),
    }
}

/// The type a setter takes, and its bytes.
pub(super) fn argument(field: FieldView) -> (String, &'static str) {
    match field.field.kind {
        _ if field.field.fixed => (bytes_type(field), "value"),
        Kind::Bytes { .. } => ("&[u8]".to_owned(), "value"),
        _ => ("&str".to_owned(), "value.as_bytes()"),
    }
}

/// Takes as much of `target` as the value needs as `part`, or returns.
fn part(target: &str, max: u32) -> String {
    format!(
        "let Some(part) = {target}.get_mut(..value.len()) else {{\n    \
         return Err(magpool::FieldTooLong {{ max: {max}, len: value.len() }});\n}};"
    )
}

/// A singular text.
pub(super) fn text(methods: &mut Methods, field: FieldView) {
    let name = &field.field.name;
    let (reach, optional, max) = (reach(field), optional(field), field.max_length());
    let read = match field.field.fixed {
        true if reach.bind.is_empty() => format!("&{}", reach.value),
        true => "held".to_owned(),
        false => format!("&{}[..({} as usize).min({max})]", reach.value, reach.length),
    };
    let ty = bytes_type(field);
    let comment = match field.field.unknown {
        true => "Fields that the schema does not have, encoded.".to_owned(),
        false => format!("Bytes of `{name}`{}.", optional.note()),
    };
    let body = format!("{}{}{}", optional.guard(), reach.bind, optional.value(&read));
    let signature = format!("(&self) -> {}", optional.ty(&ty));
    methods.method(Some(field), &comment, (&ident(name), &signature), &body);
    if !field.field.fixed {
        methods.or_default(field, "&[u8]");
    }
    if is_string(field) {
        as_str(methods, field);
    }
    match field.field.unknown {
        true => clear_unknown(methods, field),
        false => set(methods, field),
    }
}

fn as_str(methods: &mut Methods, field: FieldView) {
    let (name, getter) = (&field.field.name, ident(&field.field.name));
    let optional = optional(field);
    let comment = format!("Text of `{name}`{}.\n\n# Errors\n\nIt is not UTF-8.", optional.note());
    let signature = format!("(&self) -> Result<{}, ::core::str::Utf8Error>", optional.ty("&str"));
    let body = if field.has_presence() {
        let from_utf8 = match field.field.fixed {
            true => "|text| ::core::str::from_utf8(text)",
            false => "::core::str::from_utf8",
        };
        format!("self.{getter}().map({from_utf8}).transpose()")
    } else {
        format!("::core::str::from_utf8(self.{getter}())")
    };
    methods.method(Some(field), &comment, (&format!("{name}_str"), &signature), &body);
}

/// Unknown fields are not set: only a decoder knows that they are some.
fn clear_unknown(methods: &mut Methods, field: FieldView) {
    let name = format!("clear_{}", field.field.name);
    let body = format!("{} = 0;", reach(field).length);
    let comment = "Forgets the fields that the schema does not have.";
    methods.method(Some(field), comment, (&name, "(&mut self)"), &body);
}

fn set(methods: &mut Methods, field: FieldView) {
    let name = &field.field.name;
    let (reach, max) = (reach(field), field.max_length());
    let (ty, bytes) = argument(field);
    let setter = format!("set_{name}");
    if field.field.fixed {
        let target = if reach.bind.is_empty() { reach.value.clone() } else { "*held".to_owned() };
        let body = format!("{}{}{target} = *value;", mark(field), reach.bind_mut);
        let signature = format!("(&mut self, value: {ty})");
        methods.method(Some(field), &format!("Sets `{name}`."), (&setter, &signature), &body);
        return;
    }
    let comment =
        format!("Sets `{name}`.\n\n# Errors\n\nIt is longer than {max} bytes; nothing changes.");
    let copy = format!("part.copy_from_slice({bytes});\n{} = value.len() as u32;", reach.length);
    let body = if reach.bind.is_empty() {
        format!("{}\n{copy}\n{}Ok(())", part(&reach.value, max), mark(field))
    } else {
        format!(
            "if value.len() > {max} {{\n    \
             return Err(magpool::FieldTooLong {{ max: {max}, len: value.len() }});\n}}\n\
             {}{}let part = &mut held.text[..value.len()];\n{copy}\nOk(())",
            mark(field),
            reach.bind_mut
        )
    };
    let signature = format!("(&mut self, value: {ty}) -> {TOO_LONG}");
    methods.method(Some(field), &comment, (&setter, &signature), &body);
    if field.can_be_cut() {
        fit(methods, field, &ty);
    }
}

/// A setter that stores what fits.
fn fit(methods: &mut Methods, field: FieldView, ty: &str) {
    let (name, max) = (&field.field.name, field.max_length());
    let (character, boundary) = match is_string(field) {
        true => (
            " No character is cut in two.",
            "while !value.is_char_boundary(fits) {\n    fits -= 1;\n}\n",
        ),
        false => ("", ""),
    };
    let comment =
        format!("Sets `{name}` to what fits of a value; false if that is not all.{character}");
    let mutable = if boundary.is_empty() { "" } else { "mut " };
    let body = format!(
        "let {mutable}fits = value.len().min({max});\n{boundary}\
         self.set_{name}(&value[..fits]).is_ok() && fits == value.len()"
    );
    let signature = format!("(&mut self, value: {ty}) -> bool");
    methods.method(Some(field), &comment, (&format!("fit_{name}"), &signature), &body);
}

/// A repeated text.
pub(super) fn texts(methods: &mut Methods, field: FieldView) {
    let name = &field.field.name;
    let member = ident(name);
    let max = field.max_length();
    let ty = bytes_type(field);
    lists::len(methods, field);
    let read = match field.role(Role::Lengths) {
        None => format!("self.{member}[..self.{name}_len()].get(index)"),
        Some(lengths) => format!(
            "let text = self.{member}[..self.{name}_len()].get(index)?;\n\
             Some(&text[..(self.{}[index] as usize).min({max})])",
            ident(&lengths.name)
        ),
    };
    let comment = format!("Bytes of one element of `{name}`.");
    let signature = format!("(&self, index: usize) -> Option<{ty}>");
    methods.method(Some(field), &comment, (&member, &signature), &read);
    let comment = format!("Bytes of each element of `{name}`.");
    let signature = format!("(&self) -> impl Iterator<Item = {ty}> + '_");
    let read = format!("(0..self.{name}_len()).filter_map(|index| self.{member}(index))");
    methods.method(Some(field), &comment, (&format!("{name}_iter"), &signature), &read);
    add(methods, field);
}

fn add(methods: &mut Methods, field: FieldView) {
    let name = &field.field.name;
    let max = field.max_length();
    let (ty, bytes) = argument(field);
    let (comment, store) = match field.role(Role::Lengths) {
        None => ("It is full; nothing changes.".to_owned(), "*slot = *value;".to_owned()),
        Some(lengths) => (
            format!("It is full, or the value longer than {max} bytes; nothing changes."),
            format!(
                "{}\npart.copy_from_slice({bytes});\nself.{}[index] = value.len() as u32;",
                part("slot", max),
                ident(&lengths.name)
            ),
        ),
    };
    let comment = format!("Appends to `{name}`.\n\n# Errors\n\n{comment}");
    let body = format!("{}\n{store}\n{}", lists::slot(field), lists::counted(field));
    let signature = format!("(&mut self, value: {ty}) -> {TOO_LONG}");
    methods.method(Some(field), &comment, (&format!("add_{name}"), &signature), &body);
}
