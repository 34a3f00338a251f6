//! Brings the schema up to date. `user_version` counts the migrations that ran.

use rusqlite::Connection;

use super::StoreError;

pub(super) fn run(connection: &mut Connection) -> Result<(), StoreError> {
    let done: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = usize::try_from(done).unwrap_or(usize::MAX);
    if done > MIGRATIONS.len() {
        return Err(StoreError::Engine(format!(
            "the database has schema {done}, this version knows up to {}; start the newer version that wrote it",
            MIGRATIONS.len()
        )));
    }
    for (number, sql) in (1_u32..).zip(MIGRATIONS).skip(done) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Append only: a migration that was released is never changed.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/sqlite/0001_first.sql"),
    include_str!("../../../migrations/sqlite/0002_inbound.sql"),
    include_str!("../../../migrations/sqlite/0003_event_types.sql"),
    include_str!("../../../migrations/sqlite/0004_overlaps.sql"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_once_and_refuses_a_newer_schema() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection).unwrap();
        run(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", i64::from(i32::MAX)).unwrap();
        assert!(run(&mut connection).unwrap_err().to_string().contains("newer version"));
    }
}
