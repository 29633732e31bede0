//! A message with its layout, as emitters want to see it.

use crate::layout::{Layout, Member, Model, Role, Slot, Union};
use crate::names;
use crate::schema::{Enum, Field, Home, Kind, Message, Oneof, Presence};

/// A message and its layout.
#[derive(Clone, Copy)]
pub(crate) struct MessageView<'a> {
    pub(crate) message: &'a Message,
    pub(crate) layout: &'a Layout,
}

/// A field and its members.
#[derive(Clone, Copy)]
pub(crate) struct FieldView<'a> {
    pub(crate) field: &'a Field,
    /// Its place among the fields, from 1.
    pub(crate) number: usize,
    members: &'a [Member],
    message: &'a Message,
}

/// A oneof, its case and its union.
#[derive(Clone, Copy)]
pub(crate) struct OneofView<'a> {
    pub(crate) oneof: &'a Oneof,
    pub(crate) layout: Union,
    index: usize,
    message: MessageView<'a>,
}

/// A member of the struct itself.
#[derive(Clone, Copy)]
pub(crate) enum Part<'a> {
    Member(FieldView<'a>, &'a Member),
    Case(OneofView<'a>),
    Union(OneofView<'a>),
    /// The byte of a message that has nothing else; always 0.
    Empty,
}

/// The file's own messages, those contained before those that contain them.
pub(crate) fn messages(model: &Model) -> impl Iterator<Item = MessageView<'_>> {
    let pairs = model.schema.messages.iter().zip(&model.layouts);
    let own = pairs.filter(|(message, _)| message.home == Home::Own);
    own.map(|(message, layout)| MessageView { message, layout })
}

/// The file's own enumerations.
pub(crate) fn enums(model: &Model) -> impl Iterator<Item = &Enum> {
    model.schema.enums.iter().filter(|e| e.home == Home::Own)
}

impl<'a> MessageView<'a> {
    /// Its fields, as written in the schema.
    pub(crate) fn fields(self) -> impl Iterator<Item = FieldView<'a>> {
        (0..self.message.fields.len()).map(move |index| self.field(index))
    }

    fn field(self, index: usize) -> FieldView<'a> {
        FieldView {
            field: &self.message.fields[index],
            number: index + 1,
            members: &self.layout.fields[index],
            message: self.message,
        }
    }

    /// Its oneofs, but those of which every field is left out.
    pub(crate) fn oneofs(self) -> impl Iterator<Item = OneofView<'a>> {
        let all = (0..self.message.oneofs.len()).map(move |index| self.oneof(index));
        all.filter(|oneof| oneof.fields().next().is_some())
    }

    fn oneof(self, index: usize) -> OneofView<'a> {
        let (oneof, layout) = (&self.message.oneofs[index], self.layout.oneofs[index]);
        OneofView { oneof, layout, index, message: self }
    }

    /// What the struct is made of, by rising offset.
    pub(crate) fn parts(self) -> impl Iterator<Item = Part<'a>> {
        self.layout.order.iter().map(move |slot| match *slot {
            Slot::Member { field, member } => {
                let view = self.field(field);
                Part::Member(view, &view.members[member])
            }
            Slot::Case(oneof) => Part::Case(self.oneof(oneof)),
            Slot::Union(oneof) => Part::Union(self.oneof(oneof)),
            Slot::Empty => Part::Empty,
        })
    }

    /// `small_message`.
    pub(crate) fn snake(self) -> String {
        names::snake(&self.message.name)
    }
}

impl<'a> OneofView<'a> {
    /// The fields of which at most one is present.
    pub(crate) fn fields(self) -> impl Iterator<Item = FieldView<'a>> {
        let index = self.index;
        self.message.fields().filter(move |f| f.field.presence == Presence::Oneof(index))
    }

    /// `body_case`.
    pub(crate) fn case_name(self) -> String {
        format!("{}_case", self.oneof.name)
    }
}

impl<'a> FieldView<'a> {
    /// Whether it is a text of which a part would do: a part of a map's key is another key.
    pub(crate) fn can_be_cut(self) -> bool {
        let field = self.field;
        let key = self.message.map_entry && field.encoding.number == 1;
        field.is_text() && field.max_count.is_none() && !field.fixed && !key && !field.unknown
    }

    /// Its members in the order of the layout.
    pub(crate) fn members(self) -> &'a [Member] {
        self.members
    }

    /// The member of this role, if the field has it.
    pub(crate) fn role(self, role: Role) -> Option<&'a Member> {
        self.members.iter().find(|member| member.role == role)
    }

    /// The member of this role; the layout gives every field those its kind needs.
    pub(crate) fn member(self, role: Role) -> &'a Member {
        self.role(role).expect("the layout gives a field the members its kind needs")
    }

    /// The oneof it is part of.
    pub(crate) fn oneof(self) -> Option<&'a Oneof> {
        match self.field.presence {
            Presence::Oneof(index) => Some(&self.message.oneofs[index]),
            _ => None,
        }
    }

    /// Whether it can be absent.
    pub(crate) fn has_presence(self) -> bool {
        self.field.presence != Presence::Always
    }

    /// The most bytes of a text or bytes; 0 for other kinds.
    pub(crate) fn max_length(self) -> u32 {
        match self.field.kind {
            Kind::Text { max_length } | Kind::Bytes { max_length } => max_length,
            _ => 0,
        }
    }

    /// The most elements; 0 for a singular field.
    pub(crate) fn max_count(self) -> u32 {
        self.field.max_count.unwrap_or(0)
    }

    /// The greatest value of a length or count; 0 for other members.
    pub(crate) fn bound(self, member: &Member) -> u32 {
        match member.role {
            Role::Count => self.max_count(),
            Role::Length | Role::Lengths => self.max_length(),
            Role::Has | Role::Value => 0,
        }
    }
}
