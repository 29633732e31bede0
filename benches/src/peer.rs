//! What a peer is to the workloads: something that threads take objects from and give them
//! back to. One adapter a file below `peers/`; the workloads are compiled for each, so no
//! peer pays for a dispatch that another does not.

/// What a workload asks of a pool.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Bytes of an object.
    pub object_bytes: usize,
    /// Objects that may be live at once. Peers without a limit ignore it.
    pub capacity: usize,
    /// Threads that will use it at once, at most.
    pub threads: usize,
}

/// What sort of peer it is: the targets name the kinds they compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// magpool, by one of its faces.
    Magpool,
    /// What any allocator with a thread-local cache costs at least.
    Floor,
    /// A general allocator.
    Allocator,
    /// A pool with a C or C++ interface.
    Pool,
    /// A pool of a Rust crate.
    Crate,
    /// The design that magpool replaces.
    Seed,
}

/// A pool, or an allocator used like one. Shared by all threads of a case.
pub trait Peer: Send + Sync + Sized + 'static {
    /// Its name in reports; unique.
    const NAME: &'static str;
    const KIND: Kind;
    /// Whether an allocation beyond the capacity fails.
    const BOUNDED: bool;

    /// An object: a pointer, or the guard or key that stands for one.
    type Object: Send;
    /// What one thread needs to use the peer.
    type Local<'a>: Local<Object = Self::Object>
    where
        Self: 'a;

    /// Its version, from the peer itself where it tells.
    fn version() -> String;

    /// Makes it ready, or says in a line what is missing on this machine. The peer's
    /// documentation decides about its settings.
    fn create(setup: &Setup) -> Result<Self, String>;

    /// Called by each thread that will use it, before it does; dropped by that thread.
    fn local(&self) -> Self::Local<'_>;
}

/// One thread's way into a peer.
pub trait Local {
    type Object: Send;

    /// An object, or none if the peer has no more.
    fn alloc(&mut self) -> Option<Self::Object>;

    /// As `alloc`, by the call that tells why there is none, if the peer has one.
    fn alloc_or_verdict(&mut self) -> Option<Self::Object> {
        self.alloc()
    }

    /// Gives an object back; it may come from another thread.
    fn free(&mut self, object: Self::Object);

    /// Where the object's bytes are: workloads write to them, as programs do.
    fn bytes(object: &mut Self::Object) -> *mut u8;

    /// Appends up to `count` objects and returns how many; by the peer's batch call if it
    /// has one.
    fn alloc_batch(&mut self, objects: &mut Vec<Self::Object>, count: usize) -> usize {
        let before = objects.len();
        objects.extend(std::iter::from_fn(|| self.alloc()).take(count));
        objects.len() - before
    }

    /// Gives all of them back; by the peer's batch call if it has one.
    fn free_batch(&mut self, objects: &mut Vec<Self::Object>) {
        objects.drain(..).for_each(|object| self.free(object));
    }
}

/// An object that is no more than its address.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointer(pub std::ptr::NonNull<u8>);

#[allow(unsafe_code, reason = "an address that is handed from thread to thread")]
// SAFETY: whoever has the pointer has the object, alone.
unsafe impl Send for Pointer {}

/// Does something with every peer, each in its own type.
pub trait Visitor {
    fn visit<P: Peer>(&mut self);
}
