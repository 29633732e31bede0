//! Finding, putting and removing the entries of maps: a short list, looked through from its
//! beginning.

use super::functions::function;
use super::ident;
use crate::emit::view::{FieldView, MessageView};
use crate::emit::Writer;
use crate::layout::Role;
use crate::names;
use crate::schema::{Field, Kind, Scalar, Schema};

/// The functions of a map; none if the field is something else.
pub(super) fn functions(out: &mut Writer, view: MessageView, field: FieldView, schema: &Schema) {
    let Kind::Message(index) = field.field.kind else { return };
    let entry = &schema.messages[index];
    let Some(key) = entry.fields.first().filter(|_| entry.map_entry) else { return };
    let map = Map { view, field, entry: &entry.name, key: Key::of(key) };
    map.find(out);
    map.put(out);
    map.remove(out);
}

/// How a key is given, compared and stored.
struct Key {
    parameters: &'static str,
    arguments: &'static str,
    same: &'static str,
    /// Most bytes of a text.
    max: Option<u32>,
    kind: Kind,
}

impl Key {
    fn of(key: &Field) -> Self {
        let (parameters, arguments, same, max) = match key.kind {
            Kind::Text { max_length } => {
                let same = "entry->key_length == length && memcmp(entry->key, key, length) == 0";
                ("const char *key, size_t length", "key, length", same, Some(max_length))
            }
            Kind::Scalar(Scalar::Bool) => ("bool key", "key", "(entry->key != 0) == key", None),
            Kind::Scalar(Scalar::I32) => ("int32_t key", "key", "entry->key == key", None),
            Kind::Scalar(Scalar::I64) => ("int64_t key", "key", "entry->key == key", None),
            Kind::Scalar(Scalar::U32) => ("uint32_t key", "key", "entry->key == key", None),
            _ => ("uint64_t key", "key", "entry->key == key", None),
        };
        Self { parameters, arguments, same, max, kind: key.kind }
    }
}

struct Map<'a> {
    view: MessageView<'a>,
    field: FieldView<'a>,
    /// The entry's name.
    entry: &'a str,
    key: Key,
}

impl Map<'_> {
    fn name(&self, verb: &str) -> String {
        format!("{}_{verb}_{}", self.view.snake(), self.field.field.name)
    }

    fn function(&self, out: &mut Writer, result: &str, verb: &str, body: impl FnOnce(&mut Writer)) {
        let ty = ident(&self.view.message.name);
        let parameters = format!("{ty} *message, {}", self.key.parameters);
        function(out, self.view, Some(self.field), (result, &self.name(verb), &parameters), body);
    }

    fn find(&self, out: &mut Writer) {
        let entry = ident(self.entry);
        let (value, count) = (ident(&self.field.field.name), self.count());
        out.line("/* The entry of this key; NULL if there is none. */");
        self.function(out, &format!("{entry} *"), "find", |out| {
            if let Some(max) = self.key.max {
                // Within the bound, comparing stays within the entry.
                out.block(format!("if (length > {max}) {{"), "}", |out| out.line("return NULL;"));
            }
            let max = self.field.max_count();
            let head = format!("for (uint32_t i = 0; i < message->{count} && i < {max}; i++) {{");
            out.block(head, "}", |out| {
                out.line(format!("{entry} *entry = &message->{value}[i];"));
                out.block(format!("if ({}) {{", self.key.same), "}", |out| {
                    out.line("return entry;");
                });
            });
            out.line("return NULL;");
        });
    }

    fn count(&self) -> String {
        ident(&self.field.member(Role::Count).name)
    }

    fn put(&self, out: &mut Writer) {
        let entry = ident(self.entry);
        let long = if self.key.max.is_some() { " or the key too long" } else { "" };
        out.line(format!(
            "/* The entry of this key, appended if there was none; NULL if the map is full{long}. */"
        ));
        self.function(out, &format!("{entry} *"), "put", |out| {
            let (find, add) = (self.name("find"), self.name("add"));
            out.line(format!("{entry} *entry = {find}(message, {});", self.key.arguments));
            out.block("if (entry != NULL) {", "}", |out| out.line("return entry;"));
            if let Some(max) = self.key.max {
                out.block(format!("if (length > {max}) {{"), "}", |out| out.line("return NULL;"));
            }
            out.line(format!("entry = {add}(message);"));
            out.block("if (entry != NULL) {", "}", |out| self.store_key(out));
            out.line("return entry;");
        });
    }

    fn store_key(&self, out: &mut Writer) {
        match self.key.kind {
            Kind::Text { .. } => {
                let snake = names::snake(self.entry);
                out.line(format!("{snake}_set_key(entry, key, length);"));
            }
            Kind::Scalar(Scalar::Bool) => out.line("entry->key = key ? 1 : 0;"),
            _ => out.line("entry->key = key;"),
        }
    }

    fn remove(&self, out: &mut Writer) {
        let entry = ident(self.entry);
        let (value, count) = (ident(&self.field.field.name), self.count());
        out.line("/* Removes the entry of this key, the last takes its place; false if there is none. */");
        self.function(out, "bool", "remove", |out| {
            let max = self.field.max_count();
            out.line(format!(
                "{entry} *entry = {}(message, {});\nuint32_t count = message->{count};",
                self.name("find"),
                self.key.arguments
            ));
            out.block("if (entry == NULL) {", "}", |out| out.line("return false;"));
            out.line(format!(
                "count = count < {max} ? count : {max};\n*entry = message->{value}[count - 1];\n\
                 message->{count} = count - 1;\nreturn true;"
            ));
        });
    }
}
