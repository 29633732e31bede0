//! Methods for repeated numbers and messages.

use super::accessors::{Methods, TOO_LONG};
use super::{ident, member_type, type_of};
use crate::emit::view::FieldView;
use crate::layout::Role;
use crate::schema::{Kind, Scalar};

/// `name_len`, of a repeated field.
pub(super) fn len(methods: &mut Methods, field: FieldView) {
    let name = &field.field.name;
    let count = ident(&field.member(Role::Count).name);
    let body = format!("(self.{count} as usize).min({})", field.max_count());
    let comment = format!("Elements of `{name}` in use.");
    methods.method(Some(field), &comment, (&format!("{name}_len"), "(&self) -> usize"), &body);
}

/// Takes the next element as `slot`, or returns.
pub(super) fn slot(field: FieldView) -> String {
    let member = ident(&field.field.name);
    let count = ident(&field.member(Role::Count).name);
    let max = field.max_count();
    format!(
        "let index = self.{count} as usize;\n\
         let Some(slot) = self.{member}.get_mut(index) else {{\n    \
         return Err(magpool::FieldTooLong {{ max: {max}, len: {max} + 1 }});\n}};"
    )
}

/// Counts the element just written and succeeds.
pub(super) fn counted(field: FieldView) -> String {
    format!("self.{} += 1;\nOk(())", ident(&field.member(Role::Count).name))
}

pub(super) fn scalars(methods: &mut Methods, field: FieldView) {
    if field.role(Role::Count).is_none() {
        return fixed(methods, field);
    }
    let name = &field.field.name;
    let member = ident(name);
    let element = type_of(field.member(Role::Value).element, methods.schema);
    let (ty, stored) = methods.given(field);
    len(methods, field);
    let comment = format!("Elements of `{name}`{}.", as_stored(field));
    let body = format!("&self.{member}[..self.{name}_len()]");
    methods.method(Some(field), &comment, (&member, &format!("(&self) -> &[{element}]")), &body);
    let comment = format!("Appends to `{name}`.\n\n# Errors\n\nIt is full; nothing changes.");
    let signature = format!("(&mut self, value: {ty}) -> {TOO_LONG}");
    let body = format!("{}\n*slot = {stored};\n{}", slot(field), counted(field));
    methods.method(Some(field), &comment, (&format!("add_{name}"), &signature), &body);
}

fn as_stored(field: FieldView) -> &'static str {
    match field.field.kind {
        Kind::Enum(_) => ", as numbers",
        Kind::Scalar(Scalar::Bool) => ", 0 for false",
        _ => "",
    }
}

/// A list of exactly its length is an array.
fn fixed(methods: &mut Methods, field: FieldView) {
    let name = &field.field.name;
    let member = ident(name);
    let ty = member_type(field.member(Role::Value), methods.schema);
    let comment = format!("All elements of `{name}`{}.", as_stored(field));
    let body = format!("&self.{member}");
    methods.method(Some(field), &comment, (&member, &format!("(&self) -> &{ty}")), &body);
    let comment = format!("All elements of `{name}`, to be changed.");
    let signature = format!("(&mut self) -> &mut {ty}");
    let body = format!("&mut self.{member}");
    methods.method(Some(field), &comment, (&format!("{name}_mut"), &signature), &body);
}

pub(super) fn messages(methods: &mut Methods, field: FieldView) {
    if field.role(Role::Count).is_none() {
        return fixed(methods, field);
    }
    let name = &field.field.name;
    let member = ident(name);
    let count = ident(&field.member(Role::Count).name);
    let ty = type_of(field.member(Role::Value).element, methods.schema);
    len(methods, field);
    let comment = format!("Messages of `{name}`.");
    let body = format!("&self.{member}[..self.{name}_len()]");
    methods.method(Some(field), &comment, (&member, &format!("(&self) -> &[{ty}]")), &body);
    let comment = format!("Messages of `{name}`, to be changed.");
    let body = format!("let len = self.{name}_len();\n&mut self.{member}[..len]");
    let signature = format!("(&mut self) -> &mut [{ty}]");
    methods.method(Some(field), &comment, (&format!("{name}_mut"), &signature), &body);
    let comment = format!("Appends an empty message to `{name}`; `None` if it is full.");
    let body = format!(
        "let slot = self.{member}.get_mut(self.{count} as usize)?;\n\
         slot.clear();\nself.{count} += 1;\nSome(slot)"
    );
    let signature = format!("(&mut self) -> Option<&mut {ty}>");
    methods.method(Some(field), &comment, (&format!("add_{name}"), &signature), &body);
}
