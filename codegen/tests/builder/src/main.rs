//! Fills a message from a pool and prints it.

mod music {
    include!(concat!(env!("OUT_DIR"), "/music.g.rs"));
}

mod shared_artist {
    include!(concat!(env!("OUT_DIR"), "/shared_artist.g.rs"));
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut track = music::track_alloc()?;
    track.build().id(7).title("Blue in Green").artist(|artist| artist.set_born(1926)).finish()?;
    assert_eq!(track.marks.len(), 4, "the default given to the builder");
    println!("{track:?}");
    Ok(())
}
