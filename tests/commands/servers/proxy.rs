//! What stands between planctl and a server and spoils what a real network spoils too seldom.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Listens as long as the test runs.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    /// Requests whose answer the client did not get from the server.
    spoilt: Arc<AtomicUsize>,
    /// Requests in all.
    seen: Arc<AtomicUsize>,
}

impl Proxy {
    /// Passes requests on; the first `count` answers are cut before the client has any of it, when the server has given
    /// all of it.
    pub(crate) fn cutting(server: u16, count: usize) -> Proxy {
        Proxy::between(server, move |n| n < count)
    }

    /// Passes requests on; nobody gets an answer any more from the `nth` on, counted from 0.
    pub(crate) fn silent_from(server: u16, nth: usize) -> Proxy {
        Proxy::between(server, move |n| {
            if n < nth {
                return false;
            }
            loop {
                thread::park();
            }
        })
    }

    /// Passes requests on; the answers to the `nth` and all behind it are cut, counted from 0.
    pub(crate) fn cutting_from(server: u16, nth: usize) -> Proxy {
        Proxy::between(server, move |n| n >= nth)
    }

    /// Passes requests on; the answer to the `nth` is cut, counted from 0.
    pub(crate) fn cutting_one(server: u16, nth: usize) -> Proxy {
        Proxy::between(server, move |n| n == nth)
    }

    /// Passes requests on; `meanwhile` happens when the server has given the answer to the `nth`, counted from 0, and before
    /// the client has it.
    pub(crate) fn meddling(server: u16, nth: usize, meanwhile: impl Fn() + Send + 'static) -> Proxy {
        Proxy::between(server, move |n| {
            if n == nth {
                meanwhile();
            }
            false
        })
    }

    fn between(server: u16, cuts: impl Fn(usize) -> bool + Send + 'static) -> Proxy {
        let seen = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&seen);
        let proxy = Proxy::listening(move |client, spoilt| {
            let Some(request) = message(client) else { return };
            let n = counted.fetch_add(1, Ordering::SeqCst);
            let mut upstream = TcpStream::connect(("127.0.0.1", server)).unwrap();
            upstream.write_all(&request).unwrap();
            let answer = message(&mut upstream).unwrap();
            if cuts(n) {
                spoilt.fetch_add(1, Ordering::SeqCst);
            } else {
                drop(client.write_all(&answer));
            }
        });
        Proxy { seen, ..proxy }
    }

    /// Gives one answer to whatever is asked.
    pub(crate) fn answering(answer: &str) -> Proxy {
        let answer = answer.to_owned();
        Proxy::listening(move |client, spoilt| {
            if message(client).is_some() {
                spoilt.fetch_add(1, Ordering::SeqCst);
                drop(client.write_all(answer.as_bytes()));
            }
        })
    }

    fn listening(serve: impl Fn(&mut TcpStream, &AtomicUsize) + Send + 'static) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let spoilt = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&spoilt);
        thread::spawn(move || {
            for client in listener.incoming() {
                serve(&mut client.unwrap(), &counted);
            }
        });
        Proxy { port, spoilt, seen: Arc::default() }
    }

    /// How many requests it was given.
    pub(crate) fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }

    /// How many requests it has spoilt.
    pub(crate) fn cut(&self) -> usize {
        self.spoilt.load(Ordering::SeqCst)
    }
}

/// One HTTP message with its body, whose length its head says or which ends with an empty chunk. `None` when the other side has nothing to say.
fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        let count = stream.read(&mut chunk).ok()?;
        if count == 0 {
            return None;
        }
        bytes.extend_from_slice(&chunk[..count]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        let is_whole = match head.contains("transfer-encoding: chunked") {
            true => bytes.ends_with(b"0\r\n\r\n"),
            false => bytes.len() >= end + 4 + length,
        };
        if is_whole {
            return Some(bytes);
        }
    }
}
