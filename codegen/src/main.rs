//! `poolgen`: compiles schemas to C, Rust and Dart, and explains and compares their layouts.
#![forbid(unsafe_code)]

mod args;
mod progress;
mod watch;

use std::io::{ErrorKind, IsTerminal, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use args::{Cli, Command, Diff, Explain, Generate};
use clap::{CommandFactory as _, Parser as _};
use poolgen::{Diagnostics, Output};

/// The schema is wrong, a file is stale, objects cannot be read, or the disk refused.
const FAILED: u8 = 1;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        None => generate(&cli.generate),
        Some(Command::Generate(generate_args)) => generate(&generate_args),
        Some(Command::Check(mut check)) => {
            check.check = true;
            generate(&check)
        }
        Some(Command::Explain(explain_args)) => explain(&explain_args),
        Some(Command::Diff(diff_args)) => diff(&diff_args),
        Some(Command::Completion { shell }) => completion(shell),
    };
    if done {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILED)
    }
}

/// One run, or one after each change of a file that was read. False: not all is well.
fn generate(args: &Generate) -> bool {
    if !args.watch {
        return generate_once(args).0;
    }
    let mut known = Vec::new();
    loop {
        let before = watch::states(&known);
        let (_, read) = generate_once(args);
        // What changed in the meantime may have been read too early.
        if watch::states(&known) == before {
            watch::until_changed(&read);
        }
        known = read;
    }
}

fn generate_once(args: &Generate) -> (bool, Vec<PathBuf>) {
    let (request, folders) = args.request();
    let mut progress = progress::on_stderr();
    let run = poolgen::compile_by_steps(&request, &mut |step| progress.step(step));
    drop(progress);
    let read = if run.read.is_empty() { request.files.clone() } else { run.read };
    let compiled = match run.result {
        Ok(compiled) => compiled,
        Err(diags) => {
            show(&diags);
            return (false, read);
        }
    };
    show(&compiled.warnings);
    let mut wanted: Vec<(PathBuf, &Output)> = Vec::new();
    for output in &compiled.outputs {
        let folder = folders.iter().find(|(target, _)| *target == output.target);
        wanted.extend(folder.map(|(_, folder)| (folder.join(&output.name), output)));
    }
    let done = if args.check { check(&wanted) } else { write(&wanted, args) };
    (done, read)
}

/// Names every file that is not what would be written, and the command that writes it.
fn check(wanted: &[(PathBuf, &Output)]) -> bool {
    let stale = poolgen::stale(wanted);
    for path in &stale {
        eprintln!("poolgen: {} is stale", path.display());
    }
    if !stale.is_empty() {
        let words = std::env::args().skip(1).filter(|word| word != "--check");
        let words: Vec<String> = words.collect();
        let command = match words.split_first() {
            Some((first, rest)) if first == "check" => format!("generate {}", rest.join(" ")),
            _ => words.join(" "),
        };
        eprintln!("  help: run poolgen {command}");
    }
    stale.is_empty()
}

fn write(wanted: &[(PathBuf, &Output)], args: &Generate) -> bool {
    match poolgen::write_all(wanted) {
        Ok(changed) => {
            if args.verbose || args.watch {
                changed.iter().for_each(|path| eprintln!("poolgen: wrote {}", path.display()));
            }
            true
        }
        Err(error) => {
            eprintln!("poolgen: {error}");
            false
        }
    }
}

fn explain(args: &Explain) -> bool {
    match poolgen::explain(&args.request(), &args.message) {
        Ok(text) => print(&text),
        Err(diags) => {
            show(&diags);
            false
        }
    }
}

fn diff(args: &Diff) -> bool {
    let [old, new] = args.requests();
    match poolgen::diff(&old, &new) {
        Ok(difference) => print(&difference.text) && difference.readable,
        Err(diags) => {
            show(&diags);
            false
        }
    }
}

fn completion(shell: clap_complete::Shell) -> bool {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "poolgen", &mut script);
    print(&String::from_utf8_lossy(&script))
}

/// A reader that goes away, as `head` does, is no failure of ours.
fn print(text: &str) -> bool {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("poolgen: cannot write to standard output: {error}");
            false
        }
        _ => true,
    }
}

fn show(diags: &Diagnostics) {
    if !diags.is_empty() {
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        eprint!("{}", diags.render(colour));
    }
}
