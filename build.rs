//! Link arguments of the shared library. No code generation, no C compiler.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Tells dependents where pool.h is (DEP_MAGPOOL_INCLUDE).
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    println!("cargo:include={root}/include");
    let os = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if os == "linux" || os == "android" {
        // rustc sets no SONAME; its number is POOL_ABI_VERSION.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libmagpool.so.1");
        // Threads run our exit code and finalizers hold our addresses after a
        // dlclose (rust-lang/rust#91979): never unmap.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
