//! Spelling: the case each language wants, its keywords, and names that come out the same.

use std::collections::{HashMap, HashSet};

use crate::diag::Diagnostics;
use crate::place::Place;

/// A name an emitter declared, and the element of the schema it is for.
#[derive(Debug)]
pub(crate) struct Claim {
    /// What must not hold the name twice: a file, or a type's members.
    pub(crate) scope: String,
    pub(crate) name: String,
    pub(crate) place: Place,
}

/// Reports pairs of elements that want the same name; each pair once, so `reported` is kept
/// from one language to the next. In a language that is not wanted it is no more than a warning.
pub(crate) fn check(
    language: &str,
    wanted: bool,
    claims: &[Claim],
    reported: &mut HashSet<(Place, Place)>,
    diags: &mut Diagnostics,
) {
    let mut taken: HashMap<(&str, &str), &Place> = HashMap::new();
    for claim in claims {
        let holder = *taken.entry((&claim.scope, &claim.name)).or_insert(&claim.place);
        // What has no line is not in the schema: it was there first.
        let (first, second) = match claim.place.line {
            0 => (&claim.place, holder),
            _ if holder.line == 0 => (holder, &claim.place),
            _ => (holder.min(&claim.place), holder.max(&claim.place)),
        };
        if first != second && reported.insert((first.clone(), second.clone())) {
            let text = format!("`{}` in {language} is also wanted by {first}", claim.name);
            let ways = match (first.line, first.file == second.file) {
                (0, _) => "rename it, or say `prefix` in the file's (magpool.defaults)",
                (_, true) => "rename one of the two, or leave one out with --omit if it is a field",
                _ => "rename one of the two, or say `prefix` in a file's (magpool.defaults)",
            };
            if wanted {
                diags.push(second, text, ways);
            } else {
                diags.warn(second, text, format!("if you will want that language, {ways}"));
            }
        }
    }
}

/// The words of an identifier, lower-case: `HTTPServer2_x` is http, server2, x.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for part in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty()) {
        let chars: Vec<char> = part.chars().collect();
        // In SCREAMING_CASE a capital behind a digit begins no word: `COLOR_3D`.
        let mixed = part.contains(|c: char| c.is_ascii_lowercase());
        let mut word = String::new();
        for (i, &c) in chars.iter().enumerate() {
            let previous = i.checked_sub(1).map(|j| chars[j]);
            let after_small =
                previous.is_some_and(|p| p.is_ascii_lowercase() || (p.is_ascii_digit() && mixed));
            let before_small = chars.get(i + 1).is_some_and(char::is_ascii_lowercase);
            if c.is_ascii_uppercase() && i > 0 && (after_small || before_small) {
                words.push(std::mem::take(&mut word));
            }
            word.push(c.to_ascii_lowercase());
        }
        words.push(word);
    }
    words
}

/// `SmallMessage` to `small_message`.
pub(crate) fn snake(text: &str) -> String {
    words(text).join("_")
}

/// `SmallMessage` to `SMALL_MESSAGE`.
pub(crate) fn screaming(text: &str) -> String {
    snake(text).to_ascii_uppercase()
}

/// `small_message` to `SmallMessage`. A name that is capitalised already stays.
pub(crate) fn pascal(text: &str) -> String {
    let capital = text.starts_with(|c: char| c.is_ascii_uppercase());
    if capital && !text.contains('_') && text.contains(|c: char| c.is_ascii_lowercase()) {
        return text.to_owned();
    }
    words(text).iter().map(|word| capitalise(word)).collect()
}

/// `small_message` to `smallMessage`.
pub(crate) fn camel(text: &str) -> String {
    let words = words(text);
    let rest = words.iter().skip(1).map(|word| capitalise(word));
    words.iter().take(1).cloned().chain(rest).collect()
}

fn capitalise(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |c| c.to_ascii_uppercase().to_string() + chars.as_str())
}

/// Whether the name could begin an identifier in every language.
pub(crate) fn starts_well(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
}

pub(crate) fn snake_or_report(
    text: &str,
    place: &Place,
    what: &str,
    diags: &mut Diagnostics,
) -> String {
    report_bad_start(text, place, what, diags);
    snake(text)
}

pub(crate) fn pascal_or_report(
    text: &str,
    place: &Place,
    what: &str,
    diags: &mut Diagnostics,
) -> String {
    report_bad_start(text, place, what, diags);
    pascal(text)
}

pub(crate) fn report_bad_start(text: &str, place: &Place, what: &str, diags: &mut Diagnostics) {
    if !starts_well(&snake(text)) {
        diags.push(
            place,
            format!("the {what} name `{text}` does not begin with a letter"),
            "rename it; underscores at either end are dropped",
        );
    }
}

/// `name`, with `_` behind it if it is one of `reserved`.
pub(crate) fn escape(name: &str, reserved: &[&str]) -> String {
    if reserved.contains(&name) {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_of_mixed_names_are_as_each_language_wants() {
        assert_eq!(snake("HTTPServer2_x"), "http_server2_x");
        assert_eq!(snake("__fooBar_"), "foo_bar");
        assert_eq!(pascal("small_message"), "SmallMessage");
        assert_eq!(pascal("HTTPServer"), "HTTPServer");
        assert_eq!(pascal("FILE"), "File");
        assert_eq!(camel("tags_count"), "tagsCount");
        assert_eq!(screaming("fooBar"), "FOO_BAR");
        assert_eq!(screaming("COLOR_3D"), "COLOR_3D");
        assert_eq!(snake("utf8Text"), "utf8_text");
    }

    #[test]
    fn names_of_one_element_may_meet() {
        let place = Place { file: "a".into(), line: 1, column: 1, length: 1 };
        let claim = || Claim { scope: "s".into(), name: "n".into(), place: place.clone() };
        let mut diags = Diagnostics::default();
        check("C", true, &[claim(), claim()], &mut HashSet::new(), &mut diags);
        assert!(!diags.has_errors());
    }
}
