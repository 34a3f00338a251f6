//! One connection to the server under test: a request out, its answer in.

use std::{borrow::Cow, io, net::SocketAddr, time::Duration};

use bytes::BytesMut;
use httparse::Status;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{
    MAX_HEADERS,
    frame::{Frame, decimal},
};

/// Keeps its connection open, and opens a new one after an error.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: BytesMut,
    timeout: Duration,
}

/// What came back.
#[derive(Debug)]
pub struct Answer<'c> {
    /// The status.
    pub status: u16,
    /// Seconds of `Retry-After`, where it is a number.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Cow<'c, [u8]>,
}

/// An answer without what borrows from the buffer.
struct Shape {
    status: u16,
    retry_after: Option<Duration>,
    frame: Frame,
    close: bool,
}

impl Client {
    /// A client of this address; `timeout` bounds a whole exchange. Connects when it is used.
    #[must_use]
    pub fn new(address: SocketAddr, timeout: Duration) -> Self {
        Self { address, stream: None, buffer: BytesMut::with_capacity(READ), timeout }
    }

    /// Sends a whole request and reads the answer.
    ///
    /// # Errors
    /// [`io::Error`]; the next exchange then takes a new connection.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        let timeout = self.timeout;
        let shape = match tokio::time::timeout(timeout, self.attempt(request)).await {
            Ok(Ok(shape)) => shape,
            Ok(Err(error)) => {
                self.stream = None;
                return Err(error);
            }
            Err(_) => {
                self.stream = None;
                return Err(io::ErrorKind::TimedOut.into());
            }
        };
        if shape.close {
            self.stream = None;
        }
        Ok(Answer {
            status: shape.status,
            retry_after: shape.retry_after,
            body: shape.frame.body(&self.buffer),
        })
    }

    async fn attempt(&mut self, request: &[u8]) -> io::Result<Shape> {
        self.buffer.clear();
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                none.insert(stream)
            }
        };
        stream.write_all(request).await?;
        loop {
            if let Some(shape) = parse(&self.buffer).map_err(invalid)? {
                return Ok(shape);
            }
            self.buffer.reserve(READ);
            if stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

fn parse(bytes: &[u8]) -> Result<Option<Shape>, &'static str> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let mut slots = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut slots);
    let head = match response.parse(bytes) {
        Ok(Status::Complete(head)) => head,
        Ok(Status::Partial) => return Ok(None),
        Err(_) => return Err("an answer that is not HTTP/1.1"),
    };
    let Some(frame) = Frame::of(bytes, head, response.headers)? else { return Ok(None) };
    let value = |name: &str| {
        let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        header.map(|header| header.value)
    };
    Ok(Some(Shape {
        status: response.code.unwrap_or_default(),
        retry_after: value("retry-after")
            .and_then(decimal)
            .map(|seconds| Duration::from_secs(seconds as u64)),
        frame,
        close: value("connection").is_some_and(|value| value.eq_ignore_ascii_case(b"close")),
    }))
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Bytes that there is always room for.
const READ: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_once_they_are_whole() {
        let answer = b"HTTP/1.1 503 Busy\r\nRetry-After: 2\r\nContent-Length: 2\r\n\r\nno";
        for cut in 0..answer.len() {
            assert!(parse(&answer[..cut]).unwrap().is_none(), "{cut}");
        }
        let shape = parse(answer).unwrap().unwrap();
        assert_eq!((shape.status, shape.close), (503, false));
        assert_eq!(shape.retry_after, Some(Duration::from_secs(2)));
        assert_eq!(&*shape.frame.body(answer), b"no");
        assert!(parse(b"SSH-2.0\r\n\r\n").is_err());
        let closing = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
        assert!(parse(closing).unwrap().unwrap().close);
    }
}
