//! Text to descriptors, through protox.

use std::path::{Path, PathBuf};

use miette::Diagnostic as _;
use protox::file::{
    ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver,
};
use protox::prost_reflect::FileDescriptor;
use protox::Compiler;

use crate::diag::Diagnostics;
use crate::place::Place;
use crate::source::Sources;

/// The name schemas import the options by.
pub(crate) const OPTIONS_FILE: &str = "magpool/options.proto";

/// Reads and checks `files` and their imports, and returns those that are correct, in the order
/// given. Without `proto_paths`, the files' own folders are searched.
pub(crate) fn parse(
    proto_paths: &[PathBuf],
    files: &[PathBuf],
    sources: &Sources,
    diags: &mut Diagnostics,
) -> Vec<FileDescriptor> {
    let mut own: Vec<PathBuf> = files.iter().map(|file| own_folder(file)).collect();
    own.dedup();
    let folders = if proto_paths.is_empty() { &own } else { proto_paths };
    let (inner, sources) = (resolver(folders), sources.clone());
    let resolver = Recording { inner, folders: folders.to_vec(), sources };
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_source_info(true).include_imports(true);
    files.iter().filter_map(|file| open(&mut compiler, file, diags)).collect()
}

/// Opens one file; the last that is no import and was none before is it.
fn open(compiler: &mut Compiler, file: &Path, diags: &mut Diagnostics) -> Option<FileDescriptor> {
    let named = |compiler: &Compiler| -> Vec<String> {
        compiler.files().filter(|f| !f.is_import()).map(|f| f.name().to_owned()).collect()
    };
    let before = named(compiler);
    if let Err(error) = compiler.open_file(file) {
        collect(file, &error, &error, diags);
        return None;
    }
    let name = named(compiler).into_iter().find(|name| !before.contains(name))?;
    compiler.descriptor_pool().get_file_by_name(&name)
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

/// Notes every text that is opened, also one that cannot be parsed.
struct Recording {
    inner: ChainFileResolver,
    folders: Vec<PathBuf>,
    sources: Sources,
}

impl FileResolver for Recording {
    fn resolve_path(&self, path: &Path) -> Option<String> {
        self.inner.resolve_path(path)
    }

    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let opened = self.inner.open_file(name);
        match &opened {
            Ok(file) => {
                let text = file.source().unwrap_or_default();
                self.sources.add(name, text.to_owned(), file.path().map(Path::to_owned));
            }
            Err(_) => {
                let mut paths = self.folders.iter().map(|folder| folder.join(name));
                if let Some(path) = paths.find(|path| path.exists()) {
                    let text = std::fs::read_to_string(&path).unwrap_or_default();
                    self.sources.add(name, text, Some(path));
                }
            }
        }
        opened
    }
}

/// One parse may find several errors; the others hang below the first.
fn collect(
    file: &Path,
    top: &protox::Error,
    error: &dyn miette::Diagnostic,
    diags: &mut Diagnostics,
) {
    let place = place_of(file, top, error);
    let ours = error.to_string().contains("magpool.");
    let said = error.help().filter(|_| !ours).map(|help| help.to_string());
    let help = said.unwrap_or_else(|| default_help(error, top));
    let text = error.to_string();
    // The location in front of the text is ours to write.
    let mut message = text.strip_prefix(&format!("{place}: ")).unwrap_or(&text).to_owned();
    let mut cause = error.source();
    while let Some(inner) = cause {
        message = format!("{message}: {inner}");
        cause = inner.source();
    }
    diags.push(&place, message, help);
    for other in error.related().into_iter().flatten() {
        collect(file, top, other, diags);
    }
}

/// Every option there is.
const OPTIONS_HELP: &str = "\
(magpool.pool) has capacity, limit, magazine_rounds, reserve, align, cache_line, zero, huge_pages
and abort_on_misuse; a message also has (magpool.layout), a field (magpool.max_length),
(magpool.max_count), (magpool.key_max_length) and (magpool.fixed), a file (magpool.defaults)";

fn default_help(of: &dyn miette::Diagnostic, error: &protox::Error) -> String {
    if of.to_string().contains("but found 'edition'") {
        return "editions are not supported: write `syntax = \"proto3\";` or proto2".to_owned();
    }
    if of.to_string().contains("magpool.") {
        return OPTIONS_HELP.to_owned();
    }
    if error.is_file_not_found() {
        format!("name the folder it is below with --proto-path; {OPTIONS_FILE} needs none")
    } else if error.is_parse() {
        "the file must be correct proto2 or proto3; proto/README.md says what is supported"
            .to_owned()
    } else {
        format!("see proto/README.md for what is supported, {OPTIONS_FILE} for the options")
    }
}

/// Where the error is.
fn place_of(file: &Path, top: &protox::Error, error: &dyn miette::Diagnostic) -> Place {
    let name = top.file().map_or_else(|| file.display().to_string(), str::to_owned);
    let found = error.labels().into_iter().flatten().next().and_then(|label| {
        let source = error.source_code().or_else(|| top.source_code())?;
        let text = source.read_span(label.inner(), 0, 0).ok()?;
        Some((text.line() + 1, text.column() + 1, label.len()))
    });
    let (line, column, length) = found.unwrap_or_default();
    Place { file: name, line, column, length }
}
