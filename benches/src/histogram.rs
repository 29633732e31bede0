//! How long single operations take: counts in buckets whose width grows with the value,
//! and what a workload asks of whoever measures it.

use crate::outcome::Latency;
use crate::sys::{ticks, Ticking};

/// Buckets of a doubling: a bucket is at most a thirty-second of its value wide.
const STEPS: u64 = 32;
const BITS: u32 = STEPS.trailing_zeros();

/// Counts of values, in ticks.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
    sum: u64,
    max: u64,
}

fn bucket(value: u64) -> usize {
    if value < STEPS {
        return value as usize;
    }
    let doublings = value.ilog2() - BITS;
    (u64::from(doublings) * STEPS + (value >> doublings)) as usize
}

/// The largest value of a bucket.
fn upper(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < 2 * STEPS {
        return bucket;
    }
    let doublings = bucket / STEPS - 1;
    let last = bucket - doublings * STEPS + 1;
    u64::try_from((u128::from(last) << doublings) - 1).unwrap_or(u64::MAX)
}

impl Histogram {
    /// With room for every value, so that recording one allocates nothing.
    pub(crate) fn new() -> Histogram {
        Histogram { counts: vec![0; bucket(u64::MAX) + 1], ..Histogram::default() }
    }

    #[inline]
    pub(crate) fn record(&mut self, value: u64) {
        self.counts[bucket(value)] += 1;
        self.total += 1;
        self.sum += value;
        self.max = self.max.max(value);
    }

    pub(crate) fn merge(&mut self, other: &Histogram) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    pub(crate) fn sum(&self) -> u64 {
        self.sum
    }

    /// The least bucket's upper bound that so large a share of the values does not exceed.
    pub(crate) fn quantile(&self, share: f64) -> u64 {
        let wanted = ((self.total as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return upper(bucket).min(self.max);
            }
        }
        self.max
    }

    /// In nanoseconds; none if nothing was recorded.
    pub(crate) fn latency(&self, ticking: Ticking) -> Option<Latency> {
        if self.total == 0 {
            return None;
        }
        let time = |ticks: u64| ticks as f64 * ticking.nanoseconds;
        let mut seen = 0;
        let rising = self.counts.iter().enumerate().filter(|(_, &count)| count > 0);
        let distribution = rising.map(|(bucket, count)| {
            seen += count;
            (time(upper(bucket).min(self.max)), seen as f64 / self.total as f64)
        });
        Some(Latency {
            distribution: distribution.collect(),
            p50: time(self.quantile(0.5)),
            p99: time(self.quantile(0.99)),
            p999: time(self.quantile(0.999)),
            max: time(self.max),
        })
    }
}

/// Watches the single operations of a workload, or does not.
pub(crate) trait Meter: Send {
    fn new() -> Self;
    fn watch<R>(&mut self, operation: impl FnOnce() -> R) -> R;
    fn result(self) -> Option<Histogram>;
}

/// Does not, and costs nothing.
pub(crate) struct Unwatched;

impl Meter for Unwatched {
    fn new() -> Self {
        Unwatched
    }

    #[inline(always)]
    fn watch<R>(&mut self, operation: impl FnOnce() -> R) -> R {
        operation()
    }

    fn result(self) -> Option<Histogram> {
        None
    }
}

/// Takes the time of each, less the clock's own.
pub(crate) struct Each {
    times: Histogram,
    own: u64,
}

impl Each {
    /// Takes the time only of an operation whose result is wanted.
    #[inline(always)]
    pub(crate) fn watch_if<R>(
        &mut self,
        operation: impl FnOnce() -> R,
        wanted: impl FnOnce(&R) -> bool,
    ) -> R {
        let begin = ticks();
        let result = operation();
        let took = ticks().saturating_sub(begin);
        if wanted(&result) {
            self.times.record(took.saturating_sub(self.own));
        }
        result
    }
}

impl Meter for Each {
    fn new() -> Self {
        Each { times: Histogram::new(), own: Ticking::here().own }
    }

    #[inline(always)]
    fn watch<R>(&mut self, operation: impl FnOnce() -> R) -> R {
        self.watch_if(operation, |_| true)
    }

    fn result(self) -> Option<Histogram> {
        Some(self.times)
    }
}

#[cfg(test)]
mod tests {
    use super::{bucket, upper, Histogram};
    use crate::sys::Ticking;

    #[test]
    fn buckets_follow_each_other_without_gap() {
        assert_eq!((bucket(0), upper(0)), (0, 0));
        for number in 0..bucket(u64::MAX) {
            let last = upper(number);
            assert_eq!(bucket(last), number, "the last value of bucket {number}");
            assert_eq!(bucket(last + 1), number + 1, "the value after bucket {number}");
        }
        assert_eq!(upper(bucket(u64::MAX)), u64::MAX);
    }

    #[test]
    fn buckets_are_narrow() {
        for value in [100u64, 1000, 12_345, 1 << 40] {
            assert!(upper(bucket(value)) - value <= value / 32);
        }
    }

    #[test]
    fn quantiles_are_those_of_the_values() {
        let mut histogram = Histogram::new();
        (1..=1000).for_each(|value| histogram.record(value));
        let near = |share, wanted: f64| {
            let found = histogram.quantile(share) as f64;
            assert!(found >= wanted && found <= wanted * 1.04, "{share}: {found}");
        };
        near(0.5, 500.0);
        near(0.99, 990.0);
        assert_eq!(histogram.quantile(1.0), 1000);
        assert_eq!((histogram.total(), histogram.sum()), (1000, 500_500));
    }

    #[test]
    fn merging_is_recording_both() {
        let (mut one, mut two, mut both) =
            (Histogram::default(), Histogram::new(), Histogram::new());
        for value in [1, 50, 7000] {
            two.record(value);
            both.record(value);
        }
        one.merge(&two);
        one.merge(&two);
        for value in [1, 50, 7000] {
            both.record(value);
        }
        assert_eq!(one, both);
    }

    #[test]
    fn a_latency_is_in_nanoseconds_and_its_distribution_ends_at_the_maximum() {
        let mut histogram = Histogram::new();
        assert!(histogram.latency(Ticking { nanoseconds: 0.5, own: 0 }).is_none());
        (0..100).for_each(|_| histogram.record(20));
        histogram.record(3001);
        let latency = histogram.latency(Ticking { nanoseconds: 0.5, own: 0 }).unwrap();
        assert_eq!((latency.p50, latency.max), (10.0, 1500.5));
        assert_eq!(latency.distribution.len(), 2);
        assert_eq!(latency.distribution[1], (1500.5, 1.0));
    }
}
