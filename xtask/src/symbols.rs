//! include/pool.symbols: the names that the shared library exports. The list is
//! committed so that a change of it is seen in review.

use crate::{bindings, read, root, stdout_of, write, Outcome};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const LIST: &str = "include/pool.symbols";

/// Where each definition is asserted to have the signature of its declaration.
const ASSERTIONS: &str = "src/ffi/mod.rs";

/// Writes the list from the functions the headers declare.
pub(crate) fn write_list() -> Outcome {
    let names = declared()?;
    let text: String = names.iter().map(|name| format!("{name}\n")).collect();
    write(&root().join(LIST), &text)?;
    Ok(format!("{LIST}: {} names", names.len()))
}

/// Compares the list with the headers, with the assertions of signatures and with
/// `library`, and that one's dynamic section with the ABI's number.
pub(crate) fn check(library: &Path) -> Outcome {
    let text = read(&root().join(LIST))?;
    let listed: BTreeSet<String> = text.lines().map(str::to_owned).collect();
    let sorted: String = listed.iter().map(|name| format!("{name}\n")).collect();
    if text != sorted {
        return Err(format!("{LIST}: not sorted; run: cargo xtask symbols --write"));
    }
    let shown = library.display().to_string();
    let mut faults = differences(LIST, &listed, "the headers", &declared()?);
    faults.extend(differences(LIST, &listed, &shown, &exported(library)?));
    faults.extend(unasserted(&listed)?);
    faults.extend(dynamic_faults(library)?);
    if faults.is_empty() {
        Ok(format!("{shown}: exports the {} names of {LIST}, SONAME and NODELETE", listed.len()))
    } else {
        Err(faults.join("\n"))
    }
}

fn declared() -> Result<BTreeSet<String>, String> {
    Ok(bindings::functions()?.into_iter().collect())
}

fn exported(library: &Path) -> Result<BTreeSet<String>, String> {
    let table = stdout_of(Command::new("nm").args(["-D", "--defined-only"]).arg(library))?;
    Ok(table.lines().filter_map(|line| line.split_whitespace().last()).map(str::to_owned).collect())
}

fn differences(
    left: &str,
    left_names: &BTreeSet<String>,
    right: &str,
    right_names: &BTreeSet<String>,
) -> Vec<String> {
    let missing = left_names.difference(right_names);
    let extra = right_names.difference(left_names);
    missing
        .map(|name| format!("{name}: in {left}, not in {right}"))
        .chain(extra.map(|name| format!("{name}: in {right}, not in {left}")))
        .collect()
}

/// The names that no assertion mentions: their definitions could differ from the header.
fn unasserted(names: &BTreeSet<String>) -> Result<Vec<String>, String> {
    let text = read(&root().join(ASSERTIONS))?;
    let words: BTreeSet<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let bare = names.iter().filter(|name| !words.contains(name.as_str()));
    Ok(bare.map(|name| format!("{name}: no signature assertion in {ASSERTIONS}")).collect())
}

/// What the dynamic section lacks of the SONAME and the flag that forbids unloading.
fn dynamic_faults(library: &Path) -> Result<Vec<String>, String> {
    let bindings = read(&root().join(bindings::OUTPUT))?;
    let number = bindings
        .lines()
        .find_map(|line| line.strip_prefix("pub const POOL_ABI_VERSION: u32 = "))
        .ok_or("POOL_ABI_VERSION: not in the bindings")?;
    let soname = format!("[libmagpool.so.{}]", number.trim_end_matches(';'));
    let section = stdout_of(Command::new("readelf").arg("-d").arg(library))?;
    let wanted = [("SONAME", soname.as_str()), ("FLAGS_1", "NODELETE")];
    let lacks = |(tag, value): &(&str, &str)| {
        !section.lines().any(|line| line.contains(&format!("({tag})")) && line.contains(value))
    };
    let shown = library.display();
    Ok(wanted
        .into_iter()
        .filter(lacks)
        .map(|(tag, value)| format!("{shown}: its dynamic section has no {tag} {value}"))
        .collect())
}
