//! What one connection carries: pages with their headers, written by one thread and read by another, as a migration does.

use std::io::{self, IoSlice, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::units::{PAGE_SIZE, Rate};

/// RAM that is sent, again and again: more than any cache holds [bytes].
const RAM: usize = 256 << 20;
/// Pages of one system call: QEMU gathers 64 pieces, a header and a page each.
const PAGES_A_CALL: usize = 32;
const HEADER: [u8; 8] = [0; 8];
/// What the destination reads at once.
const READ: usize = 32 << 10;
/// A peer that does not move for so long is not there.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends pages for about `time`, to `peer` or over the loopback; bytes a second.
pub(super) fn speed(time: Duration, peer: Option<SocketAddr>) -> io::Result<Rate> {
    let Some(peer) = peer else {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        return thread::scope(|scope| {
            let reader = scope.spawn(move || receive(&listener.accept()?.0));
            let sent = send(&TcpStream::connect(address)?, time);
            let read = reader.join().unwrap_or_else(|_| Err(io::Error::other("the reader ended")));
            read.and(sent)
        });
    };
    send(&TcpStream::connect_timeout(&peer, PATIENCE)?, time)
}

fn send(mut stream: &TcpStream, time: Duration) -> io::Result<Rate> {
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let ram = vec![1_u8; RAM];
    let start = Instant::now();
    let mut sent = 0_u64;
    for pages in ram.chunks(PAGES_A_CALL * PAGE_SIZE as usize).cycle() {
        if start.elapsed() >= time {
            break;
        }
        let pieces = pages.chunks(PAGE_SIZE as usize).flat_map(|page| [IoSlice::new(&HEADER), IoSlice::new(page)]);
        let mut pieces: Vec<IoSlice> = pieces.collect();
        let mut rest = pieces.as_mut_slice();
        while !rest.is_empty() {
            let written = stream.write_vectored(rest)?;
            sent += written as u64;
            IoSlice::advance_slices(&mut rest, written);
        }
    }
    // What is still in buffers has not arrived.
    stream.shutdown(std::net::Shutdown::Write)?;
    stream.read_exact(&mut [0])?;
    Ok(Rate((sent as f64 / start.elapsed().as_secs_f64()) as u64))
}

/// Reads to the end into RAM of its own, and says so.
fn receive(mut stream: &TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut ram = vec![1_u8; RAM];
    let mut at = 0;
    loop {
        let end = (at + READ).min(RAM);
        match stream.read(&mut ram[at..end])? {
            0 => return stream.write_all(&[0]),
            read => at = (at + read) % RAM,
        }
    }
}

/// Receives what peers send, one after the other, until `stop` says so.
///
/// # Errors
/// The address cannot be listened at.
pub fn listen(address: SocketAddr, stop: &dyn Fn() -> bool, mut heard: impl FnMut(SocketAddr)) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    heard(listener.local_addr()?);
    listener.set_nonblocking(true)?;
    while !stop() {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false)?;
                // A peer that breaks off is the peer's affair; the next one is welcome.
                let _ = receive(&stream);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(Duration::from_millis(20)),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
