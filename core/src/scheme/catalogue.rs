//! The built-in schemes: one row of `catalogue.json` each.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Scheme;
use crate::error::{Error, ErrorCode, clip};

const JSON: &str = include_str!("catalogue.json");

#[derive(Deserialize)]
struct Row {
    id: String,
}

/// Each row with its id; only the row that is asked for is read in full.
fn rows() -> impl Iterator<Item = (String, &'static RawValue)> {
    let rows: Vec<&RawValue> = serde_json::from_str(JSON).unwrap_or_default(); // a test reads every row
    rows.into_iter()
        .filter_map(|row| serde_json::from_str::<Row>(row.get()).ok().map(|Row { id }| (id, row)))
}

pub(super) fn ids() -> Vec<String> {
    rows().map(|(id, _)| id).collect()
}

pub(super) fn load(id: &str) -> Result<Scheme, Error> {
    let (_, row) = rows().find(|(row_id, _)| row_id == id).ok_or_else(|| {
        let message =
            format!("scheme `{}` is not in the catalogue of {} schemes", clip(id), rows().count());
        Error::new(ErrorCode::UnknownScheme, message)
    })?;
    Scheme::from_json(row.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_scheme() {
        let rows = serde_json::from_str::<Vec<&RawValue>>(JSON).unwrap().len();
        assert_eq!(ids().len(), rows);
        for id in ids() {
            assert_eq!(load(&id).unwrap().id(), id);
        }
        let mut unique = ids();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), rows);
    }

    #[test]
    fn an_unknown_name_says_so() {
        let error = Scheme::builtin("strype").unwrap_err();
        assert_eq!(error.code(), ErrorCode::UnknownScheme);
        assert!(error.message().contains("`strype`"));
    }
}
