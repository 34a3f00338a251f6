//! Accounts, keys and settings.

use hookseal_server::store::{
    Account, AccountChange, AccountKey, ApiKey, ApiKeyId, Holder, KeyMade, KeyOrigin, Scope,
    Validation,
};

use crate::bed::{ACCOUNT, Bed, OTHER, at};

fn key(number: i64, origin: KeyOrigin) -> ApiKey {
    let id = ApiKeyId(ApiKeyId::floor(at(number)).0);
    ApiKey {
        id,
        account: ACCOUNT,
        origin,
        scope: Scope::Read,
        tenant: Some("t".to_owned()),
        name: Some("for the report".to_owned()),
        used: false,
        created_at: id.minted_at(),
    }
}

/// The account of the bed, as it is at first.
const BLANK: Account =
    Account { key: ACCOUNT, name: None, validation: Validation::Off, suspended: false };

pub(crate) async fn keys_open_accounts(bed: Bed) {
    let holder = |key| Some(Holder { key, account: BLANK });
    let made = key(1, KeyOrigin::Api);
    bed.store.put_key(made.clone(), [7; 32]).await.unwrap();
    assert_eq!(bed.store.api_key([7; 32]).await.unwrap(), holder(made.clone()));
    assert_eq!(bed.store.api_key([8; 32]).await.unwrap(), None);
    // The same hash again changes nothing.
    let again = ApiKey { scope: Scope::Admin, ..key(2, KeyOrigin::Api) };
    bed.store.put_key(again, [7; 32]).await.unwrap();
    assert_eq!(bed.store.api_key([7; 32]).await.unwrap(), holder(made.clone()));
    bed.store.mark_key_used(made.id).await.unwrap();
    bed.store.mark_key_used(made.id).await.unwrap();
    let used = ApiKey { used: true, ..made };
    assert_eq!(bed.store.api_key([7; 32]).await.unwrap(), holder(used));
}

pub(crate) async fn keys_replace_their_like(bed: Bed) {
    let put = async |number: i64, origin| {
        let hash = [u8::try_from(number).unwrap(); 32];
        bed.store.put_key(key(number, origin), hash).await.unwrap();
    };
    let is_there = async |number: u8| bed.store.api_key([number; 32]).await.unwrap().is_some();
    put(10, KeyOrigin::Environment).await;
    put(11, KeyOrigin::Generated).await;
    put(12, KeyOrigin::Environment).await;
    assert!(!is_there(10).await && is_there(11).await && is_there(12).await);
    put(13, KeyOrigin::Generated).await;
    assert!(!is_there(11).await && is_there(13).await);
    bed.store.mark_key_used(key(13, KeyOrigin::Generated).id).await.unwrap();
    put(14, KeyOrigin::Generated).await;
    assert!(is_there(13).await && is_there(14).await);
    put(15, KeyOrigin::Api).await;
    assert!(is_there(12).await && is_there(14).await && is_there(15).await);
}

pub(crate) async fn keys_are_revoked_by_their_account(bed: Bed) {
    let (second, first) = (key(2, KeyOrigin::Api), key(1, KeyOrigin::Api));
    bed.store.put_key(second.clone(), [12; 32]).await.unwrap();
    bed.store.put_key(first.clone(), [11; 32]).await.unwrap();
    let all = bed.store.api_keys(ACCOUNT, None, None, 9).await.unwrap();
    let ids: Vec<_> = all.iter().map(|key| key.id).collect();
    assert_eq!(ids, [ApiKeyId(1), first.id, second.id]);
    assert!(!bed.store.delete_key(OTHER, first.id).await.unwrap());
    assert!(bed.store.delete_key(ACCOUNT, first.id).await.unwrap());
    assert!(!bed.store.delete_key(ACCOUNT, first.id).await.unwrap());
    assert_eq!(bed.store.api_key([11; 32]).await.unwrap(), None);
}

pub(crate) async fn a_key_that_is_revoked_makes_no_other(bed: Bed) {
    let (maker, child) = (key(1, KeyOrigin::Api), key(2, KeyOrigin::Api));
    let store = &bed.store;
    store.put_key(maker.clone(), [11; 32]).await.unwrap();
    let make = async |key, hash| store.put_key_by(key, hash, maker.id, 99).await.unwrap();
    assert_eq!(make(child.clone(), [12; 32]).await, KeyMade::New);
    assert_eq!(store.api_key([12; 32]).await.unwrap().map(|holder| holder.key), Some(child));
    let other = ApiKey { account: OTHER, ..key(3, KeyOrigin::Api) };
    assert_eq!(make(other, [13; 32]).await, KeyMade::Revoked, "of another account");
    assert!(store.delete_key(ACCOUNT, maker.id).await.unwrap());
    assert_eq!(make(key(4, KeyOrigin::Api), [14; 32]).await, KeyMade::Revoked);
    assert_eq!(store.api_key([14; 32]).await.unwrap(), None);
}

pub(crate) async fn keys_are_limited_and_listed_by_page(bed: Bed) {
    let by = ApiKeyId(1);
    let make = async |number: u8, tenant: Option<&str>| {
        let tenant = tenant.map(str::to_owned);
        let made = ApiKey { tenant, ..key(number.into(), KeyOrigin::Api) };
        bed.store.put_key_by(made, [number; 32], by, 5).await.unwrap()
    };
    for (number, tenant) in [(11, Some("t")), (12, Some("u")), (13, None), (14, Some("t"))] {
        assert_eq!(make(number, tenant).await, KeyMade::New);
    }
    assert_eq!(make(15, None).await, KeyMade::Full);
    assert_eq!(bed.store.api_key([15; 32]).await.unwrap(), None);
    let id = |number| key(number, KeyOrigin::Api).id;
    let list = async |tenant, after, limit| -> Vec<_> {
        let page = bed.store.api_keys(ACCOUNT, tenant, after, limit).await.unwrap();
        page.iter().map(|key| key.id).collect()
    };
    assert_eq!(list(None, None, 2).await, [by, id(11)]);
    assert_eq!(list(None, Some(id(11)), 9).await, [id(12), id(13), id(14)]);
    assert_eq!(list(Some("t"), None, 9).await, [id(11), id(14)]);
    assert!(list(Some("t"), Some(id(14)), 9).await.is_empty());
    assert!(bed.store.delete_key(ACCOUNT, id(12)).await.unwrap());
    assert_eq!(make(15, None).await, KeyMade::New);
}

pub(crate) async fn the_first_account_is_the_oldest(bed: Bed) {
    let older = ApiKey { account: AccountKey(0), ..key(1, KeyOrigin::Api) };
    assert_eq!(bed.store.first_account().await.unwrap(), Some(ACCOUNT));
    bed.store.put_key(older, [9; 32]).await.unwrap();
    assert_eq!(bed.store.first_account().await.unwrap(), Some(AccountKey(0)));
}

pub(crate) async fn a_setting_is_decided_once(bed: Bed) {
    assert_eq!(bed.store.setting("x").await.unwrap(), None);
    assert_eq!(bed.store.init_setting("x", vec![1]).await.unwrap(), [1]);
    assert_eq!(bed.store.init_setting("x", vec![2, 3]).await.unwrap(), [1]);
    assert_eq!(bed.store.setting("x").await.unwrap(), Some(vec![1]));
}

pub(crate) async fn writes_are_tried(bed: Bed) {
    bed.store.ping().await.unwrap();
    assert!(bed.store.heartbeat().await.unwrap());
    assert!(bed.store.nodes() >= 1);
    let (one, other) = (bed.store.mint(at(5)), bed.store.mint(at(5)));
    assert!(one < other);
}

pub(crate) async fn accounts_are_made_changed_and_listed(bed: Bed) {
    let key_of_it = key(5, KeyOrigin::Api);
    let account = Account {
        key: AccountKey(9),
        name: Some("acme".to_owned()),
        validation: Validation::Known,
        suspended: false,
    };
    let first = ApiKey { account: account.key, ..key_of_it };
    for _ in 0..2 {
        bed.store.insert_account(account.clone(), first.clone(), [5; 32]).await.unwrap();
    }
    assert_eq!(bed.store.account(account.key).await.unwrap(), Some(account.clone()));
    assert_eq!(bed.store.account(AccountKey(10)).await.unwrap(), None);
    let holder = bed.store.api_key([5; 32]).await.unwrap();
    assert_eq!(holder, Some(Holder { key: first, account: account.clone() }));

    let keys = async |after, limit| {
        let accounts = bed.store.accounts(after, limit).await.unwrap();
        accounts.iter().map(|account| account.key).collect::<Vec<_>>()
    };
    assert_eq!(keys(None, 10).await, [ACCOUNT, OTHER, account.key]);
    assert_eq!(keys(Some(ACCOUNT), 1).await, [OTHER]);

    let change = AccountChange {
        name: Some(None),
        validation: Some(Validation::All),
        suspended: Some(true),
    };
    let changed = bed.store.change_account(account.key, change).await.unwrap();
    let expected =
        Account { name: None, validation: Validation::All, suspended: true, ..account.clone() };
    assert_eq!(changed, Some(expected.clone()));
    let nothing = bed.store.change_account(account.key, AccountChange::default()).await.unwrap();
    assert_eq!(nothing, Some(expected.clone()));
    assert_eq!(bed.store.api_key([5; 32]).await.unwrap().unwrap().account, expected);
    assert_eq!(bed.store.account(ACCOUNT).await.unwrap(), Some(BLANK));
    assert_eq!(
        bed.store.change_account(AccountKey(10), AccountChange::default()).await.unwrap(),
        None
    );
}
