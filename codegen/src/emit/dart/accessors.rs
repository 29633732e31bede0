//! Flat accessors on pointers to messages. Reading clamps stored lengths and counts; bytes move
//! through typed views, which is faster than element by element.

use super::presence::{self, in_struct, note, path, question};
use super::{
    deprecated, ident, literal, maps, native, offset_name, oneofs, plain, stem, type_ident, wrap,
    WIDTH,
};
use crate::emit::view::{self, FieldView, MessageView, OneofView, Part};
use crate::emit::Writer;
use crate::layout::{Element, Member, Model, Role};
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
        view.oneofs().for_each(|oneof| members.oneof(oneof));
        view.fields().for_each(|field| members.field(field));
    });
}

/// Writes members, claiming their names.
pub(super) struct Members<'a, 'w> {
    out: &'w mut Writer,
    view: MessageView<'a>,
    pub(super) schema: &'a Schema,
}

impl Members<'_, '_> {
    pub(super) fn begin(&mut self, field: Option<FieldView>, name: &str, comment: &str) {
        let place = field.map_or(&self.view.message.place, |f| &f.field.place);
        self.out.claim(&scope(self.view), name, place);
        self.out.gap();
        comment.lines().for_each(|line| self.out.line(format!("/// {line}").trim_end()));
        deprecated(self.out, field.is_some_and(|f| f.field.deprecated));
    }

    /// The setter that follows a getter.
    fn setter(&mut self, field: FieldView) {
        self.out.gap();
        deprecated(self.out, field.field.deprecated);
    }

    fn arrow(&mut self, head: &str, expression: &str) {
        super::arrow(self.out, head, expression);
    }

    pub(super) fn body(&mut self, head: &str, body: &str) {
        self.out.block(format!("{head} {{"), "}", |out| out.line(body));
    }

    fn clear(&mut self) {
        let comment = super::clear_comment(self.view);
        self.begin(None, "clear", &wrap(&comment));
        let mut lines: Vec<_> = self
            .view
            .fields()
            .filter(|field| field.oneof().is_none())
            .map(|field| self.clear_field(field))
            .collect();
        for part in self.view.parts() {
            match part {
                Part::Case(oneof) => {
                    lines.push(format!("message.{} = 0;", ident(&oneof.case_name())));
                }
                Part::Empty => lines.push("message.empty = 0;".to_owned()),
                _ => {}
            }
        }
        let uses = lines.iter().any(|line| line.starts_with("message."));
        let begin = if uses { "final message = ref;\n" } else { "" };
        self.body("void clear()", &format!("{begin}{}", lines.join("\n")));
    }

    fn clear_field(&self, field: FieldView) -> String {
        let first = &field.members()[0];
        let name = ident(&first.name);
        if first.role != Role::Value {
            return format!("message.{name} = 0;");
        }
        if first.dims.is_empty() {
            return format!("message.{name} = {};", literal::stored(field));
        }
        if let Kind::Message(_) = field.field.kind {
            let at = ident(&format!("{}_at", field.field.name));
            return format!(
                "for (var i = 0; i < {}; i++) {{\n  {at}(i).clear();\n}}",
                field.max_count()
            );
        }
        format!("zeroBytes({}, {});", self.at(first), first.extent(&[]).0)
    }

    /// Which field of a oneof is present, and that none is.
    fn oneof(&mut self, oneof: OneofView) {
        let shown = &oneof.oneof.name;
        let case = ident(&oneof.case_name());
        let [which, clear] = oneofs::member_names(oneof);
        let ty = oneofs::case_type(self.view, oneof);
        self.begin(None, &which, &format!("Which field of `{shown}` is present."));
        self.arrow(&format!("{ty} get {which}"), &format!("{ty}.fromNumber(ref.{case})"));
        self.begin(None, &clear, &format!("Makes all fields of `{shown}` absent."));
        self.arrow(&format!("void {clear}()"), &format!("ref.{case} = 0"));
    }

    /// `hasX`, `clearX` and `xOrDefault` of a field that may be absent.
    fn presence(&mut self, field: FieldView) {
        let Some(presence) = in_struct(field) else { return };
        let shown = &field.field.name;
        let name = ident(shown);
        let [has, clear] = ["has", "clear"].map(|verb| ident(&format!("{verb}_{shown}")));
        self.begin(Some(field), &has, &format!("Whether `{shown}` is present."));
        self.arrow(&format!("bool get {has}"), &presence.present);
        self.begin(Some(field), &clear, &super::clear_about(field));
        if presence.shared {
            self.body(&format!("void {clear}()"), &format!("if ({has}) {};", presence.clear));
        } else {
            self.arrow(&format!("void {clear}()"), &presence.clear);
        }
        if let Some((ty, value)) = presence::default(field, self.schema) {
            let get = ident(&format!("{shown}_or_default"));
            self.begin(
                Some(field),
                &get,
                &format!("Field `{shown}`, or its default if it is absent."),
            );
            let read = super::or_default(field, &has, &name, &value);
            self.arrow(&format!("{ty} get {get}"), &read);
        }
    }

    /// `expression`, unless the field is absent.
    fn if_present(&self, field: FieldView, expression: &str) -> String {
        if !field.has_presence() {
            return expression.to_owned();
        }
        format!("{} ? {expression} : null", ident(&format!("has_{}", field.field.name)))
    }

    /// A setter's statement, which makes the field present; null makes it absent.
    fn set(&mut self, head: &str, field: FieldView, nullable: bool, store: &str) {
        let Some(presence) = in_struct(field) else {
            return self.arrow(head, store);
        };
        let clear = ident(&format!("clear_{}", field.field.name));
        let null = format!("if (value == null) return {clear}();\n");
        let null = if nullable { null } else { String::new() };
        self.body(head, &format!("{null}{store};\n{};", presence.mark));
    }

    fn field(&mut self, field: FieldView) {
        match (field.field.kind, field.field.max_count) {
            (Kind::Scalar(_) | Kind::Enum(_), None) => self.scalar(field),
            (Kind::Scalar(_) | Kind::Enum(_), Some(_)) => self.scalars(field),
            (Kind::Text { .. } | Kind::Bytes { .. }, None) => self.text(field),
            (Kind::Text { .. } | Kind::Bytes { .. }, Some(_)) => self.texts(field),
            (Kind::Message(_), None) => self.message(field),
            (Kind::Message(_), Some(_)) => {
                self.messages(field);
                maps::functions(self, field);
            }
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
        let shown = &field.field.name;
        let (name, place) = (ident(shown), path(field, Role::Value));
        let (ty, read, stored) = self.seen(field, &format!("ref.{place}"));
        let read = self.if_present(field, &read);
        let store = format!("ref.{place} = {stored}");
        if let Kind::Enum(_) = field.field.kind {
            let absent = if field.has_presence() { " or it is absent" } else { "" };
            let about = format!("Field `{shown}`; null if its number is not known{absent}.");
            self.begin(Some(field), &name, &wrap(&about));
            self.arrow(&format!("{ty}? get {name}"), &read);
            // Getter and setter have different types here, so the setter is a method.
            let setter = ident(&format!("set_{shown}"));
            self.begin(Some(field), &setter, &format!("Sets field `{shown}`."));
            self.set(&format!("void {setter}({ty} value)"), field, false, &store);
        } else {
            let null = question(field);
            self.begin(Some(field), &name, &format!("Field `{shown}`{}.", note(field)));
            self.arrow(&format!("{ty}{null} get {name}"), &read);
            self.setter(field);
            self.set(&format!("set {name}({ty}{null} value)"), field, true, &store);
        }
        self.presence(field);
    }

    /// The number of elements, and how to say it.
    fn count(&mut self, field: FieldView) -> String {
        if field.role(Role::Count).is_none() {
            return field.max_count().to_string();
        }
        let count = ident(&field.member(Role::Count).name);
        self.begin(Some(field), &count, &format!("Elements of `{}` in use.", field.field.name));
        let read = format!("_least(ref.{count}, {})", field.max_count());
        self.arrow(&format!("int get {count}"), &read);
        count
    }

    /// `final index = ...;`, the next element's, in an adding member.
    pub(super) fn next_index(&self, field: FieldView) -> String {
        let count = ident(&field.member(Role::Count).name);
        let (max, name) = (field.max_count(), &field.field.name);
        format!("final index = _next(ref.{count}, {max}, '{name}');")
    }

    fn scalars(&mut self, field: FieldView) {
        let (name, shown) = (ident(&field.field.name), &field.field.name);
        let member = field.member(Role::Value);
        let count = self.count(field);
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
        if field.role(Role::Count).is_none() {
            return;
        }
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
        let at = self.at(field.member(Role::Value));
        let length = self.length(field);
        let is_text = matches!(field.field.kind, Kind::Text { .. });
        let bytes = if is_text { ident(&format!("{shown}_bytes")) } else { name.clone() };
        let (null, note) = (question(field), note(field));
        if field.field.unknown {
            return self.unknown(field, &at, &length);
        }
        let too_long = wrap(&super::too_long(field));
        let comment = format!("Bytes of `{shown}`, as a view{note}.\n\n{too_long}");
        self.begin(Some(field), &bytes, &comment);
        let read = self.if_present(field, &format!("_view({at}, {length})"));
        self.arrow(&format!("Uint8List{null} get {bytes}"), &read);
        self.setter(field);
        let head = format!("set {bytes}(List<int>{null} value)");
        self.store(&head, field, &at);
        if is_text {
            let comment =
                format!("Text of `{shown}`; malformed UTF-8 is replaced{note}.\n\n{too_long}");
            self.begin(Some(field), &name, &comment);
            let there = if field.has_presence() { "!" } else { "" };
            let read = format!("utf8.decode({bytes}{there}, allowMalformed: true)");
            let read = self.if_present(field, &read);
            self.arrow(&format!("String{null} get {name}"), &read);
            self.setter(field);
            let encoded = match field.has_presence() {
                true => "value == null ? null : utf8.encode(value)",
                false => "utf8.encode(value)",
            };
            let head = format!("set {name}(String{null} value)");
            self.arrow(&head, &format!("{bytes} = {encoded}"));
        }
        if field.can_be_cut() {
            let fit = ident(&format!("fit_{shown}"));
            let ty = if is_text { "String" } else { "List<int>" };
            let [about, body] = super::fit(field, &bytes);
            self.begin(Some(field), &fit, &wrap(&about));
            self.body(&format!("bool {fit}({ty} value)"), &body);
        }
        self.presence(field);
    }

    /// Unknown fields are not set: only a decoder knows that they are some.
    fn unknown(&mut self, field: FieldView, at: &str, length: &str) {
        let shown = &field.field.name;
        let [name, clear] = [ident(shown), ident(&format!("clear_{shown}"))];
        self.begin(Some(field), &name, super::UNKNOWN);
        self.arrow(&format!("Uint8List get {name}"), &format!("_view({at}, {length})"));
        self.begin(Some(field), &clear, super::CLEAR_UNKNOWN);
        let place = path(field, Role::Length);
        self.arrow(&format!("void {clear}()"), &format!("ref.{place} = 0"));
    }

    /// The bytes of a text in use, as an expression.
    fn length(&mut self, field: FieldView) -> String {
        let max = field.max_length();
        let Some(member) = field.role(Role::Length) else { return max.to_string() };
        let length = ident(&member.name);
        let place = path(field, Role::Length);
        let about = format!("Bytes of `{}` in use.", field.field.name);
        self.begin(Some(field), &length, &about);
        let read = format!("_least(ref.{place}, {max})");
        let read = match field.has_presence() {
            true => format!("{} ? {read} : 0", ident(&format!("has_{}", field.field.name))),
            false => read,
        };
        self.arrow(&format!("int get {length}"), &read);
        length
    }

    /// A setter of bytes.
    fn store(&mut self, head: &str, field: FieldView, at: &str) {
        let (max, shown) = (field.max_length(), &field.field.name);
        let store = |at: &str| match field.role(Role::Length) {
            None => format!("_storeAll(value, {at}, {max}, '{shown}')"),
            Some(_) => {
                let length = path(field, Role::Length);
                format!("ref.{length} = _store(value, {at}, {max}, '{shown}')")
            }
        };
        let mut lines = Vec::new();
        if field.has_presence() {
            let clear = ident(&format!("clear_{shown}"));
            lines.push(format!("if (value == null) return {clear}();"));
        }
        if store(at).len() < self.out.room(WIDTH) - 2 {
            lines.push(format!("{};", store(at)));
        } else {
            lines.push(format!("final to = {at};\n{};", store("to")));
        }
        lines.extend(in_struct(field).map(|presence| format!("{};", presence.mark)));
        self.body(head, &lines.join("\n"));
    }

    fn texts(&mut self, field: FieldView) {
        let shown = &field.field.name;
        let lengths = field.role(Role::Lengths).map(|member| ident(&member.name));
        let max = field.max_length();
        let row = format!("final row = {} + index * {max};", self.at(field.member(Role::Value)));
        let count = self.count(field);
        let is_text = matches!(field.field.kind, Kind::Text { .. });
        let at = ident(&format!("{shown}_at"));
        let bytes_at = if is_text { ident(&format!("{shown}_bytes_at")) } else { at.clone() };
        self.begin(
            Some(field),
            &bytes_at,
            &format!("Bytes of element [index] of `{shown}`, as a view."),
        );
        let length = lengths.as_ref().map_or_else(
            || max.to_string(),
            |lengths| format!("_least(ref.{lengths}[index], {max})"),
        );
        let body = format!("_check(index, {count});\n{row}\nreturn _view(row, {length});");
        self.body(&format!("Uint8List {bytes_at}(int index)"), &body);
        if is_text {
            self.begin(Some(field), &at, &format!("Text of element [index] of `{shown}`."));
            let read = format!("utf8.decode({bytes_at}(index), allowMalformed: true)");
            self.arrow(&format!("String {at}(int index)"), &read);
        }
        let add = ident(&format!("add_{shown}"));
        let comment = format!(
            "Appends to `{shown}`; throws a [StateError] if it is full, an [ArgumentError] for {} \
             {max} bytes.",
            if field.field.fixed { "other than" } else { "more than" }
        );
        self.begin(Some(field), &add, &wrap(&comment));
        let (ty, bytes) =
            if is_text { ("String", "utf8.encode(value)") } else { ("List<int>", "value") };
        let store = match &lengths {
            None => format!("_storeAll({bytes}, row, {max}, '{shown}');"),
            Some(lengths) => format!(
                "final length = _store({bytes}, row, {max}, '{shown}');\n\
                 ref.{lengths}[index] = length;"
            ),
        };
        let body = format!("{}\n{row}\n{store}\nref.{count} = index + 1;", self.next_index(field));
        self.body(&format!("void {add}({ty} value)"), &body);
    }

    fn message(&mut self, field: FieldView) {
        let (name, shown) = (ident(&field.field.name), &field.field.name);
        let Some(presence) = in_struct(field) else { return };
        let [has, mutable, clear] =
            ["has", "mutable", "clear"].map(|verb| ident(&format!("{verb}_{shown}")));
        let (ty, at) = self.inner(field);
        self.begin(Some(field), &has, &format!("Whether `{shown}` is present."));
        self.arrow(&format!("bool get {has}"), &presence.present);
        self.begin(
            Some(field),
            &name,
            &format!("Message `{shown}`; means something only if [{has}]."),
        );
        self.arrow(
            &format!("Pointer<{ty}> get {name}"),
            &format!("Pointer<{ty}>.fromAddress({at})"),
        );
        let comment = format!("Message `{shown}`; if it was absent it is now present, and empty.");
        self.begin(Some(field), &mutable, &wrap(&comment));
        let absent = match presence.shared {
            true => presence.present.replace(" == ", " != "),
            false => presence.present.replace(" != ", " == "),
        };
        let body = format!(
            "final inner = {name};\nif ({absent}) {{\n  inner.clear();\n  {};\n}}\nreturn inner;",
            presence.mark
        );
        self.body(&format!("Pointer<{ty}> {mutable}()"), &body);
        if presence.shared {
            self.begin(Some(field), &clear, &super::clear_about(field));
            self.body(&format!("void {clear}()"), &format!("if ({has}) {};", presence.clear));
        } else {
            self.begin(Some(field), &clear, &format!("Makes message `{shown}` absent."));
            self.arrow(&format!("void {clear}()"), &presence.clear);
        }
    }

    fn messages(&mut self, field: FieldView) {
        let shown = &field.field.name;
        let (ty, _) = self.inner(field);
        let size = format!("{}Size", names::camel(&self.inner_name(field)));
        let row = self.row(field);
        let count = self.count(field);
        let name = ident(&format!("{shown}_at"));
        self.begin(Some(field), &name, &format!("Message [index] of `{shown}`."));
        let body =
            format!("_check(index, {count});\n{row}\nreturn Pointer<{ty}>.fromAddress(row);");
        self.body(&format!("Pointer<{ty}> {name}(int index)"), &body);
        // The inner size is a constant the members must not hide.
        self.out.claim(&scope(self.view), &size, &self.view.message.place);
        if field.role(Role::Count).is_none() {
            return;
        }
        let add = ident(&format!("add_{shown}"));
        let comment =
            format!("Appends an empty message to `{shown}`; throws a [StateError] if it is full.");
        self.begin(Some(field), &add, &wrap(&comment));
        let body = format!(
            "{}\n{row}\nref.{count} = index + 1;\nreturn Pointer<{ty}>.fromAddress(row)..clear();",
            self.next_index(field)
        );
        self.body(&format!("Pointer<{ty}> {add}()"), &body);
    }

    /// `final row = ...;`, the address of message `index`.
    pub(super) fn row(&self, field: FieldView) -> String {
        let size = format!("{}Size", names::camel(&self.inner_name(field)));
        format!("final row = {} + index * {size};", self.at(field.member(Role::Value)))
    }

    /// Class and address of a field's messages.
    pub(super) fn inner(&self, field: FieldView) -> (String, String) {
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
pub(super) fn helpers(out: &mut Writer, model: &Model) {
    let fields = || view::messages(model).flat_map(MessageView::fields);
    let has = |role| fields().any(|field| field.role(role).is_some());
    let (text, list) = (has(Role::Length) || has(Role::Lengths), has(Role::Count));
    if text || list {
        out.line("int _least(int value, int max) => value < max ? value : max;\n");
    }
    if fields().any(|f| f.field.is_text()) {
        out.line(VIEW_HELPER);
    }
    if text {
        out.line(TEXT_HELPER);
    }
    if fields().any(|f| f.field.is_text() && f.field.fixed) {
        out.line(FIXED_HELPER);
    }
    if fields().any(|f| f.field.max_count.is_some()) {
        out.line(CHECK_HELPER);
    }
    if list {
        out.line(NEXT_HELPER);
    }
}

const VIEW_HELPER: &str = "\
Uint8List _view(int address, int length) =>
    Pointer<Uint8>.fromAddress(address).asTypedList(length);
";

const TEXT_HELPER: &str = "\
int _store(List<int> bytes, int address, int max, String field) {
  final length = bytes.length;
  if (length > max) {
    throw ArgumentError.value(length, field, 'has more than $max bytes');
  }
  _view(address, length).setRange(0, length, bytes);
  return length;
}
";

const FIXED_HELPER: &str = "\
void _storeAll(List<int> bytes, int address, int size, String field) {
  if (bytes.length != size) {
    throw ArgumentError.value(bytes.length, field, 'has not $size bytes');
  }
  _view(address, size).setRange(0, size, bytes);
}
";

const CHECK_HELPER: &str = "\
void _check(int index, int count) {
  if (index < 0 || index >= count) {
    throw RangeError.index(index, null, 'index', null, count);
  }
}
";

const NEXT_HELPER: &str = "\
int _next(int count, int max, String field) {
  if (count >= max) throw StateError('$field has $max elements and is full');
  return count;
}
";
