//! Layouts in words: where everything is, what is lost to padding, and what another order saves.

use std::fmt::Write as _;

use crate::diag::Diagnostics;
use crate::layout::describe::{describe, Described};
use crate::layout::{lay_out_as, Layout, Model};
use crate::schema::{Home, Message, Pool};
use crate::{models, Request};

/// Explains the layouts of all messages the schemas declare, or of those `only` names, with or
/// without their package.
///
/// # Errors
///
/// All that is wrong with the schemas.
pub fn explain(request: &Request, only: &[String]) -> Result<String, Diagnostics> {
    let models = models(request)?;
    let mut text = String::new();
    for model in &models {
        for (message, layout) in model.schema.messages.iter().zip(&model.layouts) {
            let short = message.full_name.rsplit('.').next().unwrap_or_default();
            let named = |name: &String| *name == message.full_name || name == short;
            if message.home == Home::Own && (only.is_empty() || only.iter().any(named)) {
                explain_message(&mut text, model, message, layout);
            }
        }
        let _ = writeln!(text, "{}: layout hash {:#018x}", model.schema.file, model.hash);
    }
    Ok(text)
}

fn explain_message(text: &mut String, model: &Model, message: &Message, layout: &Layout) {
    let _ =
        write!(text, "{}: {} bytes, alignment {}", message.full_name, layout.size, layout.align);
    text.push_str(&message.pool.as_ref().map_or_else(String::new, pool_text));
    text.push_str("\n\n   offset      size  member\n");
    let parts = describe(model, message, layout);
    let mut end = 0;
    for part in &parts {
        if part.case.is_none() {
            padding_line(text, end, part.offset);
            end = part.offset + part.size;
        }
        part_line(text, part);
    }
    padding_line(text, end, layout.size);
    let padding = padding(&parts, layout.size);
    let _ = writeln!(text, "\n  {padding} bytes of padding{}.", share(padding, layout.size));
    text.push_str(&advice(model, message, layout, padding));
    text.push('\n');
}

fn pool_text(pool: &Pool) -> String {
    match pool.limit {
        0 => format!(", pool of {} objects", pool.capacity),
        limit => format!(", pool of {} to {limit} objects", pool.capacity),
    }
}

fn part_line(text: &mut String, part: &Described) {
    let case = part.case.map_or_else(String::new, |case| format!(" (case {case})"));
    let indent = if part.case.is_some() { "  " } else { "" };
    let (offset, size) = (part.offset, part.size);
    let _ = writeln!(text, "{offset:9} {size:9}  {indent}{} {}{case}", part.ty, part.name);
}

fn padding_line(text: &mut String, from: u64, to: u64) {
    if to > from {
        let _ = writeln!(text, "{from:9} {:9}  (padding)", to - from);
    }
}

/// Bytes of the message in no member. What a union's fields leave unused is not counted.
fn padding(parts: &[Described], size: u64) -> u64 {
    let used: u64 = parts.iter().filter(|part| part.case.is_none()).map(|part| part.size).sum();
    size - used
}

fn share(part: u64, whole: u64) -> String {
    match (part * 100).checked_div(whole) {
        Some(percent) if part > 0 => format!(", {percent} %"),
        _ => String::new(),
    }
}

/// What a reordering would save.
fn advice(model: &Model, message: &Message, layout: &Layout, padding: u64) -> String {
    let compact = lay_out_as(message, true, &model.layouts);
    match layout.size.saturating_sub(compact.size) {
        _ if message.compact => "  The order is compact.\n".to_owned(),
        0 if padding == 0 => String::new(),
        0 => "  Another order would save nothing.\n".to_owned(),
        saved => format!(
            "  `option (magpool.layout) = COMPACT;` would save {saved} bytes{} and leave {}.\n",
            share(saved, layout.size),
            compact.size
        ),
    }
}
