//! The mixin with a message's fields, for whatever owns it: each access asks the owner for the
//! address, who refuses once it is closed. No Dart object stands for a member.

use super::clear::clear_name;
use super::presence::{self, in_memory, question};
use super::{
    clear, deprecated, docs, ident, lists, maps, native, offset_name, offset_of, oneofs,
    or_default, plain, too_long, type_ident, wrap, WIDTH,
};
use crate::emit::view::{FieldView, MessageView, OneofView};
use crate::emit::Writer;
use crate::layout::Role;
use crate::names;
use crate::schema::{Kind, Message, Scalar, Schema};

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
    "loadFixedBytes",
    "loadFixedText",
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
    "storeFixedBytes",
    "storeFixedText",
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

/// `_SmallMessagePart`, the view of a message within another one.
pub(super) fn part_type(message: &str) -> String {
    format!("_{message}Part")
}

/// `_SmallMessageChoice`, the view of a message that is a field of a oneof.
pub(super) fn choice_type(message: &str) -> String {
    format!("_{message}Choice")
}

/// Where the members of a message's view must differ.
pub(super) fn scope(view: MessageView) -> String {
    format!("view {}", view.message.full_name)
}

/// The function that empties a message, and the mixin.
pub(super) fn view(out: &mut Writer, view: MessageView, schema: &Schema) {
    let name = &view.message.name;
    let class = view_type(name);
    clear::clear_function(out, view, schema);
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
        view.oneofs().for_each(|oneof| members.oneof(oneof));
        view.fields().for_each(|field| members.field(field));
        members.object();
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
        self.begin(None, "clear", &super::clear_comment(self.view));
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
            (kind, Some(_)) => match maps::entry(field.field, self.schema) {
                Some(entry) => self.map(field, entry, kind),
                None => self.list(field, kind),
            },
        }
        if !matches!(field.field.kind, Kind::Message(_)) {
            self.presence(field);
        }
    }

    /// Which field of a oneof is present, and that none is.
    fn oneof(&mut self, oneof: OneofView) {
        let shown = &oneof.oneof.name;
        let offset = offset_of(self.view, &oneof.case_name());
        let [which, clear] = oneofs::member_names(oneof);
        let ty = oneofs::case_type(self.view, oneof);
        let about = match oneof.oneof.comment.is_empty() {
            true => String::new(),
            false => format!("\n\n{}", docs::lines(&oneof.oneof.comment).join("\n")),
        };
        self.begin(None, &which, &format!("Which field of `{shown}` is present.{about}"));
        let read = format!("{ty}.fromNumber(loadUint32(address + {offset}))");
        self.arrow(&format!("{ty} get {which}"), &read);
        self.begin(None, &clear, &format!("Makes all fields of `{shown}` absent."));
        self.arrow(&format!("void {clear}()"), &format!("storeUint32(address + {offset}, 0)"));
    }

    /// `hasX`, `clearX` and `xOrDefault` of a field that may be absent.
    fn presence(&mut self, field: FieldView) {
        let Some(presence) = in_memory(self.view, field) else { return };
        let shown = &field.field.name;
        let name = member_ident(shown);
        let [has, clear] = ["has", "clear"].map(|verb| member_ident(&format!("{verb}_{shown}")));
        self.begin(Some(field), &has, &format!("Whether `{shown}` is present."));
        self.inlined();
        self.arrow(&format!("bool get {has}"), &presence.present);
        self.begin(Some(field), &clear, &super::clear_about(field));
        if presence.shared {
            self.body(&format!("void {clear}()"), &format!("if ({has}) {};", presence.clear));
        } else {
            self.arrow(&format!("void {clear}()"), &presence.clear);
        }
        if let Some((ty, value)) = presence::default(field, self.schema) {
            let get = member_ident(&format!("{shown}_or_default"));
            let about = format!("Field `{shown}`, or its default if it is absent.");
            self.begin(Some(field), &get, &about);
            self.arrow(&format!("{ty} get {get}"), &or_default(field, &has, &name, &value));
        }
    }

    fn body(&mut self, head: &str, body: &str) {
        self.out.block(format!("{head} {{"), "}", |out| out.line(body));
    }

    /// `expression`, unless the field is absent.
    fn if_present(&self, field: FieldView, expression: &str) -> String {
        if !field.has_presence() {
            return expression.to_owned();
        }
        format!("{} ? {expression} : null", member_ident(&format!("has_{}", field.field.name)))
    }

    /// A setter's body around `store`: null makes the field absent, all else present.
    fn set_present(&mut self, field: FieldView, head: &str, store: &str) {
        let Some(presence) = in_memory(self.view, field) else { return };
        let clear = member_ident(&format!("clear_{}", field.field.name));
        let null = format!("if (value == null) return {clear}();");
        self.body(head, &format!("{null}\n{store};\n{};", presence.mark));
    }

    /// The comment of the schema, or that it is this field.
    fn about(&self, field: FieldView) -> String {
        match docs::lines(&field.field.comment).join("\n") {
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
        let null = question(field);
        let read = self.if_present(field, &format!("{load}(address + {offset}){}", io[0]));
        self.arrow(&format!("{ty}{null} get {name}"), &read);
        self.setter(field);
        self.inlined();
        let write = format!("{store}(address + {offset}, {})", io[1]);
        let head = format!("set {name}({ty}{null} value)");
        if field.has_presence() {
            self.set_present(field, &head, &write);
        } else {
            self.arrow(&head, &write);
        }
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
        let absent = if field.has_presence() { " or it is absent" } else { "" };
        let about = format!("{}\n\nNull if its number is not known{absent}.", self.about(field));
        self.begin(Some(field), &name, &about);
        let read = match field.has_presence() {
            true => {
                let load = self.access("load", field, Role::Value);
                let offset = self.offset(field, Role::Value);
                self.if_present(field, &format!("{ty}.fromNumber({load}(address + {offset}))"))
            }
            false => format!("{ty}.fromNumber({number})"),
        };
        self.arrow(&format!("{ty}? get {name}"), &read);
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

    /// Getter and setter through a pair of functions that take the members' places. The functions
    /// are `load` and `store`, and `what` they move.
    fn sized(&mut self, field: FieldView, name: &str, [read, write]: [&str; 2], what: &str) {
        let mut places = vec!["this".to_owned()];
        if field.role(Role::Length).is_some() {
            places.push(self.offset(field, Role::Length));
        }
        places.extend([self.offset(field, Role::Value), field.max_length().to_string()]);
        let fixed = if field.field.fixed { "Fixed" } else { "" };
        let (load, store) = (format!("load{fixed}{what}"), format!("store{fixed}{what}"));
        let null = question(field);
        let head = format!("{read}{null} get {name}");
        if field.has_presence() {
            let read = self.if_present(field, &format!("{load}({})", places.join(", ")));
            self.arrow(&head, &read);
        } else {
            self.call(&head, &load, &places);
        }
        self.setter(field);
        places.extend(["value".to_owned(), format!("'{}'", field.field.name)]);
        let head = format!("set {name}({write}{null} value)");
        if field.has_presence() {
            self.set_present(field, &head, &format!("{store}({})", places.join(", ")));
        } else {
            self.call(&head, &store, &places);
        }
    }

    fn text(&mut self, field: FieldView) {
        let shown = &field.field.name;
        let (name, bytes) = (member_ident(shown), member_ident(&format!("{shown}_bytes")));
        let about = format!(
            "{}\n\nMalformed UTF-8 is replaced{}. {}",
            self.about(field),
            presence::note(field),
            too_long(field)
        );
        self.begin(Some(field), &name, &about);
        self.sized(field, &name, ["String", "String"], "Text");
        self.byte_view(field, &bytes, &format!("The bytes of `{shown}`, as a view."));
        self.fit(field, "String", &bytes);
        self.terms(
            format!("sameBytes({bytes}, other.{bytes})"),
            name.clone(),
            format!("{name}: ${name}"),
        );
    }

    fn bytes(&mut self, field: FieldView) {
        let name = member_ident(&field.field.name);
        if field.field.unknown {
            self.unknown(field, &name);
        } else {
            let about = format!("{}\n\nReading gives a view.", self.about(field));
            self.byte_view(field, &name, &about);
            self.fit(field, "List<int>", &name);
        }
        let null = question(field);
        self.terms(
            format!("sameBytes({name}, other.{name})"),
            format!("{name}{null}.length"),
            format!("{name}: ${{{name}{null}.length}} bytes"),
        );
    }

    /// Unknown fields are not set: only a decoder knows that they are some.
    fn unknown(&mut self, field: FieldView, name: &str) {
        self.begin(Some(field), name, super::UNKNOWN);
        let (length, at) = (self.offset(field, Role::Length), self.offset(field, Role::Value));
        let places = ["this".to_owned(), length.clone(), at, field.max_length().to_string()];
        self.call(&format!("Uint8List get {name}"), "loadBytes", &places);
        let clear = member_ident(&format!("clear_{}", field.field.name));
        self.begin(Some(field), &clear, super::CLEAR_UNKNOWN);
        self.arrow(&format!("void {clear}()"), &format!("storeUint32(address + {length}, 0)"));
    }

    /// A setter of the member `stored` that stores what fits.
    fn fit(&mut self, field: FieldView, ty: &str, stored: &str) {
        if field.can_be_cut() {
            let fit = member_ident(&format!("fit_{}", field.field.name));
            let [about, body] = super::fit(field, stored);
            self.begin(Some(field), &fit, &about);
            self.body(&format!("bool {fit}({ty} value)"), &body);
        }
    }

    fn byte_view(&mut self, field: FieldView, name: &str, about: &str) {
        let about = format!("{about} {}", too_long(field));
        self.begin(Some(field), name, &about);
        self.sized(field, name, ["Uint8List", "List<int>"], "Bytes");
    }

    fn message(&mut self, field: FieldView, index: usize) {
        let shown = &field.field.name;
        let name = member_ident(shown);
        let [has, mutable, clear] =
            ["has", "mutable", "clear"].map(|verb| member_ident(&format!("{verb}_{shown}")));
        let inner = &self.schema.messages[index].name;
        let (ty, part) = (view_type(inner), part_type(inner));
        let at = self.offset(field, Role::Value);
        let Some(presence) = in_memory(self.view, field) else { return };
        let (made, life) = match field.oneof() {
            Some(oneof) => {
                let case = offset_of(self.view, &format!("{}_case", oneof.name));
                let number = field.field.number;
                let choice = choice_type(inner);
                (
                    format!("{choice}(this, {at}, {case}, {number})"),
                    "lives as long as it is present",
                )
            }
            None => (format!("{part}(this, {at})"), "lives as long as this message"),
        };
        self.begin(Some(field), &has, &format!("Whether `{shown}` is present."));
        self.inlined();
        self.arrow(&format!("bool get {has}"), &presence.present);
        let about = format!(
            "{}\n\nA view of it that {life}, or null if it is absent. Setting copies, or makes it \
             absent.",
            self.about(field)
        );
        self.begin(Some(field), &name, &about);
        let read = format!("{has} ? {made} : null");
        self.arrow(&format!("{ty}? get {name}"), &read);
        self.setter(field);
        self.out.block(format!("set {name}({ty}? value) {{"), "}", |out| {
            out.line(format!("if (value == null) return {clear}();"));
            // Before another field loses its place to this one, which may come from there.
            let size = format!("{}Size", names::camel(inner));
            out.line(format!("copyMessage(value, {part}(this, {at}), {size});"));
            out.line(format!("{};", presence.mark));
        });
        let about = format!("Message `{shown}`; if it was absent it is now present, and empty.");
        self.begin(Some(field), &mutable, &about);
        self.out.block(format!("{ty} {mutable}() {{"), "}", |out| {
            out.block(format!("if (!{has}) {{"), "}", |out| {
                out.line(format!("{}(address + {at});", clear_name(inner)));
                out.line(format!("{};", presence.mark));
            });
            out.line(format!("return {made};"));
        });
        self.begin(Some(field), &clear, &super::clear_about(field));
        if presence.shared {
            self.body(&format!("void {clear}()"), &format!("if ({has}) {};", presence.clear));
        } else {
            self.arrow(&format!("void {clear}()"), &presence.clear);
        }
        self.terms(format!("{name} == other.{name}"), has, format!("{name}: ${name}"));
    }

    /// What the constructor of a list is given.
    fn list_arguments(&self, field: FieldView, kind: Kind) -> Vec<String> {
        let shown = &field.field.name;
        let place = |role| match field.role(role) {
            Some(member) => offset_name(self.view, member),
            // Of what is fixed.
            None => "-1".to_owned(),
        };
        let mut arguments = vec![
            "this".to_owned(),
            place(Role::Count),
            self.offset(field, Role::Value),
            field.max_count().to_string(),
            format!("'{shown}'"),
        ];
        if let Kind::Text { max_length } | Kind::Bytes { max_length } = kind {
            arguments.extend([place(Role::Lengths), max_length.to_string()]);
        }
        arguments
    }

    fn map(&mut self, field: FieldView, entry: &Message, kind: Kind) {
        let name = member_ident(&field.field.name);
        let about = format!(
            "{}\n\nA map of up to {} entries, straight in the message.",
            self.about(field),
            field.max_count()
        );
        self.begin(Some(field), &name, &about);
        let head = format!("{} get {name}", maps::map_type(entry, self.schema));
        let (map, list) = (maps::map_class(entry), lists::list_type(&entry.name));
        let arguments = self.list_arguments(field, kind);
        let arguments = arguments.join(", ");
        self.body(&head, &format!("final entries = {list}({arguments});\nreturn {map}(entries);"));
        self.terms(
            format!("{name}.list.sameAs(other.{name}.list)"),
            format!("{name}.length"),
            format!("{name}: ${name}"),
        );
    }

    fn list(&mut self, field: FieldView, kind: Kind) {
        let name = member_ident(&field.field.name);
        let (ty, class) = lists::types(field, kind, self.schema);
        let arguments = self.list_arguments(field, kind);
        let exactly = if field.role(Role::Count).is_some() { "up to" } else { "exactly" };
        let about = format!(
            "{}\n\nA list of {exactly} {} elements, straight in the message.",
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

    /// Equality and text.
    fn object(&mut self) {
        let name = &self.view.message.name;
        let Terms { equal, hash, shown } = std::mem::take(&mut self.terms);
        self.out.gap();
        self.out.line("@override\nbool operator ==(Object other) =>");
        self.out.line("    identical(this, other) ||");
        let last = if equal.is_empty() { ";" } else { " &&" };
        self.out.line(format!("    other is {}{last}", view_type(name)));
        for (i, term) in equal.iter().enumerate() {
            let end = if i + 1 == equal.len() { ";" } else { " &&" };
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
        if shown.is_empty() {
            self.out.line(format!("    : '{name}()';"));
        }
        for (i, term) in shown.iter().enumerate() {
            let begin = if i == 0 { format!("    : '{name}(") } else { "        '".to_owned() };
            let end = if i + 1 == shown.len() { ")';" } else { ", '" };
            self.out.line(format!("{begin}{term}{end}"));
        }
    }
}
