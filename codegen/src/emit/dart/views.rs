//! The mixin with a message's fields, for whatever owns it: each access asks the owner for the
//! address, who refuses once it is closed. No Dart object stands for a member.

use super::{ident, native, offset_name, plain, type_ident, wrap, WIDTH};
use crate::emit::view::{FieldView, MessageView};
use crate::emit::Writer;
use crate::layout::Role;
use crate::names;
use crate::schema::{Kind, Scalar, Schema};

/// What a field's name must not be in a view: members and parameters of the generated classes and
/// those they extend, and functions their text calls.
const RESERVED_MEMBERS: &[&str] = &[
    "address",
    "clear",
    "close",
    "copyFrom",
    "copyMessage",
    "guard",
    "identical",
    "isClosed",
    "loadBytes",
    "loadDouble",
    "loadFloat",
    "loadInt32",
    "loadInt64",
    "loadText",
    "loadUint32",
    "loadUint64",
    "loadUint8",
    "offset",
    "other",
    "override",
    "owner",
    "pointer",
    "pragma",
    "release",
    "sameBytes",
    "storeBytes",
    "storeDouble",
    "storeFloat",
    "storeInt32",
    "storeInt64",
    "storeText",
    "storeUint32",
    "storeUint64",
    "storeUint8",
];

/// A member of a view.
fn member_ident(snake: &str) -> String {
    names::escape(&ident(snake), RESERVED_MEMBERS)
}

/// `SmallMessageView`.
pub(super) fn view_type(message: &str) -> String {
    type_ident(&format!("{message}View"))
}

/// `_clearSmallMessage`, the function that empties a message at an address.
pub(super) fn clear_name(message: &str) -> String {
    format!("_clear{message}")
}

/// `_SmallMessagePart`, the view of a message within another one.
pub(super) fn part_type(message: &str) -> String {
    format!("_{message}Part")
}

/// `_SmallMessageList`, of messages or values of an enumeration.
pub(super) fn list_type(element: &str) -> String {
    format!("_{element}List")
}

/// Where the members of a message's view must differ.
pub(super) fn scope(view: MessageView) -> String {
    format!("view {}", view.message.full_name)
}

/// The function that empties a message, and the mixin.
pub(super) fn view(out: &mut Writer, view: MessageView, schema: &Schema) {
    let name = &view.message.name;
    let class = view_type(name);
    clear_function(out, view, schema);
    out.claim("file", &class, &view.message.place);
    out.line(format!(
        "/// The fields of a [{}] in native memory, whoever owns it.\n///",
        type_ident(name)
    ));
    let comment = "Every use after the owner was closed is a [StateError]. Two are equal if all \
                   their fields are, so a set of them is one of contents that must not change.";
    wrap(comment).lines().for_each(|line| out.line(format!("/// {line}")));
    out.block(format!("base mixin {class} on NativeMessage {{"), "}\n", |out| {
        let mut members = Members { out, view, schema, terms: Terms::default() };
        members.whole();
        view.fields().for_each(|field| members.field(field));
        members.object();
    });
}

fn clear_function(out: &mut Writer, view: MessageView, schema: &Schema) {
    out.line("@pragma('vm:prefer-inline')");
    let head = format!("void {}(int address) {{", clear_name(&view.message.name));
    out.block(head, "}\n", |out| {
        for field in view.fields() {
            let member = &field.members()[0];
            let native = native(member.element, schema);
            let zero = if plain(member.element) == "double" { "0.0" } else { "0" };
            let offset = offset_name(view, member);
            out.line(format!("store{native}(address + {offset}, {zero});"));
        }
    });
}

/// How the fields appear in the members that every object has.
#[derive(Default)]
struct Terms {
    equal: Vec<String>,
    hash: Vec<String>,
    shown: Vec<String>,
}

/// Writes members, claiming their names.
struct Members<'a, 'w> {
    out: &'w mut Writer,
    view: MessageView<'a>,
    schema: &'a Schema,
    terms: Terms,
}

impl Members<'_, '_> {
    fn begin(&mut self, field: Option<FieldView>, name: &str, comment: &str) {
        let place = field.map_or(&self.view.message.place, |f| &f.field.place);
        self.out.claim(&scope(self.view), name, place);
        self.out.gap();
        for line in comment.lines() {
            self.out.line(format!("/// {}", wrap(line)).trim_end().replace('\n', "\n/// "));
        }
    }

    fn arrow(&mut self, head: &str, expression: &str) {
        super::arrow(self.out, head, expression);
    }

    /// An arrow to a call, split before the call if that is enough, else at its arguments.
    fn call(&mut self, head: &str, function: &str, arguments: &[String]) {
        let room = self.out.room(WIDTH);
        let call = format!("{function}({})", arguments.join(", "));
        if call.len() + 5 <= room || head.len() + call.len() + 5 <= room {
            return self.arrow(head, &call);
        }
        super::split_call(self.out, &format!("{head} => {function}("), arguments);
    }

    fn inlined(&mut self) {
        self.out.line("@pragma('vm:prefer-inline')");
    }

    fn offset(&self, field: FieldView, role: Role) -> String {
        offset_name(self.view, field.member(role))
    }

    /// `load` or `store`, and the type.
    fn access(&self, verb: &str, field: FieldView, role: Role) -> String {
        format!("{verb}{}", native(field.member(role).element, self.schema))
    }

    fn terms(&mut self, equal: String, hash: String, shown: String) {
        self.terms.equal.push(equal);
        self.terms.hash.push(hash);
        self.terms.shown.push(shown);
    }

    /// What concerns the message as a whole.
    fn whole(&mut self) {
        let (name, stem) = (&self.view.message.name, super::stem(self.view));
        let (class, view) = (type_ident(name), view_type(name));
        let comment = "The message as a pointer, which is not checked any more.";
        self.begin(None, "pointer", comment);
        let head = format!("Pointer<{class}> get pointer");
        self.arrow(&head, &format!("Pointer<{class}>.fromAddress(address)"));
        let comment = "Empties the message: numbers, lengths and counts become 0, messages absent.";
        self.begin(None, "clear", comment);
        self.arrow("void clear()", &format!("{}(address)", clear_name(name)));
        self.begin(None, "copyFrom", "Makes this message a copy of [other].");
        let head = format!("void copyFrom({view} other)");
        self.arrow(&head, &format!("copyMessage(other, this, {stem}Size)"));
    }

    fn field(&mut self, field: FieldView) {
        match (field.field.kind, field.field.max_count) {
            (Kind::Scalar(Scalar::Bool), None) => self.flag(field),
            (Kind::Scalar(_), None) => self.number(field),
            (Kind::Enum(index), None) => self.choice(field, index),
            (Kind::Text { .. }, None) => self.text(field),
            (Kind::Bytes { .. }, None) => self.bytes(field),
            (Kind::Message(index), None) => self.message(field, index),
            (kind, Some(_)) => self.list(field, kind),
        }
    }

    /// The comment of the schema, or that it is this field.
    fn about(&self, field: FieldView) -> String {
        match field.field.comment.join("\n") {
            text if text.is_empty() => format!("Field `{}`.", field.field.name),
            text => text,
        }
    }

    /// A getter and a setter of one type; `read` and `stored` are what is between them and memory.
    fn property(&mut self, field: FieldView, name: &str, about: &str, ty: &str, io: [&str; 2]) {
        self.begin(Some(field), name, about);
        let offset = self.offset(field, Role::Value);
        let load = self.access("load", field, Role::Value);
        let store = self.access("store", field, Role::Value);
        self.inlined();
        let read = format!("{load}(address + {offset}){}", io[0]);
        self.arrow(&format!("{ty} get {name}"), &read);
        self.out.gap();
        self.inlined();
        let write = format!("{store}(address + {offset}, {})", io[1]);
        self.arrow(&format!("set {name}({ty} value)"), &write);
    }

    fn flag(&mut self, field: FieldView) {
        let name = member_ident(&field.field.name);
        self.property(field, &name, &self.about(field), "bool", [" != 0", "value ? 1 : 0"]);
        self.plain_terms(&name);
    }

    fn number(&mut self, field: FieldView) {
        let name = member_ident(&field.field.name);
        let ty = plain(field.member(Role::Value).element);
        self.property(field, &name, &self.about(field), ty, ["", "value"]);
        self.plain_terms(&name);
    }

    fn plain_terms(&mut self, name: &str) {
        self.terms(format!("{name} == other.{name}"), name.to_owned(), format!("{name}: ${name}"));
    }

    fn choice(&mut self, field: FieldView, index: usize) {
        let shown = &field.field.name;
        let name = member_ident(shown);
        let number = member_ident(&format!("{shown}_number"));
        let setter = member_ident(&format!("set_{shown}"));
        let ty = type_ident(&self.schema.enums[index].name);
        let about = format!("{}\n\nNull if its number is not known.", self.about(field));
        self.begin(Some(field), &name, &about);
        self.arrow(&format!("{ty}? get {name}"), &format!("{ty}.fromNumber({number})"));
        // Getter and setter have different types here, so the setter is a method.
        self.begin(Some(field), &setter, &format!("Sets field `{shown}`."));
        self.arrow(&format!("void {setter}({ty} value)"), &format!("{number} = value.number"));
        let about = format!("The number of `{shown}`, known or not.");
        self.property(field, &number, &about, "int", ["", "value"]);
        self.terms(
            format!("{number} == other.{number}"),
            number.clone(),
            format!("{name}: ${{{name} ?? {number}}}"),
        );
    }

    /// Getter and setter through a pair of functions that take the members' places.
    fn sized(&mut self, field: FieldView, name: &str, read: [&str; 2], write: [&str; 2]) {
        let mut places = vec![
            "this".to_owned(),
            self.offset(field, Role::Length),
            self.offset(field, Role::Value),
            field.max_length().to_string(),
        ];
        self.call(&format!("{} get {name}", read[0]), read[1], &places);
        self.out.gap();
        places.extend(["value".to_owned(), format!("'{}'", field.field.name)]);
        self.call(&format!("set {name}({} value)", write[0]), write[1], &places);
    }

    fn text(&mut self, field: FieldView) {
        let shown = &field.field.name;
        let (name, bytes) = (member_ident(shown), member_ident(&format!("{shown}_bytes")));
        let about = format!(
            "{}\n\nMalformed UTF-8 is replaced. {}",
            self.about(field),
            too_long(field.max_length())
        );
        self.begin(Some(field), &name, &about);
        self.sized(field, &name, ["String", "loadText"], ["String", "storeText"]);
        self.byte_view(field, &bytes, &format!("The bytes of `{shown}`, as a view."));
        self.terms(
            format!("sameBytes({bytes}, other.{bytes})"),
            name.clone(),
            format!("{name}: ${name}"),
        );
    }

    fn bytes(&mut self, field: FieldView) {
        let name = member_ident(&field.field.name);
        self.byte_view(field, &name, &format!("{}\n\nReading gives a view.", self.about(field)));
        self.terms(
            format!("sameBytes({name}, other.{name})"),
            format!("{name}.length"),
            format!("{name}: ${{{name}.length}} bytes"),
        );
    }

    fn byte_view(&mut self, field: FieldView, name: &str, about: &str) {
        let about = format!("{about} {}", too_long(field.max_length()));
        self.begin(Some(field), name, &about);
        self.sized(field, name, ["Uint8List", "loadBytes"], ["List<int>", "storeBytes"]);
    }

    fn message(&mut self, field: FieldView, index: usize) {
        let shown = &field.field.name;
        let name = member_ident(shown);
        let [has, mutable, clear] =
            ["has", "mutable", "clear"].map(|verb| member_ident(&format!("{verb}_{shown}")));
        let inner = &self.schema.messages[index].name;
        let (ty, part) = (view_type(inner), part_type(inner));
        let (flag, at) = (self.offset(field, Role::Has), self.offset(field, Role::Value));
        self.begin(Some(field), &has, &format!("Whether `{shown}` is present."));
        self.inlined();
        self.arrow(&format!("bool get {has}"), &format!("loadUint8(address + {flag}) != 0"));
        let about = format!(
            "{}\n\nA view of it that lives as long as this message, or null if it is absent. \
             Setting copies, or makes it absent.",
            self.about(field)
        );
        self.begin(Some(field), &name, &about);
        let read = format!("{has} ? {part}(this, {at}) : null");
        self.arrow(&format!("{ty}? get {name}"), &read);
        self.out.gap();
        self.out.block(format!("set {name}({ty}? value) {{"), "}", |out| {
            out.line(format!("if (value == null) return {clear}();"));
            out.line(format!("{mutable}().copyFrom(value);"));
        });
        let about = format!("Message `{shown}`; if it was absent it is now present, and empty.");
        self.begin(Some(field), &mutable, &about);
        self.out.block(format!("{ty} {mutable}() {{"), "}", |out| {
            out.block(format!("if (!{has}) {{"), "}", |out| {
                out.line(format!("{}(address + {at});", clear_name(inner)));
                out.line(format!("storeUint8(address + {flag}, 1);"));
            });
            out.line(format!("return {part}(this, {at});"));
        });
        self.begin(Some(field), &clear, &format!("Makes `{shown}` absent."));
        self.arrow(&format!("void {clear}()"), &format!("storeUint8(address + {flag}, 0)"));
        self.terms(format!("{name} == other.{name}"), has, format!("{name}: ${name}"));
    }

    fn list(&mut self, field: FieldView, kind: Kind) {
        let shown = &field.field.name;
        let name = member_ident(shown);
        let (ty, class) = self.list_types(field, kind);
        let mut arguments = vec![
            "this".to_owned(),
            self.offset(field, Role::Count),
            self.offset(field, Role::Value),
            field.max_count().to_string(),
            format!("'{shown}'"),
        ];
        if let Kind::Text { max_length } | Kind::Bytes { max_length } = kind {
            arguments.extend([self.offset(field, Role::Lengths), max_length.to_string()]);
        }
        let about = format!(
            "{}\n\nA list of up to {} elements, straight in the message.",
            self.about(field),
            field.max_count()
        );
        self.begin(Some(field), &name, &about);
        self.call(&format!("{ty} get {name}"), &class, &arguments);
        self.terms(
            format!("{name}.sameAs(other.{name})"),
            format!("{name}.length"),
            format!("{name}: ${name}"),
        );
    }

    /// The type of a repeated field as callers see it, and the class that is made.
    fn list_types(&self, field: FieldView, kind: Kind) -> (String, String) {
        let own = match kind {
            Kind::Text { .. } => "NativeTextList".to_owned(),
            Kind::Bytes { .. } => "NativeBytesList".to_owned(),
            Kind::Scalar(Scalar::Bool) => "NativeBoolList".to_owned(),
            Kind::Scalar(_) => {
                format!("Native{}List", native(field.member(Role::Value).element, self.schema))
            }
            Kind::Enum(index) => {
                let name = &self.schema.enums[index].name;
                return (format!("NativeEnumList<{}>", type_ident(name)), list_type(name));
            }
            Kind::Message(index) => {
                let name = &self.schema.messages[index].name;
                return (format!("NativeMessageList<{}>", view_type(name)), list_type(name));
            }
        };
        (own.clone(), own)
    }

    /// Equality and text.
    fn object(&mut self) {
        let name = &self.view.message.name;
        let Terms { equal, hash, shown } = std::mem::take(&mut self.terms);
        self.out.gap();
        self.out.line("@override\nbool operator ==(Object other) =>");
        self.out.line("    identical(this, other) ||");
        let last = equal.len() - 1;
        self.out.line(format!("    other is {} &&", view_type(name)));
        for (i, term) in equal.iter().enumerate() {
            let end = if i == last { ";" } else { " &&" };
            self.out.line(format!("        {term}{end}"));
        }
        self.out.gap();
        self.out.line("@override");
        let one_line = format!("int get hashCode => Object.hashAll([{}]);", hash.join(", "));
        if one_line.len() <= self.out.room(WIDTH) {
            self.out.line(one_line);
        } else {
            self.out.line("int get hashCode => Object.hashAll([");
            hash.iter().for_each(|term| self.out.line(format!("      {term},")));
            self.out.line("    ]);");
        }
        self.out.gap();
        self.out.line("@override\nString toString() => isClosed");
        self.out.line(format!("    ? '{name}(closed)'"));
        let last = shown.len() - 1;
        for (i, term) in shown.iter().enumerate() {
            let begin = if i == 0 { format!("    : '{name}(") } else { "        '".to_owned() };
            let end = if i == last { ")';" } else { ", '" };
            self.out.line(format!("{begin}{term}{end}"));
        }
    }
}

fn too_long(max: u32) -> String {
    format!("Setting throws an [ArgumentError] for more than {max} bytes.")
}
