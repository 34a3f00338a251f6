//! Databases of the PostgreSQL engine.

use std::sync::Arc;

use async_trait::async_trait;
use hookseal_server::{
    clock::SystemClock,
    store::{Engine, postgres::PostgresStore},
};
use tokio::sync::OnceCell;

use crate::{
    bed::Database,
    cluster::{Cluster, execute},
};

pub(crate) struct Fresh {
    url: OnceCell<String>,
}

impl Fresh {
    pub(crate) fn new() -> Self {
        Self { url: OnceCell::new() }
    }
}

#[async_trait]
impl Database for Fresh {
    async fn open(&self) -> Arc<dyn Engine> {
        let is_new = !self.url.initialized();
        let url = self.url.get_or_init(|| Cluster::shared().database()).await;
        if !is_new {
            execute(url, "UPDATE node SET expires_at = now() - interval '1 second'").await;
        }
        let store = PostgresStore::open(url, Arc::new(SystemClock::new())).await.unwrap();
        // Without the half lease in which it would wait for the others.
        execute(url, "UPDATE node SET judges_at = now() - interval '1 second'").await;
        Arc::new(store)
    }
}
