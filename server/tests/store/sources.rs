//! Sources, their counts and what they refused.

use hookseal_server::store::{
    AccountKey, Refusal, RefusalKey, Resealed, Source, SourceKey, SourceNote, SourceSettings,
    SourceState,
};

use crate::bed::{ACCOUNT, Bed, OTHER, event, event_key};

fn source(number: i64) -> Source {
    Source {
        key: SourceKey(number),
        account: ACCOUNT,
        tenant: (number == 2).then(|| "t".to_owned()),
        name: "shop".to_owned(),
        scheme: r#""stripe""#.to_owned(),
        state: SourceState::Active,
        settings: SourceSettings { rate_limit: Some(7), ..SourceSettings::default() },
        sealed: vec![1, 2, 3],
        version: 1,
    }
}

async fn sources<const N: usize>(bed: &Bed, numbers: [i64; N]) {
    for number in numbers {
        bed.store.insert_source(source(number)).await.unwrap();
    }
}

fn note(number: i64, counts: &[(&str, u64)], refusals: &[i64]) -> SourceNote {
    SourceNote {
        source: SourceKey(number),
        counts: counts.iter().map(|(what, times)| ((*what).to_owned(), *times)).collect(),
        refusals: refusals.iter().copied().map(refusal).collect(),
    }
}

fn refusal(number: i64) -> Refusal {
    Refusal { key: RefusalKey(number), code: "no_match".to_owned(), sealed: vec![9] }
}

pub(crate) async fn are_kept_as_given(bed: Bed) {
    sources(&bed, [1, 2, 3]).await;
    bed.store.insert_source(Source { account: OTHER, ..source(4) }).await.unwrap();
    assert_eq!(bed.store.source(SourceKey(2)).await.unwrap(), Some(source(2)));
    assert_eq!(bed.store.source(SourceKey(9)).await.unwrap(), None);
    let list = async |account: AccountKey, tenant, after: Option<i64>, limit| -> Vec<i64> {
        let found = bed.store.sources(account, tenant, after.map(SourceKey), limit).await.unwrap();
        found.iter().map(|source| source.key.0).collect()
    };
    assert_eq!(list(ACCOUNT, None, None, 2).await, [1, 2]);
    assert_eq!(list(ACCOUNT, None, Some(2), 9).await, [3]);
    assert_eq!(list(ACCOUNT, Some("t"), None, 9).await, [2]);
    assert_eq!(list(OTHER, None, None, 9).await, [4]);
    let all = bed.store.all_sources(Some(SourceKey(2)), 9).await.unwrap();
    assert_eq!(all.iter().map(|source| source.key.0).collect::<Vec<_>>(), [3, 4]);
    assert!(!bed.store.delete_source(OTHER, SourceKey(1)).await.unwrap());
    assert!(bed.store.delete_source(ACCOUNT, SourceKey(1)).await.unwrap());
    assert!(!bed.store.delete_source(ACCOUNT, SourceKey(1)).await.unwrap());
    assert_eq!(list(ACCOUNT, None, None, 9).await, [2, 3]);
}

pub(crate) async fn change_only_as_they_were_read(bed: Bed) {
    sources(&bed, [1]).await;
    let changed = Source {
        name: "other".to_owned(),
        state: SourceState::Paused,
        settings: SourceSettings::default(),
        sealed: vec![4],
        ..source(1)
    };
    assert!(bed.store.put_source(changed.clone()).await.unwrap());
    let now = Source { version: 2, ..changed.clone() };
    assert_eq!(bed.store.source(SourceKey(1)).await.unwrap(), Some(now.clone()));
    // Whoever read it before that change does not undo it.
    assert!(!bed.store.put_source(changed).await.unwrap());
    assert!(bed.store.put_source(now).await.unwrap());
    assert!(!bed.store.put_source(source(9)).await.unwrap());
}

pub(crate) async fn count_what_happens(bed: Bed) {
    sources(&bed, [1, 2]).await;
    let notes =
        vec![note(2, &[("accepted", 1)], &[]), note(1, &[("accepted", 2), ("no_match", 1)], &[])];
    bed.store.note(notes, 5).await.unwrap();
    // One that is gone counts nothing.
    let notes = vec![note(1, &[("no_match", 4)], &[]), note(9, &[("accepted", 1)], &[8])];
    bed.store.note(notes, 5).await.unwrap();
    let counts = bed.store.source_counts(SourceKey(1)).await.unwrap();
    assert_eq!(counts, [("accepted".to_owned(), 2), ("no_match".to_owned(), 5)]);
    assert!(bed.store.source_counts(SourceKey(9)).await.unwrap().is_empty());
    assert!(bed.store.refusals(SourceKey(9), 9).await.unwrap().is_empty());
    bed.store.delete_source(ACCOUNT, SourceKey(1)).await.unwrap();
    assert!(bed.store.source_counts(SourceKey(1)).await.unwrap().is_empty());
    assert_eq!(bed.store.source_counts(SourceKey(2)).await.unwrap().len(), 1);
}

pub(crate) async fn keep_the_newest_refusals(bed: Bed) {
    sources(&bed, [1, 2]).await;
    let kept = async |number| -> Vec<i64> {
        let found = bed.store.refusals(SourceKey(number), 9).await.unwrap();
        found.iter().map(|refusal| refusal.key.0).collect()
    };
    bed.store.note(vec![note(1, &[], &[10, 11]), note(2, &[], &[20])], 3).await.unwrap();
    bed.store.note(vec![note(1, &[], &[12, 13])], 3).await.unwrap();
    assert_eq!((kept(1).await, kept(2).await), (vec![13, 12, 11], vec![20]));
    assert_eq!(bed.store.refusals(SourceKey(1), 1).await.unwrap(), [refusal(13)]);
    let found = bed.store.refusal(SourceKey(1), RefusalKey(12)).await.unwrap();
    assert_eq!(found, Some(refusal(12)));
    assert_eq!(bed.store.refusal(SourceKey(2), RefusalKey(12)).await.unwrap(), None);
    bed.store.prune_refusals(RefusalKey(13)).await.unwrap();
    assert_eq!((kept(1).await, kept(2).await), (vec![13], vec![20]));
    bed.store.delete_source(ACCOUNT, SourceKey(1)).await.unwrap();
    assert!(kept(1).await.is_empty());
}

pub(crate) async fn are_sealed_anew(bed: Bed) {
    sources(&bed, [1, 2]).await;
    bed.store.note(vec![note(1, &[("no_match", 1)], &[10])], 3).await.unwrap();
    let sources = vec![(SourceKey(1), vec![7])];
    bed.store.reseal(Resealed { sources, ..Resealed::default() }).await.unwrap();
    let found = bed.store.source(SourceKey(1)).await.unwrap();
    assert_eq!(found, Some(Source { sealed: vec![7], ..source(1) }));
    assert_eq!(bed.store.source(SourceKey(2)).await.unwrap(), Some(source(2)));
    assert!(bed.store.refusals(SourceKey(1), 9).await.unwrap().is_empty());
    assert_eq!(bed.store.source_counts(SourceKey(1)).await.unwrap().len(), 1);
}

pub(crate) async fn know_events_by_their_names(bed: Bed) {
    let named = hookseal_server::store::NewEvent {
        idempotency_key: Some("\nsrc_1\nab".to_owned()),
        ..event(1)
    };
    bed.push_new(named).await;
    let find = async |account, name| bed.store.event_under(account, name).await.unwrap();
    assert_eq!(find(ACCOUNT, "\nsrc_1\nab").await, Some(event_key(1)));
    assert_eq!(find(ACCOUNT, "\nsrc_1\nabc").await, None);
    assert_eq!(find(OTHER, "\nsrc_1\nab").await, None);
}
