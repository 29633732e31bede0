//! C functions that fill and verify every member of a message, for tests that let two languages
//! read what the other wrote. All languages draw the values from splitmix64, member by member and
//! element by element in the order of the layout.

use super::{ident, offsets, path, type_of};
use crate::emit::view::{self, FieldView, MessageView, OneofView, Part};
use crate::emit::{banner, Writer};
use crate::layout::{Element, Member, Model};
use crate::names;
use crate::schema::{Scalar, Schema};

pub(super) fn probe(model: &Model) -> Writer {
    let mut out = Writer::new(4);
    out.line(format!("/* {} */", banner(model, "--c-probe-out")));
    out.line(format!("#include <{}.g.h>\n", model.schema.stem));
    out.line(GENERATOR);
    let hash = format!("{}_LAYOUT_HASH", names::screaming(&model.schema.stem));
    out.line("uint64_t probe_layout_hash(void);\n");
    out.block("uint64_t probe_layout_hash(void) {", "}\n", |out| {
        out.line(format!("return {hash};"));
    });
    for view in view::messages(model) {
        prototypes(&mut out, view);
        fill(&mut out, view, &model.schema);
        verify(&mut out, view, &model.schema);
        exports(&mut out, view);
    }
    out
}

const GENERATOR: &str = "\
static uint64_t next(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint32_t next_size(uint64_t *state, uint32_t bound) {
    return (uint32_t)((next(state) >> 33) % ((uint64_t)bound + 1));
}
";

/// The next value for an element, as an expression.
fn value(element: Element, bound: u32, schema: &Schema) -> String {
    match element {
        Element::Size => format!("next_size(state, {bound}u)"),
        Element::Flag | Element::Scalar(Scalar::Bool) => "(uint8_t)(next(state) & 1)".to_owned(),
        // So many bits are exact in either type, and no value is not equal to itself.
        Element::Scalar(Scalar::F32) => "(float)(next(state) >> 40)".to_owned(),
        Element::Scalar(Scalar::F64) => "(double)(next(state) >> 11)".to_owned(),
        other => format!("({})next(state)", type_of(other, schema)),
    }
}

/// Runs `body` with the expression of one element, inside loops over all.
fn each(
    out: &mut Writer,
    field: FieldView,
    member: &Member,
    body: impl FnOnce(&mut Writer, String),
) {
    let base = format!("m->{}", path(field, member.role));
    match member.dims[..] {
        [] => body(out, base),
        [rows] => {
            let head = format!("for (size_t i = 0; i < {rows}; i++) {{");
            out.block(head, "}", |out| body(out, format!("{base}[i]")));
        }
        [rows, columns, ..] => {
            let head = format!("for (size_t i = 0; i < {rows}; i++) {{");
            let inner = format!("for (size_t j = 0; j < {columns}; j++) {{");
            out.block(head, "}", |out| {
                out.block(inner, "}", |out| body(out, format!("{base}[i][j]")));
            });
        }
    }
}

fn fill(out: &mut Writer, view: MessageView, schema: &Schema) {
    let ty = ident(&view.message.name);
    let head = format!("static void fill_{ty}({ty} *m, uint64_t *state) {{");
    out.block(head, "}\n", |out| {
        for part in view.parts() {
            match part {
                Part::Member(field, member) => fill_member(out, field, member, schema),
                Part::Case(oneof) => choose(out, oneof, |out, case, field| {
                    let name = ident(&oneof.case_name());
                    out.line(format!("m->{name} = {case};"));
                    for (field, member) in members(field) {
                        fill_member(out, field, member, schema);
                    }
                }),
                Part::Union(_) => {}
                Part::Empty => out.line("m->empty = 0;\n(void)state;"),
            }
        }
    });
}

fn fill_member(out: &mut Writer, field: FieldView, member: &Member, schema: &Schema) {
    each(out, field, member, |out, element| match member.element {
        Element::Message(index) => {
            let inner = ident(&schema.messages[index].name);
            out.line(format!("fill_{inner}(&{element}, state);"));
        }
        other => {
            let value = value(other, field.bound(member), schema);
            out.line(format!("{element} = {value};"));
        }
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
    out.block(format!("switch (next(state) % {}) {{", fields.len() + 1), "}", |out| {
        for (i, field) in fields.iter().enumerate() {
            out.block(format!("case {i}:"), "    break;", |out| {
                body(out, field.field.number, Some(*field));
            });
        }
        out.block("default:", "    break;", |out| body(out, 0, None));
    });
}

fn verify(out: &mut Writer, view: MessageView, schema: &Schema) {
    let ty = ident(&view.message.name);
    let head = format!("static int verify_{ty}(const {ty} *m, uint64_t *state) {{");
    out.block(head, "}\n", |out| {
        for part in view.parts() {
            match part {
                Part::Member(field, member) => verify_member(out, field, member, schema),
                Part::Case(oneof) => choose(out, oneof, |out, case, field| {
                    let name = ident(&oneof.case_name());
                    let number = field.map_or(1, |f| f.number);
                    out.block(format!("if (m->{name} != {case}) {{"), "}", |out| {
                        out.line(format!("return {number};"));
                    });
                    for (field, member) in members(field) {
                        verify_member(out, field, member, schema);
                    }
                }),
                Part::Union(_) => {}
                Part::Empty => {
                    out.line("(void)state;");
                    out.block("if (m->empty != 0) {", "}", |out| out.line("return 1;"));
                }
            }
        }
        out.line("return 0;");
    });
}

fn verify_member(out: &mut Writer, field: FieldView, member: &Member, schema: &Schema) {
    each(out, field, member, |out, element| {
        let differs = match member.element {
            Element::Message(index) => {
                let inner = ident(&schema.messages[index].name);
                format!("verify_{inner}(&{element}, state) != 0")
            }
            other => format!("{element} != {}", value(other, field.bound(member), schema)),
        };
        out.block(format!("if ({differs}) {{"), "}", |out| {
            out.line(format!("return {};", field.number));
        });
    });
}

fn prototypes(out: &mut Writer, view: MessageView) {
    let ty = ident(&view.message.name);
    out.line(format!(
        "size_t probe_{ty}_size(void);\n\
         size_t probe_{ty}_align(void);\n\
         size_t probe_{ty}_offset(size_t member);\n\
         void probe_{ty}_fill({ty} *m, uint64_t seed);\n\
         int probe_{ty}_verify(const {ty} *m, uint64_t seed);\n"
    ));
}

fn exports(out: &mut Writer, view: MessageView) {
    let ty = ident(&view.message.name);
    out.block(format!("size_t probe_{ty}_size(void) {{"), "}\n", |out| {
        out.line(format!("return sizeof({ty});"));
    });
    out.line(format!("struct align_{ty} {{\n    char before;\n    {ty} message;\n}};\n"));
    out.block(format!("size_t probe_{ty}_align(void) {{"), "}\n", |out| {
        out.line(format!("return offsetof(struct align_{ty}, message);"));
    });
    out.line("/* SIZE_MAX behind the last member. */");
    out.block(format!("size_t probe_{ty}_offset(size_t member) {{"), "}\n", |out| {
        out.block("switch (member) {", "}", |out| {
            for (i, (name, _)) in offsets(view).into_iter().enumerate() {
                out.line(format!("case {i}: return offsetof({ty}, {name});"));
            }
            out.line("default: return SIZE_MAX;");
        });
    });
    out.block(format!("void probe_{ty}_fill({ty} *m, uint64_t seed) {{"), "}\n", |out| {
        out.line(format!("fill_{ty}(m, &seed);"));
    });
    out.line("/* 0, or the number, from 1, of the first field that differs. */");
    let head = format!("int probe_{ty}_verify(const {ty} *m, uint64_t seed) {{");
    out.block(head, "}\n", |out| {
        out.line(format!("return verify_{ty}(m, &seed);"));
    });
}
