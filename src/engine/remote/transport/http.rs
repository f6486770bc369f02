//! Requests to a server, and what comes of them.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::io::{BufRead as _, BufReader};
use std::net::ToSocketAddrs as _;
use std::ops::ControlFlow;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, RequestBuilder};

use crate::base::error::{Advice, Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::{Event, Interrupt, human};
use crate::engine::contract::server_name::{Credentials, ServerName};

/// How long a connection may take to be made, and how long a server may take for its first answer, if the user has no more
/// patience. One that has answered is there: whatever it is asked then may take its time.
const CONNECT: Duration = Duration::from_secs(10);

/// How often the user's wish to stop is looked at while an answer is awaited.
const LOOK: Duration = Duration::from_millis(50);

/// How long to wait before a request is made again.
const PAUSE: Duration = Duration::from_millis(200);

/// The largest answer that is read, in bytes.
const LARGEST: u64 = 1 << 30;

/// How many lines of an answer are read ahead.
const AHEAD: usize = 1024;

/// What comes of a request that is answered line by line.
enum Heard {
    Line(String),
    /// All lines were read.
    End,
    /// There are no lines, but another answer.
    Status(u16, Vec<u8>),
}

/// A server, to which requests are made.
pub(crate) struct Http {
    agent: Agent,
    base: String,
    /// Its name or address, and its port.
    host: (String, u16),
    authorization: Option<String>,
    /// As messages name it.
    name: String,
    /// How long a server that is busy with itself is asked again.
    patience: Duration,
    has_answered: Cell<bool>,
    interrupt: Interrupt,
}

/// How long a server is asked again.
pub(crate) struct Patience {
    timeout: Duration,
    begun: Instant,
    told: bool,
}

impl Patience {
    pub(crate) fn new(timeout: Duration) -> Patience {
        Patience { timeout, begun: Instant::now(), told: false }
    }

    /// Whether there is no time left to ask once more.
    pub(crate) fn is_over(&self) -> bool {
        self.begun.elapsed() + PAUSE > self.timeout
    }

    /// Waits a little. The observer hears of it once.
    ///
    /// # Errors
    /// `Interrupted`.
    pub(crate) fn wait(&mut self, job: Job<'_>) -> Result<()> {
        if !self.told {
            job.tell(Event::WaitingForServer { timeout: self.timeout });
            self.told = true;
        }
        job.check()?;
        thread::sleep(PAUSE);
        Ok(())
    }
}

/// Why there is no answer.
pub(crate) enum Failed {
    /// Nobody is there, or is not who it should be: to ask again is of no use.
    Nobody(Error),
    /// The answer was lost on its way, or is that there is nobody to answer yet.
    Lost(Error),
    /// Any other.
    Other(Error),
}

impl Http {
    pub(crate) fn new(server: &ServerName, patience: Duration, job: Job<'_>) -> Http {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .timeout_connect(Some(CONNECT))
            .http_status_as_error(false)
            // A token is for the host that was named, and for no other.
            .max_redirects(0)
            .user_agent(concat!("planctl/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        let scheme = if server.tls { "https" } else { "http" };
        let authorization = match &server.credentials {
            Credentials::Open => None,
            Credentials::Basic(user, password) => {
                Some(format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.reveal()))))
            }
            Credentials::Bearer(token) => Some(format!("Bearer {}", token.reveal())),
        };
        Http {
            agent,
            base: format!("{scheme}://{}:{}", server.host, server.port),
            host: (server.host.clone(), server.port),
            authorization,
            name: server.to_string(),
            patience,
            has_answered: Cell::new(false),
            interrupt: job.interrupt(),
        }
    }

    /// Makes a request that changes nothing, again where its answer was lost: what `understood` makes of the answer.
    ///
    /// # Errors
    /// `Server` when there is no answer, or not that of a server of this kind; `Interrupted`.
    pub(crate) fn read<T>(
        &self,
        path: &str,
        body: &Value,
        job: Job<'_>,
        understood: impl Fn(Value) -> Result<T, Failed>,
    ) -> Result<T> {
        let mut patience = Patience::new(self.patience);
        loop {
            let error = match self.post(path, body).and_then(&understood) {
                Ok(answer) => return Ok(answer),
                Err(Failed::Nobody(error) | Failed::Other(error)) => return Err(error),
                Err(Failed::Lost(error)) => error,
            };
            if patience.is_over() {
                return Err(error);
            }
            patience.wait(job)?;
        }
    }

    /// One request, and its answer.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value, Failed> {
        let request =
            self.agent.post(format!("{}{path}", self.base)).header("content-type", "application/json");
        let request = self.let_in(request);
        let body = body.to_string();
        let (status, text) = self.waited(move || {
            let mut answer = request.send(body)?;
            let text = answer.body_mut().with_config().limit(LARGEST).read_to_vec()?;
            Ok((answer.status().as_u16(), text))
        })?;
        self.answered(status, &text)
    }

    /// Writes what the server gives for a path into a file.
    pub(crate) fn download(&self, path: &str, mut file: File) -> Result<(), Failed> {
        let request = self.let_in(self.agent.get(format!("{}{path}", self.base)));
        let (status, text) = self.waited(move || {
            let mut answer = request.call()?;
            let status = answer.status().as_u16();
            if status != 200 {
                return Ok((status, answer.body_mut().with_config().limit(LARGEST).read_to_vec()?));
            }
            io::copy(&mut answer.body_mut().as_reader(), &mut file)?;
            file.sync_all()?;
            Ok((status, Vec::new()))
        })?;
        if status == 200 { Ok(()) } else { self.answered(status, &text).map(drop) }
    }

    /// Makes a request that changes nothing, and hands on the lines of its answer as they come; whether all of them were
    /// wanted. It is made again where the answer was lost before the first of them.
    ///
    /// # Errors
    /// `Server` when there is no answer, or not all of it; `Interrupted`; those of whoever takes the lines.
    pub(crate) fn lines(
        &self,
        path: &str,
        body: &Value,
        job: Job<'_>,
        take: &mut dyn FnMut(&str) -> Result<ControlFlow<()>>,
    ) -> Result<bool> {
        let mut patience = Patience::new(self.patience);
        loop {
            let mut taken = false;
            let told = self.told(path, body, &mut |line| {
                taken = true;
                take(line)
            });
            let error = match told {
                Ok(is_whole) => return Ok(is_whole),
                Err(Failed::Lost(error)) if !taken && !patience.is_over() => error,
                Err(Failed::Nobody(error) | Failed::Lost(error) | Failed::Other(error)) => return Err(error),
            };
            drop(error);
            patience.wait(job)?;
        }
    }

    fn told(
        &self,
        path: &str,
        body: &Value,
        take: &mut dyn FnMut(&str) -> Result<ControlFlow<()>>,
    ) -> Result<bool, Failed> {
        let request =
            self.agent.post(format!("{}{path}", self.base)).header("content-type", "application/json");
        let (request, body) = (self.let_in(request), body.to_string());
        let (sender, receiver) = mpsc::sync_channel(AHEAD);
        // It ends when nobody listens any more. Where the system gives no thread, nobody speaks.
        let speak = move || {
            let read = || -> Result<(), ureq::Error> {
                let mut answer = request.send(body)?;
                let status = answer.status().as_u16();
                if status != 200 {
                    let text = answer.body_mut().with_config().limit(LARGEST).read_to_vec()?;
                    drop(sender.send(Ok(Heard::Status(status, text))));
                    return Ok(());
                }
                for line in BufReader::new(answer.body_mut().as_reader()).lines() {
                    if sender.send(Ok(Heard::Line(line?))).is_err() {
                        return Ok(());
                    }
                }
                drop(sender.send(Ok(Heard::End)));
                Ok(())
            };
            if let Err(error) = read() {
                drop(sender.send(Err(error)));
            }
        };
        drop(thread::Builder::new().spawn(speak));
        loop {
            match self.heard(&receiver)?.map_err(|error| self.transport(error))? {
                Heard::Status(status, text) => return self.answered(status, &text).map(|_| true),
                Heard::Line(line) if take(&line).map_err(Failed::Other)?.is_break() => return Ok(false),
                Heard::Line(_) => {}
                Heard::End => return Ok(true),
            }
        }
    }

    fn let_in<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        match &self.authorization {
            Some(authorization) => request.header("authorization", authorization),
            None => request,
        }
    }

    /// What `work` comes to. Whoever waits for it can stop waiting: it ends in a thread of its own.
    fn waited<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ureq::Error> + Send + 'static,
    ) -> Result<T, Failed> {
        let (sender, receiver) = mpsc::channel();
        // Nobody listens any more when the user has stopped waiting.
        drop(thread::Builder::new().spawn(move || drop(sender.send(work()))));
        self.heard(&receiver)?.map_err(|error| self.transport(error))
    }

    /// What comes next from the thread that makes a request.
    fn heard<T>(&self, receiver: &Receiver<T>) -> Result<T, Failed> {
        let begun = Instant::now();
        loop {
            Job::stopped_by(&self.interrupt).check().map_err(Failed::Other)?;
            match receiver.recv_timeout(LOOK) {
                Ok(heard) => {
                    self.has_answered.set(true);
                    return Ok(heard);
                }
                Err(RecvTimeoutError::Timeout) => {
                    let enough = self.patience.max(CONNECT);
                    if !self.has_answered.get() && begun.elapsed() > enough {
                        let error = self.trouble(&format!("did not answer within {}", human(enough)));
                        return Err(Failed::Nobody(error.help(Advice::WaitLonger)));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failed::Other(self.trouble("the request could not be made")));
                }
            }
        }
    }

    fn answered(&self, status: u16, text: &[u8]) -> Result<Value, Failed> {
        let said = || String::from_utf8_lossy(text.get(..200).unwrap_or(text)).trim().to_owned();
        match status {
            200 => serde_json::from_slice(text).map_err(|error| {
                Failed::Other(self.other_program("the answer is not JSON").caused_by(error))
            }),
            401 | 403 => {
                let refused = if self.authorization.is_some() {
                    "refuses these credentials"
                } else {
                    "asks for credentials"
                };
                let help = if self.name.starts_with("libsql") {
                    "give the token in the environment as PLANCTL_AUTH_TOKEN, or a file with it as PLANCTL_AUTH_TOKEN_FILE"
                } else {
                    "name the user in the URL, and give the password in the environment as PLANCTL_PASSWORD, or a file with it as PLANCTL_PASSWORD_FILE"
                };
                Err(Failed::Other(self.trouble(refused).help(help)))
            }
            301 | 302 | 303 | 307 | 308 => Err(Failed::Other(
                self.trouble("redirects to another address, which planctl does not follow")
                    .help("name the server itself; of an rqlite cluster, any node will do"),
            )),
            404 => Err(Failed::Other(self.trouble("does not know this request").help(
                "check the scheme and the port: rqlite:// is for rqlite, libsql:// for sqld and Turso",
            ))),
            // rqlite without a leader, or one that is no leader any more; a proxy that has lost its server.
            500..=599 => {
                Err(Failed::Lost(self.trouble(&format!("is not ready: {} (HTTP {status})", said()))))
            }
            _ => Err(Failed::Other(self.trouble(&format!("answers with HTTP {status}: {}", said())))),
        }
    }

    fn transport(&self, error: ureq::Error) -> Failed {
        use io::ErrorKind as Io;
        let nobody = |what: &str, error| Failed::Nobody(self.trouble(what).caused_by(error));
        match &error {
            ureq::Error::Io(io) => match io.kind() {
                Io::ConnectionRefused => Failed::Nobody(
                    self.trouble("cannot be reached: connection refused")
                        .caused_by(error)
                        .help("check host and port, and that the server runs"),
                ),
                // What comes back is no TLS.
                Io::InvalidData => self.not_encrypted(error),
                Io::NotFound | Io::HostUnreachable | Io::NetworkUnreachable => {
                    nobody("cannot be reached", error)
                }
                // What the system says of a name that it does not know has no kind of its own.
                _ if self.host.to_socket_addrs().is_err() => self.no_host(error),
                _ => Failed::Lost(self.trouble("the connection was lost").caused_by(error)),
            },
            ureq::Error::HostNotFound => self.no_host(error),
            ureq::Error::Timeout(_) => nobody("cannot be reached: it does not answer", error),
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) => self.not_encrypted(error),
            _ => Failed::Other(self.trouble(&error.to_string()).caused_by(error)),
        }
    }

    fn no_host(&self, error: ureq::Error) -> Failed {
        let error = self.trouble("cannot be reached: no host has this name").caused_by(error);
        Failed::Nobody(error.help("check the URL"))
    }

    fn not_encrypted(&self, error: ureq::Error) -> Failed {
        let error = self.trouble(&format!("no encrypted connection can be made: {error}")).caused_by(error);
        Failed::Nobody(error.help(
            "the server must speak TLS there, with a certificate that this system trusts (SSL_CERT_FILE names others)",
        ))
    }

    /// Trouble with what answers and is perhaps no such server.
    pub(crate) fn other_program(&self, what: &str) -> Error {
        self.trouble(what).help("check the port: another program may be listening there")
    }

    /// Trouble with the server.
    pub(crate) fn trouble(&self, what: &str) -> Error {
        Error::new(ErrorKind::Server, format!("{}: {what}", self.name))
    }
}
