//! What the server tells of itself: the events about endpoints that it disabled and deliveries that it gave up.

use std::collections::BTreeMap;

use hookseal_server::{
    store::{
        AccountKey, DeliveryKey, DeliveryState, EndpointKey, EventFilter, Store as _,
        sqlite::SqliteStore,
    },
    subscription,
};
use serde_json::Value;

/// One event of the server's own.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) event_type: String,
    /// Where it went.
    pub(crate) deliveries: Vec<DeliveryKey>,
    pub(crate) data: Value,
    /// What became of the delivery that it tells of.
    pub(crate) about: Option<DeliveryState>,
}

/// All of them.
pub(crate) async fn reports(store: &SqliteStore, accounts: &[AccountKey]) -> Vec<Report> {
    let mut reports = Vec::new();
    for account in accounts {
        let heads = store.events(*account, &EventFilter::default(), None, u32::MAX).await.unwrap();
        for head in heads.iter().filter(|head| subscription::is_operational(&head.event_type)) {
            let detail = store.event(*account, &head.id).await.unwrap().unwrap();
            let data: Value = serde_json::from_str(&detail.event.data).unwrap();
            let about = match data["delivery_id"].as_str().and_then(DeliveryKey::parse) {
                Some(delivery) => store.delivery(*account, delivery).await.unwrap(),
                None => None,
            };
            let delivery = |endpoint| DeliveryKey { endpoint, event: head.key };
            reports.push(Report {
                event_type: head.event_type.clone(),
                deliveries: detail.endpoints.into_iter().map(delivery).collect(),
                data,
                about: about.map(|(delivery, _)| delivery.state),
            });
        }
    }
    reports
}

/// Whether there is one about each of these, and no other.
pub(crate) fn check(
    reports: &[Report],
    disabled: &[EndpointKey],
    failed: &[DeliveryKey],
) -> Result<(), String> {
    let of = |event_type: &'static str, id: &'static str| {
        let mut ids = BTreeMap::<&str, usize>::new();
        for report in reports.iter().filter(|report| report.event_type == event_type) {
            *ids.entry(report.data[id].as_str().unwrap_or_default()).or_default() += 1;
        }
        ids
    };
    let told = of("hookseal.endpoint.disabled", "endpoint_id");
    for endpoint in disabled {
        let (times, told) = (
            disabled.iter().filter(|it| *it == endpoint).count(),
            told.get(&*endpoint.to_string()).copied().unwrap_or_default(),
        );
        if told != times {
            return Err(format!(
                "{endpoint} was disabled {times} times, and that was told {told} times"
            ));
        }
    }
    if told.values().sum::<usize>() != disabled.len() {
        return Err(format!(
            "of endpoints that were not disabled it was told that they were: {told:?}"
        ));
    }
    let told = of("hookseal.delivery.exhausted", "delivery_id");
    for delivery in failed {
        let told = told.get(&*delivery.to_string()).copied().unwrap_or_default();
        if told != 1 {
            return Err(format!("{delivery} failed, and that was told {told} times"));
        }
    }
    let wrong = reports.iter().find(|report| {
        report.event_type == "hookseal.delivery.exhausted"
            && report.about != Some(DeliveryState::Failed)
    });
    wrong.map_or(Ok(()), |report| Err(format!("what did not fail was told to have: {report:?}")))
}
