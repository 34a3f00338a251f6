//! Events as requests.

use std::ops::Range;

use crate::{
    adapter::Call,
    error::Error,
    run::Run,
    target::{EventForm, Target},
};

/// The events of a run, ready to be written.
#[derive(Clone, Debug)]
pub struct Events {
    /// By the position of the endpoint in the run.
    forms: Vec<EventForm>,
    batch: Option<(Call, usize)>,
    data: Vec<u8>,
}

/// Buffers that are used again.
#[derive(Debug, Default)]
pub(super) struct Written {
    id: Vec<u8>,
    items: Vec<u8>,
    body: Vec<u8>,
    pub(super) request: Vec<u8>,
}

impl Events {
    /// Events for these endpoints in turn, each with a JSON object of `size` bytes as its data.
    ///
    /// # Errors
    /// When an endpoint was not made.
    pub fn new(target: &Target, endpoints: &[usize], size: usize) -> Result<Self, Error> {
        let forms = endpoints.iter().map(|endpoint| target.form(*endpoint));
        Ok(Self {
            forms: forms.collect::<Result<_, _>>()?,
            batch: target.batch(),
            data: data(size),
        })
    }

    /// Whether so many events go into one request.
    pub(super) fn check(&self, batch: usize) -> Result<(), Error> {
        match &self.batch {
            _ if batch == 1 => Ok(()),
            _ if batch == 0 => Err(Error::new("a batch of 0 events, expected at least 1")),
            None => Err(Error::new("the adapter has no `batch`; send single events")),
            Some((_, limit)) if batch > *limit => {
                Err(Error::new(format!("a batch of {batch} events, the server takes {limit}")))
            }
            Some(_) => Ok(()),
        }
    }

    /// Writes the request of these events.
    pub(super) fn write(&self, run: &Run, events: Range<usize>, to: &mut Written) {
        match &self.batch {
            Some((call, _)) if events.len() > 1 => {
                to.items.clear();
                for event in events {
                    let Some(item) = self.form(run, event).and_then(|form| form.item.as_ref())
                    else {
                        continue;
                    };
                    if !to.items.is_empty() {
                        to.items.push(b',');
                    }
                    to.id.clear();
                    run.write_id(event, &mut to.id);
                    item.write(|name| self.look(name, &to.id), &mut to.items);
                }
                let look = |name: &str| (name == "items").then_some(to.items.as_slice());
                call.write(look, &mut to.body, &mut to.request);
            }
            _ => {
                let Some(form) = self.form(run, events.start) else { return };
                to.id.clear();
                run.write_id(events.start, &mut to.id);
                let look = |name: &str| self.look(name, &to.id);
                form.single.write(look, &mut to.body, &mut to.request);
            }
        }
    }

    fn form(&self, run: &Run, event: usize) -> Option<&EventForm> {
        self.forms.get(run.position(event))
    }

    fn look<'v>(&'v self, name: &str, id: &'v [u8]) -> Option<&'v [u8]> {
        match name {
            "data" => Some(&self.data),
            "id" => Some(id),
            _ => None,
        }
    }
}

/// A JSON object of so many bytes, as hard to compress as text is; at least as long as an empty one.
fn data(size: usize) -> Vec<u8> {
    let (before, after) = (br#"{"load":""#, br#""}"#);
    let mut data = before.to_vec();
    // A linear congruential generator (Knuth's MMIX): the same text in every run.
    let mut state = 1_u64;
    while data.len() + after.len() < size {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        data.push(b'a' + ((state >> 33) % 26) as u8);
    }
    data.extend_from_slice(after);
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_an_object_of_the_size_that_is_asked_for() {
        for size in [12, 100, 1024] {
            let data = data(size);
            assert_eq!(data.len(), size);
            assert!(serde_json::from_slice::<serde_json::Value>(&data).unwrap().is_object());
        }
        assert_eq!(data(0), br#"{"load":""}"#);
    }
}
