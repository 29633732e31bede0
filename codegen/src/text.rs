//! Reading the text of a schema, and refusing what no parser should see.

use std::fs;
use std::path::Path;

use crate::place::Place;

/// Braces and brackets within each other; the parser calls itself for each.
const NESTING_MAX: usize = 100;
/// What some editors begin a file with.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Why a file is no text.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) place: Place,
    pub(crate) message: String,
    pub(crate) help: &'static str,
}

/// The text of the schema of this name, and whether something before it was dropped.
pub(crate) fn read(name: &str, path: &Path) -> Result<(String, bool), Refused> {
    let whole = |message: String, help| Refused { place: Place::whole(name), message, help };
    if path.is_dir() {
        return Err(whole(format!("`{}` is a folder", path.display()), "name the files in it"));
    }
    let bytes = fs::read(path).map_err(|error| {
        let message = format!("cannot read `{}`: {error}", path.display());
        whole(message, "see that it may be read")
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..good]);
        Refused {
            place: place(name, &before),
            message: "this is not UTF-8".to_owned(),
            help: "store the file in that encoding",
        }
    })?;
    if let Some(at) = too_deep(&text) {
        return Err(Refused {
            place: place(name, &text[..at]),
            message: format!("more than {NESTING_MAX} braces or brackets within each other"),
            help: "see whether one before it is not closed",
        });
    }
    Ok(match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => (rest.to_owned(), true),
        None => (text, false),
    })
}

/// As much of a refused file as can be shown.
pub(crate) fn lossy(path: &Path) -> String {
    let bytes = path.is_file().then(|| fs::read(path).ok()).flatten().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into()
}

/// The place behind a part of a text.
pub(crate) fn place(name: &str, before: &str) -> Place {
    let line = before.rsplit('\n').next().unwrap_or_default();
    Place {
        file: name.to_owned(),
        line: before.matches('\n').count() + 1,
        column: line.chars().count() + 1,
        length: 1,
    }
}

/// Where a brace or bracket opens within too many others. Comments and strings have none.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth: usize = 0;
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match (byte, bytes.peek().map(|(_, next)| *next)) {
            (b'/', Some(b'/')) => {
                bytes.find(|(_, byte)| *byte == b'\n');
            }
            (b'/', Some(b'*')) => {
                bytes.next();
                while bytes.find(|(_, byte)| *byte == b'*').is_some()
                    && bytes.peek().is_some_and(|(_, next)| *next != b'/')
                {}
                bytes.next();
            }
            (quote @ (b'"' | b'\''), _) => loop {
                match bytes.next() {
                    Some((_, b'\\')) => {
                        bytes.next();
                    }
                    Some((_, byte)) if byte != quote && byte != b'\n' => {}
                    _ => break,
                }
            },
            (b'{' | b'[' | b'(' | b'<', _) => {
                depth += 1;
                if depth > NESTING_MAX {
                    return Some(at);
                }
            }
            (b'}' | b']' | b')' | b'>', _) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_in_comments_and_strings_do_not_count() {
        let many = "{".repeat(NESTING_MAX);
        assert_eq!(too_deep(&many), None);
        assert_eq!(too_deep(&format!("{many}}}{{")), None);
        assert_eq!(too_deep(&format!("{many}\n{{")), Some(NESTING_MAX + 1));
        assert_eq!(too_deep(&format!("/**//**/{many}{{")), Some(NESTING_MAX + 8));
        for hidden in ["// {", "/* { **/", "/* {", "\"\\\"{\"", "'{\""] {
            assert_eq!(too_deep(&format!("{many}{hidden}")), None, "{hidden}");
            assert_eq!(too_deep(&format!("{hidden}\n{many}")), None, "{hidden}");
        }
        assert!(too_deep(&format!("/* **/ {many}{{")).is_some());
    }

    #[test]
    fn a_place_counts_characters_from_one() {
        let at = |before| (place("a", before).line, place("a", before).column);
        assert_eq!((at(""), at("ä"), at("a\n"), at("\nß b")), ((1, 1), (1, 2), (2, 1), (2, 4)));
    }
}
