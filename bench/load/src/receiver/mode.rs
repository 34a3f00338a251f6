//! How an endpoint behaves.

use std::{fmt, str::FromStr, time::Duration};

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// 503 with `Retry-After: 1`.
    Busy,
    /// A byte of the answer every half second.
    Drip,
    /// 500.
    Fail,
    /// Bytes that are not HTTP.
    Garbage,
    /// It is read, and never answered.
    Hang,
    /// An answer of 1 GiB.
    Huge,
    /// 404: the receiver has no such endpoint.
    NotFound,
    /// 200.
    Ok,
    /// The connection is reset.
    Reset,
    /// 200, after so many milliseconds.
    Slow(u32),
}

impl Mode {
    /// Whether what arrives is taken.
    #[must_use]
    pub const fn is_healthy(self) -> bool {
        matches!(self, Self::Ok | Self::Slow(_))
    }

    /// How long until the answer begins.
    #[must_use]
    pub(super) const fn delay(self) -> Option<Duration> {
        match self {
            Self::Slow(millis) => Some(Duration::from_millis(millis as u64)),
            _ => None,
        }
    }

    pub(super) fn to_bits(self) -> u64 {
        let kind = NAMES.iter().position(|(mode, _)| *mode == self).unwrap_or(NAMES.len());
        match self {
            Self::Slow(millis) => (u64::from(millis) << 8) | NAMES.len() as u64,
            _ => kind as u64,
        }
    }

    pub(super) fn from_bits(bits: u64) -> Self {
        let kind = (bits & 0xff) as usize;
        let slow = || Self::Slow(u32::try_from(bits >> 8).unwrap_or(u32::MAX));
        NAMES.get(kind).map_or_else(slow, |(mode, _)| *mode)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slow(millis) => write!(f, "slow={millis}"),
            _ => {
                let name = NAMES.iter().find(|(mode, _)| mode == self).map(|(_, name)| *name);
                f.write_str(name.unwrap_or_default())
            }
        }
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(millis) = text.strip_prefix("slow=") {
            let millis =
                millis.parse().map_err(|_| format!("`{millis}` is no number of milliseconds"))?;
            return Ok(Self::Slow(millis));
        }
        let known = NAMES.iter().find(|(_, name)| *name == text).map(|(mode, _)| *mode);
        known.ok_or_else(|| {
            let names: Vec<_> = NAMES.iter().map(|(_, name)| *name).collect();
            format!("no mode `{text}`, expected {} or slow=MILLISECONDS", names.join(", "))
        })
    }
}

const NAMES: &[(Mode, &str)] = &[
    (Mode::Busy, "busy"),
    (Mode::Drip, "drip"),
    (Mode::Fail, "fail"),
    (Mode::Garbage, "garbage"),
    (Mode::Hang, "hang"),
    (Mode::Huge, "huge"),
    (Mode::NotFound, "not-found"),
    (Mode::Ok, "ok"),
    (Mode::Reset, "reset"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_survive_their_names_and_bits() {
        let modes = NAMES.iter().map(|(mode, _)| *mode).chain([Mode::Slow(0), Mode::Slow(30_000)]);
        for mode in modes {
            assert_eq!(mode.to_string().parse(), Ok(mode));
            assert_eq!(Mode::from_bits(mode.to_bits()), mode);
        }
        assert!("slow=x".parse::<Mode>().is_err() && "fine".parse::<Mode>().is_err());
    }
}
