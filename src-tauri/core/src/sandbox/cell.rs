//! What a worker locks itself into before it sees the first byte of anybody's file.
//!
//! On Linux: limits of memory, processor time and files, no new privileges, no file system and no
//! network (Landlock), and no system call but what decoding needs (seccomp): it may use memory,
//! threads, its socket and the file it was handed, and nothing can be opened, started or reached.
//! Each holds by itself where the kernel lacks another; `Cell` says which hold.
//!
//! On other systems only the limits the system knows hold, and the time the program gives.

use serde::{Deserialize, Serialize};

/// Which walls a worker has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cell {
    /// Bounds of memory, processor time and open files.
    pub limits: bool,
    /// No file can be opened, no network reached.
    pub landlock: bool,
    /// No system call but what decoding needs.
    pub seccomp: bool,
    /// It has tried: no file opens, no socket is made.
    pub closed: bool,
}

/// What one picture may take, beside the program itself.
const MEMORY: u64 = 1 << 30;
/// Seconds of the processor in a worker's whole life; who asks gives each file far less.
const PROCESSOR: u64 = 600;
/// The socket, standard streams, and the file that was handed in with its clones.
const FILES: u64 = 16;

/// Locks this process in, as far as the system can.
pub(super) fn lock_in() -> Cell {
    let limits = limits().is_ok();
    let walls = walls();
    Cell { limits, closed: is_closed(), ..walls }
}

/// Tries to get out, by ways that are there on every system.
fn is_closed() -> bool {
    std::fs::File::open("/").is_err() && std::os::unix::net::UnixStream::pair().is_err()
}

fn limits() -> rustix::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    let most = |n| Rlimit { current: Some(n), maximum: Some(n) };
    setrlimit(Resource::Core, most(0))?;
    setrlimit(Resource::Fsize, most(0))?;
    setrlimit(Resource::Nofile, most(FILES))?;
    setrlimit(Resource::Cpu, most(PROCESSOR))?;
    // What is mapped already is the program: no file has a share in that.
    setrlimit(Resource::As, most(mapped() + MEMORY))
}

/// How much address space this process has now.
fn mapped() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    pages * rustix::param::page_size() as u64
}

#[cfg(not(target_os = "linux"))]
fn walls() -> Cell {
    Cell::default()
}

#[cfg(target_os = "linux")]
fn walls() -> Cell {
    // In this order: what makes the second wall could not be called behind it.
    let landlock = linux::landlock().is_ok();
    Cell { landlock, seccomp: linux::seccomp().is_ok(), ..Cell::default() }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;

    use landlock::{
        ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, RulesetStatus, Scope,
    };
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, TargetArch, apply_filter,
    };

    /// The kernel does not know it, or less of it than none.
    #[derive(Debug)]
    pub(super) struct Unknown;

    /// Nothing of the file system, no port, no signal or socket of other programs.
    pub(super) fn landlock() -> Result<(), Unknown> {
        let ruleset = Ruleset::default()
            .handle_access(AccessFs::from_all(ABI::V5))
            .and_then(|r| r.handle_access(AccessNet::from_all(ABI::V5)))
            .and_then(|r| r.scope(Scope::from_all(ABI::V6)))
            .and_then(Ruleset::create)
            .and_then(landlock::RulesetCreated::restrict_self);
        match ruleset {
            Ok(status) if status.ruleset != RulesetStatus::NotEnforced => Ok(()),
            _ => Err(Unknown),
        }
    }

    /// Calls that cannot reach anything outside.
    const HARMLESS: &[i64] = &[
        libc::SYS_brk,
        libc::SYS_clock_getres,
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_clone3,
        libc::SYS_close,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_fcntl,
        libc::SYS_fstat,
        libc::SYS_futex,
        libc::SYS_getcpu,
        libc::SYS_getpid,
        libc::SYS_getrandom,
        libc::SYS_getrusage,
        libc::SYS_gettid,
        libc::SYS_gettimeofday,
        libc::SYS_lseek,
        libc::SYS_madvise,
        libc::SYS_membarrier,
        libc::SYS_mremap,
        libc::SYS_munmap,
        libc::SYS_nanosleep,
        libc::SYS_newfstatat,
        libc::SYS_ppoll,
        libc::SYS_pread64,
        libc::SYS_preadv,
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_recvfrom,
        libc::SYS_recvmsg,
        libc::SYS_restart_syscall,
        libc::SYS_rseq,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sched_getaffinity,
        libc::SYS_sched_yield,
        libc::SYS_sendmsg,
        libc::SYS_sendto,
        libc::SYS_set_robust_list,
        libc::SYS_sigaltstack,
        libc::SYS_statx,
        libc::SYS_sysinfo,
        libc::SYS_uname,
        libc::SYS_write,
        libc::SYS_writev,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_time,
    ];

    type Built<T> = Result<T, seccompiler::BackendError>;

    /// A rule for one argument.
    fn only(argument: u8, op: SeccompCmpOp, value: u64) -> Built<Vec<SeccompRule>> {
        let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Qword, op, value)?;
        Ok(vec![SeccompRule::new(vec![condition])?])
    }

    /// What is allowed; everything else fails as "not permitted", which decoders take for an answer.
    fn allowed() -> Built<BTreeMap<i64, Vec<SeccompRule>>> {
        let mut rules: BTreeMap<_, _> = HARMLESS.iter().map(|call| (*call, Vec::new())).collect();
        let set = |flag: i32| u64::from(flag.unsigned_abs());
        // Memory is never run: what was read stays data.
        let no_code = || only(2, SeccompCmpOp::MaskedEq(set(libc::PROT_EXEC)), 0);
        rules.insert(libc::SYS_mmap, no_code()?);
        rules.insert(libc::SYS_mprotect, no_code()?);
        // Threads, never processes.
        let thread = set(libc::CLONE_THREAD);
        rules.insert(libc::SYS_clone, only(0, SeccompCmpOp::MaskedEq(thread), thread)?);
        // To end itself, when memory is out.
        let me = u64::from(std::process::id());
        rules.insert(libc::SYS_tgkill, only(0, SeccompCmpOp::Eq, me)?);
        // To look at limits, not to change them.
        rules.insert(libc::SYS_prlimit64, only(2, SeccompCmpOp::Eq, 0)?);
        // To give a thread or its memory a name.
        let mut names = only(0, SeccompCmpOp::Eq, set(libc::PR_SET_NAME))?;
        names.extend(only(0, SeccompCmpOp::Eq, set(libc::PR_SET_VMA))?);
        rules.insert(libc::SYS_prctl, names);
        Ok(rules)
    }

    pub(super) fn seccomp() -> Result<(), Unknown> {
        let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|_| Unknown)?;
        let filter = |rules, otherwise, matched| -> Result<BpfProgram, Unknown> {
            SeccompFilter::new(rules, otherwise, matched, arch)
                .and_then(BpfProgram::try_from)
                .map_err(|_| Unknown)
        };
        // What `clone3` is to make stands in memory, where no filter can look: without it the C
        // library makes threads by `clone`.
        let errno = |number: i32| SeccompAction::Errno(number.unsigned_abs());
        let clone3 = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
        let without = filter(clone3, SeccompAction::Allow, errno(libc::ENOSYS))?;
        let allowed = allowed().map_err(|_| Unknown)?;
        let all = filter(allowed, errno(libc::EPERM), SeccompAction::Allow)?;
        apply_filter(&without).map_err(|_| Unknown)?;
        apply_filter(&all).map_err(|_| Unknown)
    }
}
