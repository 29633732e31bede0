//! The same beside `protoc`, where it is installed: it reads what we write, and we what it does.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::common;
use crate::draw::Draw;
use crate::same::Same;
use crate::{golden_old as old, golden_rich as ours};
use magpool::wire::Message as Ours;
use prost::Message;

/// What `protoc` makes of the input.
fn protoc(case: &str, way: &str, input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("protoc");
    command.arg("-I").arg(common::package().join("tests/golden").join(case));
    command.arg("-I").arg(common::root().join("proto")).arg(way).arg(format!("{case}.proto"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("protoc starts");
    child.stdin.take().expect("it is piped").write_all(input).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "protoc {way}: {}", output.status);
    output.stdout
}

/// Our encoding, through its text format and back, is the same message to us.
fn passes<O, P>(case: &str, name: &str, peer: &P)
where
    O: Ours + Default + Same<P>,
    P: Message,
{
    let mut message = O::default();
    message.decode_from(&peer.encode_to_vec()).expect("it is within its bounds");
    let bytes = message.encode_to_vec().expect("its strings are UTF-8");
    let text = protoc(case, &format!("--decode=golden.{case}.{name}"), &bytes);
    let back = protoc(case, &format!("--encode=golden.{case}.{name}"), &text);
    let mut again = O::default();
    again.decode_from(&back).expect("it is well formed");
    again.same(peer);
}

#[test]
fn protoc_reads_what_we_write_and_we_what_it_writes() {
    if !common::has_program("protoc") {
        println!("skipped: protoc is not installed");
        return;
    }
    let mut draw = Draw::new();
    for _ in 0..10 {
        passes::<ours::Choice, _>("rich", "Choice", &draw.choice());
        passes::<ours::Maybe, _>("rich", "Maybe", &draw.presences());
        passes::<ours::Maps, _>("rich", "Maps", &draw.maps());
        passes::<ours::Exact, _>("rich", "Exact", &draw.exact());
        passes::<old::Record, _>("old", "Record", &draw.record());
    }
}
