//! The report of `sample.json`, whose figures are invented.

use super::curves::{by_bytes, by_number, by_threads};
use super::number::{self, Column};
use super::view::{Measure, Run, Standing, Verdict};
use super::{command, page, table, write};
use crate::outcome::*;
use crate::peer::Kind;
use roxmltree::{Document, ParsingOptions};
use std::collections::HashSet;

fn sample() -> Outcome {
    serde_json::from_str(include_str!("sample.json")).expect("the sample is an outcome")
}

/// A run of one case in which the peers took these times.
fn small(times: &[(&str, Kind, f64)]) -> Outcome {
    let mut outcome = sample();
    outcome.peers = times
        .iter()
        .map(|(name, kind, _)| PeerInfo {
            name: (*name).to_owned(),
            kind: *kind,
            version: "1".to_owned(),
            missing: None,
        })
        .collect();
    let results = times.iter().map(|(name, _, time)| result(name, *time));
    let case = Case {
        workload: "something-new".to_owned(),
        what: "What the threads do.".to_owned(),
        threads: 3,
        object_bytes: 64,
        unit: "thing".to_owned(),
        results: results.collect(),
    };
    outcome.cases = vec![case];
    outcome.targets.clear();
    outcome
}

fn result(peer: &str, time: f64) -> PeerResult {
    let spread = Spread { median: time, low: 0.99 * time, high: 1.01 * time, least: 0.98 * time };
    PeerResult {
        peer: peer.to_owned(),
        wall: spread,
        processor: spread,
        throughput: 1e9 / time,
        latency: None,
        memory: None,
        note: None,
    }
}

/// The page as XML: all of its text, and its tree.
fn parsed(page: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(page, options).expect("the page is well-formed")
}

fn text(document: &Document) -> String {
    let nodes = document.descendants().filter(|node| node.is_text());
    nodes.filter_map(|node| node.text()).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_peer_and_every_case_appears() {
    let outcome = sample();
    let page = page::page(&outcome);
    let document = parsed(&page);
    let (page_text, table) = (text(&document), table(&outcome));
    for peer in &outcome.peers {
        assert!(page_text.contains(&peer.name), "{}", peer.name);
        assert!(page_text.contains(&peer.version), "{}", peer.version);
        assert!(table.contains(&peer.name), "{}", peer.name);
        if let Some(reason) = &peer.missing {
            assert!(page_text.contains(reason), "{reason}");
            assert!(table.contains(reason), "{reason}");
        }
    }
    for case in &outcome.cases {
        let id = format!("case-{}-{}t-{}b", case.workload, case.threads, case.object_bytes);
        let node = document.descendants().find(|node| node.attribute("id") == Some(&id));
        let rows = node.unwrap_or_else(|| panic!("no {id}")).descendants();
        let rows = rows.filter(|node| node.has_tag_name("tr")).count();
        assert_eq!(rows, case.results.len() + 1, "{id}");
        assert!(page_text.contains(&case.what) && table.contains(&case.what), "{}", case.what);
        let plural = if case.threads == 1 { "" } else { "s" };
        let head = format!("{}, {} thread{plural}, ", case.workload, case.threads);
        assert!(table.contains(&head), "{head}");
    }
    for target in &outcome.targets {
        assert!(page_text.contains(&target.what) && table.contains(&target.what));
    }
}

#[test]
fn values_are_escaped() {
    let mut outcome = sample();
    let nasty = "</svg></style><script>alert(\"1\" & '2')</script>";
    outcome.peers[0].version = nasty.to_owned();
    outcome.cases[0].what = nasty.to_owned();
    outcome.cases[0].workload = nasty.to_owned();
    outcome.cases[0].unit = nasty.to_owned();
    outcome.cases[0].results[0].note = Some(nasty.to_owned());
    outcome.cases[0].results[1].peer = nasty.to_owned();
    outcome.machine.processor = nasty.to_owned();
    outcome.targets[0].versus = nasty.to_owned();
    outcome.peers.last_mut().unwrap().missing = Some(nasty.to_owned());
    let page = page::page(&outcome);
    assert!(!page.contains("<script"));
    assert!(text(&parsed(&page)).matches(nasty).count() >= 9);
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let page = page::page(&sample());
    for part in ["://", "<script", "<link", "<img", "<iframe", "@import", "url(", "@font-face"] {
        assert!(!page.contains(part), "{part}");
    }
    let document = parsed(&page);
    let ids: Vec<_> = document.descendants().filter_map(|node| node.attribute("id")).collect();
    let known: HashSet<_> = ids.iter().copied().collect();
    assert_eq!(known.len(), ids.len(), "ids are unique");
    for link in document.descendants().filter_map(|node| node.attribute("href")) {
        let id = link.strip_prefix('#').expect("links stay on the page");
        assert!(known.contains(id), "{link}");
    }
    assert!(document.descendants().all(|node| node.attribute("src").is_none()));
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("@media print"));
}

#[test]
fn every_plot_has_a_title_a_text_and_sound_coordinates() {
    let page = page::page(&sample());
    let document = parsed(&page);
    let plots: Vec<_> =
        document.descendants().filter(|node| node.attribute("role") == Some("img")).collect();
    // Two overviews, curves of threads, fullness and sizes, latencies, memory.
    assert_eq!(plots.len(), 2 + 3 + 1 + 1 + 3 + 1);
    for plot in plots {
        for name in ["title", "desc"] {
            let child = plot.children().find(|node| node.has_tag_name(name));
            assert!(child.and_then(|node| node.text()).is_some_and(|text| text.len() > 10));
        }
        let values = plot.descendants().flat_map(|node| node.attributes());
        for value in values.filter(|value| !["class", "role"].contains(&value.name())) {
            let value = value.value();
            assert!(!value.contains("NaN") && !value.contains("inf"), "{value}");
        }
    }
}

#[test]
fn ratios_compare_with_the_best_rival() {
    let mut outcome = small(&[
        ("magpool", Kind::Magpool, 6.0),
        ("other face", Kind::Magpool, 2.0),
        ("floor", Kind::Floor, 1.0),
        ("slow", Kind::Allocator, 9.0),
        ("quick", Kind::Crate, 4.0),
    ]);
    // No peer of the run, and so no rival.
    outcome.cases[0].results.push(result("nothing at all", 0.5));
    let run = Run::new(&outcome);
    let case = &run.cases()[0];
    let ratios: Vec<_> = case.results.iter().map(|result| run.ratio(case, result)).collect();
    assert_eq!(ratios, [1.5, 0.5, 0.25, 2.25, 1.0, 0.125].map(Some));
    assert_eq!(run.best(case).unwrap().peer, "quick");
    assert_eq!(run.face(case).unwrap().peer, "magpool", "the first face is the one that counts");
    assert_eq!(run.standing(), Standing { behind: 1, ..Standing::default() });
    assert!(table(&outcome).contains("1.50×"));
    assert!(page::page(&outcome).contains("1.50×"));
}

#[test]
fn losses_are_exactly_those_behind_a_rival() {
    let mut outcome = small(&[
        ("magpool", Kind::Magpool, 5.0),
        ("face", Kind::Magpool, 3.0),
        ("floor", Kind::Floor, 1.0),
        ("rival", Kind::Pool, 4.0),
    ]);
    let latency = |p999| Latency { p50: 1.0, p99: 2.0, p999, max: 9.0, distribution: vec![] };
    let memory = |bytes| Memory { resident_bytes: 1, overhead_per_object: bytes, stranded: 0 };
    let results = &mut outcome.cases[0].results;
    results[1].latency = Some(latency(8.0));
    results[3].latency = Some(latency(4.0));
    results[1].memory = Some(memory(0.5));
    results[3].memory = Some(memory(0.0));
    let run = Run::new(&outcome);
    let losses = run.losses();
    let found: Vec<_> = losses
        .iter()
        .map(|loss| (loss.measure, loss.face.peer.as_str(), loss.factor(), loss.is_close()))
        .collect();
    // The processor's time is lost by as much as the time is, and not told twice.
    let expected = [
        (Measure::Time, "magpool", 1.25, false),
        (Measure::Tail, "face", 2.0, false),
        (Measure::Memory, "face", f64::INFINITY, false),
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_samples_losses_are_all_listed_and_no_others() {
    let outcome = sample();
    let run = Run::new(&outcome);
    let mut expected = Vec::new();
    for case in &outcome.cases {
        let time = |name: &str| {
            let found = case.results.iter().find(|result| result.peer == name);
            found.map(|result| result.wall.median).filter(|time| *time > 0.0)
        };
        let rivals = ["glibc", "mimalloc", "jemalloc", "rte_mempool", "boost-pool"];
        let rivals = rivals.into_iter().chain(["lockfree-object-pool", "seed"]);
        let best = rivals.filter_map(time).fold(f64::INFINITY, f64::min);
        for face in ["magpool", "magpool-rust"] {
            if time(face).is_some_and(|time| time > best) {
                expected.push((case.workload.clone(), case.threads, case.object_bytes, face));
            }
        }
    }
    let losses = run.losses();
    let times = losses.iter().filter(|loss| loss.measure == Measure::Time);
    let found: Vec<_> = times
        .map(|loss| {
            let case = loss.case;
            let face = loss.face.peer.as_str();
            (case.workload.clone(), case.threads, case.object_bytes, face)
        })
        .collect();
    assert!(expected.len() > 3, "the sample loses somewhere");
    let sorted = |mut list: Vec<_>| {
        list.sort();
        list
    };
    assert_eq!(sorted(found), sorted(expected));
    let page = page::page(&outcome);
    let document = parsed(&page);
    let section = document.descendants().find(|node| node.attribute("id") == Some("losses"));
    let links = section.unwrap().descendants().filter_map(|node| node.attribute("href"));
    assert_eq!(links.filter(|link| link.starts_with("#case-")).count(), losses.len());
    let table = table(&outcome);
    let list = table.split("Where magpool loses").nth(1).unwrap();
    let list = list.split("\n\n").next().unwrap();
    assert_eq!(list.lines().filter(|line| line.starts_with("    ")).count(), losses.len());
}

#[test]
fn who_loses_nothing_is_said_to() {
    let outcome = small(&[("magpool", Kind::Magpool, 1.0), ("rival", Kind::Pool, 2.0)]);
    assert!(Run::new(&outcome).losses().is_empty());
    assert!(page::page(&outcome).contains("Nowhere in this run."));
    assert!(table(&outcome).contains("nowhere in this run"));
}

#[test]
fn targets_are_met_up_to_what_is_wanted() {
    let mut target = sample().targets.remove(0);
    let mut verdict = |reached| {
        target.reached = reached;
        Verdict::of(&target)
    };
    assert_eq!(verdict(0.9), Verdict::Met);
    assert_eq!(verdict(0.901), Verdict::Missed);
    assert_eq!(verdict(f64::NAN), Verdict::Unmeasured);
    let outcome = sample();
    let is_missed = |target: &&Target| target.reached > target.wanted;
    let missed = outcome.targets.iter().filter(is_missed).count();
    assert!(missed > 0);
    assert_eq!(table(&outcome).matches("MISSED").count(), missed);
    assert_eq!(page::page(&outcome).matches("✗ missed").count(), missed);
}

#[test]
fn cases_that_differ_in_one_thing_make_a_curve() {
    let outcome = sample();
    let run = Run::new(&outcome);
    let shape = |curves: Vec<super::curves::Curve>| -> Vec<(String, Vec<f64>)> {
        let steps = |curve: &super::curves::Curve| curve.cases.iter().map(|(x, _)| *x).collect();
        curves.iter().map(|curve| (curve.title.clone(), steps(curve))).collect()
    };
    let threads = [
        ("pair".to_owned(), vec![1.0, 2.0]),
        ("hold-64-lifo".to_owned(), vec![1.0, 2.0]),
        ("crowd".to_owned(), vec![8.0, 50.0, 200.0]),
    ];
    assert_eq!(shape(by_threads(&run)), threads);
    let sizes = vec![16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0];
    assert_eq!(shape(by_bytes(&run)), [("pair, 1 thread".to_owned(), sizes)]);
    let steps = vec![50.0, 95.0, 99.0, 100.0];
    let near_full = |last: &str| (format!("near-full, 8 threads{last}"), steps.clone());
    assert_eq!(shape(by_number(&run)), [near_full("")]);
    let mut larger = outcome.clone();
    let again = outcome.cases.iter().filter(|case| case.workload.starts_with("near-full"));
    larger.cases.extend(again.cloned().map(|case| Case { object_bytes: 4096, ..case }));
    let run = Run::new(&larger);
    assert_eq!(shape(by_number(&run)), [near_full(""), near_full(", 4\u{a0}KiB")]);
}

#[test]
fn a_case_of_memory_alone_shows_no_times() {
    let memory = |resident_bytes, overhead_per_object, stranded| {
        Some(Memory { resident_bytes, overhead_per_object, stranded })
    };
    let shown = |ours: Option<Memory>, theirs: Option<Memory>| {
        let mut outcome = small(&[("magpool", Kind::Magpool, 0.0), ("rival", Kind::Pool, 0.0)]);
        outcome.cases[0].results[0].memory = ours;
        outcome.cases[0].results[1].memory = theirs;
        let losses = Run::new(&outcome).losses().iter().map(|loss| loss.measure).collect();
        (page::page(&outcome), table(&outcome), losses)
    };
    let (page, table, losses): (_, _, Vec<Measure>) =
        shown(memory(9000, 9.0, 0), memory(12_000, 12.0, 7));
    assert!(!page.contains("quartiles <") && !table.contains("quartiles"));
    assert!(page.contains("bytes for each thing") && page.contains(", 7 stranded"));
    assert_eq!(losses, []);
    let (page, _, losses) = shown(memory(4096, 0.01, 0), memory(1024, 0.0, 0));
    assert!(page.contains("bytes in all") && page.contains("4\u{a0}KiB"));
    assert_eq!(losses, [Measure::Memory]);
    let (page, _, losses) = shown(memory(0, 0.0, 3), memory(0, 0.0, 0));
    assert!(page.contains("objects stranded"));
    assert_eq!(losses, [Measure::Stranded]);
}

#[test]
fn targets_have_their_figures_units() {
    let mut outcome = sample();
    outcome.targets.truncate(1);
    let known = [
        ("ns", 50_000.0, "50.0 µs"),
        ("bytes", 2560.0, "2.5 KiB"),
        ("objects", 0.0, "0 objects"),
        ("mimalloc", 0.9, "0.90×"),
        ("itself, 2 threads", 1.0 / 30.0, "0.033×"),
    ];
    for (versus, wanted, shown) in known {
        outcome.targets[0].versus = versus.to_owned();
        outcome.targets[0].wanted = wanted;
        assert!(table(&outcome).contains(&format!("<= {shown}")), "{shown}");
    }
}

#[test]
fn odd_runs_are_shown_too() {
    let strange = [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-12, 1e18];
    for time in strange {
        let mut outcome = small(&[("magpool", Kind::Magpool, time), ("b", Kind::Pool, 3.0)]);
        outcome.cases.push(outcome.cases[0].clone());
        outcome.cases[1].threads = 0;
        outcome.cases[1].results.push(result("nobody introduced it", time));
        outcome.cases[1].results[0].latency =
            Some(Latency { p50: time, p99: 0.0, p999: -3.0, max: 0.0, distribution: vec![] });
        outcome.cases[1].results[1].memory =
            Some(Memory { resident_bytes: 0, overhead_per_object: -time, stranded: u64::MAX });
        outcome.cases[1].results[2].memory =
            Some(Memory { resident_bytes: 1, overhead_per_object: time, stranded: 0 });
        let page = page::page(&outcome);
        assert!(text(&parsed(&page)).contains("nobody introduced it"), "{time}");
        assert!(!page.contains("NaN") && !page.contains("inf\""), "{time}");
        assert!(table(&outcome).contains("nobody introduced it"), "{time}");
    }
    let mut outcome = small(&[]);
    parsed(&page::page(&outcome));
    outcome.cases.clear();
    outcome.peers.clear();
    parsed(&page::page(&outcome));
    table(&outcome);
}

#[test]
fn a_busy_machine_is_warned_of() {
    let mut outcome = sample();
    let warned = |outcome: &Outcome| {
        (page::page(outcome).contains("The machine was busy"), table(outcome).contains("WARNING"))
    };
    assert_eq!(warned(&outcome), (true, true));
    outcome.machine.load = [0.1, 9.0];
    assert_eq!(warned(&outcome), (false, false), "the end's load is the run's own");
}

#[test]
fn a_run_is_written_and_shown_again() {
    let directory = std::env::temp_dir().join(format!("benches-report-{}", std::process::id()));
    let first = directory.join("first");
    let files = write(&sample(), &first).unwrap();
    let names: Vec<_> = files.iter().map(|file| file.file_name().unwrap()).collect();
    assert_eq!(names, ["outcome.json", "table.txt", "report.html"]);
    let path = |path: &std::path::Path| path.display().to_string();
    let second = directory.join("second");
    let again = command(&[path(&files[0]), path(&second)]).unwrap();
    for (file, again) in files.iter().zip(&again) {
        assert_eq!(std::fs::read(file).unwrap(), std::fs::read(again).unwrap());
    }
    let mut newer = sample();
    newer.version += 1;
    let newer = write(&newer, &first).unwrap();
    assert!(command(&[path(&newer[0]), path(&second)]).unwrap_err().contains("version 2"));
    assert!(command(&["no such file".to_owned(), path(&second)]).is_err());
    assert!(command(&[]).unwrap_err().starts_with("usage"));
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn figures_have_the_digits_that_matter() {
    assert_eq!(number::time(5.678), "5.68\u{a0}ns");
    assert_eq!(number::time(1999.0), "2.00\u{a0}µs");
    assert_eq!(number::time(41_234.0), "41.2\u{a0}µs");
    assert_eq!(number::time(2.5e9), "2.50\u{a0}s");
    assert_eq!(number::ratio(0.8666), "0.87×");
    assert_eq!(number::ratio(31.27), "31.3×");
    assert_eq!(number::bytes(8.0 * 1024.0 * 1024.0 * 1024.0), "8\u{a0}GiB");
    assert_eq!(number::bytes(1536.0), "1.5\u{a0}KiB");
    assert_eq!(number::grouped(-1_234_567.89, 1), "−1\u{202f}234\u{202f}567.9");
    assert_eq!(number::grouped(-0.01, 1), "0.0");
    let column = Column::times([5.0, 123.456, f64::NAN, 0.0]);
    assert_eq!((column.show(5.0), column.show(123.456)), ("5.00".into(), "123.46".into()));
    assert_eq!(column.show(f64::NAN), "–");
}
