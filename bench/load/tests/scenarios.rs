//! The program itself, against its own forwarder and against a server that forgets.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_hookseal-load");

fn run(arguments: &[&str], json: &Path) -> (Output, Value) {
    let output = Command::new(PROGRAM)
        .args(arguments)
        .args(["--size", "100", "--connections", "4", "--endpoints", "3", "--drain", "2"])
        .arg("--json")
        .arg(json)
        .output()
        .unwrap();
    let report = std::fs::read_to_string(json).unwrap_or_else(|_| panic!("{output:?}"));
    (output, serde_json::from_str(&report).unwrap())
}

fn measured(arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let forwarder = ["--adapter", "forwarder", "--program", PROGRAM];
    let (output, report) = run(&[arguments, &forwarder].concat(), &folder.path().join("report"));
    assert!(output.status.success(), "{output:?}");
    report["parts"].clone()
}

fn assert_whole(outcome: &Value, at_least: u64) {
    assert!(outcome["accepted"].as_u64().unwrap() >= at_least, "{outcome}");
    assert_eq!(outcome["accepted"], outcome["delivered"], "{outcome}");
    for none in ["lost", "duplicates", "astray", "refused"] {
        assert_eq!(outcome[none], 0, "{none}: {outcome}");
    }
    assert_eq!(outcome["end_to_end"]["count"], outcome["delivered"], "{outcome}");
    assert!(outcome["failed"].as_object().unwrap().is_empty(), "{outcome}");
}

#[test]
fn closed_loops_lose_nothing_and_are_compared_with_the_anchors() {
    let parts = measured(&["throughput", "--seconds", "0.5"]);
    let names: Vec<_> = parts.as_array().unwrap().iter().map(|part| &part["scenario"]).collect();
    assert_eq!(names, ["anchor", "anchor", "throughput"]);
    assert_whole(&parts[0]["result"], 10);
    assert_whole(&parts[1]["result"], 10);
    assert_whole(&parts[2]["result"]["server"], 10);
    assert!(parts[2]["result"]["ratio_to_forwarder"].as_f64().unwrap() > 0.0);
    if cfg!(target_os = "linux") {
        let cost = &parts[1]["result"]["cost"]["server"];
        assert!(cost["resident_peak"].as_u64().unwrap() > 100_000, "{cost}");
    }
}

#[test]
fn a_window_and_a_number_of_events_bound_a_run() {
    let parts = measured(&[
        "throughput",
        "--no-anchor",
        "--window",
        "2",
        "--events",
        "50",
        "--seconds",
        "30",
    ]);
    assert_whole(&parts[0]["result"]["server"], 50);
    assert_eq!(parts[0]["result"]["server"]["accepted"], 50);
}

#[test]
fn open_loops_keep_their_rate() {
    let parts = measured(&["rate", "--rates", "50,100", "--seconds", "0.5"]);
    for (part, events) in [(&parts[0], 25), (&parts[1], 50)] {
        assert_whole(&part["result"], events);
        assert_eq!(part["result"]["accepted"], events);
    }
}

#[test]
fn events_go_one_at_a_time() {
    let parts = measured(&["idle", "--times", "10", "--pause", "0"]);
    assert_whole(&parts[0]["result"], 10);
}

#[test]
fn a_bad_endpoint_is_told_from_the_others() {
    let parts =
        measured(&["noisy", "--rate", "100", "--modes", "slow=20,reset", "--seconds", "0.4"]);
    let steps = parts[0]["result"].as_array().unwrap();
    assert_eq!(steps.len(), 4);
    assert_whole(&steps[0]["outcome"], 40);
    assert_whole(&steps[1]["outcome"], 40);
    let reset = &steps[2]["outcome"];
    assert!(reset["unhealthy_requests"].as_u64().unwrap() >= 1, "{reset}");
    assert_eq!((&reset["lost"], &reset["delivered"]), (&0.into(), &reset["accepted"]), "{reset}");
    assert_eq!(
        reset["failed"]["status 502"].as_u64().unwrap(),
        40 - reset["accepted"].as_u64().unwrap()
    );
    assert_whole(&steps[3]["outcome"], 40);
}

#[test]
fn starts_and_backlogs_are_measured() {
    let parts = measured(&["start", "--times", "2", "--settle", "1"]);
    let result = &parts[0]["result"];
    assert!(
        result["first_millis"].as_f64().unwrap() > 0.0 && result["binary"].as_u64().unwrap() > 0
    );
    assert!(result["again_millis_median"].as_f64().unwrap() > 0.0);
    let parts = measured(&[
        "backlog",
        "--pending",
        "20",
        "--dead",
        "2",
        "--mode",
        "busy",
        "--idle",
        "5",
        "--rate",
        "50",
        "--fill",
        "0.2",
        "--seconds",
        "0.3",
    ]);
    assert_whole(&parts[0]["result"]["loaded"]["rate"], 15);
    assert_whole(&parts[0]["result"]["loaded"]["throughput"], 1);
}

#[test]
fn what_a_server_accepts_and_forgets_is_lost() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    // Ends with the test's process; `--events` bounds what it is sent.
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                while stream.read(&mut buffer).unwrap() > 0 {
                    stream
                        .write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
                        .unwrap();
                }
            });
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("report");
    let (output, report) = run(
        &[
            "throughput",
            "--adapter",
            "forwarder",
            "--address",
            &address,
            "--no-anchor",
            "--events",
            "7",
        ],
        &json,
    );
    assert!(!output.status.success());
    assert_eq!(report["parts"][0]["result"]["server"]["lost"], 7);
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("7 accepted events were not delivered"), "{words}");
}

#[test]
fn servers_that_do_not_start_are_told_with_their_last_words() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(PROGRAM)
        .args(["idle", "--program", PROGRAM, "--folder"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("ended") && words.contains("serve"), "{words}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it left files behind");
}

#[test]
fn an_interrupted_run_stops_what_it_started_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(PROGRAM)
        .args(["rate", "--seconds", "60", "--adapter", "forwarder", "--program", PROGRAM])
        .arg("--folder")
        .arg(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It listens for signals before it says where it measures.
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.contains("processors"), "{first}");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(!output.status.success());
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("interrupted"), "{words}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it left files behind");
}
