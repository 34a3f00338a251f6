//! What the transport makes of answers, proper and not, and of connections that stay.

#![cfg(test)]

#[path = "support/raw.rs"]
mod raw;
#[path = "support/transport.rs"]
mod transport;

use std::{
    future,
    io::{Read as _, Write as _},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use hookseal_server::guard::{Failure, Outbound, Phase, Reply, Timeouts, Transport as _};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpSocket,
};

use raw::{NO_CONTENT, PATIENCE, RawServer, read_request};
use transport::{outbound, plain, post};

const KEPT: usize = 16 * 1024;

fn with_length(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

async fn reply_to(answer: impl Into<Vec<u8>>) -> Reply {
    let server = RawServer::saying(answer).await;
    tokio::time::timeout(PATIENCE, post(&plain(), &server.url())).await.expect("no end")
}

#[tokio::test]
async fn an_answer_is_kept_with_its_head() {
    let reply = reply_to(
        "HTTP/1.1 201 Created\r\nServer: x\r\nSet-Cookie: a=secret\r\nRetry-After: 7\r\n\
         webhook-delivery: a\r\nwebhook-delivery: b\r\ncontent-length: 4\r\n\r\nbody",
    )
    .await;
    assert_eq!((reply.status, reply.failure, reply.stopped_in), (Some(201), None, None));
    assert_eq!(reply.body, b"body");
    assert_eq!(reply.retry_after.as_deref(), Some("7"));
    assert_eq!(reply.delivery.as_deref(), Some("a,b"));
    assert_eq!(
        reply.head,
        "HTTP/1.1 201 Created\nserver: x\nset-cookie: [redacted]\nretry-after: 7\n\
         webhook-delivery: a\nwebhook-delivery: b\ncontent-length: 4\n"
    );
    assert!(!reply.reused);
    assert!(reply.timing.first_byte.is_some() && reply.timing.connect.is_some());
    assert_eq!((reply.timing.dns, reply.timing.tls), (None, None));
}

#[tokio::test]
async fn what_is_not_http_has_a_name_and_an_end() {
    use Failure::{Connection, InvalidResponse, ResponseTooLarge};
    let long_head = format!("HTTP/1.1 200 OK\r\na: {}\r\n\r\n", "x".repeat(200_000));
    let endless_head = format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(200_000));
    let many_headers = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(500));
    let interim = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(50_000);
    let chunked =
        |chunks: &str| format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}");
    let extension = chunked(&format!("1;{}\r\nx\r\n", "e".repeat(1_000_000)));
    let at_head = |answer: &str, failure| (answer.to_owned(), None, failure, Phase::FirstByte);
    let in_body = |answer: &str, failure| (answer.to_owned(), Some(200), failure, Phase::Body);
    for (answer, status, failure, phase) in [
        at_head("", Connection),
        at_head("HTTP/1.1 200", Connection),
        at_head("HTTP/1.1 200 OK\r\nserver: x\r\n", Connection),
        at_head("SSH-2.0-OpenSSH_9.2\r\n\r\n", InvalidResponse),
        at_head("<html>\r\n\r\n", InvalidResponse),
        at_head("\0\0\0\x0c\x04\0\0\0\0\0\0\0\0\0\0\0", InvalidResponse),
        at_head("HTTP/1.1 abc OK\r\n\r\n", InvalidResponse),
        at_head("HTTP/1.1 99999 OK\r\n\r\n", InvalidResponse),
        at_head("HTTP/1.1 20 OK\r\n\r\n", InvalidResponse),
        at_head("HTTP/9.9 200 OK\r\n\r\n", InvalidResponse),
        at_head("HTTP/2.0 200 OK\r\n\r\n", InvalidResponse),
        at_head("ICY 200 OK\r\n\r\n", InvalidResponse),
        at_head("HTTP/1.1 200 OK\r\na b: c\r\n\r\n", InvalidResponse),
        at_head("HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n", InvalidResponse),
        at_head("HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", InvalidResponse),
        at_head(
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
            InvalidResponse,
        ),
        at_head("HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n", InvalidResponse),
        at_head(&long_head, ResponseTooLarge),
        at_head(&endless_head, ResponseTooLarge),
        at_head(&many_headers, ResponseTooLarge),
        at_head(&interim, ResponseTooLarge),
        in_body("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort", Connection),
        in_body(&chunked("5\r\nab"), Connection),
        in_body(&chunked("zz\r\nab"), InvalidResponse),
        in_body(&chunked("-1\r\nab"), InvalidResponse),
        in_body(&chunked("fffffffffffffffff\r\nab"), InvalidResponse),
        in_body(&chunked("1\r\nab\r\n0\r\n\r\n"), InvalidResponse),
        in_body(&extension, InvalidResponse),
    ] {
        let reply = reply_to(answer.clone()).await;
        let got = (reply.status, reply.failure, reply.stopped_in);
        let shown: String = answer.chars().take(80).collect();
        assert_eq!(got, (status, Some(failure), Some(phase)), "{shown:?}: {:?}", reply.detail);
        assert!(reply.detail.is_some_and(|detail| !detail.is_empty()), "{shown:?}");
    }
}

#[tokio::test]
async fn what_is_odd_but_http_is_an_answer() {
    for (answer, status, body) in [
        ("HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, "until the end"),
        ("HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", 200, ""),
        ("HTTP/1.1 299 \r\ncontent-length: 1\r\n\r\nx", 299, "x"),
        ("HTTP/1.1 999 Odd\r\ncontent-length: 1\r\n\r\nx", 999, "x"),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx",
            200,
            "x",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\na: b\r\n\r\n",
            200,
            "abc",
        ),
        ("HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello", 204, ""),
    ] {
        let reply = reply_to(answer).await;
        assert_eq!((reply.status, reply.failure), (Some(status), None), "{answer:?}");
        assert_eq!(reply.body, body.as_bytes(), "{answer:?}");
    }
}

#[tokio::test]
async fn redirects_are_answers_and_nobody_goes_there() {
    let elsewhere = RawServer::keeping_alive().await;
    for status in [300, 301, 302, 303, 307, 308] {
        let answer = format!(
            "HTTP/1.1 {status} Moved\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
            elsewhere.url()
        );
        let reply = reply_to(answer).await;
        assert_eq!((reply.status, reply.failure), (Some(status), None));
        assert!(reply.head.contains(&elsewhere.url()), "{}", reply.head);
    }
    assert_eq!(elsewhere.accepted(), 0);
}

#[tokio::test]
async fn a_compressed_answer_is_kept_as_it_came() {
    // printf hello | gzip -n
    let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xcbH\xcd\xc9\xc9\x07\0\x86\xa6\x106\x05\0\0\0";
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        gzip.len()
    );
    let reply = reply_to([head.as_bytes(), gzip].concat()).await;
    assert_eq!(reply.body, gzip);
    assert!(reply.head.contains("content-encoding: gzip"));
}

#[tokio::test]
async fn a_long_body_is_cut_and_the_rest_never_read() {
    // What the systems hold for both sides is not read: the server's part is small here, the other one is the guard's.
    const HELD: u32 = 16 * 1024;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_send_buffer_size(HELD).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let pouring = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await.unwrap();
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut written = 0;
        while let Ok(bytes) = stream.write(&[b'x'; 4096]).await {
            written += bytes;
        }
        written
    });
    let reply = post(&plain(), &url).await;
    assert_eq!((reply.status, reply.failure), (Some(200), None));
    assert_eq!(reply.body, vec![b'x'; KEPT]);
    // The connection was closed: the server's next write failed.
    let written = tokio::time::timeout(PATIENCE, pouring).await.expect("it is still open").unwrap();
    assert!((KEPT..512 * 1024).contains(&written), "{written}");
}

/// A drip as fast as it may be: the receiver never ends its answer.
#[tokio::test]
async fn each_limit_of_time_has_its_name() {
    let drip = |first: &'static str| {
        RawServer::start(move |mut stream, _| async move {
            read_request(&mut stream).await.unwrap();
            let mut tick = tokio::time::interval(Duration::from_millis(5));
            let _ = stream.write_all(first.as_bytes()).await;
            while stream.write_all(b"x").await.is_ok() {
                tick.tick().await;
            }
        })
    };
    let silent = RawServer::start(|mut stream, _| async move {
        read_request(&mut stream).await;
        future::pending::<()>().await;
    })
    .await;
    let short = Duration::from_millis(60);
    let total = Timeouts::within(short);
    let first_byte = Timeouts { first_byte: short, ..Timeouts::within(PATIENCE) };
    let head = drip("HTTP/1.1 200 OK\r\na: ").await;
    let status = drip("HTTP/1.1 20").await;
    let body = drip("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n").await;
    let chunks = drip("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10000\r\n").await;
    let endless = drip("HTTP/1.0 200 OK\r\n\r\n").await;
    for (server, timeouts, got, failure, phase) in [
        (&silent, total, None, Failure::ResponseTimeout, Phase::FirstByte),
        (&silent, first_byte, None, Failure::ResponseTimeout, Phase::FirstByte),
        (&head, total, None, Failure::ResponseTimeout, Phase::FirstByte),
        (&head, first_byte, None, Failure::ResponseTimeout, Phase::FirstByte),
        (&body, total, Some(200), Failure::Timeout, Phase::Body),
        (&chunks, total, Some(200), Failure::Timeout, Phase::Body),
        (&endless, total, Some(200), Failure::Timeout, Phase::Body),
    ] {
        let reply = plain().post(Outbound { timeouts, ..outbound(&server.url()) }).await;
        let stopped = (reply.status, reply.failure, reply.stopped_in);
        assert_eq!(stopped, (got, Some(failure), Some(phase)), "{:?}", reply.detail);
        assert!(reply.body.len() <= KEPT);
        assert!(reply.timing.total >= short);
    }
    // A status that drips is not one.
    let reply = post(&plain(), &status.url()).await;
    assert_eq!(reply.failure, Some(Failure::InvalidResponse));
}

/// The answer came in time, and nobody was there to read it.
#[test]
#[expect(clippy::disallowed_methods, reason = "the thread is to stand still")]
fn a_process_that_stood_still_finds_the_answer_that_came_meanwhile() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (asked, has_asked) = mpsc::channel();
    let (answered, has_answered) = mpsc::channel();
    let receiver = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"1}") {
            let mut piece = [0; 1024];
            let length = stream.read(&mut piece).unwrap();
            request.extend_from_slice(&piece[..length]);
        }
        asked.send(()).unwrap();
        stream.write_all(NO_CONTENT).unwrap();
        answered.send(()).unwrap();
        stream
    });
    // As many threads as the smallest server has.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let limit = Duration::from_millis(300);
    let timeouts = Timeouts { connect: PATIENCE, first_byte: limit, total: PATIENCE };
    let attempt =
        runtime.spawn(async move { plain().post(Outbound { timeouts, ..outbound(&url) }).await });
    // Takes the one thread as soon as the request is out, and gives it back when the limit is over.
    runtime.spawn(async move {
        while has_asked.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
        has_answered.recv().unwrap();
        thread::sleep(2 * limit);
    });
    let reply = runtime.block_on(attempt).unwrap();
    assert_eq!((reply.status, reply.failure), (Some(204), None), "{reply:?}");
    drop(receiver.join().unwrap());
}

#[tokio::test]
async fn one_connection_carries_many_posts() {
    let server = RawServer::keeping_alive().await;
    let transport = plain();
    for number in 0..100 {
        let reply = post(&transport, &server.url()).await;
        assert_eq!((reply.status, reply.failure), (Some(204), None));
        assert_eq!(reply.reused, number > 0);
        assert_eq!(reply.address, Some(server.address));
        assert_eq!(reply.timing.connect.is_none(), reply.reused);
        assert!(reply.timing.first_byte.is_some());
    }
    assert_eq!(server.accepted(), 1);
    // Another path is the same place, another transport is another process.
    post(&transport, &format!("http://{}/other", server.address)).await;
    assert_eq!(server.accepted(), 1);
    assert!(!post(&plain(), &server.url()).await.reused);
}

#[tokio::test]
async fn posts_at_once_share_no_more_connections_than_there_are_posts() {
    let server = RawServer::keeping_alive().await;
    let transport = Arc::new(plain());
    for _ in 0..10 {
        let posts: Vec<_> = (0..16)
            .map(|_| {
                let (transport, url) = (Arc::clone(&transport), server.url());
                tokio::spawn(async move { post(&transport, &url).await })
            })
            .collect();
        for reply in posts {
            assert_eq!(reply.await.unwrap().failure, None);
        }
    }
    assert!(server.accepted() <= 16, "{}", server.accepted());
}

#[tokio::test]
async fn a_body_as_long_as_is_kept_keeps_the_connection_and_a_longer_one_does_not() {
    for (length, connections) in [(KEPT, 1), (KEPT + 1, 2)] {
        let answer = Arc::new(with_length(&vec![b'x'; length]));
        let server = RawServer::start(move |mut stream, _| {
            let answer = Arc::clone(&answer);
            async move {
                while read_request(&mut stream).await.is_some() {
                    let _ = stream.write_all(&answer).await;
                }
            }
        })
        .await;
        let transport = plain();
        for _ in 0..2 {
            assert_eq!(post(&transport, &server.url()).await.body.len(), KEPT);
        }
        assert_eq!(server.accepted(), connections, "{length}");
    }
}

#[tokio::test]
async fn a_kept_connection_that_ends_costs_no_attempt() {
    // Closes each connection when the second request is there, without a word.
    let server = RawServer::start(|mut stream, _| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(NO_CONTENT).await.unwrap();
        read_request(&mut stream).await;
    })
    .await;
    let transport = plain();
    for number in 1..=5 {
        let reply = post(&transport, &server.url()).await;
        assert_eq!((reply.status, reply.failure), (Some(204), None));
        assert_eq!((server.accepted(), reply.reused), (number, false));
    }
}

#[tokio::test]
async fn an_answer_that_began_is_not_asked_for_again() {
    let server = RawServer::start(|mut stream, _| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(NO_CONTENT).await.unwrap();
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 2").await.unwrap();
    })
    .await;
    let transport = plain();
    assert_eq!(post(&transport, &server.url()).await.status, Some(204));
    let reply = post(&transport, &server.url()).await;
    assert_eq!((reply.failure, reply.reused), (Some(Failure::Connection), true));
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_fresh_connection_that_ends_is_a_failure_and_not_tried_again() {
    let server = RawServer::saying("").await;
    let reply = post(&plain(), &server.url()).await;
    assert_eq!(reply.failure, Some(Failure::Connection));
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn connection_close_is_obeyed() {
    let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok";
    let server = RawServer::saying(*answer).await;
    let transport = plain();
    for number in 1..=5 {
        let reply = post(&transport, &server.url()).await;
        assert_eq!((reply.status, reply.failure, reply.reused), (Some(200), None, false));
        assert_eq!(server.accepted(), number);
    }
}

/// A second answer that nobody asked for must not be taken for the answer to the next request.
#[tokio::test]
async fn an_answer_too_many_is_not_the_next_ones() {
    let twice = [with_length(b"mine"), with_length(b"smuggled")].concat();
    let server = RawServer::start(move |mut stream, number| {
        let twice = twice.clone();
        async move {
            read_request(&mut stream).await.unwrap();
            if number == 1 {
                stream.write_all(&twice).await.unwrap();
                let mut rest = Vec::new();
                let _ = stream.read_to_end(&mut rest).await;
            } else {
                stream.write_all(NO_CONTENT).await.unwrap();
            }
        }
    })
    .await;
    let transport = plain();
    assert_eq!(post(&transport, &server.url()).await.body, b"mine");
    let second = post(&transport, &server.url()).await;
    assert_ne!(second.body, b"smuggled");
}

#[tokio::test]
async fn an_answer_before_the_body_was_read_counts() {
    let server = RawServer::start(|mut stream, _| async move {
        let mut head = [0; 64];
        stream.read_exact(&mut head).await.unwrap();
        let answer =
            "HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    })
    .await;
    let body = vec![b'x'; 4_000_000].into();
    let reply = plain().post(Outbound { body, ..outbound(&server.url()) }).await;
    assert_eq!((reply.status, reply.failure), (Some(413), None), "{:?}", reply.detail);
}
