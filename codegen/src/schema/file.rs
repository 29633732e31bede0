//! A file's descriptor to its schema, with the types of other files it uses.

use std::collections::HashMap;

use protox::prost_reflect::{
    EnumDescriptor, FieldDescriptor, FileDescriptor, Kind as ProtoKind, MessageDescriptor,
};

use super::message::Reader;
use super::{enums, order, refused, Home, Import, Schema, Settings};
use crate::diag::Diagnostics;
use crate::names;
use crate::options::{self, Defaults};
use crate::place::{self, Place};

/// Where `syntax` stands in a file's descriptor: comments before it speak of the file.
const SYNTAX: i32 = 12;

/// The defaults of every file, looked up once.
pub(super) struct Prefixes<'a> {
    settings: &'a Settings,
    found: HashMap<String, Defaults>,
}

impl Prefixes<'_> {
    pub(super) fn of(&mut self, file: &FileDescriptor) -> String {
        self.defaults(file).prefix.clone()
    }

    pub(super) fn defaults(&mut self, file: &FileDescriptor) -> &Defaults {
        let (max_length, max_count) = (self.settings.max_length, self.settings.max_count);
        let entry = self.found.entry(file.name().to_owned());
        entry.or_insert_with(|| options::defaults(file, max_length, max_count))
    }
}

/// Reads a file.
pub(crate) fn read(file: &FileDescriptor, settings: &Settings, diags: &mut Diagnostics) -> Schema {
    refused::check_file(file, diags);
    let own = own_messages(file, settings);
    let ordered = order::dependencies_first(&own, settings, diags);
    let enums = all_enums(file, &own, &ordered.messages, settings);
    let mut prefixes = Prefixes { settings, found: HashMap::new() };
    let reader = Reader {
        file: file.name(),
        messages: index(ordered.messages.iter().map(MessageDescriptor::full_name)),
        enums: index(enums.iter().map(EnumDescriptor::full_name)),
        circular: &ordered.circular,
        settings,
    };
    options::check_defaults(file, prefixes.defaults(file), diags);
    let place = Place::whole(file.name());
    names::report_bad_start(&stem(file), &place, "file", diags);
    let mut imports: Vec<Import> = Vec::new();
    let messages: Vec<_> =
        ordered.messages.iter().map(|m| reader.message(m, &mut prefixes, diags)).collect();
    let enums: Vec<_> =
        enums.iter().map(|e| enums::read(e, file.name(), &mut prefixes, diags)).collect();
    let homes = messages.iter().map(|m| &m.home).chain(enums.iter().map(|e| &e.home));
    for home in homes {
        if let Home::Import(stem) = home {
            imports.push(Import { stem: stem.clone(), public: false });
        }
    }
    let passed_on = file.public_dependencies().filter(has_types);
    imports.extend(passed_on.map(|file| Import { stem: stem(&file), public: true }));
    // A public import counts as that, also if its types are used here.
    imports.sort_by(|a, b| (&a.stem, !a.public).cmp(&(&b.stem, !b.public)));
    imports.dedup_by(|a, b| a.stem == b.stem);
    Schema {
        file: file.name().to_owned(),
        stem: stem(file),
        place,
        comment: place::comment(file, &[SYNTAX]),
        imports,
        messages,
        enums,
    }
}

/// All files an output is needed of: those given, and those whose types they use or pass on.
pub(crate) fn reached(files: &[FileDescriptor], settings: &Settings) -> Vec<FileDescriptor> {
    let mut found: Vec<FileDescriptor> = files.to_vec();
    let mut next = 0;
    while let Some(file) = found.get(next).cloned() {
        next += 1;
        let messages = own_messages(&file, settings);
        let fields = messages.iter().flat_map(|m| m.fields().collect::<Vec<_>>());
        let kinds = fields.filter(|field| !settings.omits(field)).map(|field| field.kind());
        let used = kinds.filter_map(|kind| match kind {
            ProtoKind::Message(m) if refused::well_known(&m).is_none() => Some(m.parent_file()),
            ProtoKind::Enum(e) => Some(e.parent_file()),
            _ => None,
        });
        let passed_on = file.public_dependencies().filter(has_types).collect::<Vec<_>>();
        for other in used.chain(passed_on) {
            if !found.contains(&other) {
                found.push(other);
            }
        }
    }
    found
}

/// The names among those to omit that no field of the schemas' files has.
pub(crate) fn omitted_unknown(files: &[FileDescriptor], settings: &Settings) -> Vec<String> {
    let pools = files.iter().map(FileDescriptor::parent_pool);
    let known = |name: &String| {
        let Some((message, field)) = name.rsplit_once('.') else { return false };
        let mut found = pools.clone().filter_map(|pool| pool.get_message_by_name(message));
        found.any(|message| message.get_field_by_name(field).is_some())
    };
    settings.omit.iter().filter(|name| !known(name)).cloned().collect()
}

fn has_types(file: &FileDescriptor) -> bool {
    file.messages().len() + file.enums().len() + file.public_dependencies().len() > 0
}

/// `google/type/date.proto` to `google_type_date`.
pub(super) fn stem(file: &FileDescriptor) -> String {
    let name = file.name().strip_suffix(".proto").unwrap_or(file.name());
    names::snake(&name.replace('/', "_"))
}

pub(super) fn home(file: &FileDescriptor, reader: &str) -> Home {
    if file.name() == reader {
        Home::Own
    } else {
        Home::Import(stem(file))
    }
}

/// `Outer.Inner` of package `p` becomes `OuterInner`, behind the file's prefix.
pub(super) fn type_name(
    full_name: &str,
    file: &FileDescriptor,
    prefix: &str,
    place: &Place,
    diags: &mut Diagnostics,
) -> String {
    let local = full_name.strip_prefix(file.package_name()).unwrap_or(full_name);
    let parts = local.split('.').filter(|part| !part.is_empty());
    let name: String =
        parts.map(|part| names::pascal_or_report(part, place, "type", diags)).collect();
    format!("{prefix}{name}")
}

fn index<'a>(names: impl Iterator<Item = &'a str>) -> HashMap<String, usize> {
    names.enumerate().map(|(i, name)| (name.to_owned(), i)).collect()
}

/// All messages of a file that can have a layout, also those declared within others, and the
/// entries of maps.
pub(super) fn own_messages(file: &FileDescriptor, settings: &Settings) -> Vec<MessageDescriptor> {
    fn walk(message: MessageDescriptor, settings: &Settings, found: &mut Vec<MessageDescriptor>) {
        let map = map_field(&message).is_some_and(|field| settings.omits(&field));
        if map || groups(&message) || refused::well_known(&message).is_some() {
            return;
        }
        found.push(message.clone());
        message.child_messages().for_each(|child| walk(child, settings, found));
    }
    let mut found = Vec::new();
    file.messages().for_each(|message| walk(message, settings, &mut found));
    found
}

/// The field a map's entry is for.
pub(super) fn map_field(entry: &MessageDescriptor) -> Option<FieldDescriptor> {
    if !entry.is_map_entry() {
        return None;
    }
    let parent = entry.parent_message()?;
    let found = parent.fields().find(|field| field.kind().as_message() == Some(entry));
    found
}

/// Whether a message is a group's: it is refused where it is used, and need not be read.
fn groups(message: &MessageDescriptor) -> bool {
    let parent = message.parent_message();
    let mut fields = parent.iter().flat_map(|p| p.fields().collect::<Vec<_>>());
    fields.any(|field| field.is_group() && field.kind().as_message() == Some(message))
}

/// The file's own enumerations, then those of others its messages use.
fn all_enums(
    file: &FileDescriptor,
    own: &[MessageDescriptor],
    messages: &[MessageDescriptor],
    settings: &Settings,
) -> Vec<EnumDescriptor> {
    let nested = own.iter().flat_map(|m| m.child_enums().collect::<Vec<_>>());
    let mut found: Vec<EnumDescriptor> = file.enums().chain(nested).collect();
    let fields = messages.iter().flat_map(|m| m.fields().collect::<Vec<_>>());
    for field in fields.filter(|field| !settings.omits(field)) {
        if let ProtoKind::Enum(other) = field.kind() {
            if !found.contains(&other) {
                found.push(other);
            }
        }
    }
    found
}
