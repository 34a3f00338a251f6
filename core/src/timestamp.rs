//! A moment, and the few ways in which senders write one.
//!
//! **Invariants.** A [`Timestamp`] lies between 1970 and the end of the year 9999, so arithmetic on it cannot overflow
//! and it can always be written as RFC 3339. Decimal timestamps are canonical: digits only, no sign, no leading zero.

use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::WHOLE;
use crate::error::{Error, ErrorCode, clip, say};
use crate::scheme::compact::compact;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const MIN: Self = Self(0);
    /// 9999-12-31T23:59:59.999Z, the last moment that RFC 3339 can write.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// From milliseconds; values outside [`MIN`](Self::MIN)..=[`MAX`](Self::MAX) become the nearer end.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        if millis < Self::MIN.0 {
            Self::MIN
        } else if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// From seconds; values out of range become the nearer end.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0 / 1000
    }

    /// This moment plus `millis`, within the range of the type.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// `2026-04-25T10:05:23Z`: RFC 3339 in UTC, whole seconds.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        OffsetDateTime::from_unix_timestamp(self.as_seconds())
            .ok()
            .and_then(|moment| moment.format(&Rfc3339).ok())
            .unwrap_or_default() // INVARIANT: MIN..=MAX lies within the years RFC 3339 can write.
    }

    /// `2026-04-25T10:05:23.250Z`: RFC 3339 in UTC, with milliseconds where there are any.
    #[must_use]
    pub fn to_rfc3339_millis(self) -> String {
        let seconds = self.to_rfc3339();
        match (self.0 % 1000, seconds.strip_suffix('Z')) {
            (1.., Some(head)) => format!("{head}.{:03}Z", self.0 % 1000),
            _ => seconds,
        }
    }

    /// Reads RFC 3339 with any offset; fractions are cut to milliseconds.
    ///
    /// # Errors
    /// `malformed_timestamp`.
    pub fn parse_rfc3339(text: &str) -> Result<Self, Error> {
        let expected = "an RFC 3339 time such as `2026-04-25T10:05:23Z`";
        // The parser takes any letter between date and time, and lower case.
        if text.as_bytes().get(10) != Some(&b'T') || text.ends_with('z') {
            return Err(malformed(text, expected));
        }
        let moment =
            OffsetDateTime::parse(text, &Rfc3339).map_err(|_| malformed(text, expected))?;
        i64::try_from(moment.unix_timestamp_nanos() / 1_000_000)
            .map(Self::from_millis)
            .map_err(|_| malformed(text, "a time between 1970 and 9999"))
    }

    /// Reads an HTTP date (RFC 9110 §5.6.7).
    ///
    /// # Errors
    /// `malformed_timestamp`.
    pub fn parse_http_date(text: &str) -> Result<Self, Error> {
        let since = httpdate::parse_http_date(text)
            .ok()
            .and_then(|moment| moment.duration_since(UNIX_EPOCH).ok())
            .ok_or_else(|| {
                malformed(text, "an HTTP date such as `Sat, 25 Apr 2026 10:05:23 GMT`")
            })?;
        Ok(Self::from_duration(since))
    }

    const fn from_duration(since: Duration) -> Self {
        Self::from_seconds(if since.as_secs() > i64::MAX as u64 {
            i64::MAX
        } else {
            since.as_secs() as i64
        })
    }

    /// Reads canonical decimal digits as `unit_millis` milliseconds each.
    #[inline]
    fn parse_decimal(text: &str, unit_millis: i64) -> Result<Self, Error> {
        let number = match text.as_bytes() {
            [b'0'] => Some(0),
            digits @ [b'1'..=b'9', ..] => decimal(digits),
            _ => None,
        };
        match number {
            // At most 1000 times the end of time, which fits; a product that saturates takes more code.
            Some(number) => {
                Ok(Self::from_millis(number.min(Self::MAX.0).wrapping_mul(unit_millis)))
            }
            None => Err(malformed(text, "decimal digits without sign, space or leading zero")),
        }
    }
}

/// The number that decimal digits write.
#[inline]
fn decimal(digits: &[u8]) -> Option<i64> {
    // More do not fit into the result, and these do into this type.
    if digits.len() > 19 {
        return None;
    }
    let mut number: u64 = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    i64::try_from(number).ok()
}

#[cold]
fn malformed(text: &str, expected: &str) -> Error {
    Error::new(ErrorCode::MalformedTimestamp, say!("timestamp `{}` is not {expected}", clip(text)))
}

/// In which form a sender writes its timestamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TimestampUnit {
    /// An HTTP date (RFC 9110 §5.6.7).
    HttpDate,
    /// RFC 3339, the part of ISO 8601 that senders use.
    Iso8601,
    /// Decimal milliseconds since the epoch.
    Ms,
    /// Decimal seconds since the epoch.
    S,
}

impl TimestampUnit {
    /// Reads `text` in this form.
    ///
    /// # Errors
    /// `malformed_timestamp`.
    pub fn parse(self, text: &str) -> Result<Timestamp, Error> {
        match self {
            Self::Ms => Timestamp::parse_decimal(text, 1),
            Self::S => Timestamp::parse_decimal(text, 1000),
            _ => self.parse_date(text),
        }
    }

    #[cold]
    fn parse_date(self, text: &str) -> Result<Timestamp, Error> {
        match self {
            _ if !WHOLE => Err(malformed(text, "a number")), // INVARIANT: the scheme was refused.
            Self::HttpDate => Timestamp::parse_http_date(text),
            _ => Timestamp::parse_rfc3339(text),
        }
    }

    /// Writes `moment` in this form.
    #[must_use]
    pub fn format(self, moment: Timestamp) -> String {
        match self {
            Self::HttpDate => httpdate::fmt_http_date(
                UNIX_EPOCH + Duration::from_secs(moment.as_seconds().unsigned_abs()),
            ),
            Self::Iso8601 => moment.to_rfc3339(),
            Self::Ms => moment.as_millis().to_string(),
            Self::S => moment.as_seconds().to_string(),
        }
    }
}

compact! { enum TimestampUnit { S, Ms; HttpDate, Iso8601 } }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_is_canonical_or_refused() {
        let seconds = |text| {
            TimestampUnit::S.parse(text).map(Timestamp::as_seconds).map_err(|error| error.code())
        };
        assert_eq!(seconds("1614265330"), Ok(1_614_265_330));
        assert_eq!(seconds("0"), Ok(0));
        for text in [
            "",
            " 1",
            "1 ",
            "+1",
            "-1",
            "01",
            "1.0",
            "1e3",
            "1abc",
            "NaN",
            "١٢",
            "-9223372036854775808",
        ] {
            assert_eq!(seconds(text), Err(ErrorCode::MalformedTimestamp), "{text:?}");
        }
        assert_eq!(seconds("99999999999999999999"), Err(ErrorCode::MalformedTimestamp));
        assert_eq!(seconds("9223372036854775807"), Ok(Timestamp::MAX.as_seconds()));
    }

    #[test]
    fn every_form_reads_what_it_writes() {
        let moment = Timestamp::from_seconds(1_777_111_523);
        for unit in
            [TimestampUnit::HttpDate, TimestampUnit::Iso8601, TimestampUnit::Ms, TimestampUnit::S]
        {
            for moment in
                [moment, Timestamp::MIN, Timestamp::from_seconds(Timestamp::MAX.as_seconds())]
            {
                assert_eq!(unit.parse(&unit.format(moment)), Ok(moment), "{unit:?}");
            }
        }
        assert_eq!(moment.to_rfc3339(), "2026-04-25T10:05:23Z");
    }

    #[test]
    fn rfc3339_keeps_offset_and_fraction() {
        let moment = Timestamp::parse_rfc3339("2026-04-25T12:05:23.250+02:00").unwrap();
        assert_eq!(moment.as_millis(), 1_777_111_523_250);
        assert_eq!(moment.to_rfc3339_millis(), "2026-04-25T10:05:23.250Z");
        assert_eq!(Timestamp::MIN.to_rfc3339_millis(), "1970-01-01T00:00:00Z");
        for text in [
            "2026-04-25",
            "2026-04-25 10:05",
            "2026-04-25T10:05:23",
            "2026-04-25t10:05:23Z",
            "2026-04-25x10:05:23Z",
            "2026-04-25T10:05:23z",
            "1777111523",
            "0000-13-01T00:00:00Z",
        ] {
            assert!(Timestamp::parse_rfc3339(text).is_err(), "{text}");
        }
    }
}
