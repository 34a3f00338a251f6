//! Nothing but measurements: see `benches/` and `examples/`.
