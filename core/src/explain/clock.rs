//! The time: the unit it is written in, and how far the clocks are apart.

use std::ops::ControlFlow;
use std::time::Duration;

use super::cause::Cause;
use super::finding::Finding;
use super::subject::{Change, Part, Subject, Visit};
use crate::error::{Error, ErrorCode};
use crate::scheme::{Scheme, Selector, TimestampRule};
use crate::timestamp::{Timestamp, TimestampUnit};
use crate::verify::check_age;

const UNITS: [(TimestampUnit, &str); 4] = [
    (TimestampUnit::S, "seconds"),
    (TimestampUnit::Ms, "milliseconds"),
    (TimestampUnit::Iso8601, "RFC 3339"),
    (TimestampUnit::HttpDate, "an HTTP date"),
];

/// The timestamp in another unit or form: as it stands there, or as it stood there before somebody converted it.
pub(super) fn changes(subject: &Subject<'_>, visit: &mut Visit<'_>) -> ControlFlow<()> {
    let Some(rule) = &subject.scheme.timestamp else { return ControlFlow::Continue(()) };
    for (unit, name) in UNITS.into_iter().filter(|(unit, _)| *unit != rule.unit) {
        let message =
            format!("the timestamp is written in {name}, not in {}", unit_name(rule.unit));
        let part = Part::Scheme(Box::new(with_unit(subject.scheme, unit)), subject.keys.to_vec());
        visit(Change::new(Cause::TimestampUnit, message, part))?;
    }
    let Some(header) = rule.from.selector().and_then(Selector::header) else {
        return ControlFlow::Continue(());
    };
    let given = subject.request.headers.iter().enumerate();
    for (index, (_, value)) in given.filter(|(_, (name, _))| header.is(name)).take(1) {
        let moments =
            UNITS.into_iter().filter_map(|(unit, name)| Some((unit.parse(value).ok()?, name)));
        for (moment, name) in moments {
            for text in
                UNITS.map(|(unit, _)| unit.format(moment)).iter().filter(|text| text != value)
            {
                let message =
                    format!("header `{header}` was converted to {name} after it was signed");
                let part = subject.headers_with(index, text);
                visit(Change::new(Cause::TimestampUnit, message, part))?;
            }
        }
    }
    ControlFlow::Continue(())
}

/// What is wrong with the time of a request that verifies once a mistake is put right; none where it is in time.
pub(super) fn late(
    subject: &Subject<'_>,
    signed_at: Timestamp,
    tolerance: Option<Duration>,
    now: Timestamp,
) -> Option<Finding> {
    let error = check_age(signed_at, now, limit(subject, tolerance)).err()?;
    Some(finding(subject, Some(signed_at), &error, tolerance, now))
}

/// What is wrong with the time of a request whose signature is good; `error` is what verifying says.
pub(super) fn finding(
    subject: &Subject<'_>,
    signed_at: Option<Timestamp>,
    error: &Error,
    tolerance: Option<Duration>,
    now: Timestamp,
) -> Finding {
    let is_plausible = (FIRST_YEAR..FAR_FUTURE).contains(&now);
    if let Some(name) =
        is_plausible.then(|| other_unit(subject, limit(subject, tolerance), now)).flatten()
    {
        let message = format!(
            "the signature is good, but the timestamp is written in {name}, not as the scheme says"
        );
        return Finding::certain(Cause::TimestampUnit, message);
    }
    let told = format!("the signature is good, but the {}", error.message());
    let is_old = error.code() == ErrorCode::TimestampTooOld;
    let seconds = signed_at.map_or(0, |moment| now.as_millis().abs_diff(moment.as_millis()) / 1000);
    let zone = time_zone(seconds);
    let cause = if is_old && seconds > HOUR && zone.is_none() && now < FAR_FUTURE {
        Cause::Replay
    } else {
        Cause::ClockOff
    };
    let reason = match (zone, cause) {
        _ if now >= FAR_FUTURE => "the present was given in milliseconds where seconds are meant".to_owned(),
        _ if now <= FIRST_YEAR => {
            "the present lies in 1970, so the clock is not set, or seconds were given for milliseconds".to_owned()
        }
        (Some(hours), _) => format!("{hours} h, as between time zones, when somebody takes local time for UTC"),
        (None, Cause::Replay) => "too long for a clock, so it was delivered late or is sent again".to_owned(),
        (None, _) if is_old => "this clock is ahead, or the request came late".to_owned(),
        (None, _) => "this clock is behind, or the sender's is ahead".to_owned(),
    };
    Finding::certain(cause, format!("{told}: {reason}"))
}

/// How far the timestamp may be off.
fn limit(subject: &Subject<'_>, tolerance: Option<Duration>) -> Duration {
    let rule = subject.scheme.timestamp.as_ref();
    tolerance.or(rule.map(TimestampRule::tolerance)).unwrap_or(Duration::from_secs(300))
}

/// The unit in which the timestamp would be of now.
fn other_unit(subject: &Subject<'_>, tolerance: Duration, now: Timestamp) -> Option<&'static str> {
    let rule = subject.scheme.timestamp.as_ref()?;
    let fits = |unit: TimestampUnit| {
        let scheme = with_unit(subject.scheme, unit);
        let changed = Subject { scheme: &scheme, ..*subject };
        let signed_at = changed.verify(now).ok().and_then(|verified| verified.timestamp());
        signed_at.is_some_and(|moment| check_age(moment, now, tolerance).is_ok())
    };
    let others = UNITS.into_iter().filter(|(unit, _)| *unit != rule.unit);
    others.filter(|(unit, _)| fits(*unit)).map(|(_, name)| name).next()
}

/// Half or whole hours between time zones, give or take what clocks differ.
fn time_zone(seconds: u64) -> Option<String> {
    let halves = (seconds + HOUR / 4) / (HOUR / 2);
    let is_near = seconds.abs_diff(halves * HOUR / 2) <= 60;
    // None is half an hour or one and a half from UTC.
    if !is_near || !(2..=28).contains(&halves) || halves == 3 {
        return None;
    }
    let half = if halves % 2 == 1 { ".5" } else { "" };
    Some(format!("{}{half}", halves / 2))
}

fn with_unit(scheme: &Scheme, unit: TimestampUnit) -> Scheme {
    let mut scheme = scheme.clone();
    if let Some(rule) = &mut scheme.timestamp {
        rule.unit = unit;
    }
    scheme
}

fn unit_name(unit: TimestampUnit) -> &'static str {
    UNITS.into_iter().find(|(known, _)| *known == unit).map_or("another form", |(_, name)| name)
}

/// In seconds.
const HOUR: u64 = 3600;
/// Milliseconds that are taken for seconds lie beyond this.
const FAR_FUTURE: Timestamp = Timestamp::from_seconds(95_617_584_000); // the year 5000
/// Seconds that are taken for milliseconds lie before this.
const FIRST_YEAR: Timestamp = Timestamp::from_seconds(31_536_000);
