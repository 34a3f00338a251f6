//! The guard's flags, given to the real binary.

#![cfg(test)]

mod support;

use std::{fs, process::Output};

use rcgen::{CertificateParams, KeyPair};
use serde_json::json;
use support::{
    ADMIN_KEY, PATIENCE,
    process::Process,
    raw::{self, RawServer, read_request},
};
use tokio::{
    io::{AsyncWriteExt as _, copy_bidirectional},
    net::TcpStream,
    process::Command,
    sync::mpsc,
};

async fn run(args: &[&str], variables: &[(&str, &str)]) -> Output {
    let data = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookseal"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data.path()).args(args);
    command.envs(variables.iter().copied()).kill_on_drop(true);
    tokio::time::timeout(PATIENCE, command.output()).await.expect("the server started").unwrap()
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.pem");
    fs::write(&key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let key = key.to_str().unwrap();
    for (args, word) in [
        (["--egress-proxy", "https://u:hunter2@proxy:3128"], "egress proxy does not parse"),
        (["--egress-proxy", "u:hunter2@proxy:3128"], "egress proxy does not parse"),
        (["--egress-proxy", ""], "egress proxy does not parse"),
        (["--extra-ca", "/nowhere/ca.pem"], "/nowhere/ca.pem"),
        (["--extra-ca", key], "no certificate"),
        (["--dialects", "naive,navie"], "naive, nativemsg, yativo, or `none`, got `navie`"),
        (["--allow-port", "https"], "expected ports such as"),
        (["--allow-port", "9000-8000"], "expected ports such as"),
        (["--allow-network", "example.com"], "expected networks such as"),
    ] {
        let output = run(&args, &[]).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{args:?}");
        assert!(said.contains(word) && !said.contains("hunter2"), "{args:?}: {said}");
    }
    let variable = [("HOOKSEAL_EGRESS_PROXY", "http://u:hunter2@proxy:3128/path")];
    for (args, succeeds) in [(&[][..], false), (&["--help"], true), (&["-h"], true)] {
        let output = run(args, &variable).await;
        assert_eq!(output.status.success(), succeeds);
        for said in [output.stdout, output.stderr] {
            assert!(!String::from_utf8(said).unwrap().contains("hunter2"));
        }
    }
}

/// An endpoint whose name only the proxy knows.
#[tokio::test]
async fn deliveries_go_through_the_proxy_that_is_named() {
    let (send, mut seen) = mpsc::unbounded_channel();
    let receiver = RawServer::start(move |mut stream, _| {
        let send = send.clone();
        async move {
            while let Some((head, _)) = read_request(&mut stream).await {
                let _ = send.send(head);
                let _ = stream.write_all(raw::NO_CONTENT).await;
            }
        }
    })
    .await;
    let target = receiver.address;
    let proxy = RawServer::start(move |mut stream, _| async move {
        let (head, _) = read_request(&mut stream).await.unwrap();
        assert!(head.starts_with("connect only-the-proxy-knows.test:8080 "), "{head}");
        let mut onward = TcpStream::connect(target).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut onward).await;
    })
    .await;
    let data = tempfile::tempdir().unwrap();
    let ca = data.path().join("ca.pem");
    let key = KeyPair::generate().unwrap();
    fs::write(&ca, CertificateParams::new([]).unwrap().self_signed(&key).unwrap().pem()).unwrap();
    let proxy_url = format!("http://{}", proxy.address);
    let args = [
        "--egress-proxy",
        &proxy_url,
        "--allow-port",
        "8080,443",
        "--extra-ca",
        ca.to_str().unwrap(),
    ];
    let server = Process::start_with(&data, Some(ADMIN_KEY), &args).await;

    let endpoint = |port: u16| {
        json!({
            "url": format!("http://only-the-proxy-knows.test:{port}/hook"),
            "event_types": ["*"],
            "profile": "standard_webhooks",
        })
    };
    let refused = server.client.post("/v1/endpoints", &endpoint(9000)).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains("port 9000"), "{}", refused.body);
    assert_eq!(server.client.post("/v1/endpoints", &endpoint(8080)).await.status, 201);
    let event = json!({ "type": "a.b", "data": {} });
    assert_eq!(server.client.post("/v1/events", &event).await.status, 202);
    let head = tokio::time::timeout(PATIENCE, seen.recv()).await.unwrap().unwrap();
    assert!(head.contains("\r\nhost: only-the-proxy-knows.test:8080\r\n"), "{head}");
    server.terminate().await;
}
