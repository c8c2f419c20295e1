//! Where the stream of a trial ends: it is read and thrown away.
//!
//! Nothing of a guest arrives at the destination, so that it cannot run there, whatever its migration comes to. Where this program
//! ends in any way, so does the connection, the migration fails, and the guest runs on at the source.

use std::io::{self, Read};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// What is read at once.
const READ: usize = 1 << 20;
/// Between two looks for a connection.
const NAP: Duration = Duration::from_millis(10);

/// Takes streams until it is dropped.
pub struct StreamSink {
    address: SocketAddr,
    over: Arc<AtomicBool>,
}

impl StreamSink {
    /// Listens.
    ///
    /// # Errors
    /// The address is none of this machine, or taken.
    pub fn open(address: SocketAddr) -> io::Result<StreamSink> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let over = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&over);
        thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((mut stream, _)) => drop(thread::spawn(move || {
                        let mut bytes = vec![0; READ];
                        while stream.set_nonblocking(false).is_ok()
                            && stream.read(&mut bytes).is_ok_and(|read| read > 0)
                        {}
                    })),
                    Err(_) => thread::sleep(NAP),
                }
            }
        });
        Ok(StreamSink { address, over })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for StreamSink {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn whatever_comes_is_taken_and_nothing_comes_back() {
        let sink = StreamSink::open("127.0.0.1:0".parse().unwrap()).unwrap();
        let mut stream = TcpStream::connect(sink.address()).unwrap();
        stream.write_all(&vec![7; 8 << 20]).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        assert!(stream.read(&mut [0]).is_err());
        assert!(StreamSink::open(sink.address()).is_err(), "it is taken");
    }
}
