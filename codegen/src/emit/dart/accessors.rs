//! Flat accessors on pointers to messages. Reading clamps stored lengths and counts; bytes move
//! through typed views, which is faster than element by element.

use super::{ident, native, offset_name, plain, stem, type_ident, wrap, WIDTH};
use crate::emit::view::{FieldView, MessageView};
use crate::emit::Writer;
use crate::layout::{Element, Member, Role};
use crate::names;
use crate::schema::{Kind, Scalar, Schema};

/// Where the members of a message's extension must differ.
pub(super) fn scope(view: MessageView) -> String {
    format!("extension {}", view.message.full_name)
}

/// The extension of a message.
pub(super) fn accessors(out: &mut Writer, view: MessageView, schema: &Schema) {
    let (class, name) = (type_ident(&view.message.name), format!("{}Fields", view.message.name));
    out.claim("file", &name, &view.message.place);
    out.line(format!("/// The fields of a [{class}] in native memory."));
    out.block(format!("extension {name} on Pointer<{class}> {{"), "}\n", |out| {
        let mut members = Members { out, view, schema };
        members.clear();
        view.fields().for_each(|field| members.field(field));
    });
}

/// Writes members, claiming their names.
struct Members<'a, 'w> {
    out: &'w mut Writer,
    view: MessageView<'a>,
    schema: &'a Schema,
}

impl Members<'_, '_> {
    fn begin(&mut self, field: Option<FieldView>, name: &str, comment: &str) {
        let place = field.map_or(&self.view.message.place, |f| &f.field.place);
        self.out.claim(&scope(self.view), name, place);
        self.out.gap();
        comment.lines().for_each(|line| self.out.line(format!("/// {line}").trim_end()));
    }

    fn arrow(&mut self, head: &str, expression: &str) {
        super::arrow(self.out, head, expression);
    }

    fn body(&mut self, head: &str, body: &str) {
        self.out.block(format!("{head} {{"), "}", |out| out.line(body));
    }

    fn clear(&mut self) {
        let comment = "Empties the message: numbers, lengths and counts become 0, messages absent.";
        self.begin(None, "clear", &wrap(comment));
        let lines = self.view.fields().map(|field| {
            let float = matches!(field.field.kind, Kind::Scalar(Scalar::F32 | Scalar::F64));
            let zero = if float && field.field.max_count.is_none() { "0.0" } else { "0" };
            format!("message.{} = {zero};", ident(&field.members()[0].name))
        });
        let lines: Vec<_> = lines.collect();
        self.body("void clear()", &format!("final message = ref;\n{}", lines.join("\n")));
    }

    fn field(&mut self, field: FieldView) {
        match (field.field.kind, field.field.max_count) {
            (Kind::Scalar(_) | Kind::Enum(_), None) => self.scalar(field),
            (Kind::Scalar(_) | Kind::Enum(_), Some(_)) => self.scalars(field),
            (Kind::Text { .. } | Kind::Bytes { .. }, None) => self.text(field),
            (Kind::Text { .. } | Kind::Bytes { .. }, Some(_)) => self.texts(field),
            (Kind::Message(_), None) => self.message(field),
            (Kind::Message(_), Some(_)) => self.messages(field),
        }
    }

    /// The address of a member, as an expression.
    fn at(&self, member: &Member) -> String {
        format!("address + {}", offset_name(self.view, member))
    }

    /// The type callers see, `read` made into it, and their `value` as it is stored.
    fn seen(&self, field: FieldView, read: &str) -> (String, String, String) {
        match field.field.kind {
            Kind::Scalar(Scalar::Bool) => {
                ("bool".to_owned(), format!("{read} != 0"), "value ? 1 : 0".to_owned())
            }
            Kind::Enum(index) => {
                let ty = type_ident(&self.schema.enums[index].name);
                (ty.clone(), format!("{ty}.fromNumber({read})"), "value.number".to_owned())
            }
            _ => {
                let ty = plain(field.member(Role::Value).element);
                (ty.to_owned(), read.to_owned(), "value".to_owned())
            }
        }
    }

    fn scalar(&mut self, field: FieldView) {
        let name = ident(&field.field.name);
        let (ty, read, stored) = self.seen(field, &format!("ref.{name}"));
        let is_enum = matches!(field.field.kind, Kind::Enum(_));
        let (null, note) =
            if is_enum { ("?", "; null if its number is not known") } else { ("", "") };
        self.begin(Some(field), &name, &format!("Field `{}`{note}.", field.field.name));
        self.arrow(&format!("{ty}{null} get {name}"), &read);
        if is_enum {
            // Getter and setter have different types here, so the setter is a method.
            let setter = ident(&format!("set_{}", field.field.name));
            self.begin(Some(field), &setter, &format!("Sets field `{}`.", field.field.name));
            self.arrow(&format!("void {setter}({ty} value)"), &format!("ref.{name} = {stored}"));
        } else {
            self.out.gap();
            self.arrow(&format!("set {name}({ty} value)"), &format!("ref.{name} = {stored}"));
        }
    }

    fn count(&mut self, field: FieldView) {
        let count = ident(&field.member(Role::Count).name);
        self.begin(Some(field), &count, &format!("Elements of `{}` in use.", field.field.name));
        let read = format!("_least(ref.{count}, {})", field.max_count());
        self.arrow(&format!("int get {count}"), &read);
    }

    /// `final index = ...;`, the next element's, in an adding member.
    fn next_index(&self, field: FieldView) -> String {
        let count = ident(&field.member(Role::Count).name);
        let (max, name) = (field.max_count(), &field.field.name);
        format!("final index = _next(ref.{count}, {max}, '{name}');")
    }

    fn scalars(&mut self, field: FieldView) {
        let (name, shown) = (ident(&field.field.name), &field.field.name);
        let member = field.member(Role::Value);
        let count = ident(&field.member(Role::Count).name);
        self.count(field);
        let native = native(member.element, self.schema);
        let list = match native.as_str() {
            "Float" => "Float32List".to_owned(),
            "Double" => "Float64List".to_owned(),
            other => format!("{other}List"),
        };
        self.begin(Some(field), &name, &format!("Elements of `{shown}` in use, as a view."));
        let view = format!("Pointer<{native}>.fromAddress(from).asTypedList({count})");
        let body = format!("final from = {};\nreturn {view};", self.at(member));
        self.body(&format!("{list} get {name}"), &body);
        let (ty, read, stored) = self.seen(field, &format!("ref.{name}[index]"));
        let null = if matches!(field.field.kind, Kind::Enum(_)) { "?" } else { "" };
        let at = ident(&format!("{shown}_at"));
        self.begin(Some(field), &at, &format!("Element [index] of `{shown}`."));
        let body = format!("_check(index, {count});\nreturn {read};");
        self.body(&format!("{ty}{null} {at}(int index)"), &body);
        let add = ident(&format!("add_{shown}"));
        self.begin(
            Some(field),
            &add,
            &wrap(&format!("Appends to `{shown}`; throws a [StateError] if it is full.")),
        );
        let body = format!(
            "{}\nref.{name}[index] = {stored};\nref.{count} = index + 1;",
            self.next_index(field)
        );
        self.body(&format!("void {add}({ty} value)"), &body);
    }

    fn text(&mut self, field: FieldView) {
        let (name, shown) = (ident(&field.field.name), &field.field.name);
        let length = ident(&field.member(Role::Length).name);
        let at = self.at(field.member(Role::Value));
        let max = field.max_length();
        self.begin(Some(field), &length, &format!("Bytes of `{shown}` in use."));
        self.arrow(&format!("int get {length}"), &format!("_least(ref.{length}, {max})"));
        let is_text = matches!(field.field.kind, Kind::Text { .. });
        let bytes = if is_text { ident(&format!("{shown}_bytes")) } else { name.clone() };
        let too_long =
            wrap(&format!("Setting throws an [ArgumentError] for more than {max} bytes."));
        let comment = format!("Bytes of `{shown}`, as a view.\n\n{too_long}");
        self.begin(Some(field), &bytes, &comment);
        self.arrow(&format!("Uint8List get {bytes}"), &format!("_view({at}, {length})"));
        self.out.gap();
        self.setter(&format!("set {bytes}(List<int> value)"), &length, &at, max, shown, "value");
        if is_text {
            let comment = format!("Text of `{shown}`; malformed UTF-8 is replaced.\n\n{too_long}");
            self.begin(Some(field), &name, &comment);
            let read = format!("utf8.decode({bytes}, allowMalformed: true)");
            self.arrow(&format!("String get {name}"), &read);
            self.out.gap();
            self.arrow(
                &format!("set {name}(String value)"),
                &format!("{bytes} = utf8.encode(value)"),
            );
        }
    }

    fn setter(&mut self, head: &str, length: &str, at: &str, max: u32, shown: &str, value: &str) {
        let store = format!("ref.{length} = _store({value}, {at}, {max}, '{shown}');");
        if store.len() <= self.out.room(WIDTH) - 2 {
            self.body(head, &store);
        } else {
            self.body(
                head,
                &format!("final to = {at};\nref.{length} = _store({value}, to, {max}, '{shown}');"),
            );
        }
    }

    fn texts(&mut self, field: FieldView) {
        let shown = &field.field.name;
        let count = ident(&field.member(Role::Count).name);
        let lengths = ident(&field.member(Role::Lengths).name);
        let max = field.max_length();
        let row = format!("final row = {} + index * {max};", self.at(field.member(Role::Value)));
        self.count(field);
        let is_text = matches!(field.field.kind, Kind::Text { .. });
        let at = ident(&format!("{shown}_at"));
        let bytes_at = if is_text { ident(&format!("{shown}_bytes_at")) } else { at.clone() };
        self.begin(
            Some(field),
            &bytes_at,
            &format!("Bytes of element [index] of `{shown}`, as a view."),
        );
        let body = format!(
            "_check(index, {count});\n{row}\nreturn _view(row, _least(ref.{lengths}[index], {max}));"
        );
        self.body(&format!("Uint8List {bytes_at}(int index)"), &body);
        if is_text {
            self.begin(Some(field), &at, &format!("Text of element [index] of `{shown}`."));
            let read = format!("utf8.decode({bytes_at}(index), allowMalformed: true)");
            self.arrow(&format!("String {at}(int index)"), &read);
        }
        let add = ident(&format!("add_{shown}"));
        let comment = format!(
            "Appends to `{shown}`; throws a [StateError] if it is full, an [ArgumentError] for more \
             than {max} bytes."
        );
        self.begin(Some(field), &add, &wrap(&comment));
        let (ty, bytes) =
            if is_text { ("String", "utf8.encode(value)") } else { ("List<int>", "value") };
        let body = format!(
            "{}\n{row}\nfinal length = _store({bytes}, row, {max}, '{shown}');\n\
             ref.{lengths}[index] = length;\nref.{count} = index + 1;",
            self.next_index(field)
        );
        self.body(&format!("void {add}({ty} value)"), &body);
    }

    fn message(&mut self, field: FieldView) {
        let (name, shown) = (ident(&field.field.name), &field.field.name);
        let has = ident(&field.member(Role::Has).name);
        let (ty, at) = self.inner(field);
        self.begin(Some(field), &has, &format!("Whether `{shown}` is present."));
        self.arrow(&format!("bool get {has}"), &format!("ref.{has} != 0"));
        self.begin(
            Some(field),
            &name,
            &format!("Message `{shown}`; means something only if [{has}]."),
        );
        self.arrow(
            &format!("Pointer<{ty}> get {name}"),
            &format!("Pointer<{ty}>.fromAddress({at})"),
        );
        let mutable = ident(&format!("mutable_{shown}"));
        let comment = format!("Message `{shown}`; if it was absent it is now present, and empty.");
        self.begin(Some(field), &mutable, &wrap(&comment));
        let body = format!(
            "final inner = {name};\nif (ref.{has} == 0) {{\n  inner.clear();\n  ref.{has} = 1;\n}}\nreturn inner;"
        );
        self.body(&format!("Pointer<{ty}> {mutable}()"), &body);
        let clear = ident(&format!("clear_{shown}"));
        self.begin(Some(field), &clear, &format!("Makes message `{shown}` absent."));
        self.arrow(&format!("void {clear}()"), &format!("ref.{has} = 0"));
    }

    fn messages(&mut self, field: FieldView) {
        let shown = &field.field.name;
        let count = ident(&field.member(Role::Count).name);
        let (ty, at) = self.inner(field);
        let size = format!("{}Size", names::camel(&self.inner_name(field)));
        let row = format!("final row = {at} + index * {size};");
        self.count(field);
        let name = ident(&format!("{shown}_at"));
        self.begin(Some(field), &name, &format!("Message [index] of `{shown}`."));
        let body =
            format!("_check(index, {count});\n{row}\nreturn Pointer<{ty}>.fromAddress(row);");
        self.body(&format!("Pointer<{ty}> {name}(int index)"), &body);
        let add = ident(&format!("add_{shown}"));
        let comment =
            format!("Appends an empty message to `{shown}`; throws a [StateError] if it is full.");
        self.begin(Some(field), &add, &wrap(&comment));
        let body = format!(
            "{}\n{row}\nref.{count} = index + 1;\nreturn Pointer<{ty}>.fromAddress(row)..clear();",
            self.next_index(field)
        );
        self.body(&format!("Pointer<{ty}> {add}()"), &body);
        // The inner size is a constant the members must not hide.
        self.out.claim(&scope(self.view), &size, &self.view.message.place);
    }

    /// Class and address of a field's messages.
    fn inner(&self, field: FieldView) -> (String, String) {
        (type_ident(&self.inner_name(field)), self.at(field.member(Role::Value)))
    }

    fn inner_name(&self, field: FieldView) -> String {
        match field.member(Role::Value).element {
            Element::Message(index) => self.schema.messages[index].name.clone(),
            _ => stem(self.view),
        }
    }
}

/// The functions the accessors share; each only if it is used.
pub(super) fn helpers(out: &mut Writer, schema: &Schema) {
    let fields = || schema.messages.iter().flat_map(|message| &message.fields);
    let text = fields().any(|f| matches!(f.kind, Kind::Text { .. } | Kind::Bytes { .. }));
    let repeated = fields().any(|f| f.max_count.is_some());
    if text || repeated {
        out.line("int _least(int value, int max) => value < max ? value : max;\n");
    }
    if text {
        out.line(TEXT_HELPERS);
    }
    if repeated {
        out.line(REPEATED_HELPERS);
    }
}

const TEXT_HELPERS: &str = "\
Uint8List _view(int address, int length) =>
    Pointer<Uint8>.fromAddress(address).asTypedList(length);

int _store(List<int> bytes, int address, int max, String field) {
  final length = bytes.length;
  if (length > max) {
    throw ArgumentError.value(length, field, 'has more than $max bytes');
  }
  _view(address, length).setRange(0, length, bytes);
  return length;
}
";

const REPEATED_HELPERS: &str = "\
void _check(int index, int count) {
  if (index < 0 || index >= count) {
    throw RangeError.index(index, null, 'index', null, count);
  }
}

int _next(int count, int max, String field) {
  if (count >= max) throw StateError('$field has $max elements and is full');
  return count;
}
";
