//! Databases of the SQLite engine.

use std::sync::Arc;

use async_trait::async_trait;
use hookseal_server::store::{Engine, sqlite::SqliteStore};
use tempfile::TempDir;

use crate::bed::Database;

pub(crate) struct File {
    folder: TempDir,
    inline: bool,
}

impl File {
    pub(crate) fn threads() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), inline: false }
    }

    pub(crate) fn inline() -> Self {
        Self { inline: true, ..Self::threads() }
    }
}

#[async_trait]
impl Database for File {
    async fn open(&self) -> Arc<dyn Engine> {
        let path = self.folder.path().join("db");
        let store = if self.inline { SqliteStore::inline(&path) } else { SqliteStore::open(&path) };
        Arc::new(store.unwrap())
    }
}
