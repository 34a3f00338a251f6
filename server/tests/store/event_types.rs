//! Types of events and their schemas.

use hookseal_server::store::{EventTypeChange, EventTypeDetail, EventTypeRecord, Registered};

use crate::bed::{ACCOUNT, Bed, OTHER, at};

fn detail(name: &str, schema: Option<&str>) -> EventTypeDetail {
    EventTypeDetail {
        record: EventTypeRecord {
            name: name.to_owned(),
            description: Some("for people".to_owned()),
            archived: false,
            version: u32::from(schema.is_some()),
            example: Some("{}".to_owned()),
            created_at: at(1),
        },
        schema: schema.map(str::to_owned),
    }
}

pub(crate) async fn are_registered_once_and_by_account(bed: Bed) {
    let new = detail("a.b", Some("{\"x\":1}"));
    let insert = async |account, new: &EventTypeDetail, max| {
        bed.store.insert_event_type(account, new.clone(), max).await.unwrap()
    };
    assert_eq!(insert(ACCOUNT, &new, 2).await, Registered::New);
    assert_eq!(insert(ACCOUNT, &detail("a.b", None), 2).await, Registered::Known);
    assert_eq!(bed.store.event_type(ACCOUNT, "a.b").await.unwrap(), Some(new.clone()));
    assert_eq!(bed.store.event_type(OTHER, "a.b").await.unwrap(), None);
    assert_eq!(insert(OTHER, &detail("a.b", None), 2).await, Registered::New);
    assert_eq!(insert(ACCOUNT, &detail("a.c", None), 2).await, Registered::New);
    assert_eq!(insert(ACCOUNT, &detail("a.d", None), 2).await, Registered::Full);
    assert_eq!(insert(ACCOUNT, &detail("a.c", None), 2).await, Registered::Known);

    assert!(!bed.store.delete_event_type(OTHER, "a.c").await.unwrap());
    assert!(bed.store.delete_event_type(ACCOUNT, "a.b").await.unwrap());
    assert!(!bed.store.delete_event_type(ACCOUNT, "a.b").await.unwrap());
    assert_eq!(bed.store.event_schema(ACCOUNT, "a.b", 1).await.unwrap(), None);
    assert_eq!(bed.store.event_type(OTHER, "a.b").await.unwrap(), Some(detail("a.b", None)));
    assert_eq!(insert(ACCOUNT, &new, 2).await, Registered::New);
}

pub(crate) async fn keep_every_version(bed: Bed) {
    let change = async |change: EventTypeChange, now| {
        bed.store.change_event_type(ACCOUNT, "a.b", change, at(now)).await.unwrap()
    };
    assert_eq!(change(EventTypeChange::default(), 1).await, None);
    bed.store.insert_event_type(ACCOUNT, detail("a.b", None), 9).await.unwrap();
    let schema = |text: &str| EventTypeChange {
        schema: Some(text.to_owned()),
        ..EventTypeChange::default()
    };
    let first = change(schema("{}"), 2).await.unwrap();
    assert_eq!((first.record.version, first.schema.as_deref()), (1, Some("{}")));
    assert_eq!(change(schema("{}"), 3).await.unwrap(), first);
    let second = change(schema("{\"x\":1}"), 4).await.unwrap();
    assert_eq!((second.record.version, second.schema.as_deref()), (2, Some("{\"x\":1}")));
    assert_eq!(bed.store.event_type(ACCOUNT, "a.b").await.unwrap(), Some(second));
    let version = async |number| bed.store.event_schema(ACCOUNT, "a.b", number).await.unwrap();
    assert_eq!(version(1).await, Some(("{}".to_owned(), at(2))));
    assert_eq!(version(2).await, Some(("{\"x\":1}".to_owned(), at(4))));
    assert_eq!(version(3).await, None);

    let rest = EventTypeChange {
        description: Some(None),
        archived: Some(true),
        example: Some(None),
        schema: None,
    };
    let record = change(rest, 5).await.unwrap().record;
    assert_eq!(
        (record.description, record.archived, record.example, record.version),
        (None, true, None, 2)
    );
}

pub(crate) async fn are_listed_by_name(bed: Bed) {
    for name in ["b", "a.z", "B", "a/b", "a.b"] {
        bed.store.insert_event_type(ACCOUNT, detail(name, None), 9).await.unwrap();
    }
    bed.store.insert_event_type(OTHER, detail("c", None), 9).await.unwrap();
    let names = async |after: Option<&str>, limit| {
        let rows = bed.store.event_types(ACCOUNT, after, limit).await.unwrap();
        rows.into_iter().map(|row| row.name).collect::<Vec<_>>()
    };
    // By their bytes.
    assert_eq!(names(None, 9).await, ["B", "a.b", "a.z", "a/b", "b"]);
    assert_eq!(names(Some("a.b"), 2).await, ["a.z", "a/b"]);
    assert_eq!(names(Some("b"), 2).await, [""; 0]);
}
