//! The options of `magpool/options.proto`, read as the extensions they are, and their ranges.

use protox::prost_reflect::{
    DynamicMessage, FieldDescriptor, MessageDescriptor, ReflectMessage, Value,
};

use crate::diag::Diagnostics;
use crate::place;
use crate::schema::Pool;

/// `max_length` of a field that does not say.
pub(crate) const DEFAULT_MAX_LENGTH: u32 = 64;
/// `max_count` of a field that does not say.
pub(crate) const DEFAULT_MAX_COUNT: u32 = 16;

/// The ranges of pool.h: POOL_OBJECTS_MAX, POOL_MAGAZINE_ROUNDS_MAX and POOL_NAME_MAX.
const OBJECTS_MAX: u64 = 2_147_483_648;
const MAGAZINE_ROUNDS_MAX: u32 = 1024;
const NAME_MAX: usize = 63;

/// Where `options` stands in the descriptors of messages (7) and fields (8).
const MESSAGE_OPTIONS: i32 = 7;
const FIELD_OPTIONS: i32 = 8;
const POOL_NUMBER: i32 = 51320;
const MAX_LENGTH_NUMBER: i32 = 51321;
const MAX_COUNT_NUMBER: i32 = 51322;

/// The pool of a message, if it has one.
pub(crate) fn pool(message: &MessageDescriptor, diags: &mut Diagnostics) -> Option<Pool> {
    let options = message.options();
    let Value::Message(given) = extension(&options, "magpool.pool")? else { return None };
    let number = |name| given.get_field_by_name(name).and_then(|v| as_u64(&v)).unwrap_or(0);
    let pool = Pool {
        name: message.full_name().to_owned(),
        capacity: number("capacity"),
        limit: number("limit"),
        magazine_rounds: number("magazine_rounds") as u32,
        abort_on_misuse: number("abort_on_misuse") != 0,
    };
    check_pool(message, &pool, diags);
    Some(pool)
}

fn check_pool(message: &MessageDescriptor, pool: &Pool, diags: &mut Diagnostics) {
    let path = [MESSAGE_OPTIONS, POOL_NUMBER];
    let place = place::of(&message.parent_file(), message.path(), &path);
    let name = message.name();
    let mut wrong = |text: String, help: &str| diags.push(&place, text, help);
    if pool.capacity == 0 {
        wrong(format!("the pool of `{name}` has no capacity"), "say `capacity: N`, N at least 1");
    }
    if pool.capacity > OBJECTS_MAX || pool.limit > OBJECTS_MAX {
        wrong(
            format!("the pool of `{name}` is larger than {OBJECTS_MAX} objects"),
            "see POOL_OBJECTS_MAX in pool.h",
        );
    }
    if pool.limit != 0 && pool.limit < pool.capacity {
        wrong(
            format!("the limit {} of `{name}` is below its capacity {}", pool.limit, pool.capacity),
            "raise the limit, or leave it out for a pool that does not grow",
        );
    }
    if pool.magazine_rounds > MAGAZINE_ROUNDS_MAX {
        wrong(
            format!("`{name}` asks for magazines of {} rounds", pool.magazine_rounds),
            "at most 1024; leave it out and the library chooses",
        );
    }
    if pool.name.len() > NAME_MAX {
        wrong(
            format!("the pool name `{}` is longer than {NAME_MAX} bytes", pool.name),
            "shorten the package or the message name",
        );
    }
}

/// `max_length` of a string or bytes field.
pub(crate) fn max_length(field: &FieldDescriptor, has_text: bool, diags: &mut Diagnostics) -> u32 {
    let given = bound(field, "magpool.max_length");
    let place = option_place(field, MAX_LENGTH_NUMBER);
    let name = field.name();
    match given {
        Some(_) if !has_text => {
            diags.push(
                &place,
                format!("`max_length` on `{name}`, which is neither string nor bytes"),
                "remove it; `max_count` bounds the number of elements",
            );
        }
        Some(0) => diags.push(
            &place,
            format!("`max_length` of `{name}` is 0"),
            "give the most bytes it may have, at least 1",
        ),
        _ => {}
    }
    given.unwrap_or(DEFAULT_MAX_LENGTH)
}

/// `max_count` of a repeated field; `None` for a singular one.
pub(crate) fn max_count(field: &FieldDescriptor, diags: &mut Diagnostics) -> Option<u32> {
    let given = bound(field, "magpool.max_count");
    let place = option_place(field, MAX_COUNT_NUMBER);
    let name = field.name();
    match given {
        Some(_) if !field.is_list() => {
            diags.push(
                &place,
                format!("`max_count` on `{name}`, which is not repeated"),
                "remove it, or make the field repeated",
            );
        }
        Some(0) => diags.push(
            &place,
            format!("`max_count` of `{name}` is 0"),
            "give the most elements it may have, at least 1",
        ),
        _ => {}
    }
    field.is_list().then(|| given.unwrap_or(DEFAULT_MAX_COUNT))
}

fn option_place(field: &FieldDescriptor, number: i32) -> place::Place {
    place::of(&field.parent_file(), field.path(), &[FIELD_OPTIONS, number])
}

fn bound(field: &FieldDescriptor, extension_name: &str) -> Option<u32> {
    extension(&field.options(), extension_name).and_then(|v| v.as_u32())
}

fn extension(options: &DynamicMessage, name: &str) -> Option<Value> {
    let pool = options.descriptor().parent_pool().clone();
    let extension = pool.get_extension_by_name(name)?;
    options.has_extension(&extension).then(|| options.get_extension(&extension).into_owned())
}

fn as_u64(value: &Value) -> Option<u64> {
    match value {
        Value::U64(number) => Some(*number),
        Value::U32(number) => Some(u64::from(*number)),
        Value::Bool(flag) => Some(u64::from(*flag)),
        _ => None,
    }
}
