//! Rules that no compiler knows: which way modules may import, where unsafe code
//! lives, that it and every memory order is explained, how long files grow, and that
//! what is public in Dart is documented.

use crate::dart::docs;
use crate::{read, root, Outcome};
use std::path::{Path, PathBuf};

/// The layers of `src`, lowest first: a module may import those of its own layer
/// and of those before it.
const LAYERS: &[&[&str]] = &[
    &["sync", "config", "error", "stats", "wire"],
    &["sys"],
    &["slab", "magazine", "holes"],
    &["depot"],
    &["cache"],
    &["local"],
    &["pool"],
    &["inbox"],
    &["typed", "future", "generated", "ffi", "workloads"],
    &["lib", "tests"],
];

/// Files and directories that may contain unsafe code.
const UNSAFE_HOMES: &[&str] = &[
    "benches/src/peer.rs",
    "benches/src/peers/",
    "benches/src/sys.rs",
    "benches/src/workloads/ring.rs",
    "src/cache/",
    "src/ffi/",
    "src/future.rs",
    "src/inbox/fork.rs",
    "src/inbox/models.rs",
    "src/local/",
    "src/magazine.rs",
    "src/magazine/rack.rs",
    "src/pool/alloc.rs",
    "src/pool/caches.rs",
    "src/pool/explicit.rs",
    "src/pool/fork.rs",
    "src/pool/free.rs",
    "src/pool/inspect.rs",
    "src/pool/later.rs",
    "src/pool/mod.rs",
    "src/pool/models/explicit.rs",
    "src/pool/models/mod.rs",
    "src/pool/registry.rs",
    "src/pool/tests.rs",
    "src/pool/wait.rs",
    "src/slab.rs",
    "src/sync/model.rs",
    "src/sync/native.rs",
    "src/sys/bits.rs",
    "src/sys/heap.rs",
    "src/sys/mapping.rs",
    "src/sys/park.rs",
    "src/typed.rs",
    "src/wire/object.rs",
    "src/wire/tests.rs",
];

/// Where unsafe code needs a home.
const HOUSED: &[&str] = &["src/", "benches/src/"];

/// Lines above an unsafe block in which its SAFETY comment stands.
const SAFETY_REACH: usize = 8;

/// Lines above an atomic operation in which its ORDERING comment stands.
const ORDERING_REACH: usize = 6;

/// Lines that a file written by hand may have.
const MOST_LINES: usize = 600;

/// Directories that hold nothing written by hand.
const SKIPPED: &[&str] = &["target", ".git", ".dart_tool", "node_modules"];

/// Checks the tree.
pub(crate) fn run() -> Outcome {
    let mut files = Vec::new();
    collect(&root(), &mut files)?;
    let mut faults = Vec::new();
    for file in &files {
        let name = file.strip_prefix(root()).unwrap_or(file).display().to_string();
        faults.extend(check(&name, &read(file)?));
    }
    faults.extend(docs::undocumented()?);
    if faults.is_empty() {
        Ok(format!(
            "{} files: layers, unsafe code, memory orders, lengths, Dart's documentation",
            files.len()
        ))
    } else {
        Err(faults.join("\n"))
    }
}

/// The hand-written source files below a directory, in order.
fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = std::fs::read_dir(directory)
        .map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut paths: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !SKIPPED.contains(&name.as_str()) {
            collect(&path, files)?;
        } else if is_source(&name) && path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

fn is_source(name: &str) -> bool {
    let suffix = name.rsplit('.').next().unwrap_or_default();
    ["rs", "c", "h", "dart", "sh", "proto"].contains(&suffix) && !name.contains(".g.")
}

/// The faults of one file, each as `file:line: what`.
fn check(file: &str, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut faults = Vec::new();
    if lines.len() > MOST_LINES {
        faults.push((lines.len(), format!("{} lines, more than {MOST_LINES}", lines.len())));
    }
    if file.ends_with(".rs") {
        faults.extend(unexplained_unsafe(&lines));
    }
    if HOUSED.iter().any(|root| file.starts_with(root)) && file.ends_with(".rs") {
        faults.extend(misplaced_unsafe(file, &lines));
    }
    if file.starts_with("src/") && file.ends_with(".rs") {
        faults.extend(layer_faults(file, &lines));
        faults.extend(unexplained_orders(&lines));
    }
    faults.sort();
    faults.into_iter().map(|(line, what)| format!("{file}:{line}: {what}")).collect()
}

type Faults = Vec<(usize, String)>;

/// Names of the crate that stand in a layer above the file's.
fn layer_faults(file: &str, lines: &[&str]) -> Faults {
    let own = module_of(file);
    let Some(own_layer) = layer_of(own) else {
        return vec![(1, format!("`{own}` is in no layer (xtask/src/lint.rs)"))];
    };
    let mut faults = Vec::new();
    // Statements that break over lines are read as one line.
    for (number, statement) in statements(lines) {
        for name in crate_names(&statement) {
            match layer_of(&name) {
                None => faults.push((number, format!("crate::{name}: in no layer"))),
                Some(layer) if layer > own_layer => {
                    faults.push((number, format!("`{own}` uses `{name}`, a layer above it")));
                }
                Some(_) => {}
            }
        }
    }
    faults
}

/// The module directly below the crate that a file belongs to.
fn module_of(file: &str) -> &str {
    let path = file.trim_start_matches("src/");
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The code outside test modules, cut after each `;`, with its line numbers.
fn statements(lines: &[&str]) -> Vec<(usize, String)> {
    let (mut found, mut begin, mut statement) = (Vec::new(), 1, String::new());
    for (index, line) in lines.iter().enumerate() {
        let next = lines.get(index + 1).copied().unwrap_or_default();
        if line.trim() == "#[cfg(test)]" && next.trim_start().starts_with("mod ") {
            break;
        }
        if statement.is_empty() {
            begin = index + 1;
        }
        statement += code_of(line).trim();
        if line.contains(';') || !statement.contains("crate::") {
            found.push((begin, std::mem::take(&mut statement)));
        }
    }
    found.push((begin, statement));
    found
}

/// What follows each `crate::`: one name, or those of a list in braces. Macros are
/// no modules.
fn crate_names(statement: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in statement.match_indices("crate::") {
        let before = statement[..at].chars().next_back();
        if before.is_some_and(|c| is_word(c) || c == '$') {
            continue;
        }
        let rest = &statement[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => names.extend(listed_names(list)),
            None => names.extend(first_word(rest)),
        }
    }
    names
}

/// The first names of the parts of a list, up to its closing brace.
fn listed_names(list: &str) -> Vec<String> {
    let (mut names, mut depth, mut fresh) = (Vec::new(), 1, true);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' => fresh = depth == 1,
            _ if fresh && is_word(c) => {
                names.extend(first_word(&list[at..]));
                fresh = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

fn first_word(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(|&c| is_word(c)).collect();
    let is_macro = text[word.len()..].starts_with('!');
    (!word.is_empty() && !is_macro).then_some(word)
}

fn misplaced_unsafe(file: &str, lines: &[&str]) -> Faults {
    if UNSAFE_HOMES.iter().any(|home| file.starts_with(home)) {
        return Vec::new();
    }
    numbered(lines, |line| is_unsafe_block(line) || has_words(line, &["unsafe", "impl"]))
        .map(|number| (number, "unsafe code outside its homes (xtask/src/lint.rs)".to_owned()))
        .collect()
}

fn unexplained_unsafe(lines: &[&str]) -> Faults {
    numbered(lines, is_unsafe_block)
        .filter(|&number| !explained(lines, number, "SAFETY", SAFETY_REACH))
        .map(|number| (number, "an unsafe block without a SAFETY comment".to_owned()))
        .collect()
}

fn unexplained_orders(lines: &[&str]) -> Faults {
    numbered(lines, names_order)
        .filter(|&number| !explained(lines, number, "ORDERING:", ORDERING_REACH))
        .map(|number| (number, "a memory order without an ORDERING comment".to_owned()))
        .collect()
}

/// The numbers of the lines whose code has a property.
fn numbered<'a>(
    lines: &'a [&str],
    has: impl Fn(&str) -> bool + 'a,
) -> impl Iterator<Item = usize> + 'a {
    lines
        .iter()
        .enumerate()
        .filter(move |(_, line)| has(&code_of(line)))
        .map(|(index, _)| index + 1)
}

/// Whether `mark` stands on line `number` or on one of the `reach` lines above.
fn explained(lines: &[&str], number: usize, mark: &str, reach: usize) -> bool {
    lines[number.saturating_sub(reach + 1)..number].iter().any(|line| line.contains(mark))
}

fn is_unsafe_block(code: &str) -> bool {
    has_words(code, &["unsafe", "{"])
}

/// Whether code names a memory order other than to import it.
fn names_order(code: &str) -> bool {
    let item = code.trim_start().trim_start_matches("pub(crate) ");
    let orders = ["Relaxed", "Acquire", "Release", "AcqRel", "SeqCst"];
    let mut words = code.split(|c| !is_word(c));
    !item.starts_with("use ") && words.any(|word| orders.contains(&word))
}

/// Whether the words stand one after the other, with only blanks between them.
fn has_words(code: &str, words: &[&str]) -> bool {
    let spaced = code.replace('{', " { ");
    let all: Vec<&str> =
        spaced.split(|c: char| !is_word(c) && c != '{').filter(|w| !w.is_empty()).collect();
    all.windows(words.len()).any(|window| window == words)
}

/// A line without its comment and without what is between quotes.
fn code_of(line: &str) -> String {
    let (mut code, mut quoted, mut before) = (String::new(), false, ' ');
    for c in line.chars() {
        let quote = c == '"' && before != '\\' && before != '\'';
        if quote {
            quoted = !quoted;
        } else if !quoted {
            if c == '/' && before == '/' {
                code.pop();
                break;
            }
            code.push(c);
        }
        before = c;
    }
    code
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn imports_may_only_point_down() {
        let text = "use crate::sync::Mutex;\nuse crate::{\n    error::Error,\n    pool::{Pool, Raw},\n};\n\
                    // crate::ffi is above\n#[cfg(test)]\nmod tests {\n    use crate::pool::Raw;\n}\n";
        assert_eq!(
            check("src/depot/shard.rs", text),
            ["src/depot/shard.rs:2: `depot` uses `pool`, a layer above it"]
        );
        assert_eq!(check("src/ffi/mod.rs", text), [""; 0]);
    }

    #[test]
    fn an_inline_path_is_an_import() {
        let text = "fn f() -> crate::typed::Pool {\n    crate::check!();\n}\n";
        assert_eq!(
            check("src/slab.rs", text),
            ["src/slab.rs:1: `slab` uses `typed`, a layer above it"]
        );
    }

    #[test]
    fn a_module_outside_the_table_is_named() {
        assert_eq!(check("src/nowhere.rs", "").len(), 1);
        assert_eq!(
            check("src/pool.rs", "use crate::Error;\n"),
            ["src/pool.rs:1: crate::Error: in no layer"]
        );
    }

    #[test]
    fn unsafe_needs_a_home_and_a_reason() {
        let bare = "fn f() {\n    unsafe { g() }\n}\n";
        assert_eq!(check("src/slab.rs", bare).len(), 1);
        assert_eq!(check("src/stats.rs", bare).len(), 2);
        assert_eq!(check("demo/src/main.rs", bare).len(), 1);
        assert_eq!(check("benches/src/sys.rs", bare).len(), 1);
        assert_eq!(check("benches/src/main.rs", bare).len(), 2);
        let explained = "// SAFETY: g takes all.\nunsafe { g() }\n";
        assert_eq!(check("src/slab.rs", explained), [""; 0]);
        assert_eq!(check("src/stats.rs", "unsafe impl Send for T {}\n").len(), 1);
    }

    #[test]
    fn a_memory_order_needs_a_reason_close_above() {
        assert_eq!(check("src/stats.rs", "use crate::sync::Relaxed;\nx.load(Relaxed);\n").len(), 1);
        assert_eq!(check("src/stats.rs", "// ORDERING: alone.\nx.load(Relaxed);\n"), [""; 0]);
        let far = format!("// ORDERING: far.\n{}x.load(Relaxed);\n", "f();\n".repeat(6));
        assert_eq!(check("src/stats.rs", &far).len(), 1);
    }

    #[test]
    fn a_file_has_a_greatest_length() {
        assert_eq!(check("c_tests/long.c", &"x;\n".repeat(600)), [""; 0]);
        assert_eq!(check("c_tests/long.c", &"x;\n".repeat(601)).len(), 1);
    }
}
