//! Shows what the pools do: C threads, Rust threads and Dart isolates on the same
//! four pools at once, and what an allocation costs.
//!
//! Needs the release library (`make build`) and a C compiler. Without a Dart VM it
//! says so and shows the rest. Fails if anything it shows is not sound.

mod build;
mod dart;
mod figures;
mod measure;
mod native;
mod progress;
mod tables;

use figures::Figures;
use native::Native;
use progress::Progress;
use std::process::ExitCode;

/// What a step comes to: nothing, or a sentence for the user.
type Outcome<T> = Result<T, String>;

/// Stages with a Dart VM. Its own are one if there is none.
const STAGES: usize = 4 + DART_STAGES;
const DART_STAGES: usize = 3;

fn main() -> ExitCode {
    let mut progress = Progress::new(STAGES);
    let shown = run(&mut progress);
    progress.end();
    match shown {
        Ok(tables) => {
            print!("{tables}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("demo: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(progress: &mut Progress) -> Outcome<String> {
    progress.stage("compiling the C part");
    let parts = build::Parts::find()?;
    parts.compile_c()?;
    let native = Native::load(&parts)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as u32;
    let mut figures = Figures::default();
    progress.stage("latency of C and Rust");
    measure::latency(&native, cores, &mut figures)?;
    progress.stage("contention: one shared pool, or one for each thread");
    measure::contention(&native, &mut figures)?;
    progress.stage("scalability: 1 to 32 threads");
    measure::scalability(&native, &mut figures)?;
    match dart::vm(&parts) {
        Ok(vm) => dart::run(&vm, &parts, cores, &mut figures, progress)?,
        Err(why) => {
            figures.set("no dart", why);
            progress.skip(DART_STAGES - 1);
            progress.stage("C and Rust at once");
            measure::at_once(&native, &mut figures)?;
        }
    }
    tables::proof(&figures)?;
    Ok(tables::all(&figures, cores))
}
