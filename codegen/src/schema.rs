//! Descriptors to the messages, fields and pools of a schema. Everything that is not supported is
//! refused here, with what to write instead.

use std::collections::HashMap;
use std::path::Path;

use protox::prost_reflect::{
    EnumDescriptor, EnumValueDescriptor, FieldDescriptor, FileDescriptor, Kind as ProtoKind,
    MessageDescriptor, Syntax,
};

use crate::diag::Diagnostics;
use crate::names;
use crate::options;
use crate::parse::OPTIONS_FILE;
use crate::place::{self, Place};

mod order;

/// A schema file. A message stands behind those it contains.
#[derive(Debug)]
pub(crate) struct Schema {
    /// The name other schemas would import it by.
    pub(crate) file: String,
    /// The file's name without folder and suffix.
    pub(crate) stem: String,
    pub(crate) place: Place,
    pub(crate) messages: Vec<Message>,
    pub(crate) enums: Vec<Enum>,
}

#[derive(Debug)]
pub(crate) struct Message {
    /// The type's name in every language, before keywords.
    pub(crate) name: String,
    /// With the package.
    pub(crate) full_name: String,
    pub(crate) comment: Vec<String>,
    pub(crate) place: Place,
    pub(crate) pool: Option<Pool>,
    pub(crate) fields: Vec<Field>,
}

#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) name: String,
    pub(crate) capacity: u64,
    /// 0: bounded.
    pub(crate) limit: u64,
    /// 0: chosen by the library.
    pub(crate) magazine_rounds: u32,
    pub(crate) abort_on_misuse: bool,
}

#[derive(Debug)]
pub(crate) struct Field {
    /// snake_case.
    pub(crate) name: String,
    pub(crate) comment: Vec<String>,
    pub(crate) place: Place,
    pub(crate) kind: Kind,
    /// The most elements, if it is repeated.
    pub(crate) max_count: Option<u32>,
}

/// What a field, or each element of a repeated one, is. Numbers index the schema's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Scalar(Scalar),
    Enum(usize),
    Text { max_length: u32 },
    Bytes { max_length: u32 },
    Message(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    Bool,
    I32,
    I64,
    U32,
    U64,
    F32,
    F64,
}

#[derive(Debug)]
pub(crate) struct Enum {
    pub(crate) name: String,
    pub(crate) comment: Vec<String>,
    pub(crate) place: Place,
    pub(crate) values: Vec<EnumValue>,
}

#[derive(Debug)]
pub(crate) struct EnumValue {
    /// SCREAMING_CASE, without the enumeration's name in front unless a digit follows it.
    pub(crate) name: String,
    pub(crate) number: i32,
    pub(crate) place: Place,
}

/// Reads a whole schema.
pub(crate) fn read(file: &FileDescriptor) -> Result<Schema, Diagnostics> {
    let mut diags = Diagnostics::default();
    check_file(file, &mut diags);
    let messages = all_messages(file);
    let ordered = order::dependencies_first(&messages, &mut diags);
    let enums = all_enums(file, &messages);
    let reader = Reader {
        messages: index(ordered.iter().map(MessageDescriptor::full_name)),
        enums: index(enums.iter().map(EnumDescriptor::full_name)),
    };
    let stem = Path::new(file.name()).file_stem().unwrap_or_default().to_string_lossy();
    let place = Place { file: file.name().to_owned(), ..Place::default() };
    let schema = Schema {
        file: file.name().to_owned(),
        stem: names::snake_or_report(&stem, &place, "file", &mut diags),
        place,
        enums: enums.iter().map(|e| read_enum(e, &mut diags)).collect(),
        messages: ordered.iter().map(|m| reader.message(m, &mut diags)).collect(),
    };
    diags.into_result(schema)
}

fn index<'a>(names: impl Iterator<Item = &'a str>) -> HashMap<String, usize> {
    names.enumerate().map(|(i, name)| (name.to_owned(), i)).collect()
}

fn check_file(file: &FileDescriptor, diags: &mut Diagnostics) {
    let at = |path: &[i32]| place::of(file, path, &[]);
    if file.syntax() != Syntax::Proto3 {
        diags.push(
            &at(&[12]),
            "only proto3 is supported",
            "write `syntax = \"proto3\";` and drop labels, defaults and groups",
        );
    }
    for (i, service) in file.services().enumerate() {
        diags.push(
            &at(&[6, i as i32]),
            format!("`{}` is a service", service.name()),
            "only messages have layouts; move services to a file of their own",
        );
    }
    for (i, extension) in file.extensions().enumerate() {
        diags.push(
            &at(&[7, i as i32]),
            format!("`{}` is an extension", extension.name()),
            "an extension has no place in a fixed layout; move it to a file of its own",
        );
    }
    for (i, import) in file.dependencies().enumerate() {
        if import.name() != OPTIONS_FILE {
            diags.push(
                &at(&[3, i as i32]),
                format!("`{}` is imported", import.name()),
                format!("only {OPTIONS_FILE} may be; put the messages into one file"),
            );
        }
    }
    if file.messages().len() == 0 {
        diags.push(&at(&[]), "the schema has no messages", "declare a message");
    }
}

/// All messages, also those declared within others; the entries of maps are none.
fn all_messages(file: &FileDescriptor) -> Vec<MessageDescriptor> {
    fn walk(message: MessageDescriptor, found: &mut Vec<MessageDescriptor>) {
        let children: Vec<_> = message.child_messages().filter(|m| !m.is_map_entry()).collect();
        found.push(message);
        children.into_iter().for_each(|child| walk(child, found));
    }
    let mut found = Vec::new();
    file.messages().for_each(|message| walk(message, &mut found));
    found
}

fn all_enums(file: &FileDescriptor, messages: &[MessageDescriptor]) -> Vec<EnumDescriptor> {
    let nested = messages.iter().flat_map(|m| m.child_enums().collect::<Vec<_>>());
    file.enums().chain(nested).collect()
}

/// `Outer.Inner` of package `p` becomes `OuterInner`.
fn type_name(full_name: &str, package: &str, place: &Place, diags: &mut Diagnostics) -> String {
    let local = full_name.strip_prefix(package).unwrap_or(full_name);
    let parts = local.split('.').filter(|part| !part.is_empty());
    parts.map(|part| names::pascal_or_report(part, place, "type", diags)).collect()
}

fn read_enum(descriptor: &EnumDescriptor, diags: &mut Diagnostics) -> Enum {
    let file = descriptor.parent_file();
    let place = place::of(&file, descriptor.path(), &[1]);
    let name = type_name(descriptor.full_name(), descriptor.package_name(), &place, diags);
    let prefix = format!("{}_", names::screaming(descriptor.name()));
    let mut seen = HashMap::new();
    let mut values = Vec::new();
    for value in values_as_written(descriptor) {
        let place = place::of(&file, value.path(), &[]);
        if let Some(first) = seen.insert(value.number(), value.name().to_owned()) {
            diags.push(
                &place,
                format!("`{}` is another name of `{first}`", value.name()),
                "give each value a number of its own",
            );
        }
        let full = names::screaming(value.name());
        let short = full.strip_prefix(&prefix).unwrap_or(&full);
        let short = if names::starts_well(short) { short } else { &full };
        values.push(EnumValue { name: short.to_owned(), number: value.number(), place });
    }
    Enum { name, comment: place::comment(&file, descriptor.path()), place, values }
}

struct Reader {
    messages: HashMap<String, usize>,
    enums: HashMap<String, usize>,
}

impl Reader {
    fn message(&self, descriptor: &MessageDescriptor, diags: &mut Diagnostics) -> Message {
        let file = descriptor.parent_file();
        let place = place::of(&file, descriptor.path(), &[1]);
        check_message(descriptor, &place, diags);
        Message {
            name: type_name(descriptor.full_name(), descriptor.package_name(), &place, diags),
            full_name: descriptor.full_name().to_owned(),
            comment: place::comment(&file, descriptor.path()),
            pool: options::pool(descriptor, diags),
            fields: fields_as_written(descriptor)
                .iter()
                .filter_map(|field| self.field(field, diags))
                .collect(),
            place,
        }
    }

    fn field(&self, descriptor: &FieldDescriptor, diags: &mut Diagnostics) -> Option<Field> {
        let file = descriptor.parent_file();
        let place = place::of(&file, descriptor.path(), &[1]);
        if let Some((what, help)) = unsupported(descriptor) {
            diags.push(&place, format!("`{}` is {what}", descriptor.name()), help);
            return None;
        }
        let max_count = options::max_count(descriptor, diags);
        let kind = self.kind(descriptor, &place, diags)?;
        Some(Field {
            name: names::snake_or_report(descriptor.name(), &place, "field", diags),
            comment: place::comment(&file, descriptor.path()),
            place,
            kind,
            max_count,
        })
    }

    fn kind(
        &self,
        descriptor: &FieldDescriptor,
        place: &Place,
        diags: &mut Diagnostics,
    ) -> Option<Kind> {
        let proto = descriptor.kind();
        let has_text = matches!(proto, ProtoKind::String | ProtoKind::Bytes);
        let max_length = options::max_length(descriptor, has_text, diags);
        let found = match &proto {
            ProtoKind::String => Some(Kind::Text { max_length }),
            ProtoKind::Bytes => Some(Kind::Bytes { max_length }),
            ProtoKind::Message(m) => self.messages.get(m.full_name()).copied().map(Kind::Message),
            ProtoKind::Enum(e) => self.enums.get(e.full_name()).copied().map(Kind::Enum),
            other => scalar(other).map(Kind::Scalar),
        };
        if found.is_none() {
            diags.push(
                place,
                format!("the type of `{}` is declared in another file", descriptor.name()),
                "declare it in this file",
            );
        }
        found
    }
}

/// Descriptors list values by number; who reads the output expects the text's order.
fn values_as_written(descriptor: &EnumDescriptor) -> Vec<EnumValueDescriptor> {
    let mut values: Vec<_> = descriptor.values().collect();
    values.sort_by_key(|value| value.path().last().copied());
    values
}

/// Descriptors list fields by number; a layout follows the text.
fn fields_as_written(message: &MessageDescriptor) -> Vec<FieldDescriptor> {
    let mut fields: Vec<_> = message.fields().collect();
    fields.sort_by_key(|field| field.path().last().copied());
    fields
}

fn check_message(message: &MessageDescriptor, place: &Place, diags: &mut Diagnostics) {
    if message.fields().len() == 0 {
        diags.push(
            place,
            format!("`{}` has no fields", message.name()),
            "give it one; C has no structs of size 0",
        );
    }
    if message.child_extensions().len() > 0 || message.extension_ranges().len() > 0 {
        diags.push(
            place,
            format!("`{}` has extensions", message.name()),
            "an extension has no place in a fixed layout; declare fields instead",
        );
    }
}

/// What a field is that has no fixed layout, and what to write instead.
fn unsupported(field: &FieldDescriptor) -> Option<(&'static str, &'static str)> {
    if field.is_map() {
        let help = "use a repeated message with a key and a value field, and max_count";
        return Some(("a map", help));
    }
    if field.is_group() {
        return Some(("a group", "declare a message and a field of its type"));
    }
    let oneof = field.containing_oneof()?;
    Some(if oneof.is_synthetic() {
        ("optional", "remove `optional`; add a bool field if absence has a meaning of its own")
    } else {
        ("part of a oneof", "declare plain fields and an enum that says which of them is in use")
    })
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
