//! Text to descriptors, through protox.

use std::path::{Path, PathBuf};

use miette::Diagnostic as _;
use protox::file::{
    ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver,
};
use protox::prost_reflect::FileDescriptor;

use crate::diag::{Diagnostic, Diagnostics};
use crate::place::Place;

/// The name schemas import the options by.
pub(crate) const OPTIONS_FILE: &str = "magpool/options.proto";

/// Reads and checks `file` and its imports. Without `proto_paths`, its own folder is searched.
pub(crate) fn parse(proto_paths: &[PathBuf], file: &Path) -> Result<FileDescriptor, Diagnostics> {
    let own = [own_folder(file)];
    let folders = if proto_paths.is_empty() { &own } else { proto_paths };
    let mut compiler = protox::Compiler::with_file_resolver(resolver(folders));
    compiler.include_source_info(true).include_imports(true);
    compiler.open_file(file).map_err(|error| from_protox(file, &error))?;
    let name = compiler.files().find(|f| !f.is_import()).map(|f| f.name().to_owned());
    name.and_then(|name| compiler.descriptor_pool().get_file_by_name(&name)).ok_or_else(|| {
        let place = Place { file: file.display().to_string(), ..Place::default() };
        Diagnostic::new(&place, "nothing to compile", "name one schema file").into()
    })
}

fn own_folder(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn resolver(folders: &[PathBuf]) -> ChainFileResolver {
    let mut chain = ChainFileResolver::new();
    for folder in folders {
        chain.add(IncludeFileResolver::new(folder.clone()));
    }
    chain.add(OptionsResolver);
    chain.add(GoogleFileResolver::new());
    chain
}

/// The options file, carried along so that a schema needs no copy of it.
struct OptionsResolver;

impl FileResolver for OptionsResolver {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        if name == OPTIONS_FILE {
            File::from_source(name, include_str!("../../proto/magpool/options.proto"))
        } else {
            Err(protox::Error::file_not_found(name))
        }
    }
}

fn from_protox(file: &Path, error: &protox::Error) -> Diagnostics {
    let mut found = Diagnostics::default();
    collect(file, error, error, &mut found);
    match found.into_result(()) {
        Err(found) => found,
        Ok(()) => Diagnostics::default(),
    }
}

/// One parse may find several errors; the others hang below the first.
fn collect(
    file: &Path,
    top: &protox::Error,
    error: &dyn miette::Diagnostic,
    found: &mut Diagnostics,
) {
    let place = place_of(file, top, error);
    let help = error.help().map_or_else(|| default_help(top), |help| help.to_string());
    let text = error.to_string();
    // The location in front of the text is ours to write.
    let mut message = text.strip_prefix(&format!("{place}: ")).unwrap_or(&text).to_owned();
    let mut cause = error.source();
    while let Some(inner) = cause {
        message = format!("{message}: {inner}");
        cause = inner.source();
    }
    found.push(&place, message, help);
    for other in error.related().into_iter().flatten() {
        collect(file, top, other, found);
    }
}

fn default_help(error: &protox::Error) -> String {
    if error.is_file_not_found() {
        format!("name the folder it is below with --proto-path; {OPTIONS_FILE} needs none")
    } else if error.is_parse() {
        "the file must be correct proto3; proto/README.md has the supported subset".to_owned()
    } else {
        format!("see proto/README.md for the supported subset, {OPTIONS_FILE} for the options")
    }
}

fn place_of(file: &Path, top: &protox::Error, error: &dyn miette::Diagnostic) -> Place {
    let name = top.file().map_or_else(|| file.display().to_string(), str::to_owned);
    let position = error.labels().into_iter().flatten().next().and_then(|label| {
        let source = error.source_code().or_else(|| top.source_code())?;
        let text = source.read_span(label.inner(), 0, 0).ok()?;
        Some((text.line() + 1, text.column() + 1))
    });
    let (line, column) = position.unwrap_or_default();
    Place { file: name, line, column }
}
