//! Processes and a folder that end with the process that made them: on drop, on panic, and when it is killed.
//!
//! No destructor runs in a process that is killed, so each [`Lifeline`] has a *keeper*: a small shell that reads a pipe whose
//! other end only we hold. It is told which processes to guard; when the pipe closes, for whatever reason, it kills those and
//! removes the folder. The processes are our own children, so their ids and exit codes are the real ones.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use crate::Error;

/// Reads `guard PID` and `release PID` until the end, then kills what is guarded and removes the folder `$1`. A killed process
/// may still write for a moment, hence the repeated removal.
const KEEPER: &str = r#"
pids=
while read -r word pid; do
  case $word in
    guard) pids="$pids $pid" ;;
    release)
      left=
      for other in $pids; do [ "$other" = "$pid" ] || left="$left $other"; done
      pids=$left ;;
  esac
done
[ -z "$pids" ] || kill -KILL $pids
for attempt in 1 2 3 4 5; do
  rm -rf -- "$1" && break
  sleep 1
done
"#;

/// A temporary folder and the processes that work in it. Cheap to clone; everything ends with the last clone and the last
/// [`Process`].
#[derive(Clone, Debug)]
pub struct Lifeline(Arc<Keeper>);

#[derive(Debug)]
struct Keeper {
    dir: PathBuf,
    shell: Child,
    /// `None` only while it is being dropped.
    pipe: Mutex<Option<ChildStdin>>,
}

impl Lifeline {
    /// A new folder, named after `name`, with nothing in it.
    ///
    /// # Errors
    /// When the folder or the keeper cannot be made.
    pub fn new(name: &str) -> Result<Self, Error> {
        let dir =
            tempfile::Builder::new().prefix(&format!("thoughtspot-{name}-")).tempdir().map_err(Error::io("making a folder"))?;
        let mut shell = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // In a group of its own: an interrupt at the terminal must not end the keeper before its work is done.
            .process_group(0)
            .spawn()
            .map_err(Error::io("starting a shell"))?;
        let pipe = Mutex::new(shell.stdin.take());
        Ok(Self(Arc::new(Keeper { dir: dir.keep(), shell, pipe })))
    }

    /// The folder. It is gone when everything has ended.
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }

    /// Starts `command` as `name`, without input; what it prints is appended to `NAME.log` in the folder.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(&self, name: &str, mut command: Command) -> Result<Process, Error> {
        let log = self.dir().join(format!("{name}.log"));
        let (stdout, stderr) = log_handles(&log).map_err(Error::io(format!("opening the log of {name}")))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .process_group(0)
            .spawn()
            .map_err(Error::io(format!("starting {name} ({})", command.get_program().display())))?;
        let process = Process { name: name.to_owned(), child, log, lifeline: self.clone() };
        self.tell("guard", process.pid()).map_err(Error::io(format!("guarding {name}")))?;
        Ok(process)
    }

    fn tell(&self, word: &str, pid: u32) -> io::Result<()> {
        let mut pipe = self.0.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        match pipe.as_mut() {
            Some(pipe) => pipe.write_all(format!("{word} {pid}\n").as_bytes()),
            None => Ok(()),
        }
    }
}

fn log_handles(path: &Path) -> io::Result<(File, File)> {
    let log = OpenOptions::new().create(true).append(true).open(path)?;
    Ok((log.try_clone()?, log))
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.pipe.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        // It ends by itself now that its input has; a failure here only means that it has ended already.
        let _ = self.shell.wait();
    }
}

/// A child process. It ends when this is dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    lifeline: Lifeline,
}

impl Process {
    /// Its process id, its own and no shell's.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything it has printed so far, both streams, in order.
    pub fn log(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// The file it prints to.
    pub fn log_path(&self) -> &Path {
        &self.log
    }

    /// The last `lines` lines it has printed.
    pub fn log_tail(&self, lines: usize) -> String {
        let log = self.log();
        let all: Vec<&str> = log.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }

    /// How it ended, `None` while it runs.
    ///
    /// # Errors
    /// When the operating system cannot tell.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        if status.is_some() {
            self.lifeline.tell("release", self.pid())?;
        }
        Ok(status)
    }

    /// An error with the end of the log, should it have ended.
    ///
    /// # Errors
    /// [`Error::Ended`] when it has ended, [`Error::Io`] when that cannot be told.
    pub fn check_running(&mut self) -> Result<(), Error> {
        match self.ended().map_err(Error::io(format!("asking for {}", self.name)))? {
            None => Ok(()),
            Some(status) => Err(Error::Ended { name: self.name.clone(), status, log: self.log_tail(40) }),
        }
    }

    /// Asks it to end (SIGTERM) and returns at once.
    ///
    /// # Errors
    /// When the signal cannot be sent, for one because it has ended.
    pub fn terminate(&mut self) -> io::Result<()> {
        self.signal("TERM")
    }

    /// Sends it a signal by name, such as `STOP`, and returns at once.
    ///
    /// # Errors
    /// When the signal cannot be sent, for one because it has ended.
    pub fn signal(&mut self, name: &str) -> io::Result<()> {
        let pid = self.pid().to_string();
        let kill = ["-c", r#"kill "-$1" "$2""#, "sh", name, &pid];
        let status = Command::new("sh").args(kill).stderr(Stdio::null()).status()?;
        if status.success() { Ok(()) } else { Err(io::Error::other(format!("{} could not be sent SIG{name}", self.name))) }
    }

    /// Ends it at once (SIGKILL) and waits until it is gone.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn kill(&mut self) -> io::Result<ExitStatus> {
        if let Some(status) = self.ended()? {
            return Ok(status);
        }
        self.child.kill()?;
        // Released before it is reaped: afterwards its id may be another's.
        self.lifeline.tell("release", self.pid())?;
        self.child.wait()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Should this fail, the keeper still has it on its list.
        let _ = self.kill();
    }
}
