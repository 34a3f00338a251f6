//! Schemes as short text: what a program that knows its senders carries instead of JSON and the reader of it.
//!
//! [`Scheme::compile`] writes it, after everything was checked; [`Scheme::compiled`] reads it back, without checking the
//! same again. Fields stand in their order without names: a number as one character or more, a text behind its length,
//! a choice as the number of its variant. What stands for a value of the user's is a mark, which reading replaces.
//!
//! **Invariants.** The text is ASCII wherever the scheme is. It goes with the version of this crate that wrote it, and
//! says so by its first number. Reading never panics: what is not such a text is refused.

use std::collections::BTreeMap;

use crate::BROAD;
use crate::error::{Error, ErrorCode, say};
use crate::pieces;
use crate::rare::Rare;
#[cfg(not(feature = "whole"))]
use crate::scheme::HeaderName;
use crate::scheme::config::Given;
use crate::scheme::{Scheme, invalid};

/// Changes whenever the order or form of a field does.
const VERSION: u64 = 4;
/// In a text, before the number of a value that the user gives.
const MARK: u8 = 1;
/// The digits of numbers: 64 that end one, before them any of 8 that do not.
const LAST_DIGIT: u8 = b'0';
const MORE_DIGITS: u8 = b'p';
/// Longer than any text of a scheme.
const MAX_LEN: u64 = 1 << 16;

/// What can be written to and read from the short text.
pub(crate) trait Compact: Sized {
    fn write(&self, into: &mut Writer);
    /// On a text that is broken, any value: the reader remembers the problem.
    fn read(from: &mut Reader<'_>) -> Self;
}

#[derive(Default)]
pub(crate) struct Writer {
    text: String,
}

#[derive(Default)]
pub(crate) struct Reader<'t> {
    rest: &'t str,
    given: Given<'t>,
    /// The last value of the user's that a text asked for and that is not given.
    missing: Option<&'t str>,
    problem: Option<Error>,
    /// The headers that were named.
    #[cfg(not(feature = "whole"))]
    pub(crate) names: Vec<HeaderName>,
}

impl Scheme {
    /// This scheme of the catalogue as short text for [`compiled`](Self::compiled).
    ///
    /// # Errors
    /// As [`compile`](Self::compile), and `unknown_scheme`.
    pub fn compile_builtin(id: &str) -> Result<String, Error> {
        Self::compile(super::catalogue::row(id)?)
    }

    /// Writes a scheme of your own, in JSON as [`from_json`](Self::from_json) takes it, as short text for
    /// [`compiled`](Self::compiled). What a person reads of it is left out.
    ///
    /// # Errors
    /// As [`from_json`](Self::from_json).
    pub fn compile(json: &str) -> Result<String, Error> {
        let declared = super::config::declared(json)?;
        let marks: Vec<String> = declared.iter().enumerate().map(|(n, one)| one.mark(n)).collect();
        let given: Vec<(&str, &str)> = declared
            .iter()
            .zip(&marks)
            .map(|(one, mark)| (one.name.as_str(), mark.as_str()))
            .collect();
        let scheme = Self::from_json_with(json, &given)?;
        let mut writer = Writer::default();
        writer.number(VERSION);
        writer.number(declared.len() as u64);
        for one in &declared {
            one.name.write(&mut writer);
            one.default.write(&mut writer);
            one.required.write(&mut writer);
        }
        scheme.write(&mut writer);
        Ok(writer.text)
    }

    /// Reads what [`compile`](Self::compile) wrote, with the values that only you know. It is trusted as code is:
    /// whoever can change it decides what verifies.
    ///
    /// # Errors
    /// `invalid_scheme` for what `compile` of this version did not write; `missing_config`, `invalid_config`.
    pub fn compiled(text: &str, config: &[(&str, &str)]) -> Result<Self, Error> {
        let mut reader = Reader { rest: text, ..Reader::default() };
        if reader.number() != VERSION {
            return Err(invalid("the compiled scheme is of another version: compile it again"));
        }
        let count = reader.number().min(64);
        let mut declared = Vec::new();
        if !BROAD && count > 0 {
            return Err(lacking());
        }
        for _ in 0..count {
            let (name, default) = (reader.slice(), reader.option().then(|| reader.slice()));
            declared.push((name, default, reader.option()));
        }
        reader.given = Given::new(declared, config)?;
        let scheme = Self::read(&mut reader);
        match reader.problem {
            Some(problem) => Err(problem),
            None if reader.rest.is_empty() => Ok(scheme),
            None => Err(broken()),
        }
    }
}

#[cold]
fn lacking() -> Error {
    invalid("the scheme uses what only a larger build has")
}

#[cold]
fn broken() -> Error {
    invalid("the compiled scheme is broken: compile it again")
}

impl Writer {
    pub(crate) fn number(&mut self, number: u64) {
        let mut bits = 6;
        while bits < 63 && number >> bits != 0 {
            bits += 3;
        }
        while bits > 6 {
            bits -= 3;
            self.text.push(char::from(MORE_DIGITS + (number >> bits & 7) as u8));
        }
        self.text.push(char::from(LAST_DIGIT + (number & 63) as u8));
    }

    fn text(&mut self, text: &str) {
        let mut short = text.to_owned();
        for number in 0..8_u8 {
            let mark = format!("{}{number}", char::from(MARK));
            let long = format!("hookseal-config-{number}-");
            short = short.replace(&format!("https://{long}"), &mark).replace(&long, &mark);
        }
        self.number(short.len() as u64);
        self.text.push_str(&short);
    }
}

impl<'t> Reader<'t> {
    /// A number; 0 where the text ended.
    pub(crate) fn number(&mut self) -> u64 {
        let mut number = 0_u64;
        while let Some((&digit, _)) = self.rest.as_bytes().split_first() {
            let Some(rest) = self.rest.get(1..) else { break };
            self.rest = rest;
            if digit >= MORE_DIGITS {
                number = number.wrapping_shl(3) | u64::from(digit.wrapping_sub(MORE_DIGITS) & 7);
            } else {
                return number.wrapping_shl(6) | u64::from(digit.wrapping_sub(LAST_DIGIT) & 63);
            }
        }
        self.refuse(broken());
        0
    }

    /// How many items follow. Each takes a character at least: more than that are not there.
    pub(crate) fn count(&mut self) -> usize {
        let count = self.number();
        if count > self.rest.len() as u64 {
            self.refuse(broken());
        }
        self.rest.len().min(count as usize)
    }

    /// A text as it stands there.
    fn slice(&mut self) -> &'t str {
        let len = self.number().min(MAX_LEN) as usize;
        match self.rest.split_at_checked(len) {
            Some((text, rest)) => {
                self.rest = rest;
                text
            }
            None => {
                self.refuse(broken());
                ""
            }
        }
    }

    /// A text with the values of the user in it.
    fn text(&mut self) -> String {
        let mut text = String::new();
        if !BROAD {
            text.push_str(self.slice()); // INVARIANT: no value is the user's.
            return text;
        }
        let mut parts = pieces::split(self.slice(), MARK);
        text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let (number, tail) = part.split_at_checked(1).unwrap_or_default();
            let number = number.as_bytes().first().map_or(0, |digit| digit.wrapping_sub(b'0'));
            match self.given.value(number.into()) {
                (_, Some(value)) => text.push_str(value),
                (name, None) => {
                    self.missing = Some(name);
                    text.push_str("{config:");
                    text.push_str(name);
                    text.push('}');
                }
            }
            text.push_str(tail);
        }
        text
    }

    #[cold]
    pub(crate) fn refuse(&mut self, problem: Error) {
        self.rest = "";
        self.problem.get_or_insert(problem);
    }

    /// What few schemes have, and only a [whole](crate::WHOLE) build reads.
    pub(crate) fn rare<T: Compact>(&mut self) -> Option<T> {
        if crate::WHOLE {
            return Option::read(self);
        }
        self.lacks_rare();
        None
    }

    fn lacks_rare(&mut self) {
        if self.option() {
            self.lack();
        }
    }

    /// Whether what may be there is.
    fn option(&mut self) -> bool {
        self.number() != 0
    }

    #[cold]
    pub(crate) fn lack(&mut self) {
        self.refuse(lacking());
    }

    /// Passes over all that follows.
    pub(crate) fn skip(&mut self) {
        self.rest = "";
    }

    /// Whether a value of the user's was asked for, since this was called last, that is not given.
    pub(crate) fn take_missing(&mut self) -> Option<&'t str> {
        self.missing.take()
    }

    /// Refuses what asked for a value that is not given.
    pub(crate) fn need_all(&mut self) {
        if let Some(name) = self.take_missing() {
            let message = say!("the scheme needs `{name}`");
            self.refuse(Error::new(ErrorCode::MissingConfig, message));
        }
    }
}

impl Compact for String {
    fn write(&self, into: &mut Writer) {
        into.text(self);
    }

    fn read(from: &mut Reader<'_>) -> Self {
        from.text()
    }
}

impl Compact for bool {
    fn write(&self, into: &mut Writer) {
        into.number((*self).into());
    }

    fn read(from: &mut Reader<'_>) -> Self {
        from.option()
    }
}

macro_rules! numbers {
    ($($type:ty)*) => { $(
        impl Compact for $type {
            fn write(&self, into: &mut Writer) {
                into.number(*self as u64);
            }

            fn read(from: &mut Reader<'_>) -> Self {
                from.number() as $type
            }
        }
    )* };
}
numbers!(u16 u32 usize);

impl<T: Compact> Compact for Option<T> {
    fn write(&self, into: &mut Writer) {
        into.number(self.is_some().into());
        if let Some(value) = self {
            value.write(into);
        }
    }

    fn read(from: &mut Reader<'_>) -> Self {
        from.option().then(|| T::read(from))
    }
}

impl<T: Clone + Compact> Compact for Rare<T> {
    fn write(&self, into: &mut Writer) {
        self.get().cloned().write(into);
    }

    fn read(from: &mut Reader<'_>) -> Self {
        Self::new(from.rare())
    }
}

impl<T: Compact> Compact for Vec<T> {
    fn write(&self, into: &mut Writer) {
        into.number(self.len() as u64);
        self.iter().for_each(|item| item.write(into));
    }

    fn read(from: &mut Reader<'_>) -> Self {
        // Smaller than `collect`, and there are many types of items.
        let mut items = Vec::new();
        for _ in 0..from.count() {
            items.push(T::read(from));
        }
        items
    }
}

impl<K: Compact + Ord, V: Compact> Compact for BTreeMap<K, V> {
    fn write(&self, into: &mut Writer) {
        into.number(self.len() as u64);
        for (key, value) in self {
            key.write(into);
            value.write(into);
        }
    }

    fn read(from: &mut Reader<'_>) -> Self {
        Vec::read(from).into_iter().collect()
    }
}

impl<A: Compact, B: Compact> Compact for (A, B) {
    fn write(&self, into: &mut Writer) {
        self.0.write(into);
        self.1.write(into);
    }

    fn read(from: &mut Reader<'_>) -> Self {
        let first = A::read(from);
        (first, B::read(from))
    }
}

/// Names the fields or variants of a type in their order; how each is written follows from its own type. Those behind a
/// semicolon are [rare](Reader::rare), those behind a bar only a [broad](crate::BROAD) build reads.
macro_rules! compact {
    (struct $name:ident { $($field:ident),* $(; $($rare:ident),* )? }) => {
        impl $crate::scheme::compact::Compact for $name {
            fn write(&self, writer: &mut $crate::scheme::compact::Writer) {
                $( $crate::scheme::compact::Compact::write(&self.$field, writer); )*
                $( $( $crate::scheme::compact::Compact::write(&self.$rare, writer); )* )?
            }

            fn read(reader: &mut $crate::scheme::compact::Reader<'_>) -> Self {
                $( let $field = $crate::scheme::compact::Compact::read(reader); )*
                $( $( let $rare = reader.rare(); )* )?
                Self { $($field,)* $( $($rare),* )? }
            }
        }
    };
    (tuple $name:ident) => {
        impl $crate::scheme::compact::Compact for $name {
            fn write(&self, writer: &mut $crate::scheme::compact::Writer) {
                self.0.write(writer);
            }

            fn read(reader: &mut $crate::scheme::compact::Reader<'_>) -> Self {
                Self($crate::scheme::compact::Compact::read(reader))
            }
        }
    };
    // The first variant is also what a broken number gives.
    (enum $name:ident {
        $first:ident $(($($a:ident),*))? $({ $($b:ident),* })?
        $(, $variant:ident $(($($item:ident),*))? $({ $($field:ident),* })? )*
        $(| $( $seldom:ident $(($($e:ident),*))? $({ $($f:ident),* })? ),* )?
        $(; $( $rare:ident $(($($c:ident),*))? $({ $($d:ident),* })? ),* )?
    }) => {
        impl $crate::scheme::compact::Compact for $name {
            #[allow(irrefutable_let_patterns, unused_assignments, unused_mut, unused_variables, clippy::allow_attributes, reason = "a choice may have one variant")]
            fn write(&self, writer: &mut $crate::scheme::compact::Writer) {
                if let Self::$first $(($($a),*))? $({ $($b),* })? = self {
                    writer.number(0);
                    $($( $crate::scheme::compact::Compact::write($a, writer); )*)? $($( $crate::scheme::compact::Compact::write($b, writer); )*)?
                }
                let mut number = 0;
                $(
                    number += 1;
                    if let Self::$variant $(($($item),*))? $({ $($field),* })? = self {
                        writer.number(number);
                        $($( $crate::scheme::compact::Compact::write($item, writer); )*)? $($( $crate::scheme::compact::Compact::write($field, writer); )*)?
                    }
                )*
                $(
                    $(
                        number += 1;
                        if let Self::$seldom $(($($e),*))? $({ $($f),* })? = self {
                            writer.number(number);
                            $($( $crate::scheme::compact::Compact::write($e, writer); )*)? $($( $crate::scheme::compact::Compact::write($f, writer); )*)?
                        }
                    )*
                )?
                $(
                    $(
                        number += 1;
                        if let Self::$rare $(($($c),*))? $({ $($d),* })? = self {
                            writer.number(number);
                            $($( $crate::scheme::compact::Compact::write($c, writer); )*)? $($( $crate::scheme::compact::Compact::write($d, writer); )*)?
                        }
                    )*
                )?
            }

            #[allow(irrefutable_let_patterns, unused_assignments, unused_mut, unused_variables, clippy::allow_attributes, reason = "a choice may have one variant")]
            fn read(reader: &mut $crate::scheme::compact::Reader<'_>) -> Self {
                let wanted = reader.number();
                let mut number = 0;
                $(
                    number += 1;
                    if wanted == number {
                        $($( let $item = $crate::scheme::compact::Compact::read(reader); )*)? $($( let $field = $crate::scheme::compact::Compact::read(reader); )*)?
                        return Self::$variant $(($($item),*))? $({ $($field),* })?;
                    }
                )*
                $(
                    if $crate::BROAD {
                        $(
                            number += 1;
                            if wanted == number {
                                $($( let $e = $crate::scheme::compact::Compact::read(reader); )*)? $($( let $f = $crate::scheme::compact::Compact::read(reader); )*)?
                                return Self::$seldom $(($($e),*))? $({ $($f),* })?;
                            }
                        )*
                    } else if wanted > number {
                        reader.lack();
                    }
                )?
                $(
                    if $crate::WHOLE {
                        $(
                            number += 1;
                            if wanted == number {
                                $($( let $c = $crate::scheme::compact::Compact::read(reader); )*)? $($( let $d = $crate::scheme::compact::Compact::read(reader); )*)?
                                return Self::$rare $(($($c),*))? $({ $($d),* })?;
                            }
                        )*
                    } else if wanted > number {
                        reader.lack();
                    }
                )?
                $($( let $a = $crate::scheme::compact::Compact::read(reader); )*)? $($( let $b = $crate::scheme::compact::Compact::read(reader); )*)?
                Self::$first $(($($a),*))? $({ $($b),* })?
            }
        }
    };
}
pub(crate) use compact;

#[cfg(test)]
mod tests {
    use super::*;

    const WITH_CONFIG: &str = r#"{"id":"acme","config":{"name":{"description":"your header"},
        "issuer":{"description":"a URL","example":"https://example.com"},"account":{"description":"yours"}},
        "algorithm":"jwt","jwt":{"algorithms":["ES256"],"issuer":"{config:issuer}"},"body_coverage":"none",
        "key_source":{"url":"{config:issuer}/jwks","format":"jwks"},"require":{"json:/a":"{config:account}"},
        "signature":{"from":"header:{config:name}","encoding":"utf8"}}"#;

    #[test]
    fn every_scheme_of_the_catalogue_comes_back_as_it_was() {
        for id in Scheme::builtin_ids() {
            let text = Scheme::compile_builtin(id).unwrap();
            let row = super::super::catalogue::row(id).unwrap();
            let declared = super::super::config::declared(row).unwrap();
            let values: Vec<String> =
                declared.iter().enumerate().map(|(n, one)| one.mark(n)).collect();
            let given: Vec<(&str, &str)> = declared
                .iter()
                .zip(&values)
                .map(|(one, value)| (one.name.as_str(), value.as_str()))
                .collect();
            let read = Scheme::compiled(&text, &given).unwrap();
            let mut again = Writer::default();
            again.number(VERSION);
            again.number(declared.len() as u64);
            for one in &declared {
                one.name.write(&mut again);
                one.default.write(&mut again);
                one.required.write(&mut again);
            }
            read.write(&mut again);
            assert_eq!(again.text, text, "{id}");
            assert!(text.is_ascii(), "{id}");
        }
    }

    #[test]
    fn values_of_the_user_are_put_in() {
        let text = Scheme::compile(WITH_CONFIG).unwrap();
        let given = [("name", "X-Mine"), ("issuer", "https://acme.test")];
        let scheme = Scheme::compiled(&text, &given).unwrap();
        assert_eq!((scheme.headers(), scheme.require.len()), (vec!["x-mine"], 0));
        for (given, code) in [
            (&[("name", "x")][..], ErrorCode::MissingConfig),
            (&[("name", "x"), ("issuer", "http://acme.test")], ErrorCode::InvalidScheme),
            (&[("name", "a b"), ("issuer", "https://acme.test")], ErrorCode::InvalidScheme),
            (&[("name", "x"), ("nam", "y")], ErrorCode::InvalidConfig),
            (&[("name", "x"), ("name", "y")], ErrorCode::InvalidConfig),
        ] {
            assert_eq!(Scheme::compiled(&text, given).unwrap_err().code(), code, "{given:?}");
        }
    }

    #[test]
    fn what_is_broken_is_refused() {
        let text = Scheme::compile_builtin("stripe").unwrap();
        for len in 0..text.len() {
            let cut = text.get(..len).unwrap();
            assert!(Scheme::compiled(cut, &[]).is_err(), "{len}");
        }
        assert!(Scheme::compiled(&format!("{text}0"), &[]).is_err());
        assert!(Scheme::compiled(&format!("2{text}"), &[]).is_err());
        assert!(Scheme::compiled("1~~~~~~~~~~~~~~~~~~~~~~~~", &[]).is_err());
    }
}
