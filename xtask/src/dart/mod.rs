//! `dart/lib/src/bindings.g.dart`: what the headers declare, for Dart. Made from the
//! output of bindgen, so that nobody needs libclang for it; `bindgen --check` proves
//! that this belongs to the headers.

pub(crate) mod docs;
mod emit;
mod items;
mod table;

use crate::{bindings, read, root, write, Outcome};
use items::Items;
use std::collections::BTreeSet;

/// Where the Dart bindings are.
const OUTPUT: &str = "dart/lib/src/bindings.g.dart";

/// Writes the bindings.
pub(crate) fn write_file() -> Outcome {
    write(&root().join(OUTPUT), &generate()?)?;
    Ok(format!("{OUTPUT}: written"))
}

/// Compares the committed bindings with what would be written.
pub(crate) fn check() -> Outcome {
    if read(&root().join(OUTPUT))? != generate()? {
        return Err(format!(
            "{OUTPUT}: does not belong to {}; run: cargo xtask dart-bindings",
            bindings::OUTPUT
        ));
    }
    Ok(format!("{OUTPUT}: belongs to the headers"))
}

fn generate() -> Result<String, String> {
    let items = Items::parse(&read(&root().join(bindings::OUTPUT))?)?;
    let faults = unmatched(&items);
    if faults.is_empty() {
        emit::library(&items)
    } else {
        Err(faults.join("\n"))
    }
}

/// What the table says nothing about, and what it says about nothing.
fn unmatched(items: &Items) -> Vec<String> {
    let functions = items.functions.iter().map(|function| function.name.as_str()).collect();
    let listed = table::FUNCTIONS.iter().map(|entry| entry.0).collect();
    let structs = items.structs.iter().map(|item| item.name.as_str()).collect();
    let listed_structs = table::STRUCTS.iter().map(|entry| entry.0).collect();
    let mut faults = differences("function", &functions, &listed);
    faults.extend(differences("struct", &structs, &listed_structs));
    faults
}

fn differences(kind: &str, declared: &BTreeSet<&str>, listed: &BTreeSet<&str>) -> Vec<String> {
    let table = "xtask/src/dart/table.rs";
    let missing = declared.difference(listed).map(|name| {
        format!("{name}: the {kind} is missing in {table}, which says what Dart makes of it")
    });
    let extra = listed.difference(declared);
    missing
        .chain(extra.map(|name| format!("{name}: in {table}, but no header declares it")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{differences, emit, items::Items};

    const BINDINGS: &str = "\
/// Longest.
pub const POOL_NAME_MAX: u32 = 63;
/// Done.
pub const POOL_OK: pool_status_t = 0;
pub type pool_status_t = ::core::ffi::c_int;
#[repr(C)]
pub struct pool_report_t {
    /// Size.
    pub struct_size: usize,
    /// The first, or NULL.
    pub first_damaged: *mut ::core::ffi::c_void,
}
extern \"C\" {
    /// Frees, libx.so.\\<this>.
    pub fn pool_free(
        pool: *mut pool_t,
        object: *mut ::core::ffi::c_void,
    ) -> pool_status_t;
}
";

    #[test]
    fn items_of_the_headers_become_dart() {
        let items = Items::parse(BINDINGS).unwrap();
        let dart = emit::library(&items).unwrap();
        for part in [
            "/// Longest.\nconst int poolNameMax = 63;\n",
            "  /// Done.\n  static const int ok = 0;\n",
            "  @UintPtr()\n  external int firstDamaged;\n",
            "/// Frees, libx.so.(this).\n///\n/// A leaf: ",
            "final int Function(int pool, int object) poolFree =\n    \
             _lib.lookupFunction<_IntPtrPtr, _Int2>('pool_free', isLeaf: true);\n",
            "typedef _IntPtrPtr = Int Function(UintPtr, UintPtr);\n",
            "typedef _Int2 = int Function(int, int);\n",
        ] {
            assert!(dart.contains(part), "{part:?} is not in:\n{dart}");
        }
    }

    #[test]
    fn function_on_one_side_only_is_named() {
        let (left, right) = (["a", "b"].into(), ["b", "c"].into());
        let faults = differences("function", &left, &right);
        assert_eq!(faults.len(), 2);
        assert!(faults[0].starts_with("a: the function is missing"));
        assert!(faults[1].starts_with("c: in xtask/src/dart/table.rs"));
    }

    #[test]
    fn type_unknown_to_dart_is_an_error() {
        let rust = BINDINGS.replace("-> pool_status_t", "-> pool_wide_t");
        assert!(emit::library(&Items::parse(&rust).unwrap()).unwrap_err().contains("pool_wide_t"));
    }
}
