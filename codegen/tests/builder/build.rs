//! Compiles this crate's schemas.

fn main() {
    let builder = poolgen::Builder::new().proto_path("proto").default_max_count(4);
    if let Err(error) = builder.compile(&["proto/music.proto"]) {
        panic!("{error}");
    }
}
