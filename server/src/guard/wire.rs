//! The bytes of a connection, counted.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream that bytes go through both ways: TCP, a tunnel, or TLS over one of them.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// How much a connection has received, and how much it may. Shared by the stream and by who makes requests on it.
#[derive(Debug)]
pub(super) struct Gauge {
    received: AtomicU64,
    ceiling: AtomicU64,
    given_up: AtomicBool,
}

impl Gauge {
    /// Without a limit.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            received: AtomicU64::new(0),
            ceiling: AtomicU64::new(u64::MAX),
            given_up: AtomicBool::new(false),
        })
    }

    /// Bytes since the connection was made.
    pub(super) fn received(&self) -> u64 {
        self.received.load(Ordering::Acquire)
    }

    /// From now on at most `bytes` may come: more breaks the connection off.
    pub(super) fn allow(&self, bytes: u64) {
        self.ceiling.store(self.received().saturating_add(bytes), Ordering::Release);
    }

    /// Whether more came than was allowed.
    pub(super) fn is_exceeded(&self) -> bool {
        self.received() > self.ceiling.load(Ordering::Acquire)
    }

    /// Marks the connection as one that nobody should use again.
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Ordering::Release);
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Acquire)
    }

    fn count(&self, bytes: usize) -> io::Result<()> {
        self.received.fetch_add(bytes as u64, Ordering::AcqRel);
        if self.is_exceeded() { Err(io::Error::other("the answer is too large")) } else { Ok(()) }
    }
}

/// A stream whose received bytes go through a [`Gauge`].
pub(super) struct Metered {
    pub(super) stream: Box<dyn Stream>,
    pub(super) gauge: Arc<Gauge>,
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if let Poll::Ready(Ok(())) = polled {
            return Poll::Ready(self.gauge.count(buf.filled().len().saturating_sub(before)));
        }
        polled
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
