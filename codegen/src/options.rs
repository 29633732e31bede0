//! The options of `magpool/options.proto`, read as the extensions they are, and their ranges.

use protox::prost_reflect::{
    DynamicMessage, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor, ReflectMessage, Value,
};

use crate::diag::Diagnostics;
use crate::place::{self, Place};
use crate::schema::Pool;

/// The ranges of pool.h: POOL_OBJECTS_MAX, POOL_MAGAZINE_ROUNDS_MAX, POOL_NAME_MAX, and the
/// greatest alignment.
const OBJECTS_MAX: u64 = 2_147_483_648;
const MAGAZINE_ROUNDS_MAX: u32 = 1024;
const NAME_MAX: usize = 63;
const ALIGN_MAX: u64 = 4096;
/// Bytes of a line of the processor's cache.
const CACHE_LINE: u64 = 64;

/// Where `options` stands in the descriptors of files, messages and fields.
const FILE_OPTIONS: i32 = 8;
const MESSAGE_OPTIONS: i32 = 7;
const FIELD_OPTIONS: i32 = 8;
const POOL_NUMBER: i32 = 51320;
const MAX_LENGTH_NUMBER: i32 = 51321;
const MAX_COUNT_NUMBER: i32 = 51322;
const FIXED_NUMBER: i32 = 51323;
const KEY_MAX_LENGTH_NUMBER: i32 = 51324;
const DEFAULTS_NUMBER: i32 = 51326;
const UNKNOWN_MAX_NUMBER: i32 = 51327;

/// What holds for a file where a message or field does not say.
#[derive(Clone, Debug)]
pub(crate) struct Defaults {
    pub(crate) max_length: u32,
    pub(crate) max_count: u32,
    capacity: u64,
    limit: u64,
    magazine_rounds: u32,
    compact: bool,
    unknown_max: u32,
    /// Put before the names of types.
    pub(crate) prefix: String,
}

/// The bounds of a field, and which of them it does not say itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) max_length: u32,
    pub(crate) max_count: Option<u32>,
    pub(crate) fixed: bool,
    pub(crate) count_is_default: bool,
}

/// The defaults of a file; `max_length` and `max_count` hold if it gives none.
pub(crate) fn defaults(file: &FileDescriptor, max_length: u32, max_count: u32) -> Defaults {
    let options = file.options();
    let given = match extension(&options, "magpool.defaults") {
        Some(Value::Message(given)) => Some(given),
        _ => None,
    };
    let number = |name| given.as_ref().map_or(0, |given| number(given, name));
    let text = |name| {
        let value = given.as_ref().and_then(|given| given.get_field_by_name(name));
        value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let or = |given: u64, default: u32| if given == 0 { default } else { given as u32 };
    Defaults {
        max_length: or(number("max_length"), max_length),
        max_count: or(number("max_count"), max_count),
        capacity: number("capacity"),
        limit: number("limit"),
        magazine_rounds: number("magazine_rounds") as u32,
        compact: number("layout") == 1,
        unknown_max: number("unknown_max") as u32,
        prefix: match text("prefix") {
            // `Duration`, `Empty` and their like mean something else in most programs.
            given if given.is_empty() && file.package_name() == "google.protobuf" => "Pb".into(),
            given => given,
        },
    }
}

/// Says what is wrong with a file's defaults.
pub(crate) fn check_defaults(file: &FileDescriptor, defaults: &Defaults, diags: &mut Diagnostics) {
    let prefix = &defaults.prefix;
    let fits = prefix.chars().all(|c| c.is_ascii_alphanumeric())
        && (prefix.is_empty() || prefix.starts_with(|c: char| c.is_ascii_uppercase()));
    if !fits {
        diags.push(
            &place::of(file, &[], &[FILE_OPTIONS, DEFAULTS_NUMBER]),
            format!("the prefix `{prefix}` is no beginning of a type's name"),
            "begin with a capital and use letters and digits, as in `Shared`",
        );
    }
}

/// Whether the members of a message may be reordered.
pub(crate) fn compact(message: &MessageDescriptor, defaults: &Defaults) -> bool {
    match extension(&message.options(), "magpool.layout") {
        Some(value) => value.as_enum_number() == Some(1),
        None => defaults.compact,
    }
}

/// Most bytes of unknown fields that a message keeps, if it keeps any, and where that is said.
pub(crate) fn unknown_max(
    message: &MessageDescriptor,
    defaults: &Defaults,
    diags: &mut Diagnostics,
) -> Option<(u32, Place)> {
    // An entry of a map is written anew: there is nothing to keep.
    if message.is_map_entry() {
        return None;
    }
    let (file, name) = (message.parent_file(), message.name());
    let given = extension(&message.options(), "magpool.unknown_max").and_then(|v| v.as_u32());
    let place = match given {
        Some(_) => place::of(&file, message.path(), &[MESSAGE_OPTIONS, UNKNOWN_MAX_NUMBER]),
        None => place::of(&file, &[], &[FILE_OPTIONS, DEFAULTS_NUMBER]),
    };
    if given == Some(0) && defaults.unknown_max == 0 {
        let help = "give the most bytes it may keep, at least 1; without it, none are kept";
        diags.push(&place, format!("`unknown_max` of `{name}` is 0"), help);
    }
    Some((given.unwrap_or(defaults.unknown_max), place)).filter(|(max, _)| *max != 0)
}

/// The pool of a message, if it has one.
pub(crate) fn pool(
    message: &MessageDescriptor,
    defaults: &Defaults,
    diags: &mut Diagnostics,
) -> Option<Pool> {
    let options = message.options();
    let Value::Message(given) = extension(&options, "magpool.pool")? else { return None };
    let number = |name| number(&given, name);
    let or = |given: u64, default: u64| if given == 0 { default } else { given };
    let cache_line = number("cache_line") != 0;
    let pool = Pool {
        name: message.full_name().to_owned(),
        capacity: or(number("capacity"), defaults.capacity),
        limit: or(number("limit"), defaults.limit),
        magazine_rounds: or(number("magazine_rounds"), defaults.magazine_rounds.into()) as u32,
        abort_on_misuse: number("abort_on_misuse") != 0,
        reserve: number("reserve"),
        align: or(number("align"), if cache_line { CACHE_LINE } else { 0 }),
        zero: number("zero") != 0,
        huge_pages: number("huge_pages") != 0,
        place: place::of(&message.parent_file(), message.path(), &[MESSAGE_OPTIONS, POOL_NUMBER]),
    };
    let mut check = PoolCheck { pool: &pool, message: message.name(), diags };
    check.objects();
    check.rest(cache_line);
    Some(pool)
}

/// Says what is wrong with a pool's options.
struct PoolCheck<'a> {
    pool: &'a Pool,
    message: &'a str,
    diags: &'a mut Diagnostics,
}

impl PoolCheck<'_> {
    fn wrong(&mut self, text: String, help: &str) {
        self.diags.push(&self.pool.place, text, help);
    }

    fn objects(&mut self) {
        let (pool, name) = (self.pool, self.message);
        if pool.capacity == 0 {
            let text = format!("the pool of `{name}` has no capacity");
            self.wrong(text, "say `capacity: N`, N at least 1, here or in the file's defaults");
        }
        if pool.capacity > OBJECTS_MAX || pool.limit > OBJECTS_MAX {
            let text = format!("the pool of `{name}` is larger than {OBJECTS_MAX} objects");
            self.wrong(text, "see POOL_OBJECTS_MAX in pool.h");
        }
        if pool.limit != 0 && pool.limit < pool.capacity {
            let (limit, capacity) = (pool.limit, pool.capacity);
            let text = format!("the limit {limit} of `{name}` is below its capacity {capacity}");
            self.wrong(text, "raise the limit, or leave it out for a pool that does not grow");
        }
        let most = pool.limit.max(pool.capacity);
        if pool.reserve != 0 && pool.reserve >= most {
            let text = format!("the reserve {} of `{name}` is not below {most}", pool.reserve);
            self.wrong(text, "keep back fewer objects than the pool may have");
        }
    }

    fn rest(&mut self, cache_line: bool) {
        let (pool, name) = (self.pool, self.message);
        if pool.magazine_rounds > MAGAZINE_ROUNDS_MAX {
            let text = format!("`{name}` asks for magazines of {} rounds", pool.magazine_rounds);
            self.wrong(text, "at most 1024; leave it out and the library chooses");
        }
        if pool.align != 0 && (!pool.align.is_power_of_two() || pool.align > ALIGN_MAX) {
            let text = format!("the alignment {} of `{name}` is impossible", pool.align);
            self.wrong(text, "give a power of two, at most 4096");
        } else if cache_line && pool.align < CACHE_LINE {
            let text = format!("`cache_line` and an alignment of {} contradict", pool.align);
            self.wrong(text, "remove one of the two; cache_line means an alignment of 64");
        }
        if pool.name.len() > NAME_MAX {
            let text = format!("the pool name `{}` is longer than {NAME_MAX} bytes", pool.name);
            self.wrong(text, "shorten the package or the message name");
        }
    }
}

/// The bounds of a field. Those of a map's key or value are the map's: `field` is then the one,
/// `map` the other.
pub(crate) fn bounds(
    field: &FieldDescriptor,
    map: Option<&FieldDescriptor>,
    defaults: &Defaults,
) -> Bounds {
    let says = map.unwrap_or(field);
    let key = map.is_some() && field.number() == 1;
    let key_length = if key { bound(says, "magpool.key_max_length") } else { None };
    let length = key_length.or_else(|| bound(says, "magpool.max_length"));
    let count = bound(field, "magpool.max_count");
    Bounds {
        max_length: length.unwrap_or(defaults.max_length),
        max_count: field
            .is_list()
            .then(|| count.unwrap_or(defaults.max_count))
            .or_else(|| field.is_map().then(|| count.unwrap_or(defaults.max_count))),
        // Where it has no meaning it is refused, and must not confuse what follows.
        fixed: !field.is_map() && fixed(field) && (field.is_list() || holds_text(field)),
        count_is_default: count.is_none(),
    }
}

fn fixed(field: &FieldDescriptor) -> bool {
    extension(&field.options(), "magpool.fixed").and_then(|v| v.as_bool()).unwrap_or(false)
}

/// Says what is wrong with the options of a field.
pub(crate) fn check_field(field: &FieldDescriptor, diags: &mut Diagnostics) {
    let many = field.is_list() || field.is_map();
    let mut check = FieldCheck { field, diags };
    let misplaced = if holds_text(field) { None } else { Some("neither string nor bytes") };
    let help = "remove it; `max_count` bounds the number of elements";
    check.bound("max_length", MAX_LENGTH_NUMBER, misplaced, help);
    let misplaced = if many { None } else { Some("not repeated") };
    let help = "remove it, or make the field repeated";
    check.bound("max_count", MAX_COUNT_NUMBER, misplaced, help);
    let text_key = field.is_map() && map_part(field, 1) == Some(Kind::String);
    let misplaced = if text_key { None } else { Some("no map with string keys") };
    check.bound("key_max_length", KEY_MAX_LENGTH_NUMBER, misplaced, "remove it");
    if fixed(field) {
        check.fixed(many);
    }
}

/// Whether there is a text to bound: in the field, its elements, or a map's keys or values.
fn holds_text(field: &FieldDescriptor) -> bool {
    let text = |kind: Kind| matches!(kind, Kind::String | Kind::Bytes);
    if field.is_map() {
        return [1, 2].into_iter().filter_map(|part| map_part(field, part)).any(text);
    }
    text(field.kind())
}

fn map_part(field: &FieldDescriptor, number: u32) -> Option<Kind> {
    let kind = field.kind();
    kind.as_message()?.get_field(number).map(|part| part.kind())
}

/// Says what is wrong with a field's options.
struct FieldCheck<'a> {
    field: &'a FieldDescriptor,
    diags: &'a mut Diagnostics,
}

impl FieldCheck<'_> {
    fn wrong(&mut self, number: i32, text: String, help: &str) {
        self.diags.push(&option_place(self.field, number), text, help);
    }

    fn bound(&mut self, option: &str, number: i32, misplaced: Option<&str>, help: &str) {
        let name = self.field.name();
        match (bound(self.field, &format!("magpool.{option}")), misplaced) {
            (Some(_), Some(what)) => {
                self.wrong(number, format!("`{option}` on `{name}`, which is {what}"), help);
            }
            (Some(0), None) => {
                let most = if option == "max_count" { "elements" } else { "bytes" };
                let help = format!("give the most {most} it may have, at least 1");
                self.wrong(number, format!("`{option}` of `{name}` is 0"), &help);
            }
            _ => {}
        }
    }

    /// Exactly that much needs to be said: no default is sane.
    fn fixed(&mut self, many: bool) {
        let name = self.field.name();
        let text = holds_text(self.field);
        let (option, what) = if text { ("max_length", "length") } else { ("max_count", "count") };
        if self.field.is_map() || (!text && !many) {
            let text = format!("`fixed` on `{name}`, which has neither length nor count");
            self.wrong(FIXED_NUMBER, text, "remove it");
        } else if bound(self.field, &format!("magpool.{option}")).is_none() {
            let text = format!("`{name}` is fixed but has no {what}");
            self.wrong(FIXED_NUMBER, text, &format!("say `(magpool.{option}) = N` as well"));
        }
    }
}

/// Where an option of a field is.
fn option_place(field: &FieldDescriptor, number: i32) -> Place {
    place::of(&field.parent_file(), field.path(), &[FIELD_OPTIONS, number])
}

fn bound(field: &FieldDescriptor, extension_name: &str) -> Option<u32> {
    extension(&field.options(), extension_name).and_then(|v| v.as_u32())
}

/// Whether a descriptor's standard options say `deprecated`.
pub(crate) fn deprecated(options: &DynamicMessage) -> bool {
    options.get_field_by_name("deprecated").and_then(|value| value.as_bool()).unwrap_or(false)
}

fn extension(options: &DynamicMessage, name: &str) -> Option<Value> {
    let pool = options.descriptor().parent_pool().clone();
    let extension = pool.get_extension_by_name(name)?;
    options.has_extension(&extension).then(|| options.get_extension(&extension).into_owned())
}

fn number(message: &DynamicMessage, name: &str) -> u64 {
    let value = message.get_field_by_name(name);
    value.and_then(|value| as_u64(&value)).unwrap_or(0)
}

fn as_u64(value: &Value) -> Option<u64> {
    match value {
        Value::U64(number) => Some(*number),
        Value::U32(number) => Some(u64::from(*number)),
        Value::Bool(flag) => Some(u64::from(*flag)),
        Value::EnumNumber(number) => u64::try_from(*number).ok(),
        _ => None,
    }
}
