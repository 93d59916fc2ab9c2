/**
 * The one place where a sandbox's container is described: every hardening flag and why it is there.
 * A job fills in numbers below the ceilings and nothing else.
 */
import type { WireLimits } from '../../../src/isolation/contract.ts'

const MB = 1024 * 1024

/** The command's uid. No passwd entry, in no group, and on no usual host the uid of anybody. */
export const JOB_USER = '20001:20001'
/** PID 1's uid: another one, so that a job can neither signal it nor be mistaken for it. */
const HOLDER_USER = '20002:20002'

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

/** PID 1 ends by itself, and with it the container, should nobody be left to remove it. */
export const CONTAINER_LIFE_MARGIN_MS = 180_000

export interface ContainerOptions {
  readonly image: string
  readonly limits: WireLimits
  readonly seccomp: string
  readonly runtime: string | null
  readonly labels: Readonly<Record<string, string>>
}

const tmpfs = (sizeMb: number, inodes: number, more: string): string =>
  `rw,nosuid,nodev,size=${sizeMb}m,nr_inodes=${inodes},${more}`

export function containerSpec({ image, limits, seccomp, runtime, labels }: ContainerOptions) {
  // tmpfs pages count as memory: without their sizes on top, a full workspace would be an OOM.
  const memory = (limits.memoryMb + WORKSPACE_MB + TMP_MB + VAR_TMP_MB + RUN_MB) * MB
  const lifeSeconds = Math.ceil((limits.timeoutMs + CONTAINER_LIFE_MARGIN_MS) / 1_000)
  return {
    Image: image,
    Entrypoint: ['/bin/sleep'],
    Cmd: [String(lifeSeconds)],
    User: HOLDER_USER,
    WorkingDir: '/',
    Hostname: 'sandbox',
    Env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'LANG=C.UTF-8'],
    NetworkDisabled: true,
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    OpenStdin: false,
    Tty: false,
    Labels: labels,
    HostConfig: {
      AutoRemove: true,
      Init: true,
      ReadonlyRootfs: true,
      Privileged: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true', `seccomp=${seccomp}`],
      NetworkMode: 'none',
      // No /dev/shm, no segment shared with anyone.
      IpcMode: 'none',
      CgroupnsMode: 'private',
      Memory: memory,
      // Equal to Memory: no swap beyond it.
      MemorySwap: memory,
      NanoCpus: Math.round(limits.cpus * 1e9),
      PidsLimit: limits.pids + OWN_PIDS,
      OomKillDisable: false,
      Ulimits: [
        { Name: 'nofile', Soft: MAX_OPEN_FILES, Hard: MAX_OPEN_FILES },
        { Name: 'fsize', Soft: MAX_FILE_BYTES, Hard: MAX_FILE_BYTES },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
      Tmpfs: {
        '/workspace': tmpfs(WORKSPACE_MB, 20_000, 'exec,uid=20001,gid=20001,mode=700'),
        '/tmp': tmpfs(TMP_MB, 20_000, 'noexec,mode=1777'),
        '/var/tmp': tmpfs(VAR_TMP_MB, 2_000, 'noexec,mode=1777'),
        '/run': tmpfs(RUN_MB, 500, 'noexec,mode=1777'),
      },
      Binds: [],
      Devices: [],
      LogConfig: { Type: 'none', Config: {} },
      RestartPolicy: { Name: 'no' },
      ...(runtime === null ? {} : { Runtime: runtime }),
    },
  }
}

export const execSpec = (supervisor: string, prctlNumber: number) => ({
  AttachStdin: true,
  AttachStdout: true,
  AttachStderr: true,
  Tty: false,
  Privileged: false,
  User: JOB_USER,
  WorkingDir: '/workspace',
  Env: [],
  Cmd: ['/usr/bin/perl', '-e', supervisor, String(prctlNumber)],
})

/** `prctl` by machine, as Perl has no name for it; on another machine no job is started. */
export const PRCTL_NUMBERS: Readonly<Record<string, number>> = {
  x86_64: 157,
  amd64: 157,
  aarch64: 167,
  arm64: 167,
}
