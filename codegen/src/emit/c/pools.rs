//! The functions of a message that has a pool.

use super::functions::function;
use super::ident;
use crate::emit::view::MessageView;
use crate::emit::Writer;
use crate::schema::Pool;

/// Functions of a message that has a pool.
pub(super) fn pool_functions(out: &mut Writer, view: MessageView) {
    let Some(pool) = &view.message.pool else { return };
    pool_open(out, view, pool);
    pool_handle(out, view);
    let (ty, snake) = (ident(&view.message.name), view.snake());
    out.line("/* An empty message from the pool; NULL as pool_alloc says. */");
    let name = format!("{snake}_alloc");
    function(out, view, None, (&format!("{ty} *"), &name, "void"), |out| {
        out.line(format!("{ty} *message = ({ty} *)pool_alloc({snake}_pool());"));
        out.block("if (message != NULL) {", "}", |out| {
            let empty = if pool.zero { "init" } else { "clear" };
            out.line(format!("{snake}_{empty}(message);"));
        });
        out.line("return message;");
    });
    out.line("/* Gives a message back to the pool; returns what pool_free does. */");
    let (name, parameter) = (format!("{snake}_free"), format!("{ty} *message"));
    function(out, view, None, ("pool_status_t", &name, &parameter), |out| {
        out.line(format!("return pool_free({snake}_pool(), message);"));
    });
}

fn pool_open(out: &mut Writer, view: MessageView, pool: &Pool) {
    let name = format!("{}_pool_open", view.snake());
    let ty = ident(&view.message.name);
    out.line(format!(
        "/* Finds or makes the pool \"{}\"; returns what pool_open does. */",
        pool.name
    ));
    function(out, view, None, ("pool_status_t", &name, "pool_t **out_pool"), |out| {
        out.line("pool_config_t config = POOL_CONFIG_INIT;");
        out.line(format!("config.name = \"{}\";", pool.name));
        out.line(format!("config.object_size = sizeof({ty});"));
        out.line(format!("config.object_align = {};", pool.align.max(view.layout.align)));
        out.line(format!("config.capacity = {};", pool.capacity));
        if pool.limit != 0 {
            out.line(format!("config.limit = {};", pool.limit));
        }
        if pool.magazine_rounds != 0 {
            out.line(format!("config.magazine_rounds = {};", pool.magazine_rounds));
        }
        if pool.reserve != 0 {
            out.line(format!("config.reserve = {};", pool.reserve));
        }
        let flags =
            [(pool.abort_on_misuse, "POOL_ABORT_ON_MISUSE"), (pool.huge_pages, "POOL_HUGE_PAGES")];
        let set: Vec<&str> = flags.iter().filter(|(on, _)| *on).map(|(_, flag)| *flag).collect();
        if !set.is_empty() {
            out.line(format!("config.flags = {};", set.join(" | ")));
        }
        out.line("return pool_open(&config, out_pool);");
    });
}

fn pool_handle(out: &mut Writer, view: MessageView) {
    let name = format!("{}_pool", view.snake());
    out.line(
        "/* The pool, found or made at the first call and remembered: destroy it only when no\n \
         * part of the program uses this header any more. NULL if it cannot be made. */",
    );
    function(out, view, None, ("pool_t *", &name, "void"), |out| {
        let open = format!("if (pool == NULL && {name}_open(&pool) == POOL_OK) {{");
        out.line("pool_t *pool = NULL;");
        // Racing threads are given the same handle by pool_open, so either store is right.
        out.line("#if defined(__GNUC__)\nstatic pool_t *remembered = NULL;");
        out.line("pool = __atomic_load_n(&remembered, __ATOMIC_ACQUIRE);\n#endif");
        out.block(open, "}", |out| {
            out.line("#if defined(__GNUC__)");
            out.line("__atomic_store_n(&remembered, pool, __ATOMIC_RELEASE);\n#endif");
        });
        out.line("return pool;");
    });
}
