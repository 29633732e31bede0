//! The two programs that are asked over pipes: ours in C, and Python's protobuf.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use crate::common;
use protox::file::{ChainFileResolver, GoogleFileResolver, IncludeFileResolver};

/// A running program, which answers each request with three parts.
struct Pipe {
    child: Child,
    input: Option<ChildStdin>,
    output: ChildStdout,
}

impl Pipe {
    fn new(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let output = child.stdout.take().expect("it is piped");
        Self { input: child.stdin.take(), child, output }
    }

    fn ask(&mut self, parts: &[&[u8]]) -> [Vec<u8>; 3] {
        let mut request = Vec::new();
        for part in parts {
            request.extend((part.len() as u32).to_le_bytes());
            request.extend(*part);
        }
        let input = self.input.as_mut().expect("it is open");
        input.write_all(&request).expect("it reads");
        [(); 3].map(|()| {
            let mut length = [0; 4];
            self.output.read_exact(&mut length).expect("it answers; what it says stands above");
            let mut part = vec![0; u32::from_le_bytes(length) as usize];
            self.output.read_exact(&mut part).expect("it answers in full");
            part
        })
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        drop(self.input.take());
        let status = self.child.wait();
        if !std::thread::panicking() {
            assert!(status.is_ok_and(|status| status.success()), "what it says stands above");
        }
    }
}

/// Why we refuse bytes: a `pool_wire_status_t`, the field and the offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: i32,
    pub(crate) field: u32,
    pub(crate) offset: u32,
}

/// What we make of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) bytes: Vec<u8>,
    pub(crate) json: Vec<u8>,
}

/// The generated functions in C.
pub(crate) struct Subject(Pipe);

/// Where the schema of this test is.
fn folder() -> PathBuf {
    common::package().join("tests/conformance")
}

/// The program, which is compiled once.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let (out, own) = (common::scratch("conformance_headers"), folder());
        let (proto, concurrent) =
            (common::root().join("proto"), common::root().join("include/generated"));
        let [from, import, to] = [&own, &proto, &out].map(|folder| folder.to_string_lossy());
        let paths = ["--proto-path", &from, "--proto-path", &import, "--c-out", &to];
        let done = common::poolgen(&own, &[&["generate"], &paths[..], &["every.proto"]].concat());
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let golden = ["keep", "kinds", "old", "rich", "several"];
        common::compile_c_with("conformance/subject.c", &golden, &[&out, &concurrent])
    })
}

impl Subject {
    pub(crate) fn start() -> Self {
        Self(Pipe::new(Command::new(program())))
    }

    pub(crate) fn decode(&mut self, message: &str, bytes: &[u8]) -> Result<Message, Refusal> {
        let [status, encoded, json] = self.0.ask(&[message.as_bytes(), bytes]);
        let word = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| status[4 * at + byte]));
        match word(0) as i32 {
            0 => Ok(Message { bytes: encoded, json }),
            status => Err(Refusal { status, field: word(1), offset: word(2) }),
        }
    }
}

/// What Python makes of bytes.
#[derive(Debug)]
pub(crate) enum Verdict {
    Refused,
    Taken {
        /// Its encoding without unknown fields, and which of those a message keeps.
        bytes: Vec<u8>,
        /// Fields with numbers of the schema were among those.
        has_known: bool,
        /// What is wrong with the JSON, if anything.
        fault: String,
    },
}

/// Python's protobuf.
pub(crate) struct Oracle(Pipe);

impl Oracle {
    /// None where there is no such Python, which is said.
    pub(crate) fn start(seed: u64) -> Option<Self> {
        let Some(python) = std::env::var_os("MAGPOOL_PYTHON") else {
            println!(
                "skipped: MAGPOOL_PYTHON names no Python with protobuf; ci/conformance.sh does"
            );
            return None;
        };
        let mut command = Command::new(python);
        command.arg(folder().join("oracle.py")).arg(descriptors()).arg(seed.to_string());
        Some(Self(Pipe::new(command)))
    }

    /// A message, and damaged bytes made of it.
    pub(crate) fn draw(&mut self, message: &str) -> [Vec<u8>; 2] {
        let [_, bytes, damaged] = self.0.ask(&[b"draw", message.as_bytes(), b"", b""]);
        [bytes, damaged]
    }

    /// Compares `json` with its own, if there is any.
    pub(crate) fn parse(&mut self, message: &str, bytes: &[u8], json: &[u8]) -> Verdict {
        let [verdict, bytes, fault] = self.0.ask(&[b"parse", message.as_bytes(), bytes, json]);
        match verdict[0] {
            0 => Verdict::Refused,
            taken => Verdict::Taken {
                bytes,
                has_known: taken == 2,
                fault: String::from_utf8_lossy(&fault).into_owned(),
            },
        }
    }
}

/// A file of all schemas as the descriptors that other tools read.
fn descriptors() -> &'static Path {
    static SET: OnceLock<PathBuf> = OnceLock::new();
    SET.get_or_init(|| {
        let golden = common::package().join("tests/golden");
        let mut resolver = ChainFileResolver::new();
        let folders = ["keep", "kinds", "old", "rich", "several"].map(|case| golden.join(case));
        for folder in folders.into_iter().chain([folder(), common::root().join("proto")]) {
            resolver.add(IncludeFileResolver::new(folder));
        }
        resolver.add(GoogleFileResolver::new());
        let mut compiler = protox::Compiler::with_file_resolver(resolver);
        compiler.include_imports(true);
        for file in ["concurrent", "every", "keep", "kinds", "old", "rich", "main"] {
            compiler.open_file(format!("{file}.proto")).expect("the schema is correct");
        }
        let set = common::scratch("conformance_descriptors").join("set");
        std::fs::write(&set, compiler.encode_file_descriptor_set()).expect("it can be written");
        set
    })
}
