//! Every mode of the receiver, as a client sees it.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use hookseal_load::{
    receiver::{Mode, Receiver},
    run::{FanOut, Run, Target},
    wire::IdSource,
};

const ALL: &[Mode] = &[
    Mode::Ok,
    Mode::Slow(50),
    Mode::Fail,
    Mode::Busy,
    Mode::NotFound,
    Mode::Garbage,
    Mode::Reset,
    Mode::Hang,
    Mode::Drip,
    Mode::Huge,
];

fn receiver() -> Receiver {
    let receiver =
        Receiver::start(IdSource::Header("webhook-id".to_owned()), ALL.len(), 1).unwrap();
    for (endpoint, mode) in ALL.iter().enumerate() {
        receiver.set_mode(endpoint, *mode);
    }
    receiver
}

/// A connection on which a delivery was sent.
fn post(receiver: &Receiver, endpoint: usize, id: &str) -> TcpStream {
    let mut stream = TcpStream::connect(receiver.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    send(&mut stream, endpoint, id);
    stream
}

fn send(stream: &mut TcpStream, endpoint: usize, id: &str) {
    let head =
        format!("POST {} HTTP/1.1\r\nhost: x\r\nwebhook-id: {id}\r\n", Receiver::path(endpoint));
    stream.write_all(format!("{head}content-length: 2\r\n\r\n{{}}").as_bytes()).unwrap();
}

/// The head of an answer without a body.
fn answer(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

fn number(mode: Mode) -> usize {
    ALL.iter().position(|known| *known == mode).unwrap()
}

#[test]
fn answers_are_as_the_mode_says_and_the_connection_stays() {
    let receiver = receiver();
    for (mode, start) in [
        (Mode::Ok, "HTTP/1.1 200 "),
        (Mode::Slow(50), "HTTP/1.1 200 "),
        (Mode::Fail, "HTTP/1.1 500 "),
        (Mode::Busy, "HTTP/1.1 503 "),
        (Mode::NotFound, "HTTP/1.1 404 "),
    ] {
        let sent = Instant::now();
        let mut stream = post(&receiver, number(mode), "x");
        let head = answer(&mut stream);
        assert!(head.starts_with(start), "{mode}: {head}");
        assert_eq!(head.contains("retry-after: 1"), mode == Mode::Busy, "{mode}: {head}");
        if let Mode::Slow(millis) = mode {
            assert!(sent.elapsed() >= Duration::from_millis(millis.into()));
        }
        send(&mut stream, number(Mode::Ok), "x");
        assert!(answer(&mut stream).starts_with("HTTP/1.1 200 "), "{mode}");
    }
    assert_eq!(receiver.posts(), 10);
    let mut stream = post(&receiver, ALL.len(), "x");
    assert!(answer(&mut stream).starts_with("HTTP/1.1 404 "));
}

#[test]
fn bad_answers_are_bad() {
    let receiver = receiver();
    let mut rest = Vec::new();
    post(&receiver, number(Mode::Garbage), "x").read_to_end(&mut rest).unwrap();
    assert!(!rest.is_empty() && !rest.starts_with(b"HTTP"));

    let reset = post(&receiver, number(Mode::Reset), "x").read(&mut [0]).unwrap_err();
    assert_eq!(reset.kind(), ErrorKind::ConnectionReset);

    let mut hanging = post(&receiver, number(Mode::Hang), "x");
    hanging.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let nothing = hanging.read(&mut [0]).unwrap_err();
    assert!(matches!(nothing.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{nothing}");

    let mut dripping = post(&receiver, number(Mode::Drip), "x");
    let mut some = [0; 100];
    assert_eq!(dripping.read(&mut some).unwrap(), 1);

    let mut huge = post(&receiver, number(Mode::Huge), "x");
    assert!(answer(&mut huge).contains("content-length: 1073741824"));
    let mut block = vec![0; 1 << 20];
    huge.read_exact(&mut block).unwrap();
    // Ends all of them by closing their connections.
    drop(receiver);
}

#[test]
fn deliveries_are_counted_by_the_id_of_their_event() {
    let receiver = receiver();
    let ok = number(Mode::Ok);
    let targets = vec![Target { endpoint: ok, healthy: true }];
    let run = Arc::new(Run::new(1, targets, FanOut::One, 3, receiver.threads()).unwrap());
    receiver.begin(Arc::clone(&run));
    for event in 0..3 {
        run.due(event, Duration::ZERO);
        run.accepted(event);
    }
    for event in [0, 1, 0] {
        let mut id = Vec::new();
        run.write_id(event, &mut id);
        answer(&mut post(&receiver, ok, std::str::from_utf8(&id).unwrap()));
    }
    let arrivals = run.arrivals().unwrap();
    assert_eq!((arrivals.delivered, arrivals.lost, arrivals.duplicates), (2, 1, 1));
    assert_eq!(arrivals.latency.quantiles().count, 2);
}
