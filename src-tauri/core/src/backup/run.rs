//! A whole run: join, recover, plan, send, commit now and then, commit at the end.

use std::collections::HashMap;
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};
use jiff::Timestamp;
use tokio::sync::Semaphore;

use crate::catalog::Upload;
use crate::media::FileId;
use crate::progress::{Cancelled, Progress};

use super::bucket::put_checked;
use super::computer::OpenVault;
use super::error::{BackupError, Result};
use super::make::{Outcome, on_a_thread};
use super::options::{BackupOptions, BackupReport};
use super::parts::Begun;
use super::plan::Job;

/// Places written into the catalogue at a time: the journal has them until then.
const PLACED_AT_ONCE: usize = 16;

/// What one job left.
struct Done {
    upload: Option<Upload>,
    outcome: Outcome,
}

/// A run in progress.
struct Run {
    vault: Arc<OpenVault>,
    options: BackupOptions,
    progress: Progress,
    report: BackupReport,
    started: Timestamp,
    /// Put and seen in the store, not in the photos yet.
    put: Vec<Upload>,
    bytes_since: u64,
    committed_at: Timestamp,
}

impl OpenVault {
    /// Brings everything that is not in the bucket into it, and commits.
    ///
    /// A file that cannot be read or changed since its import is in the report; the rest goes on.
    ///
    /// # Errors
    /// What ends the run: the store fails, the state was rolled back, the user stopped it. What was
    /// sent until then is kept, and the next run goes on from there.
    pub async fn backup(
        self: &Arc<Self>,
        options: &BackupOptions,
        progress: &Progress,
    ) -> Result<BackupReport> {
        let _busy = self.busy.lock().await;
        let started = (self.computer.now)();
        let mut run = Run {
            vault: Arc::clone(self),
            options: *options,
            progress: progress.clone(),
            report: BackupReport::default(),
            started,
            put: Vec::new(),
            bytes_since: 0,
            committed_at: started,
        };
        run.all().await
    }
}

impl Run {
    async fn all(&mut self) -> Result<BackupReport> {
        let vault = Arc::clone(&self.vault);
        self.report.problems = vault.join_now().await?.problems;
        vault.check_writable()?;
        let begun = vault.recover().await?;
        let (jobs, resumed) = self.plan(begun).await?;
        self.report.skipped = vault.computer.catalog(|c| c.cloud_count()).await?.files;
        vault.mint_for_unsent().await?;
        let sent = self.send(jobs, resumed).await;
        // What was sent is worth a commit whether or not the rest could be.
        self.place().await?;
        match sent {
            Ok(()) => self.commit().await?,
            Err(error @ BackupError::Cancelled(_)) => {
                self.commit().await?;
                return Err(error);
            }
            Err(error) => return Err(error),
        }
        let seconds = (vault.computer.now)().duration_since(self.started).as_secs_f64();
        self.report.seconds = seconds.max(0.0);
        Ok(std::mem::take(&mut self.report))
    }

    /// Everything to send; uploads in parts that were begun come with their files.
    async fn plan(
        &self,
        mut begun: HashMap<FileId, Begun>,
    ) -> Result<(Vec<Job>, HashMap<FileId, Begun>)> {
        let plan = self.vault.plan().await?;
        self.progress.set_total(plan.files, plan.bytes);
        let mut resumed = HashMap::new();
        for job in &plan.jobs {
            if let Job::File(file) = job
                && let Some(upload) = begun.remove(&file.file)
            {
                resumed.insert(file.file, upload);
            }
        }
        self.vault.abandon(begun).await?;
        Ok((plan.jobs, resumed))
    }

    async fn send(&mut self, jobs: Vec<Job>, mut resumed: HashMap<FileId, Begun>) -> Result<()> {
        let kib = |bytes: u64| u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let memory = Arc::new(Semaphore::new(kib(self.options.memory) as usize));
        let stop = Progress::new();
        let (vault, options, progress) =
            (Arc::clone(&self.vault), self.options, self.progress.clone());
        let stopped = stop.clone();
        let tasks = stream::iter(jobs).map(move |job| {
            let (vault, progress, stopped) =
                (Arc::clone(&vault), progress.clone(), stopped.clone());
            let begun = match &job {
                Job::File(file) => resumed.remove(&file.file),
                Job::Pack { .. } => None,
            };
            let wanted = kib(memory_of(&job, &options).min(options.memory));
            let memory = Arc::clone(&memory);
            // Each on a task of its own: sealing and sending of several jobs go on side by side.
            let task = tokio::spawn(async move {
                let _room = memory.acquire_many(wanted).await;
                if stopped.is_cancelled() || progress.is_cancelled() {
                    return Err(Cancelled.into());
                }
                send_job(&vault, job, begun, &options, &progress).await
            });
            async move { task.await? }
        });
        let mut tasks = tasks.buffer_unordered(self.options.in_flight);
        let mut failed = None;
        // After a failure the tasks in flight are still waited for: nothing of this run goes on
        // behind the caller's back.
        while let Some(done) = tasks.next().await {
            match done {
                Ok(done) if failed.is_none() => {
                    if let Err(error) = self.take(done).await {
                        failed = Some(error);
                        stop.cancel();
                    }
                }
                Ok(done) => self.put.extend(done.upload),
                Err(error) => {
                    stop.cancel();
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Takes in what a job did, and commits when it is time.
    async fn take(&mut self, done: Done) -> Result<()> {
        self.progress.add_files(done.outcome.files + done.outcome.failed.len() as u64);
        self.report.uploaded += done.outcome.files;
        self.report.bytes += done.outcome.bytes;
        self.report.failed.extend(done.outcome.failed);
        if let Some(upload) = done.upload {
            self.bytes_since += upload.bytes;
            self.put.push(upload);
        }
        let waited = (self.vault.computer.now)().duration_since(self.committed_at);
        if self.bytes_since >= self.options.commit_bytes
            || waited.unsigned_abs() >= self.options.commit_every
        {
            self.place().await?;
            return self.commit().await;
        }
        if self.put.len() >= PLACED_AT_ONCE {
            self.place().await?;
        }
        Ok(())
    }

    /// Gives the photos the places of what was put.
    async fn place(&mut self) -> Result<()> {
        if self.put.is_empty() {
            return Ok(());
        }
        let put = std::mem::take(&mut self.put);
        let at = (self.vault.computer.now)();
        self.vault.computer.catalog(move |c| c.placed(&put, at)).await
    }

    async fn commit(&mut self) -> Result<()> {
        if let Some(name) = self.vault.commit().await? {
            self.report.commit = Some(name.to_string());
        }
        self.bytes_since = 0;
        self.committed_at = (self.vault.computer.now)();
        Ok(())
    }
}

/// How much memory a job holds while it is in flight.
fn memory_of(job: &Job, options: &BackupOptions) -> u64 {
    /// One part is being sealed, one waits, two are being sent.
    const PARTS: u64 = 4;
    match job {
        Job::Pack { .. } => 2 * super::format::PACK_LIMIT as u64,
        Job::File(file) if file.bytes <= options.one_put => file.bytes,
        Job::File(file) => PARTS * options.part_bytes(file.bytes),
    }
}

async fn send_job(
    vault: &Arc<OpenVault>,
    job: Job,
    begun: Option<Begun>,
    options: &BackupOptions,
    progress: &Progress,
) -> Result<Done> {
    let mut outcome = Outcome::default();
    let made = match job {
        Job::File(file) if file.bytes > options.one_put || begun.is_some() => {
            let upload = vault.send_parts(&file, begun, options, progress, &mut outcome).await?;
            return Ok(Done { upload, outcome });
        }
        Job::File(file) => make(vault, move |vault, out| vault.make_file(&file, out)).await?,
        Job::Pack { shoot, items } => {
            make(vault, move |vault, out| vault.make_pack(shoot, &items, out)).await?
        }
    };
    let (made, outcome) = made;
    let Some(made) = made else { return Ok(Done { upload: None, outcome }) };
    let store = &*vault.computer.store;
    put_checked(store, &made.upload.name, made.body, made.sha256).await?;
    progress.add_bytes(outcome.bytes);
    Ok(Done { upload: Some(made.upload), outcome })
}

async fn make(
    vault: &Arc<OpenVault>,
    make: impl FnOnce(&OpenVault, &mut Outcome) -> Result<Option<super::make::Made>> + Send + 'static,
) -> Result<(Option<super::make::Made>, Outcome)> {
    on_a_thread(vault, move |vault| {
        let mut outcome = Outcome::default();
        let made = make(vault, &mut outcome)?;
        Ok((made, outcome))
    })
    .await
}
