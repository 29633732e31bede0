//! The numbers of a closed enumeration.
#![forbid(unsafe_code)]

use super::table::{Row, NUMBERS, VALUES};

/// Numbers in a row, behind its mark.
const IN_ROW: usize = 7;

/// The rows of a closed enumeration, and what stands behind them.
#[derive(Clone, Copy)]
pub(super) struct Values<'a>(&'a [Row]);

impl<'a> Values<'a> {
    /// Rows that were checked.
    pub(super) const fn checked(rows: &'a [Row]) -> Self {
        Self(rows)
    }

    /// Where its values begin in the schema's names.
    pub(super) const fn names(self) -> usize {
        self.0[0].name()
    }

    /// Its numbers rise.
    const fn number(self, index: usize) -> i32 {
        self.0[1 + index / IN_ROW].0[1 + index % IN_ROW] as i32
    }

    /// Whether one of them is this.
    pub(super) fn has(self, number: i32) -> bool {
        let (mut low, mut high) = (0, self.0[0].0[1] as usize);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.number(middle) {
                found if found == number => return true,
                found if found < number => low = middle + 1,
                _ => high = middle,
            }
        }
        false
    }
}

/// How many rows the enumeration has that begins here, or what is wrong with it.
pub(super) const fn rows_of(rows: &[Row]) -> Result<usize, &'static str> {
    let [mark, count, .., all, _, _] = rows[0].0;
    if mark != VALUES || all as usize != rows.len() {
        return Err("an enumeration's row is none");
    }
    let behind = (count as usize).div_ceil(IN_ROW);
    if count == 0 || behind >= rows.len() {
        return Err("an enumeration has fewer numbers than its row says");
    }
    let mut index = 0;
    while index < count as usize {
        if rows[1 + index / IN_ROW].0[0] != NUMBERS {
            return Err("an enumeration has fewer numbers than its row says");
        }
        if index > 0 && Values(rows).number(index - 1) >= Values(rows).number(index) {
            return Err("the numbers of an enumeration do not rise");
        }
        index += 1;
    }
    Ok(1 + behind)
}
