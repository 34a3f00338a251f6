//! One time for all nodes, whatever their own clocks say.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use hookseal::Timestamp;
use hookseal_server::{
    clock::{Clock, SystemClock},
    store::{Queue as _, postgres::PostgresStore},
};

use crate::cluster::{Cluster, number};

/// Hours off.
#[derive(Debug)]
struct WrongClock {
    right: SystemClock,
    off_millis: i64,
}

impl Clock for WrongClock {
    fn now(&self) -> Timestamp {
        self.right.now().plus_millis(self.off_millis)
    }

    fn elapsed(&self) -> Duration {
        self.right.elapsed()
    }

    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.right.sleep_until(at.plus_millis(-self.off_millis))
    }
}

#[tokio::test]
async fn nodes_whose_clocks_differ_by_hours_agree_on_the_time() {
    const NOW: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    let url = Cluster::shared().database().await;
    for off_millis in [-7_200_000, 0, 7_200_000] {
        let clock = Arc::new(WrongClock { right: SystemClock::new(), off_millis });
        let node = PostgresStore::open(&url, clock).await.unwrap();
        let clock = node.clock();
        for _ in 0..2 {
            let before = number(&url, NOW).await;
            let now = clock.now().as_millis();
            let after = number(&url, NOW).await;
            // As exact as the way to the database is short.
            assert!((before - 250..after + 250).contains(&now), "{before} {now} {after}");
            assert!(node.heartbeat().await.unwrap());
        }
        let (began, before) = (clock.elapsed(), clock.now());
        clock.sleep_until(before.plus_millis(50)).await;
        assert!(clock.now() >= before.plus_millis(50));
        assert!(clock.elapsed() - began < Duration::from_secs(60));
    }
}
