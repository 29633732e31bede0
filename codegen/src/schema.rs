//! What a schema file holds, as far as layouts and emitters are concerned, and reading it from
//! its descriptor. Everything that is not supported is refused here, with what to write instead.

mod circles;
mod enums;
mod file;
mod literal;
mod message;
mod order;
mod refused;

pub(crate) use file::{omitted_unknown, reached, read};
pub(crate) use literal::Literal;
pub(crate) use refused::check_given;

use protox::prost_reflect::FieldDescriptor;

use crate::place::Place;

/// What holds for all schemas of a run.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Where neither field nor file says.
    pub(crate) max_length: u32,
    pub(crate) max_count: u32,
    /// Full names of fields to leave out.
    pub(crate) omit: Vec<String>,
}

impl Settings {
    /// Whether a field is to be left out.
    fn omits(&self, field: &FieldDescriptor) -> bool {
        self.omit.iter().any(|name| name == field.full_name())
    }
}

/// A schema file with all types it uses, its own and those of other files. A message stands
/// behind those it contains.
#[derive(Debug)]
pub(crate) struct Schema {
    /// The name other schemas would import it by.
    pub(crate) file: String,
    /// That name without suffix, as part of an identifier.
    pub(crate) stem: String,
    pub(crate) place: Place,
    pub(crate) comment: Vec<String>,
    /// The files whose types it uses, or passes on.
    pub(crate) imports: Vec<Import>,
    pub(crate) messages: Vec<Message>,
    pub(crate) enums: Vec<Enum>,
}

/// Another file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Import {
    /// As [`Schema::stem`].
    pub(crate) stem: String,
    /// Who includes this file sees that one, too (`import public`).
    pub(crate) public: bool,
}

/// Where a type is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// In this file.
    Own,
    /// In the import of this stem.
    Import(String),
}

#[derive(Debug)]
pub(crate) struct Message {
    /// The type's name in every language, before keywords.
    pub(crate) name: String,
    /// With the package.
    pub(crate) full_name: String,
    pub(crate) home: Home,
    pub(crate) comment: Vec<String>,
    pub(crate) place: Place,
    pub(crate) deprecated: bool,
    /// An entry of a map: `key` and `value`.
    pub(crate) map_entry: bool,
    /// Members may be reordered.
    pub(crate) compact: bool,
    pub(crate) pool: Option<Pool>,
    pub(crate) oneofs: Vec<Oneof>,
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
    pub(crate) reserve: u64,
    /// 0: that of the message.
    pub(crate) align: u64,
    /// Messages begin with every byte 0.
    pub(crate) zero: bool,
    pub(crate) huge_pages: bool,
    pub(crate) place: Place,
}

/// Fields of which at most one is present.
#[derive(Debug)]
pub(crate) struct Oneof {
    /// snake_case.
    pub(crate) name: String,
    pub(crate) comment: Vec<String>,
    pub(crate) place: Place,
}

#[derive(Debug)]
pub(crate) struct Field {
    /// snake_case.
    pub(crate) name: String,
    /// As on the wire; layouts do not care.
    pub(crate) number: u32,
    pub(crate) json_name: String,
    pub(crate) encoding: crate::wire::Encoding,
    pub(crate) comment: Vec<String>,
    pub(crate) place: Place,
    pub(crate) deprecated: bool,
    pub(crate) kind: Kind,
    /// The most elements, if it is repeated or a map.
    pub(crate) max_count: Option<u32>,
    /// Nobody gave `max_count`.
    pub(crate) count_is_default: bool,
    /// A text of exactly its length, or a list of exactly its count: neither is stored.
    pub(crate) fixed: bool,
    pub(crate) presence: Presence,
    /// proto2's `required`: a decoder must insist on it.
    pub(crate) required: bool,
    /// Room for the unknown fields that a decoder keeps; no field of the schema.
    pub(crate) unknown: bool,
    /// What it is when absent or cleared, unless that is 0 or empty.
    pub(crate) default: Option<Literal>,
}

/// Whether a field can be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It cannot.
    Always,
    /// A flag of its own says.
    Flag,
    /// The case of this oneof says.
    Oneof(usize),
}

/// What a field, or each element of a repeated one, is. Numbers index the schema's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Scalar(Scalar),
    Enum(usize),
    Text { max_length: u32 },
    Bytes { max_length: u32 },
    Message(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    pub(crate) full_name: String,
    pub(crate) home: Home,
    pub(crate) comment: Vec<String>,
    pub(crate) place: Place,
    pub(crate) deprecated: bool,
    /// proto2: a decoder treats unknown numbers as unknown fields.
    pub(crate) closed: bool,
    pub(crate) values: Vec<EnumValue>,
}

#[derive(Debug)]
pub(crate) struct EnumValue {
    /// As in the schema; JSON has it.
    pub(crate) full_name: String,
    /// SCREAMING_CASE, without the enumeration's name in front unless a digit follows it.
    pub(crate) name: String,
    pub(crate) number: i32,
    pub(crate) comment: Vec<String>,
    pub(crate) place: Place,
    pub(crate) deprecated: bool,
    /// Another name of the value with this index.
    pub(crate) alias_of: Option<usize>,
}

/// What the room for unknown fields is called.
const UNKNOWN_FIELDS: &str = "unknown_fields";

impl Field {
    /// Room for so many bytes of unknown fields.
    fn for_unknown(max_length: u32, place: Place) -> Self {
        Self {
            name: UNKNOWN_FIELDS.to_owned(),
            number: 0,
            json_name: String::new(),
            encoding: crate::wire::Encoding { number: 0, kind: "BYTES", packed: false },
            comment: vec!["Fields that the schema does not have, encoded.".to_owned()],
            place,
            deprecated: false,
            kind: Kind::Bytes { max_length },
            max_count: None,
            count_is_default: false,
            fixed: false,
            presence: Presence::Always,
            required: false,
            unknown: true,
            default: None,
        }
    }

    /// Whether it is text or bytes.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Text { .. } | Kind::Bytes { .. })
    }

    /// Whether it has exactly that many elements: `fixed` of a text means its length.
    pub(crate) fn has_fixed_count(&self) -> bool {
        self.fixed && self.max_count.is_some() && !self.is_text()
    }
}
