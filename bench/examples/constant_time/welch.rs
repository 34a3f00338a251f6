//! Whether two kinds of input take the same time: Welch's t-test on interleaved measurements, as in "Dude, is my code
//! constant time?" (Reparaz, Balasch, Verbauwhede, 2017).

use std::fmt;

/// Below this, two distributions count as one; the paper's bound for "probably constant time".
pub(crate) const LIMIT: f64 = 10.0;
/// Measurements of each pair of classes.
const COUNT: usize = 400_000;
/// Which part of the measurements to look at. Interrupts make some of them long, whatever the input.
const QUANTILES: [f64; 4] = [0.5, 0.9, 0.99, 1.0];

/// What the measurements say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    /// Largest |t| of all quantiles.
    pub(crate) t: f64,
    /// Difference of the means at that quantile, in nanoseconds.
    difference_ns: f64,
}

impl Verdict {
    /// Times operations of two classes in random order. `time` runs one operation of a class, with an input that it
    /// picks at random, and gives back its nanoseconds.
    pub(crate) fn of(mut time: impl FnMut(Class, &mut Random) -> u64) -> Self {
        let mut random = Random::new(4);
        let mut measure = || {
            let class = if random.below(2) == 0 { Class::Left } else { Class::Right };
            (time(class, &mut random), class)
        };
        // The first ones only warm up caches and branch predictors.
        let all = (0..COUNT + COUNT / 10).map(|_| measure());
        let mut samples: Vec<(u64, Class)> = all.skip(COUNT / 10).collect();
        samples.sort_unstable_by_key(|(nanoseconds, _)| *nanoseconds);
        let verdicts = QUANTILES.map(|quantile| {
            let longest = ((COUNT - 1) as f64 * quantile) as usize;
            let longest = samples[longest].0;
            let end = samples.partition_point(|(nanoseconds, _)| *nanoseconds <= longest);
            welch(&samples[..end])
        });
        verdicts.into_iter().max_by(|a, b| a.t.total_cmp(&b.t)).unwrap()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "|t| = {:>7.2}   {:>+8.2} ns", self.t, self.difference_ns)
    }
}

/// Which of the two kinds of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Left,
    Right,
}

fn welch(samples: &[(u64, Class)]) -> Verdict {
    let of = |class| Moments::of(samples.iter().filter(|s| s.1 == class).map(|s| s.0 as f64));
    let (left, right) = (of(Class::Left), of(Class::Right));
    let difference_ns = left.mean - right.mean;
    let error = (left.squared_error() + right.squared_error()).sqrt();
    Verdict { t: if error > 0.0 { (difference_ns / error).abs() } else { 0.0 }, difference_ns }
}

#[derive(Default)]
struct Moments {
    count: f64,
    mean: f64,
    /// Sum of the squared distances from the mean (Welford).
    squares: f64,
}

impl Moments {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        values.fold(Self::default(), |mut all, value| {
            all.count += 1.0;
            let before = value - all.mean;
            all.mean += before / all.count;
            all.squares += before * (value - all.mean);
            all
        })
    }

    fn squared_error(&self) -> f64 {
        self.squares / (self.count - 1.0).max(1.0) / self.count.max(1.0)
    }
}

/// Xorshift: quick, and good enough to choose an input.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// From 0 to `end` - 1.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as usize % end
    }
}
