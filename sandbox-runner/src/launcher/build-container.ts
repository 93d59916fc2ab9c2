/**
 * The container in which packages are installed: root inside, since package managers are, with the few
 * powers that dpkg needs, no network, no secret and no mount. What is made of it loses them again.
 */
import { HARDENED, UNATTENDED } from './container.ts'

const MB = 1024 * 1024

/**
 * Files of any owner, and what a package's own users are made with. KILL, so that what ran as another
 * user is gone before anything is kept.
 */
const CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'SETGID', 'SETUID']
const MEMORY_MB = 1_024
/** In memory, and no part of the image. */
const TMP_MB = 512
const PIDS = 256
const MAX_FILE_BYTES = 1_024 * MB
const MAX_OPEN_FILES = 4_096

export interface BuildContainerOptions {
  readonly imageId: string
  readonly seccomp: string
  readonly runtime: string | null
  readonly lifeSeconds: number
  readonly labels: Readonly<Record<string, string>>
}

export function buildContainerSpec(options: BuildContainerOptions) {
  const { imageId, seccomp, runtime, lifeSeconds, labels } = options
  const memory = (MEMORY_MB + TMP_MB) * MB
  return {
    Image: imageId,
    // PID 1 of the same user as all the rest, which the kernel lets nobody in here kill. It reaps
    // orphans by ignoring them, and ends by itself.
    Entrypoint: ['/usr/bin/perl', '-e', `$SIG{CHLD} = 'IGNORE'; sleep ${lifeSeconds}`],
    Cmd: [],
    User: '0:0',
    WorkingDir: '/',
    Hostname: 'build',
    Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LANG=C.UTF-8'],
    ...UNATTENDED,
    Labels: labels,
    HostConfig: {
      ...HARDENED,
      Init: false,
      ReadonlyRootfs: false,
      CapAdd: CAPABILITIES,
      SecurityOpt: ['no-new-privileges:true', `seccomp=${seccomp}`],
      Memory: memory,
      MemorySwap: memory,
      NanoCpus: 1e9,
      PidsLimit: PIDS,
      Ulimits: [
        { Name: 'nofile', Soft: MAX_OPEN_FILES, Hard: MAX_OPEN_FILES },
        { Name: 'fsize', Soft: MAX_FILE_BYTES, Hard: MAX_FILE_BYTES },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
      Tmpfs: {
        '/tmp': `rw,nosuid,nodev,size=${TMP_MB}m,nr_inodes=100000,mode=1777`,
        '/run': 'rw,nosuid,nodev,noexec,size=8m,mode=755',
      },
      ...(runtime === null ? {} : { Runtime: runtime }),
    },
  }
}

/**
 * As root, for the supervisor of an installation and for the last step. In `/`, since what was installed
 * may have made any other folder a link, and the engine would enter it.
 */
export const rootExecSpec = (command: readonly string[]) => ({
  AttachStdin: true,
  AttachStdout: true,
  AttachStderr: true,
  Tty: false,
  Privileged: false,
  User: '0:0',
  WorkingDir: '/',
  Env: [],
  Cmd: command,
})

/** What a job's container finds itself with; nothing of how it was built. */
export const COMMITTED_CONFIG = {
  Entrypoint: [],
  Cmd: ['/bin/bash'],
  User: '',
  WorkingDir: '/workspace',
  Hostname: '',
  Env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'LANG=C.UTF-8'],
} as const

/**
 * As the last step of the base image: one shell, no setuid, no caches. The package lists tell which
 * registries an operator uses. Programs that npm or pip put into /usr/local are not called.
 */
export const FINISH = `set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
ln -sf bash /bin/sh.new && mv /bin/sh.new /bin/sh
rm -f /bin/dash /usr/bin/dash
find / -xdev \\( -perm -4000 -o -perm -2000 \\) \\( -type f -o -type d \\) -exec chmod ug-s {} +
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/*.log /var/log/apt \\
  /var/tmp/* /root/.[!.]* /usr/sbin/policy-rc.d
chmod 755 /workspace`
