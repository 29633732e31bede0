//! Where the parts of the demonstration are, and the compilation of the C part.

use crate::Outcome;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) struct Parts {
    /// The workspace.
    pub(crate) root: PathBuf,
    /// The library, as `make build` leaves it beside this program.
    pub(crate) library: PathBuf,
    /// The C part, once it is compiled.
    pub(crate) c_part: PathBuf,
}

impl Parts {
    pub(crate) fn find() -> Outcome<Parts> {
        let here = std::env::current_dir().map_err(|e| format!("no current directory: {e}"))?;
        let root = here.ancestors().find(|dir| dir.join("include/pool.h").is_file());
        let root = root.ok_or("run it inside the magpool repository")?.to_owned();
        let program = std::env::current_exe().map_err(|e| format!("where am I? {e}"))?;
        let built = program.parent().ok_or("this program is in no directory")?;
        let library = built.join("libmagpool.so");
        if !library.is_file() {
            return Err(format!("no {}: run make build", library.display()));
        }
        let c_part = built.join("demo-c").join("libdemo.so");
        Ok(Parts { root, library, c_part })
    }

    /// Compiles `demo.c` against the generated header and the library.
    pub(crate) fn compile_c(&self) -> Outcome<()> {
        let home = self.c_part.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(home).map_err(|e| format!("{}: {e}", home.display()))?;
        // Found by its soname, beside the C part.
        let soname = home.join("libmagpool.so.1");
        let _ = std::fs::remove_file(&soname);
        std::os::unix::fs::symlink(&self.library, &soname)
            .map_err(|e| format!("{}: {e}", soname.display()))?;
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let compiled = Command::new(&compiler)
            .current_dir(&self.root)
            .args(["-std=c11", "-O2", "-Wall", "-Wextra", "-pedantic", "-Werror"])
            .args(["-shared", "-fPIC", "-pthread", "-Iinclude", "-Iinclude/generated"])
            .arg("demo/demo.c")
            .arg(&self.library)
            .args(["-Wl,-rpath,$ORIGIN", "-o"])
            .arg(&self.c_part)
            .output()
            .map_err(|e| format!("no C compiler: {compiler}: {e}; install one or set CC"))?;
        match compiled.status.success() {
            true => Ok(()),
            false => Err(format!("demo.c: {}", String::from_utf8_lossy(&compiled.stderr))),
        }
    }
}
