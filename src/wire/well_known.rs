//! protobuf's well-known types as JSON: a timestamp and a duration are strings, a wrapper is its
//! value, a field mask its paths. What has no such form is shown as the message it is.
#![forbid(unsafe_code)]

use super::encode::{count, text};
use super::object::Source;
use super::table::{Row, Table, COUNT, INT32, INT64, STRING};
use std::fmt::{Result, Write};

/// Numbers of the types in a message's row, from bit 16 on.
const TIMESTAMP: u32 = 1;
const DURATION: u32 = 2;
const WRAPPER: u32 = 3;
const FIELD_MASK: u32 = 4;

/// The years 1 to 9999, in seconds since 1970.
const TIMES: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
/// 10000 years in seconds.
const DURATION_MAX: u64 = 315_576_000_000;
const SECOND: i32 = 1_000_000_000;

/// What a message is written as, if not as one.
pub(super) enum Form<'a> {
    /// At this second since 1970, and so many nanoseconds later.
    Time(i64, i32),
    /// That many of both; none is negative if the other is positive.
    Duration(i64, i32),
    /// What this field holds.
    Value(&'a Row),
    /// The texts of this list.
    Paths(&'a Row),
}

/// The form of a message of this table, if it has one of its own.
pub(super) fn form<'a>(table: Table<'a>, object: Source) -> Option<Form<'a>> {
    let field = |number| table.fields().iter().find(|field: &&Row| field.number() == number);
    let seconds = || {
        let (seconds, nanos) = (field(1)?, field(2)?);
        if (seconds.shape(), nanos.shape()) != (INT64, INT32) {
            return None;
        }
        Some((object.bits(seconds.offset(), 8) as i64, object.word(nanos.offset()) as i32))
    };
    match table.well_known() {
        TIMESTAMP => {
            let (seconds, nanos) = seconds()?;
            let fits = TIMES.contains(&seconds) && (0..SECOND).contains(&nanos);
            fits.then_some(Form::Time(seconds, nanos))
        }
        DURATION => {
            let (seconds, nanos) = seconds()?;
            let fits = seconds.unsigned_abs() <= DURATION_MAX
                && nanos.unsigned_abs() < SECOND as u32
                && seconds.signum() * i64::from(nanos.signum()) >= 0;
            fits.then_some(Form::Duration(seconds, nanos))
        }
        WRAPPER => field(1).filter(|value| !value.is_repeated()).map(Form::Value),
        FIELD_MASK => {
            let paths = field(1).filter(|paths| paths.shape() == STRING | COUNT)?;
            let all = (0..count(paths, object)).all(|index| is_path(text(paths, object, index)));
            all.then_some(Form::Paths(paths))
        }
        _ => None,
    }
}

/// `1972-01-01T10:00:20.021Z`.
pub(super) fn time(seconds: i64, nanos: i32, out: &mut impl Write) -> Result {
    const DAY: i64 = 24 * 60 * 60;
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let second = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    write!(out, "\"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
    fraction(nanos, out)?;
    out.write_str("Z\"")
}

/// `-1.500s`.
pub(super) fn duration(seconds: i64, nanos: i32, out: &mut impl Write) -> Result {
    let sign = if seconds < 0 || nanos < 0 { "-" } else { "" };
    write!(out, "\"{sign}{}", seconds.unsigned_abs())?;
    fraction(nanos, out)?;
    out.write_str("s\"")
}

/// Nothing, or 3, 6 or 9 digits.
fn fraction(nanos: i32, out: &mut impl Write) -> Result {
    match nanos.unsigned_abs() {
        0 => Ok(()),
        nanos if nanos % 1_000_000 == 0 => write!(out, ".{:03}", nanos / 1_000_000),
        nanos if nanos % 1_000 == 0 => write!(out, ".{:06}", nanos / 1_000),
        nanos => write!(out, ".{nanos:09}"),
    }
}

/// Year, month and day of a day since 1970.
fn date(day: i64) -> (i64, usize, i64) {
    /// From March on: so the day a leap year has more is the last one.
    const MONTHS: [i64; 12] = [31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 29];
    /// 1 March 2000 begins 400 years, 100 years, four years and a year.
    const MARCH_2000: i64 = 11_017;
    let days = day - MARCH_2000;
    let (cycles, days) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let centuries = (days / 36_524).min(3);
    let days = days - centuries * 36_524;
    let (fours, days) = (days / 1_461, days % 1_461);
    let years = (days / 365).min(3);
    let mut day = days - years * 365;
    let mut month = 0;
    while day >= MONTHS[month] {
        day -= MONTHS[month];
        month += 1;
    }
    let year = 2000 + 400 * cycles + 100 * centuries + 4 * fours + years;
    match month {
        0..10 => (year, month + 3, day + 1),
        _ => (year + 1, month - 9, day + 1),
    }
}

/// Whether a path can be read back from its camel case: no capitals, and letters behind `_`.
fn is_path(path: &[u8]) -> bool {
    let pairs = path.iter().zip(path.iter().skip(1).chain([&b'_']));
    let lost = |(byte, next): (&u8, &u8)| *byte == b'_' && !next.is_ascii_lowercase();
    !path.iter().any(u8::is_ascii_uppercase) && !pairs.into_iter().any(lost)
}

/// `user.display_name` to `user.displayName`.
pub(super) fn camel(path: &[u8]) -> Vec<u8> {
    let mut camel = Vec::with_capacity(path.len());
    let mut capital = false;
    for byte in path {
        match byte {
            b'_' => capital = true,
            _ => {
                camel.push(if capital { byte.to_ascii_uppercase() } else { *byte });
                capital = false;
            }
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        let shown = |seconds, nanos| {
            let mut text = String::new();
            time(seconds, nanos, &mut text).map(|()| text)
        };
        let known = [
            (63_108_020, 21_000_000, "1972-01-01T10:00:20.021Z"),
            (0, 0, "1970-01-01T00:00:00Z"),
            (-1, 999_999_999, "1969-12-31T23:59:59.999999999Z"),
            (951_782_400, 1_000, "2000-02-29T00:00:00.000001Z"),
            (951_868_800, 0, "2000-03-01T00:00:00Z"),
            (-2_203_891_200, 0, "1900-03-01T00:00:00Z"),
            (-2_203_977_600, 0, "1900-02-28T00:00:00Z"),
            (1_709_251_199, 0, "2024-02-29T23:59:59Z"),
            (1_735_689_599, 0, "2024-12-31T23:59:59Z"),
            (*TIMES.start(), 0, "0001-01-01T00:00:00Z"),
            (*TIMES.end(), 999_999_999, "9999-12-31T23:59:59.999999999Z"),
        ];
        for (seconds, nanos, expected) in known {
            assert_eq!(shown(seconds, nanos).as_deref(), Ok(&*format!("\"{expected}\"")));
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut before = date(-719_162);
        assert_eq!(before, (1, 1, 1));
        for day in -719_161..=2_932_896 {
            let next = date(day);
            let (year, month, of_month) = before;
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let last = match month {
                2 => 28 + i64::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            let expected = match (month, of_month == last) {
                (12, true) => (year + 1, 1, 1),
                (_, true) => (year, month + 1, 1),
                _ => (year, month, of_month + 1),
            };
            assert_eq!(next, expected);
            before = next;
        }
        assert_eq!(before, (9999, 12, 31));
    }

    #[test]
    fn durations_have_one_sign_and_no_digit_too_many() {
        let shown = |seconds, nanos| {
            let mut text = String::new();
            duration(seconds, nanos, &mut text).map(|()| text)
        };
        let known = [
            (0, 0, "0s"),
            (1, 500_000_000, "1.500s"),
            (-1, -500_000_000, "-1.500s"),
            (0, -1, "-0.000000001s"),
            (3, 7_000, "3.000007s"),
            (-315_576_000_000, -999_999_999, "-315576000000.999999999s"),
        ];
        for (seconds, nanos, expected) in known {
            assert_eq!(shown(seconds, nanos).as_deref(), Ok(&*format!("\"{expected}\"")));
        }
    }

    #[test]
    fn only_paths_that_can_be_read_back_are_camel_case() {
        assert_eq!(camel(b"user.display_name"), b"user.displayName");
        let good: [&[u8]; 4] = [b"", b"a", b"a_b.c_d", b"a1.b2"];
        assert!(good.iter().all(|path| is_path(path)));
        let bad: [&[u8]; 5] = [b"aB", b"a_", b"a__b", b"a_1", b"a_.b"];
        assert!(!bad.iter().any(|path| is_path(path)));
    }
}
