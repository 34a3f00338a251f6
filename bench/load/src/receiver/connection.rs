//! One connection of a sender of deliveries.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bytes::{Buf as _, BytesMut};
use httparse::Status;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

use super::{Mode, PATH, Shared};
use crate::wire::{Frame, MAX_HEADERS};

/// Serves until either side closes. Errors end the connection, as its peer will notice.
pub(super) async fn serve(stream: TcpStream, shard: usize, shared: Arc<Shared>) {
    _ = try_serve(stream, shard, &shared).await;
}

async fn try_serve(mut stream: TcpStream, shard: usize, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = BytesMut::with_capacity(READ);
    loop {
        let Some((len, mode)) = read(&buffer, shard, shared)? else {
            buffer.reserve(READ);
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
            continue;
        };
        buffer.advance(len);
        if let Some(delay) = mode.delay() {
            sleep(delay).await;
        }
        match mode {
            Mode::Ok | Mode::Slow(_) => stream.write_all(OK).await?,
            Mode::Busy => stream.write_all(BUSY).await?,
            Mode::Fail => stream.write_all(FAIL).await?,
            Mode::NotFound => stream.write_all(NOT_FOUND).await?,
            Mode::Garbage => return stream.write_all(GARBAGE).await,
            Mode::Reset => return stream.set_zero_linger(),
            Mode::Drip => return timeout(PATIENCE, drip(&mut stream)).await?,
            Mode::Hang => return timeout(PATIENCE, hang(&mut stream)).await?,
            Mode::Huge => return timeout(PATIENCE, huge(&mut stream)).await?,
        }
    }
}

/// Reads the request at the start of `bytes`, if it is there whole, and counts it.
fn read(bytes: &[u8], shard: usize, shared: &Shared) -> io::Result<Option<(usize, Mode)>> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let mut slots = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut slots);
    let head = match request.parse(bytes) {
        Ok(Status::Complete(head)) => head,
        Ok(Status::Partial) => return Ok(None),
        Err(_) => return Err(io::ErrorKind::InvalidData.into()),
    };
    let headers = &*request.headers;
    let Some(frame) = Frame::of(bytes, head, headers).map_err(io::Error::other)? else {
        return Ok(None);
    };
    shared.posts.fetch_add(1, Ordering::Relaxed);
    let endpoint = request.path.and_then(|path| path.strip_prefix(PATH)?.parse().ok());
    let Some(endpoint) = endpoint else { return Ok(Some((frame.len, Mode::NotFound))) };
    let mode = shared.mode(endpoint);
    let body = frame.body(bytes);
    if let (Some(run), Some(id)) = (shared.run(), shared.id.find(headers, &body)) {
        run.arrived(&id, endpoint, shard);
    }
    if let Some(verifier) = shared.verifier() {
        verifier.sample(endpoint, headers, &body);
    }
    Ok(Some((frame.len, mode)))
}

/// One byte at a time, so that every read of the peer brings something and the answer never ends.
async fn drip(stream: &mut TcpStream) -> io::Result<()> {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n";
    for byte in head.iter().chain(std::iter::repeat(&b'.')) {
        stream.write_all(&[*byte]).await?;
        sleep(DRIP).await;
    }
    Ok(())
}

/// Until the peer closes.
async fn hang(stream: &mut TcpStream) -> io::Result<()> {
    let mut ignored = [0; 1024];
    while stream.read(&mut ignored).await? > 0 {}
    Ok(())
}

async fn huge(stream: &mut TcpStream) -> io::Result<()> {
    let block = vec![b'x'; 64 * 1024];
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {HUGE}\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    for _ in 0..HUGE / block.len() {
        stream.write_all(&block).await?;
    }
    Ok(())
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n";
const FAIL: &[u8] = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n";
const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
const GARBAGE: &[u8] = b"\x16\x03\x01\x00\xff\r\n\r\n\x00garbage\r\n";
/// Bytes that there is always room for: a delivery of 1 KB with its headers.
const READ: usize = 4096;
const HUGE: usize = 1024 * 1024 * 1024;
const DRIP: Duration = Duration::from_millis(500);
/// The longest that a bad answer takes; senders of webhooks give up long before.
const PATIENCE: Duration = Duration::from_secs(120);
