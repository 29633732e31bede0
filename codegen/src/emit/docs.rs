//! Comments of a schema as documentation of Rust or Dart: no part of them is a link, a tag or a test.

/// The lines, as they are to stand behind `///`.
pub(crate) fn lines(comment: &[String]) -> Vec<String> {
    let mut in_code = false;
    let line = |line: &String| {
        let fence = line.starts_with("```");
        let opens = fence && !in_code;
        in_code ^= fence;
        match (opens, in_code) {
            // Of whatever language: rustdoc would run it.
            (true, _) => "```text".to_owned(),
            (false, true) => line.clone(),
            (false, false) => escaped(line),
        }
    };
    comment.iter().map(line).collect()
}

/// Brackets escaped, but for those in `code`.
fn escaped(line: &str) -> String {
    let mut in_code = false;
    let mut text = String::new();
    for c in line.chars() {
        in_code ^= c == '`';
        if !in_code && matches!(c, '[' | ']' | '<' | '>') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn comments_hold_no_links_tags_or_tests() {
        let comment =
            ["See [Track][music.Track] of `[u8]` and <b>.", "```", "let x = a[0];", "```"];
        let lines = super::lines(&comment.map(str::to_owned));
        assert_eq!(lines[0], r"See \[Track\]\[music.Track\] of `[u8]` and \<b\>.");
        assert_eq!(lines[1..], ["```text", "let x = a[0];", "```"]);
    }
}
