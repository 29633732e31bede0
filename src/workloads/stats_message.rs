//! A pool's statistics as the message that the schema has for them.

use crate::generated::concurrent::PoolStatsMessage;
use crate::stats::Stats;

impl From<Stats> for PoolStatsMessage {
    fn from(stats: Stats) -> PoolStatsMessage {
        PoolStatsMessage {
            total_allocated: stats.total_allocated,
            total_freed: stats.total_freed,
            active_count: stats.in_use,
            pool_size: stats.capacity,
            growth_count: stats.grows,
        }
    }
}
