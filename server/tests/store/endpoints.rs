//! Endpoints and their secrets.

use hookseal_server::store::{
    Endpoint, EndpointChange, EndpointFilter, EndpointKey, EndpointSettings, EndpointState, Order,
    Resealed, SealedSecret, SecretKind, Secrets, StoreError, Target,
};

use crate::bed::{ACCOUNT, Bed, OTHER, at, endpoint, secrets};

fn full(number: i64) -> Endpoint {
    Endpoint {
        event_types: vec!["a.*".to_owned(), "invoice.paid".to_owned()],
        tenant: Some("t".to_owned()),
        description: Some("for people".to_owned()),
        settings: EndpointSettings {
            headers: vec![("x-a".to_owned(), "1".to_owned())],
            rate_limit: Some(5),
            concurrency: Some(2),
            order: Order::Key,
            retry: Some("{}".to_owned()),
            timeout_ms: Some(900),
        },
        secret: SecretKind::OneWay,
        ..endpoint(number)
    }
}

fn rotated() -> Secrets {
    let secret = |byte, kind| SealedSecret { kind, sealed: vec![byte] };
    Secrets {
        current: secret(1, SecretKind::OneWay),
        previous: Some((secret(2, SecretKind::Shared), at(70))),
    }
}

pub(crate) async fn are_kept_as_given(bed: Bed) {
    bed.store.insert_endpoint(full(7), rotated()).await.unwrap();
    let target = bed.store.target(ACCOUNT, EndpointKey(7)).await.unwrap().unwrap();
    assert_eq!(target.endpoint, full(7));
    assert_eq!(target.secrets, rotated());
    assert!(bed.store.insert_endpoint(full(7), secrets()).await.is_err());
    assert_eq!(bed.store.target(ACCOUNT, EndpointKey(8)).await.unwrap(), None);
}

pub(crate) async fn are_listed_by_filter_and_page(bed: Bed) {
    let other = Endpoint { profile: "naive".to_owned(), ..endpoint(4) };
    for one in [full(3), endpoint(1), other, full(2)] {
        bed.insert(one).await;
    }
    let list = async |filter: EndpointFilter, after, limit| -> Vec<i64> {
        let after = (after > 0).then_some(EndpointKey(after));
        let found = bed.store.endpoints(ACCOUNT, &filter, after, limit).await.unwrap();
        found.iter().map(|endpoint| endpoint.key.0).collect()
    };
    let all = EndpointFilter::default;
    assert_eq!(list(all(), 0, 10).await, [1, 2, 3, 4]);
    assert_eq!(list(all(), 1, 2).await, [2, 3]);
    assert!(list(all(), 4, 2).await.is_empty());
    let of_tenant = || EndpointFilter { tenant: Some("t".to_owned()), ..all() };
    assert_eq!(list(of_tenant(), 0, 10).await, [2, 3]);
    assert_eq!(list(of_tenant(), 2, 10).await, [3]);
    let of_profile = EndpointFilter { profile: Some("naive".to_owned()), ..all() };
    assert_eq!(list(of_profile, 0, 10).await, [4]);
    bed.store.delete_endpoint(ACCOUNT, EndpointKey(2), at(0)).await.unwrap();
    assert_eq!(list(of_tenant(), 0, 10).await, [3]);
    assert_eq!(list(all(), 0, 10).await, [1, 3, 4]);
    // Whose a deleted one was is still known.
    let tenant =
        async |account, key| bed.store.endpoint_tenant(account, EndpointKey(key)).await.unwrap();
    assert_eq!(tenant(ACCOUNT, 1).await, Some(None));
    assert_eq!(tenant(ACCOUNT, 2).await, Some(Some("t".to_owned())));
    assert_eq!((tenant(ACCOUNT, 9).await, tenant(OTHER, 1).await), (None, None));
}

pub(crate) async fn change_what_is_asked(bed: Bed) {
    bed.store.insert_endpoint(full(1), rotated()).await.unwrap();
    let key = EndpointKey(1);
    let none = bed.change(key, EndpointChange::default(), 1).await;
    assert_eq!(none, Endpoint { version: none.version, ..full(1) });
    let change = EndpointChange {
        url: Some("https://example.org/x".to_owned()),
        event_types: Some(vec!["b.c".to_owned()]),
        description: Some(None),
        settings: Some(EndpointSettings::default()),
        state: Some(EndpointState::Paused),
        version: Some(none.version),
    };
    let changed = bed.change(key, change, 2).await;
    let expected = Endpoint {
        url: "https://example.org/x".to_owned(),
        event_types: vec!["b.c".to_owned()],
        description: None,
        settings: EndpointSettings::default(),
        state: EndpointState::Paused,
        version: changed.version,
        ..full(1)
    };
    assert_eq!(changed, expected);
    assert!(changed.version > none.version);
    let found = bed.store.target(ACCOUNT, key).await.unwrap().unwrap();
    assert_eq!(found.endpoint, changed);
    // What was thought out for what it was is not done.
    let late = EndpointChange {
        version: Some(none.version),
        url: Some("https://example.net/".to_owned()),
        ..EndpointChange::default()
    };
    let late = bed.store.change_endpoint(ACCOUNT, key, late, at(3)).await;
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
    assert_eq!(bed.store.target(ACCOUNT, key).await.unwrap().unwrap().endpoint, changed);
    let nobody =
        bed.store.change_endpoint(ACCOUNT, EndpointKey(9), EndpointChange::default(), at(3));
    assert_eq!(nobody.await.unwrap(), None);
}

pub(crate) async fn secrets_are_replaced(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    assert!(bed.store.put_secrets(ACCOUNT, key, 1, rotated()).await.unwrap());
    let target = bed.store.target(ACCOUNT, key).await.unwrap().unwrap();
    assert_eq!(target.secrets, rotated());
    assert_eq!(target.endpoint.secret, SecretKind::OneWay);
    assert!(target.endpoint.version > 1);
    let late = bed.store.put_secrets(ACCOUNT, key, 1, secrets()).await;
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
    let version = target.endpoint.version;
    assert!(bed.store.put_secrets(ACCOUNT, key, version, secrets()).await.unwrap());
    let target = bed.store.target(ACCOUNT, key).await.unwrap().unwrap();
    assert_eq!(target.secrets, secrets());
    assert!(!bed.store.put_secrets(ACCOUNT, EndpointKey(9), 1, secrets()).await.unwrap());
}

pub(crate) async fn secrets_go_when_their_overlap_ends(bed: Bed) {
    let until = |moment| Secrets { previous: Some((secrets().current, at(moment))), ..secrets() };
    for (number, moment) in [(1, 10), (2, 20), (3, 10)] {
        let [key] = bed.endpoints([number]).await;
        assert!(bed.store.put_secrets(ACCOUNT, key, 1, until(moment)).await.unwrap());
    }
    let left = async || -> Vec<_> {
        let targets = bed.store.all_targets(None, 10).await.unwrap();
        let has = |target: &Target| target.secrets.previous.is_some();
        targets.iter().filter(|target| has(target)).map(|target| target.endpoint.key.0).collect()
    };
    assert!(!bed.store.drop_secrets(2, at(9)).await.unwrap());
    assert_eq!(left().await, [1, 2, 3]);
    assert!(bed.store.drop_secrets(1, at(10)).await.unwrap());
    assert_eq!(left().await.len(), 2);
    assert!(!bed.store.drop_secrets(2, at(19)).await.unwrap());
    assert_eq!(left().await, [2]);
    // The endpoint is what it was, and its secret of now signs.
    let target = bed.store.target(ACCOUNT, EndpointKey(1)).await.unwrap().unwrap();
    assert_eq!((target.endpoint.version, target.secrets), (2, secrets()));
}

pub(crate) async fn all_secrets_are_sealed_anew(bed: Bed) {
    bed.endpoints([1, 3]).await;
    bed.insert(Endpoint { account: OTHER, ..endpoint(2) }).await;
    bed.store.init_setting("check", vec![1]).await.unwrap();
    let keys = async |after: Option<i64>, limit| -> Vec<i64> {
        let found = bed.store.all_targets(after.map(EndpointKey), limit).await.unwrap();
        found.iter().map(|target| target.endpoint.key.0).collect()
    };
    assert_eq!(keys(None, 2).await, [1, 2]);
    assert_eq!(keys(Some(2), 2).await, [3]);
    let settings = vec![("check".to_owned(), vec![2]), ("other".to_owned(), vec![3])];
    let sealed = |versions: [i64; 2]| {
        let keys = [EndpointKey(1), EndpointKey(2)].into_iter().zip(versions);
        let endpoints = keys.map(|(key, version)| (key, version, rotated())).collect();
        Resealed { settings: settings.clone(), endpoints, sources: Vec::new() }
    };
    let late = bed.store.reseal(sealed([1, 7])).await;
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
    assert_eq!(bed.store.setting("check").await.unwrap(), Some(vec![1]));
    let target = bed.store.target(ACCOUNT, EndpointKey(1)).await.unwrap().unwrap();
    assert_eq!(target.secrets, secrets());
    bed.store.reseal(sealed([1, 1])).await.unwrap();
    assert_eq!(bed.store.setting("check").await.unwrap(), Some(vec![2]));
    assert_eq!(bed.store.setting("other").await.unwrap(), Some(vec![3]));
    for (account, key, expected) in
        [(ACCOUNT, 1, rotated()), (OTHER, 2, rotated()), (ACCOUNT, 3, secrets())]
    {
        let target = bed.store.target(account, EndpointKey(key)).await.unwrap().unwrap();
        assert_eq!(target.secrets, expected);
    }
}

pub(crate) async fn accounts_are_apart(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    let [pushed] = bed.push([1]).await.try_into().unwrap();
    let store = &bed.store;
    assert_eq!(store.target(OTHER, key).await.unwrap(), None);
    let filter = EndpointFilter::default();
    assert_eq!(store.endpoints(OTHER, &filter, None, 10).await.unwrap(), []);
    let change = EndpointChange { state: Some(EndpointState::Disabled), ..Default::default() };
    assert_eq!(store.change_endpoint(OTHER, key, change, at(1)).await.unwrap(), None);
    assert!(!store.put_secrets(OTHER, key, 1, rotated()).await.unwrap());
    assert!(!store.delete_endpoint(OTHER, key, at(1)).await.unwrap());
    let id = pushed.event.to_string();
    assert!(store.event(OTHER, &id).await.unwrap().is_none());
    assert!(store.event(ACCOUNT, &id).await.unwrap().is_some());
    assert!(store.events(OTHER, &Default::default(), None, 10).await.unwrap().is_empty());
    assert!(store.delivery(OTHER, pushed).await.unwrap().is_none());
    assert!(store.deliveries(OTHER, &Default::default(), None, 10).await.unwrap().rows.is_empty());
    for what in [
        hookseal_server::store::Replay::Delivery(pushed),
        hookseal_server::store::Replay::Event(pushed.event),
        hookseal_server::store::Replay::Failed { endpoint: key, since: at(0) },
    ] {
        assert_eq!(store.replay(OTHER, what, at(1)).await.unwrap(), None, "{what:?}");
    }
    bed.insert(Endpoint { account: OTHER, ..endpoint(2) }).await;
    let [only_ours] = bed.push([2]).await.try_into().unwrap();
    assert_eq!(only_ours.endpoint, key);
}
