//! A message with its layout, as emitters want to see it.

use crate::layout::{Layout, Member, Model, Role};
use crate::names;
use crate::schema::{Field, Kind, Message};

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
}

/// All messages, those contained before those that contain them.
pub(crate) fn messages(model: &Model) -> impl Iterator<Item = MessageView<'_>> {
    let pairs = model.schema.messages.iter().zip(&model.layouts);
    pairs.map(|(message, layout)| MessageView { message, layout })
}

impl<'a> MessageView<'a> {
    /// Its fields, as written in the schema.
    pub(crate) fn fields(self) -> impl Iterator<Item = FieldView<'a>> {
        let pairs = self.message.fields.iter().zip(&self.layout.fields);
        let numbered = pairs.zip(1..);
        numbered.map(|((field, members), number)| FieldView { field, number, members })
    }

    /// `small_message`.
    pub(crate) fn snake(self) -> String {
        names::snake(&self.message.name)
    }
}

impl<'a> FieldView<'a> {
    /// Its members in the order of the layout.
    pub(crate) fn members(self) -> &'a [Member] {
        self.members
    }

    /// The member of this role; the layout gives every field those its kind needs.
    pub(crate) fn member(self, role: Role) -> &'a Member {
        let found = self.members.iter().find(|member| member.role == role);
        found.expect("the layout gives a field the members its kind needs")
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
