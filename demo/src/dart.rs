//! The Dart part: found, run, and listened to.

use crate::build::Parts;
use crate::figures::Figures;
use crate::progress::Progress;
use crate::Outcome;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError};
use std::time::Duration;

/// Longer than any stage is silent.
const PATIENCE: Duration = Duration::from_secs(120);

/// The Dart VM, or why there is none.
pub(crate) fn vm(parts: &Parts) -> Outcome<PathBuf> {
    let said = script(parts, "ci/dart_vm.sh")?;
    said.lines().last().map(PathBuf::from).ok_or_else(|| "no Dart VM".to_owned())
}

/// Runs a script of the workspace; what it printed, or its complaint.
fn script(parts: &Parts, name: &str) -> Outcome<String> {
    let run = Command::new(parts.root.join(name)).current_dir(&parts.root).output();
    let run = run.map_err(|e| format!("{name}: {e}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match run.status.success() {
        true => Ok(text(&run.stdout)),
        false => Err(text(&run.stderr)),
    }
}

/// Runs `demo.dart`, which starts C and Rust threads as well.
pub(crate) fn run(
    vm: &PathBuf,
    parts: &Parts,
    cores: u32,
    figures: &mut Figures,
    progress: &mut Progress,
) -> Outcome<()> {
    script(parts, "ci/dart_packages.sh")?;
    let mut child = Command::new(vm)
        .current_dir(&parts.root)
        .arg("--packages=dart/.dart_tool/package_config.json")
        .args(["demo/demo.dart", &cores.to_string()])
        .env("MAGPOOL_LIBRARY", &parts.library)
        .env("MAGPOOL_DEMO_C", &parts.c_part)
        .env("MAGPOOL_DEMO_RUST", parts.library.with_file_name("libdemo_rust.so"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("{}: {e}", vm.display()))?;
    let heard = listen(&mut child, figures, progress);
    if heard.is_err() {
        let _ = child.kill();
    }
    let ended = child.wait_with_output().map_err(|e| format!("demo.dart: {e}"))?;
    heard?;
    match ended.status.success() {
        true => Ok(()),
        false => Err(format!("demo.dart: {}", String::from_utf8_lossy(&ended.stderr).trim())),
    }
}

/// Notes the figures that the program prints, until it closes its output.
fn listen(child: &mut Child, figures: &mut Figures, progress: &mut Progress) -> Outcome<()> {
    let output = child.stdout.take().ok_or("demo.dart has no output")?;
    let lines = lines_of(output);
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) => match line.split_once(' ') {
                Some(("stage", what)) => progress.stage(what),
                Some((name, value)) => figures.set(name, value),
                None => {}
            },
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => return Err("demo.dart hangs".to_owned()),
        }
    }
}

/// The lines of a stream as they come.
fn lines_of(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let lines = BufReader::new(stream).lines().map_while(Result::ok);
        lines.for_each(|line| drop(sender.send(line)));
    });
    receiver
}
