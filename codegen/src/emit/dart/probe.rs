//! The Dart twin of the C probe: the same values in the same order. It goes through the Struct
//! classes, so that it shows where the VM puts each member.

use super::presence::path;
use super::{ident, offsets, stem, type_ident};
use crate::emit::view::{self, FieldView, MessageView, OneofView, Part};
use crate::emit::{banner, Writer};
use crate::layout::{Element, Member, Model};
use crate::schema::{Scalar, Schema};

pub(super) fn probe(model: &Model) -> Writer {
    let mut out = Writer::new(2);
    out.line(format!("// {}", banner(model, "--dart-probe-out")));
    out.line("// ignore_for_file: type=lint\n\nimport 'dart:ffi';\n");
    out.line(format!("import 'package:magpool/src/generated/{}.g.dart';\n", model.schema.stem));
    out.line(PROBE);
    out.block("final List<Probe> probes = [", "];\n", |out| {
        view::messages(model).for_each(|view| entry(out, view));
    });
    for view in view::messages(model) {
        fill(&mut out, view, &model.schema);
        verify(&mut out, view, &model.schema);
    }
    out
}

const PROBE: &str = "\
/// The values of one message, drawn from splitmix64.
final class ProbeValues {
  ProbeValues(this._state);

  int _state;

  int next() {
    _state += 0x9e3779b97f4a7c15;
    var z = (_state ^ (_state >>> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111eb;
    return z ^ (z >>> 31);
  }

  int size(int bound) => (next() >>> 33) % (bound + 1);

  int choice(int count) {
    final value = next();
    return ((value >>> 1) % count * 2 + (value & 1)) % count;
  }
}

/// How Dart sees one message. [verify] returns 0, or the number, from 1, of the
/// first field that differs.
final class Probe {
  const Probe(this.name, this.size, this.constantSize, this.align, this.offsets,
      this.fill, this.verify);

  final String name;
  final int size;
  final int constantSize;
  final int align;
  final List<int> offsets;
  final void Function(int address, int seed) fill;
  final int Function(int address, int seed) verify;
}

/// All messages.";

fn entry(out: &mut Writer, view: MessageView) {
    let (class, stem) = (type_ident(&view.message.name), stem(view));
    out.block("Probe(", "),", |out| {
        out.line(format!("'{class}',\nsizeOf<{class}>(),\n{stem}Size,\n{stem}Align,"));
        out.block("[", "],", |out| {
            for (_, name, ..) in offsets(view) {
                out.line(format!("{name},"));
            }
        });
        for call in [format!("_fill{class}"), format!("return _verify{class}")] {
            out.block("(address, seed) {", "},", |out| {
                out.line(format!("final m = Pointer<{class}>.fromAddress(address).ref;"));
                out.line(format!("{call}(m, ProbeValues(seed));"));
            });
        }
    });
}

/// The next value, as reading the element gives it back.
fn value(element: Element, bound: u32) -> String {
    match element {
        Element::Size => format!("values.size({bound})"),
        Element::Flag | Element::Scalar(Scalar::Bool) => "values.next() & 1".to_owned(),
        Element::Char | Element::Byte => "values.next() & 0xff".to_owned(),
        Element::Scalar(Scalar::U32) => "values.next() & 0xffffffff".to_owned(),
        Element::Scalar(Scalar::I32) | Element::Enum(_) => "values.next().toSigned(32)".to_owned(),
        Element::Scalar(Scalar::F32) => "(values.next() >>> 40).toDouble()".to_owned(),
        Element::Scalar(Scalar::F64) => "(values.next() >>> 11).toDouble()".to_owned(),
        Element::Scalar(Scalar::I64 | Scalar::U64) | Element::Message(_) => {
            "values.next()".to_owned()
        }
    }
}

/// Runs `body` with the expression of one element, inside loops over all.
fn each(
    out: &mut Writer,
    field: FieldView,
    member: &Member,
    body: impl FnOnce(&mut Writer, String),
) {
    let base = format!("m.{}", path(field, member.role));
    match member.dims[..] {
        [] => body(out, base),
        [rows] => {
            let head = format!("for (var i = 0; i < {rows}; i++) {{");
            out.block(head, "}", |out| body(out, format!("{base}[i]")));
        }
        [rows, columns, ..] => {
            let head = format!("for (var i = 0; i < {rows}; i++) {{");
            let inner = format!("for (var j = 0; j < {columns}; j++) {{");
            out.block(head, "}", |out| {
                out.block(inner, "}", |out| body(out, format!("{base}[i][j]")));
            });
        }
    }
}

/// A branch for each field of a oneof, and one for none.
fn choose(
    out: &mut Writer,
    oneof: OneofView,
    mut body: impl FnMut(&mut Writer, u32, Option<FieldView>),
) {
    let fields: Vec<_> = oneof.fields().collect();
    out.block(format!("switch (values.choice({})) {{", fields.len() + 1), "}", |out| {
        for (i, field) in fields.iter().enumerate() {
            out.block(format!("case {i}:"), "  break;", |out| {
                body(out, field.field.number, Some(*field));
            });
        }
        out.block("default:", "  break;", |out| body(out, 0, None));
    });
}

/// The members of a field, if there is one.
fn members<'a>(field: Option<FieldView<'a>>) -> impl Iterator<Item = (FieldView<'a>, &'a Member)> {
    field.into_iter().flat_map(|field| field.members().iter().map(move |member| (field, member)))
}

fn fill(out: &mut Writer, view: MessageView, schema: &Schema) {
    let class = type_ident(&view.message.name);
    out.block(format!("void _fill{class}({class} m, ProbeValues values) {{"), "}\n", |out| {
        for part in view.parts() {
            match part {
                Part::Member(field, member) => fill_member(out, field, member, schema),
                Part::Case(oneof) => choose(out, oneof, |out, case, field| {
                    out.line(format!("m.{} = {case};", ident(&oneof.case_name())));
                    members(field).for_each(|(f, member)| fill_member(out, f, member, schema));
                }),
                Part::Union(_) => {}
                Part::Empty => out.line("m.empty = 0;"),
            }
        }
    });
}

fn fill_member(out: &mut Writer, field: FieldView, member: &Member, schema: &Schema) {
    each(out, field, member, |out, element| match member.element {
        Element::Message(index) => {
            let inner = type_ident(&schema.messages[index].name);
            out.line(format!("_fill{inner}({element}, values);"));
        }
        other => out.line(format!("{element} = {};", value(other, field.bound(member)))),
    });
}

fn verify(out: &mut Writer, view: MessageView, schema: &Schema) {
    let class = type_ident(&view.message.name);
    out.block(format!("int _verify{class}({class} m, ProbeValues values) {{"), "}\n", |out| {
        for part in view.parts() {
            match part {
                Part::Member(field, member) => verify_member(out, field, member, schema),
                Part::Case(oneof) => choose(out, oneof, |out, case, field| {
                    let number = field.map_or(1, |f| f.number);
                    let name = ident(&oneof.case_name());
                    out.line(format!("if (m.{name} != {case}) return {number};"));
                    members(field).for_each(|(f, member)| verify_member(out, f, member, schema));
                }),
                Part::Union(_) => {}
                Part::Empty => out.line("if (m.empty != 0) return 1;"),
            }
        }
        out.line("return 0;");
    });
}

fn verify_member(out: &mut Writer, field: FieldView, member: &Member, schema: &Schema) {
    each(out, field, member, |out, element| {
        let differs = match member.element {
            Element::Message(index) => {
                let inner = type_ident(&schema.messages[index].name);
                format!("_verify{inner}({element}, values) != 0")
            }
            other => format!("{element} != ({})", value(other, field.bound(member))),
        };
        out.line(format!("if ({differs}) return {};", field.number));
    });
}
