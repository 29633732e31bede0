//! The functions of a Rust message that has a pool.

use super::ident;
use crate::emit::view::MessageView;
use crate::emit::Writer;
use crate::schema::Pool;

/// `..._pool` and `..._alloc`.
pub(super) fn pools(out: &mut Writer, view: MessageView) {
    let Some(pool) = &view.message.pool else { return };
    handle(out, view, pool);
    let (ty, snake) = (ident(&view.message.name), view.snake());
    let name = format!("{snake}_alloc");
    out.claim("file", &name, &view.message.place);
    out.line(format!(
        "/// An empty message from the pool of `{ty}`; dropping it gives it back.\n///\n\
         /// # Errors\n///\n/// The pool is exhausted, or cannot be made."
    ));
    let head =
        format!("pub fn {name}() -> Result<magpool::Pooled<'static, {ty}>, magpool::Error> {{");
    out.block(head, "}\n", |out| {
        out.line(format!("let mut message = {snake}_pool()?.alloc_reused()?;"));
        out.line(if pool.zero { "*message = Default::default();" } else { "message.clear();" });
        out.line("Ok(message)");
    });
}

/// Threads that race may each open; what they open is the same pool, which ends with no handle.
fn handle(out: &mut Writer, view: MessageView, pool: &Pool) {
    let (ty, name) = (ident(&view.message.name), format!("{}_pool", view.snake()));
    out.claim("file", &name, &view.message.place);
    out.line(format!(
        "/// The pool of `{ty}`, found or made at the first call.\n///\n/// # Errors\n///\n\
         /// It cannot be made, or one of its name but another shape exists."
    ));
    let head =
        format!("pub fn {name}() -> Result<&'static magpool::Pool<{ty}>, magpool::Error> {{");
    out.block(head, "}\n", |out| {
        out.line("use ::std::sync::OnceLock;");
        out.line(format!("static POOL: OnceLock<magpool::Pool<{ty}>> = OnceLock::new();"));
        out.line("if let Some(pool) = POOL.get() {\n    return Ok(pool);\n}");
        out.line(format!("let opened = magpool::Pool::<{ty}>::builder()"));
        builder_calls(pool, view.layout.align)
            .iter()
            .for_each(|call| out.line(format!("    {call}")));
        out.line("Ok(POOL.get_or_init(|| opened))");
    });
}

fn builder_calls(pool: &Pool, align: u64) -> Vec<String> {
    let mut calls = vec![format!(".name(\"{}\")", pool.name)];
    calls.push(format!(".capacity({})", pool.capacity));
    if pool.limit != 0 {
        calls.push(format!(".limit({})", pool.limit));
    }
    if pool.magazine_rounds != 0 {
        calls.push(format!(".magazine_rounds({})", pool.magazine_rounds));
    }
    if pool.reserve != 0 {
        calls.push(format!(".reserve({})", pool.reserve));
    }
    if pool.align != 0 {
        calls.push(format!(".align({})", pool.align.max(align)));
    }
    if pool.huge_pages {
        calls.push(".huge_pages(true)".to_owned());
    }
    if pool.abort_on_misuse {
        calls.push(".abort_on_misuse(true)".to_owned());
    }
    calls.push(".open()?;".to_owned());
    calls
}
