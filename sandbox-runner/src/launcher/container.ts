/**
 * The one place where a sandbox's container is described: every hardening flag and why it is there.
 * A job fills in numbers below the ceilings and nothing else.
 */
import { createHash, randomInt } from 'node:crypto'
import type { WireLimits } from '../../../src/isolation/contract.ts'

const MB = 1024 * 1024

/**
 * Who runs in one container. Neither has a passwd entry, nor is in any group, nor is on a usual host
 * anybody. Every container has uids of its own, since the kernel counts some things (inotify instances,
 * pending signals, memory of pipes) for each uid over all containers.
 */
export interface Uids {
  readonly job: number
  /** PID 1's: another one, so that a job can neither signal it nor be mistaken for it. */
  readonly holder: number
}

const FIRST_UID = 20_000
/** Below 65,536, which is all that a remapped user namespace has. */
const UID_PAIRS = 20_000

export function randomUids(): Uids {
  const job = FIRST_UID + 2 * randomInt(UID_PAIRS)
  return { job, holder: job + 1 }
}

const WORKSPACE_MB = 256
const TMP_MB = 64
/** Programs write little there, and a read-only /var/tmp breaks some. */
const VAR_TMP_MB = 8
const RUN_MB = 1
/** Supervisor, waiter, PID 1 and its sleep stand in the same cgroup as the job's processes. */
const OWN_PIDS = 6
/** A workspace file is at most 10 MB; more is room for what a build makes and throws away. */
const MAX_FILE_BYTES = WORKSPACE_MB * MB
const MAX_OPEN_FILES = 1_024

/** No container is given another job past this age. */
export const MAX_AGE_MS = 3_600_000
/** For preparing a job and taking its changes out, beside the command's own time. */
export const JOB_MARGIN_MS = 180_000
/** The longest that a command may run. */
const MAX_COMMAND_MS = 300_000
/** PID 1 ends by itself, and with it the container, should nobody be left to remove it. */
const LIFE_SECONDS = Math.ceil((MAX_AGE_MS + MAX_COMMAND_MS + JOB_MARGIN_MS) / 1_000)

/** What two jobs must have in common to be run in the same kind of container. */
export interface Shape {
  readonly image: string
  /** What the image's name stood for: containers of a replaced image are of another shape. */
  readonly imageId: string
  readonly memoryMb: number
  readonly cpus: number
  readonly pids: number
}

export const shapeHash = (shape: Shape): string =>
  createHash('sha256')
    .update(JSON.stringify([shape.image, shape.imageId, shape.memoryMb, shape.cpus, shape.pids]))
    .digest('hex')

/** Of a job that asks for no less: what most jobs are. */
export const USUAL_LIMITS = { memoryMb: 512, cpus: 1, pids: 128 } as const

export interface ContainerOptions {
  readonly image: string
  readonly uids: Uids
  readonly limits: Pick<WireLimits, 'memoryMb' | 'cpus' | 'pids'>
  readonly seccomp: string
  readonly runtime: string | null
  readonly labels: Readonly<Record<string, string>>
}

const tmpfs = (sizeMb: number, inodes: number, more: string): string =>
  `rw,nosuid,nodev,size=${sizeMb}m,nr_inodes=${inodes},${more}`

/** What none of our containers is without, whatever runs in it. */
export const HARDENED = {
  AutoRemove: true,
  Privileged: false,
  CapDrop: ['ALL'],
  NetworkMode: 'none',
  // No /dev/shm, no segment shared with anyone.
  IpcMode: 'none',
  CgroupnsMode: 'private',
  OomKillDisable: false,
  Binds: [],
  Devices: [],
  LogConfig: { Type: 'none', Config: {} },
  RestartPolicy: { Name: 'no' },
}
export const UNATTENDED = {
  NetworkDisabled: true,
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  OpenStdin: false,
  Tty: false,
}

export function containerSpec({ image, uids, limits, seccomp, runtime, labels }: ContainerOptions) {
  // tmpfs pages count as memory: without their sizes on top, a full workspace would be an OOM.
  const memory = (limits.memoryMb + WORKSPACE_MB + TMP_MB + VAR_TMP_MB + RUN_MB) * MB
  return {
    Image: image,
    Entrypoint: ['/bin/sleep'],
    Cmd: [String(LIFE_SECONDS)],
    User: `${uids.holder}:${uids.holder}`,
    WorkingDir: '/',
    Hostname: 'sandbox',
    Env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'LANG=C.UTF-8'],
    ...UNATTENDED,
    Labels: labels,
    HostConfig: {
      ...HARDENED,
      Init: true,
      ReadonlyRootfs: true,
      SecurityOpt: ['no-new-privileges:true', `seccomp=${seccomp}`],
      Memory: memory,
      // Equal to Memory: no swap beyond it.
      MemorySwap: memory,
      NanoCpus: Math.round(limits.cpus * 1e9),
      PidsLimit: limits.pids + OWN_PIDS,
      Ulimits: [
        { Name: 'nofile', Soft: MAX_OPEN_FILES, Hard: MAX_OPEN_FILES },
        { Name: 'fsize', Soft: MAX_FILE_BYTES, Hard: MAX_FILE_BYTES },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
      Tmpfs: {
        '/workspace': tmpfs(WORKSPACE_MB, 20_000, `exec,uid=${uids.job},gid=${uids.job},mode=700`),
        '/tmp': tmpfs(TMP_MB, 20_000, 'noexec,mode=1777'),
        '/var/tmp': tmpfs(VAR_TMP_MB, 2_000, 'noexec,mode=1777'),
        '/run': tmpfs(RUN_MB, 500, 'noexec,mode=1777'),
      },
      ...(runtime === null ? {} : { Runtime: runtime }),
    },
  }
}

export interface SystemCalls {
  readonly prctl: number
  readonly statx: number
  readonly llistxattr: number
  readonly inotifyInit1: number
  readonly inotifyAddWatch: number
}

export const supervisorCommand = (supervisor: string, calls: SystemCalls): readonly string[] => [
  '/usr/bin/perl',
  '-e',
  supervisor,
  ...[calls.prctl, calls.statx, calls.llistxattr, calls.inotifyInit1, calls.inotifyAddWatch].map(
    String,
  ),
]

export const execSpec = (supervisor: string, calls: SystemCalls, { job }: Uids) => ({
  AttachStdin: true,
  AttachStdout: true,
  AttachStderr: true,
  Tty: false,
  Privileged: false,
  User: `${job}:${job}`,
  // The supervisor goes to the workspace itself. In an image with packages that may be a link to
  // anywhere, and it is not the engine that shall follow it.
  WorkingDir: '/',
  Env: [],
  Cmd: supervisorCommand(supervisor, calls),
})

const X86_64: SystemCalls = {
  prctl: 157,
  statx: 332,
  llistxattr: 195,
  inotifyInit1: 294,
  inotifyAddWatch: 254,
}
const AARCH64: SystemCalls = {
  prctl: 167,
  statx: 291,
  llistxattr: 12,
  inotifyInit1: 26,
  inotifyAddWatch: 27,
}

/** Numbers by machine, as Perl has no names for them; on another machine no job is started. */
export const SYSTEM_CALLS: Readonly<Record<string, SystemCalls>> = {
  x86_64: X86_64,
  amd64: X86_64,
  aarch64: AARCH64,
  arm64: AARCH64,
}
