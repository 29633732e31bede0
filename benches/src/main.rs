//! Measures magpool and its peers in one process, interleaved; see `docs/performance.md`.

#![deny(unsafe_code)]

mod cli;
mod histogram;
mod machine;
mod measure;
mod memory;
#[allow(unreachable_pub, reason = "public in the sense that all of the program uses it")]
mod outcome;
#[allow(unreachable_pub, reason = "as above")]
mod peer;
#[allow(unreachable_pub, reason = "as above")]
mod peers;
mod progress;
mod random;
mod report;
mod run;
mod sys;
mod targets;
#[cfg(test)]
mod tests;
mod workloads;

use cli::{Command, Options};
use outcome::{Outcome, PeerInfo, Settings};
use run::{Chosen, Form};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;
use workloads::Plan;

/// Of the layout of `outcome.json`.
const VERSION: u32 = 1;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match cli::parse(&arguments).and_then(obey) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("benches: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn obey(command: Command) -> Result<(), String> {
    match command {
        Command::Run(options) => measure(&options),
        Command::List => {
            list();
            Ok(())
        }
        Command::MemoryOf(peer) => memory::child(&peer),
        Command::Report(arguments) => {
            name(&report::command(&arguments)?);
            Ok(())
        }
        Command::Help => {
            println!("{}", cli::USAGE);
            Ok(())
        }
    }
}

fn list() {
    println!("peers");
    for peer in run::introduce(&Chosen::default()) {
        let state = peer.missing.map_or(peer.version, |reason| format!("missing: {reason}"));
        println!("  {:24} {state}", peer.name);
    }
    println!("\nworkloads (* also in the quick form)");
    for plan in workloads::plans(&Options::default().threads) {
        let Plan { name, threads, object_bytes, .. } = plan;
        let mark = if plan.quick { '*' } else { ' ' };
        println!("{mark} {name:24} {threads:3} threads {object_bytes:6} bytes");
    }
    println!("* {:24} each peer in a process of its own", memory::PREFIX);
}

fn measure(options: &Options) -> Result<(), String> {
    let begin = Instant::now();
    let form = if options.quick { run::QUICK } else { run::FULL };
    let seed = cli::seed(std::env::var("MAGPOOL_SEED").ok())?;
    let plans = plans(options)?;
    let with_memory = memory::PREFIX.starts_with(options.filter.as_deref().unwrap_or_default());
    let peers = peers(options)?;
    let mut machine = machine::machine();
    eprintln!("seed {seed}");
    let mut outcome = Outcome {
        version: VERSION,
        settings: settings(&form, seed),
        cases: cases(&plans, with_memory, &peers, &form, seed),
        machine: machine.clone(),
        targets: Vec::new(),
        peers,
    };
    machine.load[1] = machine::load();
    outcome.machine = machine;
    outcome.targets = targets::targets(&outcome.cases, &outcome.peers);
    outcome.settings.seconds = begin.elapsed().as_secs_f64();
    show(&outcome, options)
}

/// The cases that were asked for.
fn plans(options: &Options) -> Result<Vec<Plan>, String> {
    let mut plans = workloads::plans(&options.threads);
    let prefix = options.filter.as_deref().unwrap_or_default();
    plans.retain(|plan| plan.name.starts_with(prefix) && (plan.quick || !options.quick));
    if plans.is_empty() && !memory::PREFIX.starts_with(prefix) {
        return Err(format!("no workload begins with {prefix} (see benches list)"));
    }
    Ok(plans)
}

fn peers(options: &Options) -> Result<Vec<PeerInfo>, String> {
    let chosen = Chosen(options.peers.clone());
    let peers = run::introduce(&chosen);
    let is_known = |name: &&String| peers.iter().any(|peer| peer.name == **name);
    if let Some(name) = chosen.0.iter().flatten().find(|name| !is_known(name)) {
        return Err(format!("no peer is called {name} (see benches list)"));
    }
    for peer in &peers {
        if let Some(reason) = &peer.missing {
            eprintln!("without {}: {reason}", peer.name);
        }
    }
    Ok(peers)
}

fn settings(form: &Form, seed: u64) -> Settings {
    Settings {
        form: form.name.into(),
        rounds: form.rounds,
        seed,
        seconds: 0.0,
        date: sys::date(),
        commit: machine::commit(),
    }
}

fn cases(
    plans: &[Plan],
    with_memory: bool,
    peers: &[PeerInfo],
    form: &Form,
    seed: u64,
) -> Vec<outcome::Case> {
    let children = if with_memory { peers.len() } else { 0 };
    let mut progress = progress::Progress::new(plans.len() + children);
    let mut cases = Vec::new();
    for plan in plans {
        progress.show(&plan.name, plan.threads, 0.0);
        cases.push(run::case(plan, peers, form, seed, &mut progress));
        progress.next();
    }
    if with_memory {
        cases.extend(memory::cases(peers, || {
            progress.next();
            progress.show(memory::PREFIX, 1, 0.0);
        }));
    }
    progress.end();
    cases
}

/// Says which files were written.
fn name(files: &[PathBuf]) {
    files.iter().for_each(|file| println!("{}", file.display()));
}

/// Shows what was found, and writes it down.
fn show(outcome: &Outcome, options: &Options) -> Result<(), String> {
    print!("{}", report::table(outcome));
    let failed = |error: std::io::Error| format!("{}: {error}", options.out.display());
    name(&report::write(outcome, &options.out).map_err(failed)?);
    Ok(())
}
