//! The Rust twin of the C probe: the same values in the same order.

use super::{ident, offsets, presence};
use crate::emit::view::{self, FieldView, MessageView, OneofView, Part};
use crate::emit::{banner, Writer};
use crate::layout::{Element, Member, Model};
use crate::names;
use crate::schema::{Scalar, Schema};

pub(super) fn probe(model: &Model) -> Writer {
    let mut out = Writer::new(4);
    out.line(format!("// {}", banner(model, "--rust-probe-out")));
    out.line("// To be included where the messages are in scope.\n");
    out.line(GENERATOR);
    for view in view::messages(model) {
        offset_list(&mut out, view);
        fill(&mut out, view, &model.schema);
        verify(&mut out, view, &model.schema);
    }
    out
}

const GENERATOR: &str = "\
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn next_size(state: &mut u64, bound: u64) -> u32 {
    ((next(state) >> 33) % (bound + 1)) as u32
}
";

fn value(element: Element, bound: u32) -> String {
    let cast = match element {
        Element::Size => return format!("next_size(state, {bound})"),
        Element::Flag | Element::Scalar(Scalar::Bool) => "(next(state) & 1) as u8",
        Element::Char | Element::Byte => "next(state) as u8",
        Element::Scalar(Scalar::U32) => "next(state) as u32",
        Element::Scalar(Scalar::I32) | Element::Enum(_) => "next(state) as i32",
        Element::Scalar(Scalar::I64) => "next(state) as i64",
        Element::Scalar(Scalar::F32) => "(next(state) >> 40) as f32",
        Element::Scalar(Scalar::F64) => "(next(state) >> 11) as f64",
        Element::Scalar(Scalar::U64) | Element::Message(_) => "next(state)",
    };
    cast.to_owned()
}

/// Runs `body` with an expression for each element, and what makes a reference of it when it is a
/// message; elements of arrays are references already.
fn each(
    out: &mut Writer,
    (field, member): (FieldView, &Member),
    (iter, reference): (&str, &str),
    body: impl FnOnce(&mut Writer, &str, &str),
) {
    let place = format!("m.{}", presence::path(field, member.role));
    let flat = ".flatten()".repeat(member.dims.len().saturating_sub(1));
    match member.dims[..] {
        [] => body(out, &place, reference),
        _ => out.block(format!("for element in {place}.{iter}(){flat} {{"), "}", |out| {
            body(out, "*element", "");
        }),
    }
}

/// Writing to a union is safe, reading is not; the probe makes no difference.
fn allow_unsafe(out: &mut Writer, view: MessageView) {
    if view.oneofs().next().is_some() {
        out.line("#[allow(unused_unsafe)]");
    }
}

/// Writes `body`; unsafe if it is about a field in a union.
fn block(out: &mut Writer, field: FieldView, body: impl FnOnce(&mut Writer)) {
    if field.oneof().is_none() {
        return body(out);
    }
    out.line("// SAFETY: plain data, whichever field it is.");
    out.block("unsafe {", "}", body);
}

fn fill(out: &mut Writer, view: MessageView, schema: &Schema) {
    let ty = ident(&view.message.name);
    out.line(format!("/// Fills every member of a `{ty}`."));
    allow_unsafe(out, view);
    let head = format!("pub fn fill_{}(m: &mut {ty}, state: &mut u64) {{", view.snake());
    out.block(head, "}\n", |out| {
        for part in view.parts() {
            match part {
                Part::Member(field, member) => fill_member(out, field, member, schema),
                Part::Case(oneof) => choose(out, oneof, |out, case, field| {
                    out.line(format!("m.{} = {case};", ident(&oneof.case_name())));
                    members(field).for_each(|(f, m)| fill_member(out, f, m, schema));
                }),
                Part::Union(_) => {}
                Part::Empty => out.line("m.empty = 0;\nlet _ = state;"),
            }
        }
    });
}

fn fill_member(out: &mut Writer, field: FieldView, member: &Member, schema: &Schema) {
    block(out, field, |out| {
        each(out, (field, member), ("iter_mut", "&mut "), |out, element, reference| {
            match member.element {
                Element::Message(index) => {
                    let inner = names::snake(&schema.messages[index].name);
                    let message = format!("{reference}{}", element.trim_start_matches('*'));
                    out.line(format!("fill_{inner}({message}, state);"));
                }
                other => {
                    out.line(format!("{element} = {};", value(other, field.bound(member))));
                }
            }
        });
    });
}

/// The members of a field, if there is one.
fn members<'a>(field: Option<FieldView<'a>>) -> impl Iterator<Item = (FieldView<'a>, &'a Member)> {
    field.into_iter().flat_map(|field| field.members().iter().map(move |member| (field, member)))
}

/// A branch for each field of a oneof, and one for none.
fn choose(
    out: &mut Writer,
    oneof: OneofView,
    mut body: impl FnMut(&mut Writer, u32, Option<FieldView>),
) {
    let fields: Vec<_> = oneof.fields().collect();
    out.block(format!("match next(state) % {} {{", fields.len() + 1), "}", |out| {
        for (i, field) in fields.iter().enumerate() {
            out.block(format!("{i} => {{"), "}", |out| {
                body(out, field.field.number, Some(*field));
            });
        }
        out.block("_ => {", "}", |out| body(out, 0, None));
    });
}

fn verify(out: &mut Writer, view: MessageView, schema: &Schema) {
    let ty = ident(&view.message.name);
    out.line("/// 0, or the number, from 1, of the first field that differs.");
    allow_unsafe(out, view);
    let head = format!("pub fn verify_{}(m: &{ty}, state: &mut u64) -> i32 {{", view.snake());
    out.block(head, "}\n", |out| {
        for part in view.parts() {
            match part {
                Part::Member(field, member) => verify_member(out, field, member, schema),
                Part::Case(oneof) => choose(out, oneof, |out, case, field| {
                    let (name, number) = (ident(&oneof.case_name()), field.map_or(1, |f| f.number));
                    out.line(format!("if m.{name} != {case} {{\n    return {number};\n}}"));
                    members(field).for_each(|(f, m)| verify_member(out, f, m, schema));
                }),
                Part::Union(_) => {}
                Part::Empty => {
                    out.line("let _ = state;\nif m.empty != 0 {\n    return 1;\n}");
                }
            }
        }
        out.line("0");
    });
}

fn verify_member(out: &mut Writer, field: FieldView, member: &Member, schema: &Schema) {
    block(out, field, |out| {
        each(out, (field, member), ("iter", "&"), |out, element, reference| {
            let differs = match member.element {
                Element::Message(index) => {
                    let inner = names::snake(&schema.messages[index].name);
                    let message = format!("{reference}{}", element.trim_start_matches('*'));
                    format!("verify_{inner}({message}, state) != 0")
                }
                other => format!("{element} != {}", value(other, field.bound(member))),
            };
            out.line(format!("if {differs} {{\n    return {};\n}}", field.number));
        });
    });
}

fn offset_list(out: &mut Writer, view: MessageView) {
    let ty = ident(&view.message.name);
    out.line(format!("/// The offset of each member of `{ty}`."));
    let name = format!("{}_OFFSETS", names::screaming(&view.message.name));
    out.block(format!("pub const {name}: &[usize] = &["), "];\n", |out| {
        for (member, _) in offsets(view) {
            out.line(format!("::core::mem::offset_of!({ty}, {member}),"));
        }
    });
}
