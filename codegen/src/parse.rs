//! Text to descriptors, through protox.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use miette::Diagnostic as _;
use protox::file::{
    ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver,
};
use protox::prost_reflect::FileDescriptor;
use protox::Compiler;

use crate::diag::Diagnostics;
use crate::place::Place;
use crate::source::Sources;
use crate::text::{self, Refused};
use crate::Step;

/// The name schemas import the options by.
pub(crate) const OPTIONS_FILE: &str = "magpool/options.proto";

/// What options extend.
const DESCRIPTOR_FILE: &str = "google/protobuf/descriptor.proto";

/// Reads and checks `files` and their imports, and returns those that are correct, in the order
/// given. Without `proto_paths`, the files' own folders are searched.
pub(crate) fn parse(
    proto_paths: &[PathBuf],
    files: &[PathBuf],
    sources: &Sources,
    progress: &mut dyn FnMut(Step<'_>),
    diags: &mut Diagnostics,
) -> Vec<FileDescriptor> {
    for folder in proto_paths.iter().filter(|folder| !folder.is_dir()) {
        let text = format!("`{}` is no folder", folder.display());
        diags.push(&Place::whole("--proto-path"), text, "name a folder schemas are below");
    }
    let mut own: Vec<PathBuf> = files.iter().map(|file| own_folder(file)).collect();
    own.dedup();
    let folders = if proto_paths.is_empty() { &own } else { proto_paths };
    let refused = Arc::default();
    let mut opening = Opening { sources, refused: Arc::clone(&refused), diags };
    let (inner, sources) = (resolver(folders), sources.clone());
    let resolver = Recording { inner, folders: folders.to_vec(), sources, refused };
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_source_info(true).include_imports(true);
    let mut names = Vec::new();
    for (file, number) in files.iter().zip(1..) {
        let shown = file.to_string_lossy();
        progress(Step { doing: "reading", file: &shown, number, all: files.len() });
        names.extend(opening.open(&mut compiler, file));
    }
    // Not before all are open: the pool is copied when it grows while a descriptor refers to it.
    let pool = compiler.descriptor_pool();
    names.iter().filter_map(|name| pool.get_file_by_name(name)).collect()
}

/// What a file led to that was refused before it was parsed.
type LastRefused = Arc<Mutex<Option<Refused>>>;

struct Opening<'a> {
    sources: &'a Sources,
    refused: LastRefused,
    diags: &'a mut Diagnostics,
}

impl Opening<'_> {
    /// Opens one file, and returns the name others import it by: the one that is no import now and
    /// was not there before, or was one.
    fn open(&mut self, compiler: &mut Compiler, file: &Path) -> Option<String> {
        let named = |compiler: &Compiler| -> HashSet<String> {
            compiler.files().filter(|f| !f.is_import()).map(|f| f.name().to_owned()).collect()
        };
        let before = named(compiler);
        if let Err(error) = compiler.open_file(file) {
            let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner).take();
            match refused {
                Some(Refused { place, message, help }) => self.diags.push(&place, message, help),
                None => collect(file, &error, &error, self.sources, self.diags),
            }
            return None;
        }
        named(compiler).into_iter().find(|name| !before.contains(name))
    }
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
    refused: LastRefused,
}

impl FileResolver for Recording {
    fn resolve_path(&self, path: &Path) -> Option<String> {
        self.inner.resolve_path(path)
    }

    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        // That of a newer protobuf may be written as no parser of ours reads it; ours will do.
        if name == DESCRIPTOR_FILE {
            return GoogleFileResolver::new().open_file(name);
        }
        let mut paths = self.folders.iter().map(|folder| folder.join(name));
        let Some(path) = paths.find(|path| path.exists()) else {
            let file = self.inner.open_file(name)?;
            self.sources.add(name, file.source().unwrap_or_default().to_owned(), None);
            return Ok(file);
        };
        let (text, changed) = text::read(name, &path).map_err(|refused| {
            self.sources.add(name, text::lossy(&path), Some(path.clone()));
            let message = refused.message.clone();
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(refused);
            protox::Error::new(message)
        })?;
        let is_file = path.is_file();
        self.sources.add(name, text.clone(), Some(path));
        // What is no file may be readable only once.
        if changed || !is_file {
            return File::from_source(name, &text);
        }
        self.inner.open_file(name)
    }
}

/// One parse may find several errors; the others hang below the first.
fn collect(
    file: &Path,
    top: &protox::Error,
    error: &dyn miette::Diagnostic,
    sources: &Sources,
    diags: &mut Diagnostics,
) {
    let place = place_of(file, top, error, sources);
    let text = error.to_string();
    let said = error.help().filter(|_| !text.contains("magpool.")).map(|help| help.to_string());
    let help = said.unwrap_or_else(|| default_help(&text, top));
    // The location in front of the text is ours to write.
    let mut message = text.strip_prefix(&format!("{place}: ")).unwrap_or(&text).to_owned();
    if message == "invalid group name" && help.starts_with("imports") {
        "no name of an import".clone_into(&mut message);
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        message = format!("{message}: {inner}");
        cause = inner.source();
    }
    diags.push(&place, message, help);
    for other in error.related().into_iter().flatten() {
        collect(file, top, other, sources, diags);
    }
}

/// What to do about what the parser says no more of, by a part of its words.
const HELP: &[(&str, &str)] = &[
    (
        "magpool.",
        "(magpool.pool) has capacity, limit, magazine_rounds, reserve, align, cache_line, zero, \
         huge_pages\nand abort_on_misuse; a message also has (magpool.layout), a field \
         (magpool.max_length),\n(magpool.max_count), (magpool.key_max_length) and \
         (magpool.fixed), a file (magpool.defaults)",
    ),
    ("but found 'edition'", "editions are not supported: write `syntax = \"proto3\";` or proto2"),
    ("import cycle", "move what both need to a file of its own, and import that in both"),
    ("is not defined", "declare it, or import the file that does"),
    ("is not in any include path", "give its folder, or one above it, with --proto-path"),
    ("number must be between", "give it a number in that range that no other field has"),
    ("field number", "give the field a number that nothing else in the message has"),
    ("enum number", "give the value another number, or say `option allow_alias = true;`"),
    ("is defined twice", "rename one of the two"),
    ("is already defined", "rename one of the two"),
    ("camel-case name of field", "rename one of the two"),
    ("must have a label", "write one, or begin the file with `syntax = \"proto3\";`"),
    ("must be 0", "give a value the number 0 and put it first"),
    ("invalid default value", "give a value of the field's type"),
    ("already been set", "remove one of the two"),
    (
        "expected 'to', ',' or ';', but found '['",
        "declarations of extensions are not read: remove them, extensions have no layout anyway",
    ),
    ("reached end of file", "see whether a brace, a comment or a text is not closed"),
];

fn default_help(text: &str, error: &protox::Error) -> String {
    if let Some((_, help)) = HELP.iter().find(|(part, _)| text.contains(part)) {
        return (*help).to_owned();
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
fn place_of(
    file: &Path,
    top: &protox::Error,
    error: &dyn miette::Diagnostic,
    sources: &Sources,
) -> Place {
    let name = top.file().map_or_else(|| file.display().to_string(), str::to_owned);
    let found = error.labels().into_iter().flatten().next().and_then(|label| {
        let source = error.source_code().or_else(|| top.source_code())?;
        let text = source.read_span(label.inner(), 0, 0).ok()?;
        Some((text.line() + 1, text.column() + 1, label.len()))
    });
    if let Some((line, column, length)) = found {
        return Place { file: name, line, column, length };
    }
    let text = error.to_string();
    if text.ends_with("reached end of file") {
        return sources.end(&name);
    }
    // Of a circle of imports, the last one is shown.
    let mut circle = text.rsplit(" -> ");
    match (circle.next(), circle.next()) {
        (Some(to), Some(from)) if text.starts_with("import cycle") => {
            let from = from.rsplit(": ").next().unwrap_or(from);
            sources.find(from, &format!("\"{to}\""))
        }
        _ => Place::whole(&name),
    }
}
