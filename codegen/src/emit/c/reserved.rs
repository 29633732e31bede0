//! Words no name in a header may be, and names that are taken.

use crate::emit::Writer;
use crate::place::Place;

/// What a header this one includes, or that most programs include beside it, declares under a
/// name a schema could lead to.
#[rustfmt::skip] // Likewise.
const TAKEN: &[(&str, &[&str])] = &[
    (
        "<stdlib.h>",
        &["EXIT_FAILURE", "EXIT_SUCCESS", "MB_CUR_MAX", "RAND_MAX", "aligned_alloc"],
    ),
    ("<stdio.h>", &["FILENAME_MAX", "FOPEN_MAX", "SEEK_CUR", "SEEK_END", "SEEK_SET", "TMP_MAX"]),
    (
        "<math.h>",
        &[
            "FP_FAST_FMA", "FP_INFINITE", "FP_NAN", "FP_NORMAL", "FP_SUBNORMAL", "FP_ZERO",
            "HUGE_VAL", "MATH_ERRNO", "M_E", "M_PI",
        ],
    ),
    ("<signal.h>", &["SIG_DFL", "SIG_ERR", "SIG_IGN"]),
    ("<time.h>", &["CLOCKS_PER_SEC", "CLOCK_MONOTONIC", "CLOCK_REALTIME", "TIME_UTC"]),
    ("<stdatomic.h>", &["atomic_flag_clear", "atomic_init"]),
    ("<threads.h>", &["mtx_init"]),
    ("<semaphore.h>", &["sem_init"]),
    (
        "<stdint.h>",
        &[
            "INT16_MAX", "INT16_MIN", "INT32_MAX", "INT32_MIN", "INT64_MAX", "INT64_MIN",
            "INT8_MAX", "INT8_MIN", "INTMAX_MAX", "INTMAX_MIN", "PTRDIFF_MAX", "PTRDIFF_MIN",
            "SIZE_MAX", "UINT16_MAX", "UINT32_MAX", "UINT64_MAX", "UINT8_MAX", "UINTMAX_MAX",
            "WCHAR_MAX", "WCHAR_MIN", "WINT_MAX", "WINT_MIN",
        ],
    ),
    (
        "<limits.h>",
        &[
            "CHAR_BIT", "CHAR_MAX", "CHAR_MIN", "INT_MAX", "INT_MIN", "LONG_MAX", "LONG_MIN",
            "SHRT_MAX", "SHRT_MIN", "UINT_MAX",
        ],
    ),
];

const POOL_H: &str = include_str!("../../../../include/pool.h");

/// Claims every name that is taken already.
pub(super) fn claim(out: &mut Writer) {
    for (header, names) in TAKEN {
        names.iter().for_each(|name| out.claim("file", name, &Place::whole(header)));
    }
    let words = POOL_H.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let own = words.filter(|word| word.starts_with("pool_") || word.starts_with("POOL_"));
    let mut own: Vec<&str> = own.collect();
    own.sort_unstable();
    own.dedup();
    own.iter().for_each(|name| out.claim("file", name, &Place::whole("<pool.h>")));
}

/// Keywords of C23 and C++, and the words <complex.h>, <errno.h>, <math.h>, <stdbool.h>,
/// <stddef.h>, <stdint.h> and <stdnoreturn.h> take.
#[rustfmt::skip] // A word a line is no easier to read.
pub(super) const WORDS: &[&str] = &[
    "I", "INFINITY", "NAN", "NULL", "alignas", "alignof", "and", "and_eq", "asm", "assert", "auto",
    "bitand", "bitor", "bool", "break", "case", "catch", "char", "char16_t", "char32_t", "char8_t",
    "class", "co_await", "co_return", "co_yield", "compl", "complex", "concept", "const", "const_cast",
    "consteval", "constexpr", "constinit", "continue", "decltype", "default", "delete", "do",
    "double", "dynamic_cast", "else", "enum", "errno", "explicit", "export", "extern", "false", "float",
    "for", "friend", "goto", "if", "imaginary", "inline", "int", "int16_t", "int32_t", "int64_t", "int8_t",
    "linux", "long", "mutable", "namespace", "new", "noexcept", "noreturn", "not", "not_eq", "nullptr",
    "offsetof", "operator", "or", "or_eq", "private", "protected", "public", "register",
    "reinterpret_cast", "requires", "restrict", "return", "short", "signed", "size_t", "sizeof",
    "static", "static_assert", "static_cast", "struct", "switch", "template", "this",
    "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "typeof",
    "typeof_unqual", "uint16_t", "uint32_t", "uint64_t", "uint8_t", "union", "unix", "unsigned",
    "using", "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq",
];
