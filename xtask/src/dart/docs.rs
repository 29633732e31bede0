//! That every public name of the Dart package is documented. There is no analyzer
//! here, so this reads the lines as `dart format` leaves them: declarations stand
//! in column 0, members in column 2.

use crate::{read, root};
use std::path::{Path, PathBuf};

/// What a line begins with that declares nothing.
const DIRECTIVES: &[&str] = &["import ", "export ", "library", "part "];

/// What begins a declaration with members.
const BODIES: &[&str] = &["class", "enum", "extension", "mixin"];

/// The public names below `dart/lib` without a comment, as `file:line: what`.
pub(crate) fn undocumented() -> Result<Vec<String>, String> {
    let mut files = Vec::new();
    collect(&root().join("dart/lib"), &mut files)?;
    let mut faults = Vec::new();
    for file in files {
        let name = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
        let found = bare(&read(&file)?);
        faults.extend(found.iter().map(|(line, what)| {
            format!("{name}:{line}: `{what}` is public and has no documentation comment")
        }));
    }
    Ok(faults)
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = std::fs::read_dir(directory)
        .map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|suffix| suffix == "dart") {
            files.push(path);
        }
    }
    Ok(())
}

/// The public declarations of `text` without a comment: their lines and names.
fn bare(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let (mut found, mut public_body) = (Vec::new(), false);
    for (index, line) in lines.iter().enumerate() {
        let depth = line.len() - line.trim_start().len();
        if !declares(line.trim_start()) || depth != 0 && !(depth == 2 && public_body) {
            continue;
        }
        let name = declared_name(&line[depth..]);
        if depth == 0 {
            let has_body = BODIES.iter().any(|word| line.split(' ').any(|part| part == *word));
            public_body = has_body && !is_private(&name) && line.ends_with('{');
        }
        if !is_private(&name) && !is_documented(&lines[..index]) {
            found.push((index + 1, name));
        }
    }
    found
}

/// Whether a line begins a declaration, and not a comment, a directive, an
/// annotation or the end of something. Setters share their getters' comments.
fn declares(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && !DIRECTIVES.iter().any(|word| line.starts_with(word))
        && !line.starts_with("set ")
}

/// What a line declares: the last word before its parameters, value or body.
fn declared_name(line: &str) -> String {
    let mut words = line.split([' ', '<']).map(|word| word.trim_end_matches([';', ',', '{']));
    if let Some(word) = words.clone().skip_while(|word| !BODIES.contains(word)).nth(1) {
        return word.to_owned();
    }
    if line.starts_with("typedef ") {
        return words.nth(1).unwrap_or_default().to_owned();
    }
    let end = end_of_name(line);
    let name: String = line[..end].trim_end().chars().rev().take_while(|c| is_word(*c)).collect();
    name.chars().rev().collect()
}

/// Where the name of a function or variable ends. The parameters of a function's
/// type and the arguments of a generic one are passed over.
fn end_of_name(line: &str) -> usize {
    let (mut depth, mut before) = (0, "");
    for (at, c) in line.char_indices() {
        match c {
            '(' if depth == 0 && at > 0 && !before.ends_with("Function") => return at,
            '=' | ';' | '{' | ',' if depth == 0 => return at,
            '<' | '(' if depth > 0 || at > 0 && is_type_of_many(before) => depth += 1,
            '<' if depth == 0 => return at,
            '>' | ')' if depth > 0 => depth -= 1,
            _ => {}
        }
        before = &line[..=at];
    }
    line.len()
}

/// Whether arguments follow here, and not the type parameters of a function: the
/// word begins with a capital, or is `Function`.
fn is_type_of_many(before: &str) -> bool {
    let word = before.rsplit(|c| !is_word(c)).next().unwrap_or_default();
    word.starts_with(|c: char| c.is_ascii_uppercase())
}

fn is_private(name: &str) -> bool {
    name.rsplit('.').next().unwrap_or(name).starts_with('_')
}

/// Whether the lines above a declaration end with a comment, annotations aside.
fn is_documented(above: &[&str]) -> bool {
    let mut lines = above.iter().rev().map(|line| line.trim_start());
    let mut line = lines.next().unwrap_or_default();
    while line.starts_with('@') {
        if line.starts_with("@override") {
            return true;
        }
        line = lines.next().unwrap_or_default();
    }
    line.starts_with("///")
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '.'
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn public_names_need_a_comment() {
        let text = "library;\n\nimport 'x.dart';\n\nconst int a = 1;\n\n/// One.\nconst int b = 1;\n\
                    \nint _c = 1;\n\n/// A class.\nfinal class D implements E {\n  D._(this.f);\n\n\
                    \x20 D.of(int g) : f = g;\n\n  final int f;\n\n  /// Text.\n  int get h => 1;\n\n\
                    \x20 set h(int i) {}\n\n  @override\n  int get j => 1;\n\n  @pragma('k')\n\
                    \x20 Map<int, int> l<M>(int n) {\n    return f;\n  }\n}\n\n\
                    final int Function(int) o =\n    p;\n\nclass _Q {\n  int r = 1;\n}\n";
        let names: Vec<String> = bare(text).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["a", "D.of", "f", "l", "o"]);
    }

    #[test]
    fn comment_above_annotations_counts() {
        assert_eq!(bare("/// Text.\n@pragma('a')\n@pragma('b')\nint c() => 1;\n"), []);
        assert_eq!(bare("@pragma('a')\nint c() => 1;\n"), [(2, "c".to_owned())]);
    }
}
