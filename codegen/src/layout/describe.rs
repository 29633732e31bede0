//! A layout as a list of its parts, for those who put it into words.

use super::hash_text::type_text;
use super::{extent, Layout, Member, Model, Slot};
use crate::schema::{Field, Message, Presence, Schema};

/// A part of a message, or of a oneof within it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Described {
    pub(crate) offset: u64,
    pub(crate) size: u64,
    /// Of a oneof's field: `body.title`.
    pub(crate) name: String,
    /// `char[64]`.
    pub(crate) ty: String,
    /// Of a oneof's field: the number that says it is present.
    pub(crate) case: Option<u32>,
}

/// The parts of a message under a layout of it, by rising offset. The fields of a oneof stand
/// behind its union, which holds them.
pub(crate) fn describe(model: &Model, message: &Message, layout: &Layout) -> Vec<Described> {
    let mut found = Vec::new();
    for slot in &layout.order {
        let (size, _) = extent(*slot, layout, &model.layouts);
        let part = |offset, name: &str, ty: String| Described {
            offset,
            size,
            name: name.to_owned(),
            ty,
            case: None,
        };
        match *slot {
            Slot::Member { field, member } => {
                let member = &layout.fields[field][member];
                found.push(part(member.offset, &member.name, ty(member, &model.schema)));
            }
            Slot::Case(oneof) => {
                let name = format!("{}_case", message.oneofs[oneof].name);
                found.push(part(layout.oneofs[oneof].case_offset, &name, "u32".to_owned()));
            }
            Slot::Union(oneof) => {
                let name = &message.oneofs[oneof].name;
                found.push(part(layout.oneofs[oneof].offset, name, "union".to_owned()));
                let pairs = message.fields.iter().zip(&layout.fields);
                for (field, members) in pairs.filter(|(f, _)| f.presence == Presence::Oneof(oneof))
                {
                    found.extend(members.iter().map(|m| alternative(model, name, field, m)));
                }
            }
            Slot::Empty => found.push(part(0, "empty", "byte".to_owned())),
        }
    }
    found
}

fn alternative(model: &Model, oneof: &str, field: &Field, member: &Member) -> Described {
    Described {
        offset: member.offset,
        size: member.extent(&model.layouts).0,
        name: format!("{oneof}.{}", member.name),
        ty: ty(member, &model.schema),
        case: Some(field.number),
    }
}

fn ty(member: &Member, schema: &Schema) -> String {
    let bounds: String = member.dims.iter().map(|bound| format!("[{bound}]")).collect();
    format!("{}{bounds}", type_text(member.element, schema))
}
