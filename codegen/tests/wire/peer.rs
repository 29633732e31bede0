//! The schemas as another implementation has them, derived by hand.

use prost::Message;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Everything {
    #[prost(bool, tag = "1")]
    pub(crate) flag: bool,
    #[prost(int32, tag = "2")]
    pub(crate) small: i32,
    #[prost(sint32, tag = "3")]
    pub(crate) zigzag: i32,
    #[prost(sfixed32, tag = "4")]
    pub(crate) fixed_signed: i32,
    #[prost(double, tag = "5")]
    pub(crate) wide_float: f64,
    #[prost(uint32, tag = "6")]
    pub(crate) count: u32,
    #[prost(fixed32, tag = "7")]
    pub(crate) fixed: u32,
    #[prost(int64, tag = "8")]
    pub(crate) big: i64,
    #[prost(sint64, tag = "9")]
    pub(crate) big_zigzag: i64,
    #[prost(sfixed64, tag = "10")]
    pub(crate) big_fixed_signed: i64,
    #[prost(float, tag = "11")]
    pub(crate) narrow_float: f32,
    #[prost(uint64, tag = "12")]
    pub(crate) huge: u64,
    #[prost(fixed64, tag = "13")]
    pub(crate) huge_fixed: u64,
    #[prost(enumeration = "Color", tag = "14")]
    pub(crate) color: i32,
    #[prost(string, tag = "15")]
    pub(crate) text: String,
    #[prost(bytes = "vec", tag = "16")]
    pub(crate) blob: Vec<u8>,
    #[prost(message, optional, tag = "17")]
    pub(crate) child: Option<Inner>,
    #[prost(message, optional, tag = "18")]
    pub(crate) deep: Option<Deep>,
    #[prost(message, optional, tag = "19")]
    pub(crate) words: Option<Words>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Lists {
    #[prost(bool, repeated, tag = "1")]
    pub(crate) flags: Vec<bool>,
    #[prost(sint32, repeated, tag = "2")]
    pub(crate) numbers: Vec<i32>,
    #[prost(double, repeated, tag = "3")]
    pub(crate) floats: Vec<f64>,
    #[prost(float, repeated, tag = "4")]
    pub(crate) narrow_floats: Vec<f32>,
    #[prost(fixed64, repeated, tag = "5")]
    pub(crate) huge: Vec<u64>,
    #[prost(enumeration = "Color", repeated, tag = "6")]
    pub(crate) colors: Vec<i32>,
    #[prost(string, repeated, tag = "7")]
    pub(crate) texts: Vec<String>,
    #[prost(bytes = "vec", repeated, tag = "8")]
    pub(crate) blobs: Vec<Vec<u8>>,
    #[prost(message, repeated, tag = "9")]
    pub(crate) children: Vec<Inner>,
}

/// The same lists, their numbers one by one, and fields that the schema does not have.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct OtherLists {
    #[prost(bool, repeated, packed = "false", tag = "1")]
    pub(crate) flags: Vec<bool>,
    #[prost(sint32, repeated, packed = "false", tag = "2")]
    pub(crate) numbers: Vec<i32>,
    #[prost(double, repeated, packed = "false", tag = "3")]
    pub(crate) floats: Vec<f64>,
    #[prost(float, repeated, packed = "false", tag = "4")]
    pub(crate) narrow_floats: Vec<f32>,
    #[prost(fixed64, repeated, packed = "false", tag = "5")]
    pub(crate) huge: Vec<u64>,
    #[prost(enumeration = "Color", repeated, packed = "false", tag = "6")]
    pub(crate) colors: Vec<i32>,
    #[prost(message, optional, tag = "10")]
    pub(crate) unknown_message: Option<Inner>,
    #[prost(fixed32, tag = "11")]
    pub(crate) unknown_fixed: u32,
    #[prost(uint64, tag = "12")]
    pub(crate) unknown_number: u64,
    #[prost(double, tag = "536870911")]
    pub(crate) unknown_double: f64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Inner {
    #[prost(message, optional, tag = "1")]
    pub(crate) deep: Option<Deep>,
    #[prost(bool, tag = "2")]
    pub(crate) first: bool,
    #[prost(bool, tag = "3")]
    pub(crate) last: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Deep {
    #[prost(uint32, tag = "1")]
    pub(crate) value: u32,
    #[prost(enumeration = "Color", tag = "2")]
    pub(crate) color: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Words {
    #[prost(uint32, tag = "1")]
    pub(crate) int: u32,
    #[prost(string, tag = "2")]
    pub(crate) r#type: String,
    #[prost(uint32, repeated, tag = "3")]
    pub(crate) class: Vec<u32>,
    #[prost(uint32, tag = "4")]
    pub(crate) address: u32,
    #[prost(uint32, tag = "5")]
    pub(crate) hash_code: u32,
    #[prost(uint32, tag = "6")]
    pub(crate) camel_case: u32,
    #[prost(uint32, tag = "7")]
    pub(crate) self_: u32,
    #[prost(uint32, tag = "8")]
    pub(crate) errno: u32,
    #[prost(uint32, tag = "9")]
    pub(crate) complex: u32,
    #[prost(uint32, tag = "10")]
    pub(crate) default: u32,
}

#[allow(clippy::enum_variant_names)] // The schema's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub(crate) enum Color {
    Unknown = 0,
    Red = 1,
    DarkBlue = -2147483648,
    Default = 7,
    Color3d = 8,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct SmallMessage {
    #[prost(uint32, tag = "1")]
    pub(crate) id: u32,
    #[prost(string, tag = "2")]
    pub(crate) name: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct LargeMessage {
    #[prost(uint32, tag = "1")]
    pub(crate) id: u32,
    #[prost(string, tag = "2")]
    pub(crate) title: String,
    #[prost(string, tag = "3")]
    pub(crate) description: String,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) payload: Vec<u8>,
    #[prost(message, repeated, tag = "5")]
    pub(crate) children: Vec<SmallMessage>,
    #[prost(string, repeated, tag = "6")]
    pub(crate) keywords: Vec<String>,
    #[prost(uint64, repeated, tag = "7")]
    pub(crate) timestamps: Vec<u64>,
}
