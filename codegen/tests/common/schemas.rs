//! Random schemas, from a seed.

use std::fmt::Write as _;

/// splitmix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }
}

const SCALARS: &[&str] = &[
    "bool", "int32", "sint32", "sfixed32", "uint32", "fixed32", "int64", "sint64", "sfixed64",
    "uint64", "fixed64", "float", "double",
];
const KEYS: &[&str] = &["string", "bool", "int32", "uint32", "int64", "fixed64", "sint32"];

/// What a schema may use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kinds {
    Proto2,
    Proto3,
}

/// A schema, and how many messages it has: `Schema1Message0` and so on, if it is number 1.
pub(crate) fn schema(number: u64, kinds: Kinds, random: &mut Random) -> (String, u64) {
    let syntax = if kinds == Kinds::Proto2 { "proto2" } else { "proto3" };
    let mut text = format!(
        "syntax = \"{syntax}\";\npackage s{number};\nimport \"magpool/options.proto\";\n\
         enum S{number}E {{ S{number}E_A = 0; S{number}E_B = 1; }}\n"
    );
    let messages = 1 + random.below(4);
    for message in 0..messages {
        let mut writer = Writer { number, message, kinds, random, field: 0 };
        text.push_str(&writer.message());
    }
    (text, messages)
}

struct Writer<'a> {
    number: u64,
    message: u64,
    kinds: Kinds,
    random: &'a mut Random,
    /// Number of the last field.
    field: u64,
}

impl Writer<'_> {
    fn message(&mut self) -> String {
        let mut text = format!("message Schema{}Message{} {{\n", self.number, self.message);
        if self.random.below(3) == 0 {
            text.push_str("  option (magpool.layout) = COMPACT;\n");
        }
        for _ in 0..self.random.below(10) {
            match self.random.below(8) {
                0 => text.push_str(&self.oneof()),
                1 => text.push_str(&self.map()),
                2 | 3 => text.push_str(&self.repeated()),
                _ => text.push_str(&self.singular()),
            }
        }
        text + "}\n"
    }

    /// A type, and the options its elements need; not too large, or messages explode.
    fn element(&mut self) -> (String, Vec<String>) {
        let length = 1 + self.random.below(20);
        let bound = vec![format!("(magpool.max_length) = {length}")];
        match self.random.below(8) {
            0 => ("string".to_owned(), bound),
            1 => ("bytes".to_owned(), bound),
            2 => (format!("S{}E", self.number), Vec::new()),
            3 if self.message > 0 => {
                let inner = self.random.below(self.message);
                (format!("Schema{}Message{inner}", self.number), Vec::new())
            }
            _ => (self.random.pick(SCALARS).to_owned(), Vec::new()),
        }
    }

    fn line(&mut self, label: &str, ty: &str, options: &[String]) -> String {
        self.field += 1;
        let number = self.field;
        let mut text = format!("  {label} {ty} f{number} = {number}");
        if !options.is_empty() {
            let _ = write!(text, " [{}]", options.join(", "));
        }
        text + ";\n"
    }

    /// Sometimes exactly that long, if it is a text.
    fn maybe_fixed(&mut self, ty: &str, options: &mut Vec<String>) {
        let text = ty == "string" || ty == "bytes";
        if text && self.random.below(3) == 0 {
            options.push("(magpool.fixed) = true".to_owned());
        }
    }

    fn singular(&mut self) -> String {
        let (ty, mut options) = self.element();
        self.maybe_fixed(&ty, &mut options);
        let label = match self.kinds {
            Kinds::Proto2 => self.random.pick(&["optional", "required"]),
            Kinds::Proto3 => self.random.pick(&["", "optional"]),
        };
        self.line(label, &ty, &options)
    }

    fn repeated(&mut self) -> String {
        let (ty, mut options) = self.element();
        options.push(format!("(magpool.max_count) = {}", 1 + self.random.below(5)));
        let fixed = self.random.below(3) == 0;
        if fixed {
            options.push("(magpool.fixed) = true".to_owned());
        }
        self.line("repeated", &ty, &options)
    }

    fn map(&mut self) -> String {
        let key = self.random.pick(KEYS);
        let (value, mut options) = self.element();
        if key == "string" && options.is_empty() {
            options.push("(magpool.max_length) = 7".to_owned());
        }
        options.push(format!("(magpool.max_count) = {}", 1 + self.random.below(3)));
        self.line("", &format!("map<{key}, {value}>"), &options)
    }

    fn oneof(&mut self) -> String {
        let mut text = format!("  oneof o{} {{\n", self.field);
        for _ in 0..1 + self.random.below(4) {
            let (ty, mut options) = self.element();
            self.maybe_fixed(&ty, &mut options);
            text.push_str(&self.line("", &ty, &options));
        }
        text + "  }\n"
    }
}
