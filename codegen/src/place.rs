//! Places in a schema's text, found through the source information of its descriptor.

use std::fmt;

use protox::prost_reflect::prost_types::source_code_info::Location;
use protox::prost_reflect::FileDescriptor;

/// A place in a schema; the order is that of the text. Line and column count from 1, a line of 0
/// means the whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// Characters, as far as they are on that line.
    pub(crate) length: usize,
}

impl Place {
    /// A whole file.
    pub(crate) fn whole(file: &str) -> Self {
        Self { file: file.to_owned(), ..Self::default() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}:{}", self.file, self.column),
        }
    }
}

/// Where the element with this descriptor path, followed by `rest`, begins; of an element that
/// has no place of its own, where the nearest one around it begins.
pub(crate) fn of(file: &FileDescriptor, path: &[i32], rest: &[i32]) -> Place {
    let full: Vec<i32> = path.iter().chain(rest).copied().collect();
    let found = (0..=full.len()).rev().find_map(|length| location(file, &full[..length]));
    let Some(location) = found else { return Place::whole(file.name()) };
    let number = |index: usize| location.span.get(index).map_or(0, |&n| n as usize);
    let length = match location.span.len() {
        3 => number(2).saturating_sub(number(1)),
        // It goes on over several lines.
        _ => 1,
    };
    Place { file: file.name().to_owned(), line: number(0) + 1, column: number(1) + 1, length }
}

/// The comment before the element, or else the one behind it, one string a line, without comment
/// signs.
pub(crate) fn comment(file: &FileDescriptor, path: &[i32]) -> Vec<String> {
    let texts = location(file, path).map(|l| (l.leading_comments(), l.trailing_comments()));
    let text = texts.map_or("", |(before, behind)| if before.is_empty() { behind } else { before });
    text.trim().lines().map(|line| line.trim().to_owned()).collect()
}

fn location<'a>(file: &'a FileDescriptor, path: &[i32]) -> Option<&'a Location> {
    let info = file.file_descriptor_proto().source_code_info.as_ref()?;
    // The parser leaves them in the order of their paths, but for an element's options among
    // themselves.
    let find = |from: &[i32]| {
        let first = info.location.partition_point(|l| l.path.as_slice() < from);
        let mut within = info.location[first..].iter().take_while(|l| l.path.starts_with(from));
        within.find(|l| l.path == path && l.span.len() >= 2)
    };
    let around = &path[..path.len().saturating_sub(1)];
    find(path).or_else(|| find(around))
}
