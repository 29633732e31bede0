//! The generated C functions: what the peer encodes they decode, and it what they encode.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::common;
use crate::draw::Draw;
use crate::rich::{Choice, Exact, Maps, Maybe, Record};
use prost::Message;

const ROUNDS: usize = 200;

/// The program, fed and run.
fn run(input: &[u8]) -> Vec<u8> {
    let program = common::compile_c("c_wire.c", &["rich", "old"]);
    let mut command = Command::new(program);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    let mut pipe = child.stdin.take().expect("it is piped");
    let output = std::thread::scope(|scope| {
        scope.spawn(move || pipe.write_all(input));
        child.wait_with_output().expect("it ends")
    });
    assert!(output.status.success(), "{}", output.status);
    output.stdout
}

fn send<P: Message>(to: &mut Vec<u8>, kind: u8, message: &P) {
    let bytes = message.encode_to_vec();
    to.push(kind);
    to.extend((bytes.len() as u32).to_le_bytes());
    to.extend(bytes);
}

fn receive<P: Message + Default + PartialEq + std::fmt::Debug>(from: &mut &[u8], sent: &P) {
    let (length, rest) = from.split_first_chunk().expect("there is another");
    let (bytes, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
    *from = rest;
    assert_eq!(&P::decode(bytes).expect("it is well formed"), sent);
}

#[test]
fn c_understands_the_peer_and_it_c() {
    let mut draw = Draw::new();
    let mut sent: Vec<(Choice, Maybe, Maps, Exact, Record)> = Vec::new();
    let mut input = Vec::new();
    for _ in 0..ROUNDS {
        let all = (draw.choice(), draw.presences(), draw.maps(), draw.exact(), draw.record());
        send(&mut input, 0, &all.0);
        send(&mut input, 1, &all.1);
        send(&mut input, 2, &all.2);
        send(&mut input, 3, &all.3);
        send(&mut input, 4, &all.4);
        sent.push(all);
    }
    let output = run(&input);
    let mut rest = &output[..];
    for all in &sent {
        receive(&mut rest, &all.0);
        receive(&mut rest, &all.1);
        receive(&mut rest, &all.2);
        receive(&mut rest, &all.3);
        receive(&mut rest, &all.4);
    }
    assert!(rest.is_empty());
}
