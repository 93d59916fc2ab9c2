/**
 * The system calls of a sandbox, as a readable allow list with reasons; `generate.ts` turns it into
 * `seccomp.json`. What is not listed fails with EPERM. Left out of what engines allow by default,
 * because no shell, interpreter or compiler needs it and each has been a way out of a container:
 * user namespaces (clone/unshare/setns), mount and its new API, keyrings, bpf, perf, ptrace and
 * process_vm_*, io_uring, userfaultfd, kexec and modules, quotas, swap, accounting, clocks,
 * open_by_handle_at, fanotify, personality changes, 32-bit ABIs, netlink, packet, vsock and
 * crypto-API sockets.
 */
export interface Group {
  readonly reason: string
  readonly names: readonly string[]
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

export const ALLOWED: readonly Group[] = [
  {
    reason: 'reading, writing and seeking in open files',
    names: words(`
      read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek
      sendfile splice tee vmsplice copy_file_range readahead fadvise64 sync_file_range
    `),
  },
  {
    reason: 'opening, closing and duplicating descriptors',
    names: words(`
      open openat openat2 creat close close_range dup dup2 dup3 fcntl flock pipe pipe2
      ioctl memfd_create
    `),
  },
  {
    reason: 'the file tree of the container; permissions are the file systems’ business',
    names: words(`
      stat fstat lstat newfstatat statx statfs fstatfs access faccessat faccessat2
      readlink readlinkat getdents getdents64 getcwd chdir fchdir mkdir mkdirat rmdir
      rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat chmod fchmod
      fchmodat fchmodat2 chown fchown lchown fchownat umask utime utimes futimesat
      utimensat truncate ftruncate fallocate fsync fdatasync sync syncfs getxattr
      lgetxattr fgetxattr listxattr llistxattr flistxattr setxattr lsetxattr fsetxattr
      removexattr lremovexattr fremovexattr
    `),
  },
  {
    reason: 'FIFOs (mkfifo); device nodes need a capability that no sandbox has',
    names: words(`
      mknod mknodat
    `),
  },
  {
    reason: 'watching files, as build tools do',
    names: words(`
      inotify_init inotify_init1 inotify_add_watch inotify_rm_watch
    `),
  },
  {
    reason: 'waiting for descriptors',
    names: words(`
      select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_ctl_old
      epoll_wait epoll_wait_old epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd
      signalfd4 timerfd_create timerfd_gettime timerfd_settime
    `),
  },
  {
    reason: 'own memory',
    names: words(`
      brk mmap munmap mprotect mremap madvise mincore msync mlock mlock2 mlockall munlock
      munlockall membarrier pkey_alloc pkey_free pkey_mprotect remap_file_pages
    `),
  },
  {
    reason: 'processes and programs; namespaces by clone are cut off below',
    names: words(`
      fork vfork execve execveat exit exit_group wait4 waitid getpid getppid gettid
      getpgid getpgrp getsid setpgid setsid set_tid_address pidfd_open pidfd_send_signal
      kill tkill tgkill prctl arch_prctl set_thread_area get_thread_area rseq
    `),
  },
  {
    reason: 'signals',
    names: words(`
      rt_sigaction rt_sigprocmask rt_sigpending rt_sigqueueinfo rt_sigreturn rt_sigsuspend
      rt_sigtimedwait rt_tgsigqueueinfo sigaltstack pause alarm restart_syscall
    `),
  },
  {
    reason: 'locks between threads',
    names: words(`
      futex futex_waitv futex_wake futex_wait futex_requeue get_robust_list
      set_robust_list
    `),
  },
  {
    reason: 'who am I; the ids cannot become more under no-new-privileges and without capabilities',
    names: words(`
      getuid geteuid getgid getegid getresuid getresgid getgroups setuid setgid setreuid
      setregid setresuid setresgid setfsuid setfsgid setgroups capget capset
    `),
  },
  {
    reason: 'limits and scheduling of own processes, within what the container has',
    names: words(`
      getrlimit setrlimit prlimit64 getrusage times getpriority setpriority sched_yield
      sched_getaffinity sched_setaffinity sched_getparam sched_setparam sched_getscheduler
      sched_setscheduler sched_getattr sched_setattr sched_get_priority_max
      sched_get_priority_min sched_rr_get_interval ioprio_get ioprio_set getcpu
    `),
  },
  {
    reason: 'reading clocks, sleeping, timers',
    names: words(`
      time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep getitimer
      setitimer timer_create timer_delete timer_getoverrun timer_gettime timer_settime
    `),
  },
  {
    reason: 'what machine is this',
    names: words(`
      uname sysinfo getrandom
    `),
  },
  {
    reason: 'sockets of the allowed families; there is no network behind them but loopback',
    names: words(`
      socketpair bind listen accept accept4 connect getsockname getpeername getsockopt
      setsockopt shutdown sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg
    `),
  },
  {
    reason: 'own sandboxing of a program only ever tightens',
    names: words(`
      seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self
    `),
  },
  {
    // No mq_*: a POSIX message queue outlives its processes, and without its file system nobody could
    // see one that a job has left in a container that is used again.
    reason: 'shared memory and semaphores between own processes; the IPC namespace is private',
    names: words(`
      shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl
    `),
  },
]

/** AF_UNIX, AF_INET, AF_INET6. Not netlink (16), packet (17), the crypto API (38), vsock (40). */
export const SOCKET_FAMILIES: readonly number[] = [1, 2, 10]

/**
 * CLONE_NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET (0x7e020000): none may be
 * set. The flags are a plain register here; those of clone3 lie in memory where no filter can look.
 */
export const CLONE_NAMESPACE_FLAGS = 0x7e020000

/** PER_LINUX, PER_LINUX32's query and 0xffffffff ("what is it now"); ADDR_NO_RANDOMIZE is not. */
export const PERSONALITIES: readonly number[] = [0x0, 0xffffffff]

/** ENOSYS makes the C library fall back to clone, whose flags can be checked. */
export const NOT_IMPLEMENTED: readonly string[] = ['clone3']
