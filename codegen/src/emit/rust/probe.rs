//! The Rust twin of the C probe: the same values in the same order.

use super::ident;
use crate::emit::view::{self, FieldView, MessageView};
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
        offsets(&mut out, view);
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
    member: &Member,
    (iter, reference): (&str, &str),
    body: impl FnOnce(&mut Writer, &str, &str),
) {
    let name = ident(&member.name);
    let flat = ".flatten()".repeat(member.dims.len().saturating_sub(1));
    match member.dims[..] {
        [] => body(out, &format!("m.{name}"), reference),
        _ => out.block(format!("for element in m.{name}.{iter}(){flat} {{"), "}", |out| {
            body(out, "*element", "");
        }),
    }
}

fn fill(out: &mut Writer, view: MessageView, schema: &Schema) {
    let ty = ident(&view.message.name);
    out.line(format!("/// Fills every member of a `{ty}`."));
    let head = format!("pub fn fill_{}(m: &mut {ty}, state: &mut u64) {{", view.snake());
    out.block(head, "}\n", |out| {
        for (field, member) in members(view) {
            each(out, member, ("iter_mut", "&mut "), |out, element, reference| {
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
        }
    });
}

fn verify(out: &mut Writer, view: MessageView, schema: &Schema) {
    let ty = ident(&view.message.name);
    out.line("/// 0, or the number, from 1, of the first field that differs.");
    let head = format!("pub fn verify_{}(m: &{ty}, state: &mut u64) -> i32 {{", view.snake());
    out.block(head, "}\n", |out| {
        for (field, member) in members(view) {
            each(out, member, ("iter", "&"), |out, element, reference| {
                let differs = match member.element {
                    Element::Message(index) => {
                        let inner = names::snake(&schema.messages[index].name);
                        let message = format!("{reference}{}", element.trim_start_matches('*'));
                        format!("verify_{inner}({message}, state) != 0")
                    }
                    other => {
                        format!("{element} != {}", value(other, field.bound(member)))
                    }
                };
                out.line(format!("if {differs} {{\n    return {};\n}}", field.number));
            });
        }
        out.line("0");
    });
}

fn members<'a>(view: MessageView<'a>) -> impl Iterator<Item = (FieldView<'a>, &'a Member)> {
    view.fields().flat_map(|field| field.members().iter().map(move |member| (field, member)))
}

fn offsets(out: &mut Writer, view: MessageView) {
    let ty = ident(&view.message.name);
    out.line(format!("/// The offset of each member of `{ty}`."));
    let name = format!("{}_OFFSETS", names::screaming(&view.message.name));
    out.block(format!("pub const {name}: &[usize] = &["), "];\n", |out| {
        for (_, member) in members(view) {
            out.line(format!("::core::mem::offset_of!({ty}, {}),", ident(&member.name)));
        }
    });
}
