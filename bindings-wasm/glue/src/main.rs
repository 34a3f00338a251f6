//! `wasm-glue IN.wasm OUT_DIR`: writes the JavaScript around a wasm file that was built with wasm-bindgen.

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1);
    let input = args.next().context("usage: wasm-glue IN.wasm OUT_DIR")?;
    let output = args.next().context("usage: wasm-glue IN.wasm OUT_DIR")?;
    Bindgen::new()
        .input_path(input)
        .bundler(true)?
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(output)
}
