//! What Dart makes of each function and struct of the headers, and why. Every one
//! is listed: a new one in a header asks for a decision here.

/// How Dart calls a function.
pub(super) enum Call {
    /// A leaf call: cheap, but no isolate of the group collects garbage meanwhile.
    Leaf,
    /// An ordinary call: more than twice the cost, and it may take its time.
    Waits,
    /// Not called from Dart: its address is given to native finalizers.
    Address,
    /// Not bound.
    Unbound,
}

use Call::{Address, Leaf, Unbound, Waits};

const THREADS: &str = "blocks until its threads are done";
const CACHE: &str = "caches of one's own gain nothing in Dart (docs/dart.md)";

/// Each function, how it is called, and why so.
pub(super) const FUNCTIONS: &[(&str, Call, &str)] = &[
    ("pool_create", Waits, "reserves address space by system calls"),
    ("pool_open", Waits, "as pool_create"),
    ("pool_destroy", Waits, "waits for other threads' calls to end, and unmaps memory"),
    ("pool_destroy_forced", Waits, "as pool_destroy"),
    ("pool_trim", Waits, "looks at every slot ever used, and makes system calls"),
    ("pool_check", Waits, "looks at every slot: milliseconds for a million of them"),
    ("pool_find", Waits, "waits for the list of pools, which pool_create may be changing"),
    ("pool_list", Waits, "as pool_find"),
    ("pool_alloc", Leaf, "about 35 instructions, at worst one bounded visit to the depot"),
    ("pool_try_alloc", Leaf, "as pool_alloc"),
    ("pool_alloc_with", Leaf, "as pool_alloc, if the timeout is 0: isolates must not wait in it"),
    ("pool_free", Leaf, "as pool_alloc; may post an int to an isolate (docs/design.md)"),
    ("pool_alloc_batch", Leaf, "some nanoseconds an object: the caller's count bounds it"),
    ("pool_free_batch", Leaf, "as pool_alloc_batch"),
    ("pool_flush_thread", Leaf, "two magazines at most"),
    ("pool_get_stats", Leaf, "some microseconds, whatever the pool's size"),
    ("pool_of", Leaf, "a binary search over the pools"),
    ("pool_get_name", Leaf, "copies at most 64 bytes"),
    ("pool_object_size", Leaf, "reads one member"),
    ("pool_object_align", Leaf, "reads one member"),
    ("pool_status_string", Leaf, "looks a string up in a table"),
    ("pool_version", Leaf, "returns a constant"),
    ("pool_release", Address, "the collector calls it, on whatever thread it uses"),
    ("pool_abi_version", Unbound, "library.dart asks it before anything is bound"),
    ("pool_alloc_timed", Unbound, "an isolate that blocks keeps others from running"),
    ("pool_alloc_async", Unbound, "its callback comes on any thread"),
    ("pool_alloc_cancel", Unbound, "as pool_alloc_async"),
    ("pool_cache_create", Unbound, CACHE),
    ("pool_cache_destroy", Unbound, CACHE),
    ("pool_cache_alloc", Unbound, CACHE),
    ("pool_cache_try_alloc", Unbound, CACHE),
    ("pool_cache_free", Unbound, CACHE),
    ("pool_cache_flush", Unbound, CACHE),
    ("pool_cache_layout_1", Unbound, "for programs compiled with pool_inline.h"),
    ("pool_give", Leaf, "two locks that are held for some instructions"),
    ("pool_take", Leaf, "as pool_give"),
    ("pool_discard", Waits, "as long as the queue of those who wait"),
    (
        "pool_alloc_inbox",
        Waits,
        "called when a pool is exhausted: takes memory, and a place in a queue",
    ),
    ("pool_inbox_create_dart", Waits, "takes memory; once for an isolate"),
    ("pool_inbox_release", Address, "called when an isolate ends, on whatever thread"),
    ("pool_inbox_create", Unbound, "its callback comes on any thread"),
    ("pool_inbox_close", Unbound, "an isolate's inbox is closed by its finalizer"),
    ("pool_wire_decode", Leaf, "some nanoseconds a field: the caller's bytes bound it"),
    ("pool_wire_merge", Leaf, "as pool_wire_decode"),
    ("pool_wire_size", Leaf, "some nanoseconds a field: the message's bounds are its own"),
    ("pool_wire_encode", Leaf, "as pool_wire_size"),
    ("pool_wire_json", Leaf, "as pool_wire_size"),
    ("pool_wire_check", Leaf, "some nanoseconds a row"),
    ("pool_wire_status_string", Leaf, "looks a string up in a table"),
    ("concurrent_test_small_pool", Waits, THREADS),
    ("concurrent_test_medium_pool", Waits, THREADS),
    ("concurrent_test_large_pool", Waits, THREADS),
    ("concurrent_test_mixed_operations", Waits, THREADS),
    ("stress_test_rapid_alloc_free", Waits, THREADS),
    ("test_pool_exhaustion", Waits, "allocates and frees as many objects as it is told"),
    ("test_free_list_integrity", Waits, "does as many rounds as it is told"),
    ("measure_contention", Waits, THREADS),
    ("concurrent_layout_hash", Leaf, "returns a constant"),
];

/// Each struct, its name in Dart, and that of its copy for users.
pub(super) const STRUCTS: &[(&str, Option<&str>, Option<&str>)] = &[
    ("pool_config_t", Some("NativeConfig"), None),
    ("pool_stats_t", Some("NativeStats"), Some("PoolFigures")),
    ("pool_report_t", Some("NativeReport"), Some("PoolFindings")),
    ("pool_wire_error_t", Some("NativeWireError"), None),
    // Generated Dart has the rows as numbers.
    ("pool_wire_row_t", None, None),
    // Handles are numbers in Dart.
    ("pool_t", None, None),
    ("pool_cache_t", None, None),
    // For programs compiled with pool_inline.h.
    ("pool_inline_magazine_t", None, None),
    ("pool_inline_cache_t", None, None),
];

/// Constants that Dart has no use for, by how their names begin.
pub(super) const LEFT_OUT: &[&str] = &["POOL_INLINE_", "POOL_WIRE_"];
