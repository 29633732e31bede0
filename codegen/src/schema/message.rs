//! Messages and their fields.

use std::collections::{HashMap, HashSet};

use protox::prost_reflect::{FieldDescriptor, Kind as ProtoKind, MessageDescriptor};

use super::file::{home, map_field, type_name, Prefixes};
use super::{refused, Field, Kind, Literal, Message, Oneof, Presence, Scalar, Settings};
use crate::diag::Diagnostics;
use crate::names;
use crate::options::{self, Bounds, Defaults};
use crate::place::{self, Place};

/// Reads messages for the file of this name.
pub(super) struct Reader<'a> {
    pub(super) file: &'a str,
    pub(super) messages: HashMap<String, usize>,
    pub(super) enums: HashMap<String, usize>,
    pub(super) settings: &'a Settings,
    /// Fields that would close a circle; they are left out.
    pub(super) circular: &'a HashSet<String>,
}

impl Reader<'_> {
    pub(super) fn message(
        &self,
        descriptor: &MessageDescriptor,
        prefixes: &mut Prefixes<'_>,
        diags: &mut Diagnostics,
    ) -> Message {
        let file = descriptor.parent_file();
        let place = place_of_message(descriptor);
        let defaults = prefixes.defaults(&file);
        refused::check_message(descriptor, diags);
        let map_field = map_field(descriptor);
        let written = fields_as_written(descriptor);
        let mut fields: Vec<_> = written
            .iter()
            .filter_map(|field| self.field(field, map_field.as_ref(), defaults, diags))
            .collect();
        fields.extend(unknown(descriptor, &fields, defaults, diags));
        Message {
            name: type_name(descriptor.full_name(), &file, &defaults.prefix, &place, diags),
            full_name: descriptor.full_name().to_owned(),
            home: home(&file, self.file),
            comment: place::comment(&file, descriptor.path()),
            deprecated: options::deprecated(&descriptor.options()),
            map_entry: descriptor.is_map_entry(),
            compact: options::compact(descriptor, defaults),
            pool: options::pool(descriptor, defaults, diags),
            oneofs: oneofs(descriptor, diags),
            fields,
            place,
        }
    }

    fn field(
        &self,
        descriptor: &FieldDescriptor,
        map: Option<&FieldDescriptor>,
        defaults: &Defaults,
        diags: &mut Diagnostics,
    ) -> Option<Field> {
        let file = descriptor.parent_file();
        // A map's key and value have no place of their own.
        let place = place::of(&file, map.unwrap_or(descriptor).path(), &[1]);
        if self.settings.omits(descriptor) {
            return None;
        }
        if let Some((what, help)) = refused::field(descriptor, map) {
            let omit = diags.omit(map.unwrap_or(descriptor).full_name());
            diags.push(&place, what, format!("{help}, or leave the field out: {omit}"));
            return None;
        }
        options::check_field(descriptor, diags);
        let bounds = options::bounds(descriptor, map, defaults);
        let kind = self.kind(descriptor, bounds)?;
        let field = Field {
            name: names::snake_or_report(descriptor.name(), &place, "field", diags),
            number: descriptor.number(),
            json_name: descriptor.json_name().to_owned(),
            encoding: crate::wire::encoding(descriptor),
            comment: place::comment(&file, descriptor.path()),
            deprecated: options::deprecated(&descriptor.options()),
            kind,
            max_count: bounds.max_count,
            count_is_default: bounds.count_is_default,
            fixed: bounds.fixed,
            presence: presence(descriptor),
            required: descriptor.is_required(),
            unknown: false,
            default: Literal::default_of(descriptor),
            place,
        };
        check_default(&field, diags);
        Some(field)
    }

    fn kind(&self, descriptor: &FieldDescriptor, bounds: Bounds) -> Option<Kind> {
        if self.circular.contains(descriptor.full_name()) {
            return None;
        }
        let max_length = bounds.max_length;
        match descriptor.kind() {
            ProtoKind::String => Some(Kind::Text { max_length }),
            ProtoKind::Bytes => Some(Kind::Bytes { max_length }),
            ProtoKind::Message(m) => self.messages.get(m.full_name()).copied().map(Kind::Message),
            ProtoKind::Enum(e) => self.enums.get(e.full_name()).copied().map(Kind::Enum),
            other => scalar(&other).map(Kind::Scalar),
        }
    }
}

/// Room for unknown fields, if the message keeps them.
fn unknown(
    message: &MessageDescriptor,
    fields: &[Field],
    defaults: &Defaults,
    diags: &mut Diagnostics,
) -> Option<Field> {
    let (max, place) = options::unknown_max(message, defaults, diags)?;
    let room = Field::for_unknown(max, place);
    if let Some(field) = fields.iter().find(|field| field.name == room.name) {
        let (name, message) = (&field.name, message.name());
        diags.push(
            &field.place,
            format!("`{name}` of `{message}` is what `unknown_max` calls the fields it keeps"),
            "rename the field, or remove the option",
        );
        return None;
    }
    Some(room)
}

fn check_default(field: &Field, diags: &mut Diagnostics) {
    let (Kind::Text { max_length } | Kind::Bytes { max_length }) = field.kind else { return };
    let Some(Literal::Bytes(default)) = &field.default else { return };
    let fits = match field.fixed {
        true => default.len() == max_length as usize,
        false => default.len() <= max_length as usize,
    };
    if !fits {
        diags.push(
            &field.place,
            format!("the default of `{}` has {} bytes", field.name, default.len()),
            match field.fixed {
                true => format!("it must have exactly the field's {max_length} bytes"),
                false => {
                    format!("raise the field's max_length, which is {max_length}, or --max-length")
                }
            },
        );
    }
}

/// The entries of a map are no place in the text: their field is.
fn place_of_message(descriptor: &MessageDescriptor) -> Place {
    let file = descriptor.parent_file();
    match map_field(descriptor) {
        Some(field) => place::of(&file, field.path(), &[1]),
        None => place::of(&file, descriptor.path(), &[1]),
    }
}

fn oneofs(descriptor: &MessageDescriptor, diags: &mut Diagnostics) -> Vec<Oneof> {
    let file = descriptor.parent_file();
    let real = descriptor.oneofs().filter(|oneof| !oneof.is_synthetic());
    real.map(|oneof| {
        let place = place::of(&file, oneof.path(), &[1]);
        Oneof {
            name: names::snake_or_report(oneof.name(), &place, "oneof", diags),
            comment: place::comment(&file, oneof.path()),
            place,
        }
    })
    .collect()
}

fn presence(field: &FieldDescriptor) -> Presence {
    if field.is_list() || field.is_map() {
        return Presence::Always;
    }
    if let Some(oneof) = field.containing_oneof().filter(|oneof| !oneof.is_synthetic()) {
        let parent = field.parent_message();
        let real = parent.oneofs().filter(|oneof| !oneof.is_synthetic()).collect::<Vec<_>>();
        return Presence::Oneof(real.iter().position(|other| *other == oneof).unwrap_or(0));
    }
    let message = field.kind().as_message().is_some();
    // An entry of a map has its key and value, also in proto2.
    let entry = field.parent_message().is_map_entry();
    let flag = message || (field.supports_presence() && !field.is_required() && !entry);
    if flag {
        Presence::Flag
    } else {
        Presence::Always
    }
}

/// Descriptors list fields by number; a layout follows the text.
fn fields_as_written(message: &MessageDescriptor) -> Vec<FieldDescriptor> {
    let mut fields: Vec<_> = message.fields().collect();
    fields.sort_by_key(|field| field.path().last().copied());
    fields
}

fn scalar(kind: &ProtoKind) -> Option<Scalar> {
    Some(match kind {
        ProtoKind::Bool => Scalar::Bool,
        ProtoKind::Int32 | ProtoKind::Sint32 | ProtoKind::Sfixed32 => Scalar::I32,
        ProtoKind::Int64 | ProtoKind::Sint64 | ProtoKind::Sfixed64 => Scalar::I64,
        ProtoKind::Uint32 | ProtoKind::Fixed32 => Scalar::U32,
        ProtoKind::Uint64 | ProtoKind::Fixed64 => Scalar::U64,
        ProtoKind::Float => Scalar::F32,
        ProtoKind::Double => Scalar::F64,
        _ => return None,
    })
}
