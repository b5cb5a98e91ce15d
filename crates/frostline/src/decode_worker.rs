//! Compressed image frames are decoded in a process of their own, which may be lost.
//!
//! Image decoders from other hands panic, run away or take memory without bound on damaged files. The program starts
//! itself again with the hidden command `decode-worker`, sends one frame after the other over its standard input, and
//! waits for each answer no longer than [`FRAME_LIMIT`]. The worker limits its own memory, processor time and files.
//!
//! A message is its length (8 bytes, little endian) and as many bytes.

use std::cell::RefCell;
use std::io::{self, ErrorKind, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use frostline_formats::dicom::{LARGEST_FRAME_BYTES, PixelError, PixelRequest, PixelResponse, decode_frame};

/// The hidden command that starts a worker.
const COMMAND: &str = "decode-worker";
/// How long one frame may take. A 2000 x 2000 JPEG 2000 frame took under 2 s where this was written.
const FRAME_LIMIT: Duration = Duration::from_secs(20);
/// Memory of a worker: a frame of [`LARGEST_FRAME_BYTES`] is 512 MiB, and JPEG 2000 works on numbers twice as wide.
#[cfg(unix)]
const MEMORY_LIMIT_BYTES: u64 = 3 << 30;
/// Processor time of a worker, so that none stays behind when the program is gone. Unit: s.
#[cfg(unix)]
const CPU_LIMIT_S: u64 = 300;
/// A worker is replaced after so many frames, long before its processor time is used up.
const FRAMES_PER_WORKER: usize = 256;
/// A request may be larger than its frame (noise does not shrink), but not by much.
const LARGEST_MESSAGE_BYTES: u64 = 2 * LARGEST_FRAME_BYTES as u64;

/// Decodes a frame in another process; give this to the DICOM readers.
///
/// # Errors
/// [`PixelError`]: what the decoder found wrong, that it took too long, or that its process ended.
pub fn decode_in_worker(request: &PixelRequest) -> Result<Vec<u8>, PixelError> {
    thread_local! {
        static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
    }
    WORKER.with(|kept| {
        // Taken out: a worker that fails is not used again.
        let mut worker = match kept.borrow_mut().take() {
            Some(worker) if worker.frames < FRAMES_PER_WORKER => worker,
            _ => Worker::start(this_program()?)?,
        };
        let answer = worker.ask(request, FRAME_LIMIT)?;
        *kept.borrow_mut() = Some(worker);
        answer.into_result(request)
    })
}

fn this_program() -> Result<Command, PixelError> {
    let mut command = Command::new(std::env::current_exe().map_err(died)?);
    command.arg(COMMAND);
    Ok(command)
}

fn died(error: io::Error) -> PixelError {
    PixelError::Died { how: error.to_string() }
}

/// A running worker. Dropping it ends the process.
struct Worker {
    process: Child,
    requests: ChildStdin,
    answers: Receiver<io::Result<Vec<u8>>>,
    frames: usize,
}

impl Worker {
    fn start(mut command: Command) -> Result<Self, PixelError> {
        let mut process = command
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(died)?;
        let (Some(requests), Some(mut output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(died(ErrorKind::BrokenPipe.into()));
        };
        let (sender, answers) = channel();
        // Waiting with a limit needs a thread: pipes have no time limit of their own. It ends with the worker's output.
        std::thread::spawn(move || {
            loop {
                let message = read_message(&mut output);
                let last = message.is_err();
                if sender.send(message).is_err() || last {
                    return;
                }
            }
        });
        Ok(Self { process, requests, answers, frames: 0 })
    }

    fn ask(&mut self, request: &PixelRequest, limit: Duration) -> Result<PixelResponse, PixelError> {
        self.frames += 1;
        // The worker reads a whole request before it decodes, so this waits for nothing but the pipe.
        write_message(&mut self.requests, &request.to_bytes()).map_err(died)?;
        match self.answers.recv_timeout(limit) {
            Ok(Ok(answer)) => PixelResponse::from_bytes(&answer),
            Ok(Err(error)) => Err(self.how_it_ended(error)),
            Err(RecvTimeoutError::Timeout) => Err(PixelError::TookTooLong { limit_s: limit.as_secs() }),
            Err(RecvTimeoutError::Disconnected) => Err(self.how_it_ended(ErrorKind::BrokenPipe.into())),
        }
    }

    fn how_it_ended(&mut self, error: io::Error) -> PixelError {
        let _ = self.process.kill();
        match self.process.wait() {
            Ok(status) => PixelError::Died { how: status.to_string() },
            Err(_) => died(error),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Both fail only when the process is gone already, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The worker's side: decodes what comes on standard input until it ends.
pub fn run_worker() -> ExitCode {
    // A panic inside a decoder is an answer, not a message to the user.
    std::panic::set_hook(Box::new(|_| {}));
    if limit_this_process().is_err() {
        return ExitCode::FAILURE;
    }
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    loop {
        let message = match read_message(&mut input) {
            Ok(message) => message,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return ExitCode::SUCCESS,
            Err(_) => return ExitCode::FAILURE,
        };
        let result = PixelRequest::from_bytes(&message).and_then(|request| decode_frame(&request));
        if write_message(&mut output, &PixelResponse::from_result(result).to_bytes()).is_err() {
            return ExitCode::FAILURE;
        }
    }
}

#[cfg(unix)]
fn limit_this_process() -> io::Result<()> {
    use rlimit::Resource;
    let limits = [
        (Resource::AS, MEMORY_LIMIT_BYTES),
        (Resource::CPU, CPU_LIMIT_S),
        (Resource::CORE, 0),
        // It has no business with files: it may write none.
        (Resource::FSIZE, 0),
    ];
    for (resource, most) in limits {
        // A limit that was set lower outside stays.
        let hard = resource.get_hard()?.min(most);
        resource.set(hard, hard)?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn limit_this_process() -> io::Result<()> {
    // Without setrlimit the time limit of the program that asks is the only one.
    Ok(())
}

fn write_message(to: &mut impl Write, message: &[u8]) -> io::Result<()> {
    to.write_all(&(message.len() as u64).to_le_bytes())?;
    to.write_all(message)?;
    to.flush()
}

fn read_message(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    if length > LARGEST_MESSAGE_BYTES {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut message = Vec::new();
    from.take(length).read_to_end(&mut message)?;
    if message.len() as u64 == length { Ok(message) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use frostline_formats::dicom::{Compression, SampleLayout};

    fn request() -> PixelRequest {
        let layout = SampleLayout { rows: 1, columns: 4, bits_allocated: 8, bits_stored: 8, signed: false };
        let mut data = vec![0; 64];
        (data[0], data[4]) = (1, 64);
        // Four times the value 7.
        data.extend([0xFD, 7]);
        PixelRequest { compression: Compression::Rle, layout, data }
    }

    fn shell(script: &str) -> Worker {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        Worker::start(command).unwrap()
    }

    #[test]
    fn a_worker_that_hangs_is_given_up_after_the_limit() {
        let answer = shell("exec sleep 30").ask(&request(), Duration::from_millis(100));
        assert_eq!(answer, Err(PixelError::TookTooLong { limit_s: 0 }));
    }

    #[test]
    fn a_worker_that_dies_is_reported_with_how_it_ended() {
        let answer = shell("head -c 40 > /dev/null; kill -9 $$").ask(&request(), Duration::from_secs(10));
        assert!(matches!(&answer, Err(PixelError::Died { how }) if how.contains('9')), "{answer:?}");
    }

    #[test]
    fn an_answer_that_declares_too_much_is_not_waited_for() {
        let answer = shell("printf '\\377\\377\\377\\377\\377\\377\\377\\377'; sleep 30")
            .ask(&request(), Duration::from_secs(10));
        assert!(matches!(answer, Err(PixelError::Died { .. })), "{answer:?}");
    }

    #[test]
    fn a_message_arrives_as_it_was_sent() {
        let mut pipe = Vec::new();
        write_message(&mut pipe, b"frame").unwrap();
        assert_eq!(read_message(&mut pipe.as_slice()).unwrap(), b"frame");
        assert!(read_message(&mut &pipe[..10]).is_err());
    }
}
