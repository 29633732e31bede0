//! Figures as people read them: three digits that matter, one unit for a whole column.

/// What stands where there is no figure.
pub(super) const NONE: &str = "–";

/// A unit and the decimals that all figures of a column share, so that they line up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Column {
    pub(super) unit: &'static str,
    scale: f64,
    decimals: usize,
}

impl Column {
    /// For times in nanoseconds: the least of them gets three digits.
    pub(super) fn times(values: impl IntoIterator<Item = f64>) -> Self {
        Self::fit(values, &[("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)])
    }

    /// For operations a second: the greatest decides about the unit, the least about the
    /// decimals.
    pub(super) fn rates(values: impl IntoIterator<Item = f64>) -> Self {
        let units = [("/s", 1.0), ("k/s", 1e3), ("M/s", 1e6)];
        let usable = values.into_iter().filter(|value| usable(*value));
        let (least, most) =
            usable.fold((f64::MAX, 0.0), |(l, m): (f64, f64), value| (l.min(value), m.max(value)));
        let column = Self::fit([most], &units);
        let decimals = (1.0 - (least / column.scale).log10().floor()).clamp(1.0, 4.0) as usize;
        Self { decimals, ..column }
    }

    fn fit(values: impl IntoIterator<Item = f64>, units: &[(&'static str, f64)]) -> Self {
        let least = values.into_iter().filter(|value| usable(*value)).fold(f64::MAX, f64::min);
        let least = if least == f64::MAX { 1.0 } else { least };
        let mut chosen = units[0];
        for unit in units {
            if least >= unit.1 {
                chosen = *unit;
            }
        }
        let digits_before = (least / chosen.1).log10().floor();
        let decimals = (2.0 - digits_before).clamp(0.0, 2.0) as usize;
        Self { unit: chosen.0, scale: chosen.1, decimals }
    }

    /// The figure without its unit; a dash if there is none.
    pub(super) fn show(&self, value: f64) -> String {
        grouped(value / self.scale, self.decimals)
    }

    /// A round value at a tick of an axis: without digits that say nothing.
    pub(super) fn tick(&self, value: f64) -> String {
        let text = grouped(value / self.scale, 3);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// Whether it is a measured figure: runs leave zero where there is none.
pub(super) fn usable(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

/// A time in nanoseconds, with its unit.
pub(super) fn time(value: f64) -> String {
    let column = Column::times([value]);
    format!("{}\u{a0}{}", column.show(value), column.unit)
}

/// How many times: more digits near one, where they decide.
pub(super) fn ratio(value: f64) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let decimals = match value {
        value if value < 0.0995 => 3,
        value if value < 9.995 => 2,
        value => usize::from(value < 99.95),
    };
    format!("{}×", grouped(value, decimals))
}

/// A figure with as many decimals as its size asks for.
pub(super) fn plain(value: f64) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let decimals = match value.abs() {
        size if size >= 100.0 || value.fract() == 0.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    grouped(value, decimals)
}

/// Bytes by powers of 1024.
pub(super) fn bytes(value: f64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = value;
    let mut index = 0;
    while value.abs() >= 1024.0 && index + 1 < units.len() {
        value /= 1024.0;
        index += 1;
    }
    let decimals = usize::from(value.abs() < 100.0 && value.fract() != 0.0);
    format!("{value:.decimals$}\u{a0}{}", units[index])
}

/// Digits in threes, parted by narrow spaces.
pub(super) fn grouped(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(w, r)| (w, Some(r)));
    let mut out = String::new();
    if value < 0.0 && text.bytes().any(|digit| digit.is_ascii_digit() && digit != b'0') {
        out.push('−');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 && whole.len() > 4 {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    if let Some(rest) = rest {
        out.push('.');
        out.push_str(rest);
    }
    out
}
