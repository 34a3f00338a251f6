//! The commands that the documentation shows, run as they stand there.

#![cfg(test)]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// A block of code: its language and its text.
type Block<'p> = (&'p str, &'p str);

fn blocks(page: &str) -> Vec<Block<'_>> {
    let fences: Vec<&str> = page.split("```").collect();
    fences.iter().skip(1).step_by(2).filter_map(|block| block.split_once('\n')).collect()
}

/// What `script` prints, with our binary as `hookseal`.
fn run(script: &str, folder: &Path) -> String {
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_hookseal"));
    let path = env::var_os("PATH").unwrap();
    let paths = [binary.parent().unwrap().to_owned()].into_iter().chain(env::split_paths(&path));
    let done = Command::new("bash")
        .args(["-euc", script])
        .current_dir(folder)
        .env("PATH", env::join_paths(paths).unwrap())
        .output()
        .unwrap();
    let (said, complained) =
        (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{script}{said}{complained}");
    said.into_owned()
}

#[test]
fn the_commands_of_the_guide_print_what_it_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schemes.md");
    let page = fs::read_to_string(page).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut said = None;
    let mut compared = 0;
    for (language, text) in blocks(&page) {
        match language {
            "json" => {
                let scheme: Value = serde_json::from_str(text).unwrap();
                let name = format!("{}.json", scheme["id"].as_str().unwrap());
                fs::write(folder.path().join(name), text).unwrap();
            }
            "sh" => said = Some(run(text, folder.path())),
            "text" => {
                assert_eq!(said.take().as_deref(), Some(text));
                compared += 1;
            }
            _ => {}
        }
    }
    assert!(compared >= 4 && said.is_none(), "{said:?}");
}

#[test]
fn the_page_of_the_api_has_every_call_with_its_scope() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api.md");
    let page = fs::read_to_string(page).unwrap();
    let is_call = |line: &&str| line.starts_with("| `") && line.contains(" /v1/");
    let rows: Vec<_> = page.lines().filter(is_call).collect();
    let calls = hookseal_server::http::calls();
    for call in &calls {
        let (route, summary) = (&call.route, call.summary);
        let row = format!(
            "| `{} {}` | `{}` | {summary} |",
            route.method,
            route.path,
            route.scope.as_str()
        );
        assert!(rows.contains(&row.as_str()), "{row}");
    }
    assert_eq!(rows.len(), calls.len());
}
