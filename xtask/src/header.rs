//! The comments of a C header as documentation of the Rust items made from it.
//!
//! bindgen gives comments only to some items, and differently from one libclang
//! to the next; here every item of a group gets the comment above the group.

use std::collections::HashMap;

/// The comment of each declaration, by the struct it is in ("" outside) and its name.
#[derive(Default)]
pub(crate) struct Comments {
    lines: HashMap<(String, String), Vec<String>>,
}

impl Comments {
    /// Adds the comments of a header.
    pub(crate) fn add(&mut self, header: &str) {
        let (mut scope, mut comment) = (String::new(), Vec::new());
        let mut lines = header.lines();
        while let Some(line) = lines.next() {
            let line = line.trim();
            if line.starts_with("/*") {
                comment = read_comment(line, &mut lines);
            } else if line.is_empty() {
                comment.clear();
            } else {
                self.declaration(line, &mut scope, &mut comment);
            }
        }
    }

    fn declaration(&mut self, line: &str, scope: &mut String, comment: &mut Vec<String>) {
        let Some(name) = declared_name(line) else {
            comment.clear();
            return;
        };
        if line.starts_with('}') {
            scope.clear();
            return;
        }
        if !comment.is_empty() {
            let key = (scope.clone(), name.to_owned());
            self.lines.entry(key).or_insert_with(|| comment.clone());
        }
        if line.ends_with('{') {
            comment.clear();
            if line.contains("struct ") {
                *scope = name.to_owned();
            }
        }
    }

    /// Puts the comments above the items of `rust`, the output of bindgen.
    pub(crate) fn document(&self, rust: &str) -> String {
        let (mut out, mut attributes, mut scope) = (String::new(), String::new(), "");
        for line in rust.lines() {
            if line.trim_start().starts_with("#[") {
                attributes += &format!("{line}\n");
                continue;
            }
            if let Some(name) = item_name(line) {
                let indent = &line[..line.len() - line.trim_start().len()];
                out += &self.doc(scope, name, indent);
                if line.contains("pub struct ") {
                    scope = name;
                }
            } else if line == "}" {
                scope = "";
            }
            out += &std::mem::take(&mut attributes);
            out += &format!("{line}\n");
        }
        out
    }

    fn doc(&self, scope: &str, name: &str, indent: &str) -> String {
        let key = (scope.to_owned(), name.to_owned());
        let Some(lines) = self.lines.get(&key) else {
            return format!("{indent}/// See the header.\n");
        };
        let (mut doc, mut code) = (String::new(), false);
        for line in lines {
            let indented = line.starts_with("    ");
            if indented != code && !line.is_empty() {
                doc += if indented { "```text\n" } else { "```\n" };
                code = indented;
            }
            doc += &if code { line.trim_start().to_owned() } else { line.replace('<', "\\<") };
            doc.push('\n');
        }
        if code {
            doc += "```\n";
        }
        doc.lines().map(|line| format!("{indent}/// {line}").trim_end().to_owned() + "\n").collect()
    }
}

/// The text of the comment that begins with the line `first`, without its stars.
/// A banner (`/* ---- types ---- */`) documents nothing.
fn read_comment<'a>(first: &'a str, rest: &mut impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut text = vec![comment_line(&first["/*".len()..])];
    let mut open = !first.contains("*/");
    while open {
        let Some(line) = rest.next() else { break };
        open = !line.contains("*/");
        let line = line.trim();
        text.push(comment_line(if open { line.trim_start_matches('*') } else { line }));
    }
    if text[0].starts_with("---") {
        return Vec::new();
    }
    let used = |line: &String| !line.is_empty();
    let begin = text.iter().position(used).unwrap_or(0);
    let end = text.iter().rposition(used).map_or(0, |last| last + 1);
    text[begin..end].to_vec()
}

/// One line of a comment: without the end of the comment and one leading blank.
fn comment_line(line: &str) -> String {
    let line = line.split("*/").next().unwrap_or_default().trim_end();
    let line = line.strip_prefix("* ").unwrap_or(line);
    line.strip_prefix(' ').unwrap_or(line).to_owned()
}

/// The name that a line of a header declares, if it begins a declaration.
fn declared_name(line: &str) -> Option<&str> {
    if let Some(macro_) = line.strip_prefix("#define ") {
        return macro_.split_whitespace().next();
    }
    if line.starts_with(['#', '*']) || line.starts_with("extern ") {
        return None;
    }
    let end = line.find(['(', '=', ';', ',', '{']).unwrap_or(line.len());
    line[..end].rsplit(|c: char| !is_word(c)).find(|word| !word.is_empty())
}

/// The name of the Rust item or field that a line begins.
fn item_name(line: &str) -> Option<&str> {
    let item = line.trim_start().strip_prefix("pub ")?;
    let item = ["const ", "type ", "struct ", "fn ", "static "]
        .iter()
        .find_map(|kind| item.strip_prefix(kind))
        .unwrap_or(item);
    item.split(|c: char| !is_word(c)).next()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::Comments;

    const HEADER: &str = "\
/* ---- banner ---- */

/*
 * What a call came to:
 *
 *     a < b
 */
typedef enum code_t {
    CODE_OK = 0,
    /* Bad. */
    CODE_BAD = -1
} code_t;

/* A pair. */
typedef struct pair_t {
    /* Both, in
     * order. */
    int x;
    int y;
} pair_t;

/* Sets `x`. */
NODISCARD int *pair_set(pair_t *pair, int x);
";

    #[test]
    fn every_item_of_a_group_gets_its_comment() {
        let mut comments = Comments::default();
        comments.add(HEADER);
        let rust = "pub const CODE_BAD: code_t = -1;\npub type code_t = c_int;\n\
                    #[repr(C)]\npub struct pair_t {\n    pub x: c_int,\n    pub y: c_int,\n}\n\
                    extern \"C\" {\n    pub fn pair_set(\n        x: c_int);\n    pub fn other();\n}\n";
        let expected = "/// Bad.\npub const CODE_BAD: code_t = -1;\n\
                        /// What a call came to:\n///\n/// ```text\n/// a < b\n/// ```\n\
                        pub type code_t = c_int;\n\
                        /// A pair.\n#[repr(C)]\npub struct pair_t {\n\
                        \x20   /// Both, in\n    /// order.\n    pub x: c_int,\n\
                        \x20   /// Both, in\n    /// order.\n    pub y: c_int,\n}\n\
                        extern \"C\" {\n    /// Sets `x`.\n    pub fn pair_set(\n        x: c_int);\n\
                        \x20   /// See the header.\n    pub fn other();\n}\n";
        assert_eq!(comments.document(rust), expected);
    }
}
