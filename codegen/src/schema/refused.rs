//! What has no fixed layout, and what to write instead.

use protox::prost_reflect::{FieldDescriptor, FileDescriptor, MessageDescriptor};

use crate::diag::Diagnostics;
use crate::parse::OPTIONS_FILE;
use crate::place;

/// Where messages, services, extensions and extension ranges stand in their descriptors.
const MESSAGES: i32 = 4;
const SERVICES: i32 = 6;
const EXTENSIONS: i32 = 7;
const EXTENSION_RANGES: i32 = 5;

/// Says what of a file is left out.
pub(super) fn check_file(file: &FileDescriptor, diags: &mut Diagnostics) {
    let at = |path: &[i32]| place::of(file, path, &[]);
    for (i, service) in file.services().enumerate() {
        diags.warn(
            &at(&[SERVICES, i as i32, 1]),
            format!("service `{}` is ignored", service.name()),
            "only messages have layouts; nothing needs to be done",
        );
    }
    for (i, extension) in file.extensions().enumerate() {
        // Options are for compilers, this one or others; who declares one knows that.
        if extension.containing_message().package_name() == "google.protobuf" {
            continue;
        }
        diags.warn(
            &at(&[EXTENSIONS, i as i32, 1]),
            format!("extension `{}` is ignored", extension.name()),
            "an extension has no place in a fixed layout; declare a field instead",
        );
    }
    let nothing = file.messages().len() + file.enums().len() + file.services().len() == 0
        && file.extensions().len() == 0
        && file.public_dependencies().len() == 0;
    if nothing {
        diags.push(&at(&[]), "the schema has no messages", "declare one, or leave the file out");
    }
}

/// Says which messages of a file that was named cannot be compiled; in one that is only used they
/// are left out.
pub(crate) fn check_given(file: &FileDescriptor, diags: &mut Diagnostics) {
    for (i, message) in file.messages().enumerate() {
        if let Some((what, help)) = well_known(&message) {
            let place = place::of(file, &[MESSAGES, i as i32], &[]);
            diags.push(&place, format!("{} is a message {what}", message.full_name()), help);
        }
    }
}

/// Says what of a message is left out.
pub(super) fn check_message(message: &MessageDescriptor, diags: &mut Diagnostics) {
    if message.extension_ranges().len() > 0 || message.child_extensions().len() > 0 {
        let rest = if message.extension_ranges().len() > 0 { EXTENSION_RANGES } else { 6 };
        diags.warn(
            &place::of(&message.parent_file(), message.path(), &[rest, 0]),
            format!("the extensions in `{}` are ignored", message.name()),
            "an extension has no place in a fixed layout; declare fields instead",
        );
    }
}

/// What a field is that has no fixed layout, and what to write instead.
pub(super) fn field(
    field: &FieldDescriptor,
    map: Option<&FieldDescriptor>,
) -> Option<(String, &'static str)> {
    if field.is_group() {
        let help = "declare a message and a field of its type instead";
        return Some((format!("`{}` is a group", field.name()), help));
    }
    let kind = field.kind();
    let inner = kind.as_message()?;
    let (what, help) = well_known(inner)?;
    let (name, is) = match map {
        Some(map) => (map.name(), "holds"),
        None => (field.name(), "is"),
    };
    Some((format!("`{name}` {is} a {}, {what}", inner.full_name()), help))
}

/// Why a message of Google's or our own files cannot be a field.
pub(super) fn well_known(message: &MessageDescriptor) -> Option<(&'static str, &'static str)> {
    let file = message.parent_file();
    Some(match file.name() {
        "google/protobuf/any.proto" => (
            "which may hold any message",
            "use a oneof of the messages it may be, or bytes with max_length",
        ),
        "google/protobuf/struct.proto" => (
            "which contains itself to any depth",
            "declare the message that is meant, or keep JSON in a string with max_length",
        ),
        "google/protobuf/api.proto"
        | "google/protobuf/type.proto"
        | "google/protobuf/source_context.proto"
        | "google/protobuf/descriptor.proto"
        | OPTIONS_FILE => ("which describes schemas", "declare a message of your own"),
        _ => return None,
    })
}
