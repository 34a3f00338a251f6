//! A server that this program starts, and stops.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    error::{Context as _, Error},
    interrupt,
};

/// A running process. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    log: PathBuf,
    started: Instant,
    name: String,
    ask: Ask,
}

impl Server {
    /// Starts a program that is asked to end in this way; what it writes goes to `log`.
    ///
    /// # Errors
    /// When there is no such program, or no such file can be written.
    pub fn start(command: &mut Command, log: &Path, ask: Ask) -> Result<Self, Error> {
        let name = command.get_program().to_string_lossy().into_owned();
        let out = File::options().create(true).append(true).open(log).context(log.display())?;
        let err = out.try_clone().context(log.display())?;
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        let started = Instant::now();
        let child = command.spawn().context(format!("cannot start `{name}`"))?;
        Ok(Self { child, log: log.to_owned(), started, name, ask })
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until `GET path` is answered with 200 to 299, and says how long that took from the start.
    ///
    /// # Errors
    /// When the process ends, or is not ready in time; with the end of its log.
    pub fn ready(&mut self, address: SocketAddr, path: &str) -> Result<Duration, Error> {
        loop {
            if is_ready(address, path).unwrap_or(false) {
                return Ok(self.started.elapsed());
            }
            interrupt::check()?;
            if let Some(status) = self.child.try_wait().context(&self.name)? {
                return Err(self.failed(&format!("ended ({status})")));
            }
            if self.started.elapsed() > START {
                return Err(self.failed("was not ready in time"));
            }
            sleep(AGAIN);
        }
    }

    /// Asks it to end with a signal, waits, and kills it if it does not. How long that took, and how it ended.
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn stop(mut self) -> Result<(Duration, ExitStatus), Error> {
        self.end().context(&self.name)
    }

    /// Whether it has ended by itself.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn has_ended(&mut self) -> Result<bool, Error> {
        Ok(self.child.try_wait().context(&self.name)?.is_some())
    }

    /// The last lines of what it wrote.
    #[must_use]
    pub fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().rev().take(LAST_LINES).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join(" | ")
    }

    fn failed(&self, how: &str) -> Error {
        Error::new(format!("`{}` {how}: {}", self.name, self.last_words()))
    }

    fn end(&mut self) -> io::Result<(Duration, ExitStatus)> {
        let asked = Instant::now();
        if let Some(status) = self.child.try_wait()? {
            return Ok((Duration::ZERO, status));
        }
        signal(&self.child, self.ask)?;
        while asked.elapsed() < STOP {
            if let Some(status) = self.child.try_wait()? {
                return Ok((asked.elapsed(), status));
            }
            sleep(AGAIN);
        }
        self.child.kill()?;
        Ok((asked.elapsed(), self.child.wait()?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Whoever wants to know calls `stop`.
        _ = self.end();
    }
}

/// How a process is asked to end.
#[derive(Clone, Copy, Debug)]
pub enum Ask {
    /// SIGINT: PostgreSQL then closes its connections.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

/// A port of the loopback interface that nobody uses at the moment.
///
/// # Errors
/// When there is none.
pub fn free_port() -> Result<u16, Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("free port")?;
    Ok(listener.local_addr().context("free port")?.port())
}

fn signal(child: &Child, ask: Ask) -> io::Result<()> {
    use rustix::process::{Pid, Signal, kill_process};
    let signal = match ask {
        Ask::Interrupt => Signal::INT,
        Ask::Terminate => Signal::TERM,
    };
    Ok(kill_process(Pid::from_child(child), signal)?)
}

fn is_ready(address: SocketAddr, path: &str) -> io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER)?;
    stream.set_read_timeout(Some(ANSWER))?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = [0; 10];
    stream.read_exact(&mut answer)?;
    Ok(answer.starts_with(b"HTTP/1.1 2"))
}

const AGAIN: Duration = Duration::from_micros(500);
const ANSWER: Duration = Duration::from_secs(5);
const START: Duration = Duration::from_secs(60);
const STOP: Duration = Duration::from_secs(15);
const LAST_LINES: usize = 5;
