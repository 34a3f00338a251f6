//! The clock of one process, set by a test.

use std::{
    fs,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// Tells the processes that are started with its variables a wrong time of day.
pub struct WrongClock {
    folder: TempDir,
    ahead: fs::File,
}

impl WrongClock {
    /// One that is right. It takes the compiler that this was linked with.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/wrong_clock.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(folder.path().join("clock.so"));
        assert!(compiler.arg(source).status().unwrap().success());
        let ahead = fs::File::create(folder.path().join("ahead")).unwrap();
        let clock = Self { folder, ahead };
        clock.set(0);
        clock
    }

    /// So many seconds ahead of the right time from now on.
    pub fn set(&self, ahead: i64) {
        self.ahead.write_all_at(&ahead.to_ne_bytes(), 0).unwrap();
    }

    pub fn variables(&self) -> [(&'static str, PathBuf); 2] {
        let path = |name| self.folder.path().join(name);
        [("LD_PRELOAD", path("clock.so")), ("HOOKSEAL_TEST_CLOCK", path("ahead"))]
    }
}
