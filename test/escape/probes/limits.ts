/** More than its share. */
import type { Probe } from '../probe.ts'

export const LIMITS: readonly Probe[] = [
  {
    name: 'more memory than the limit',
    flags: ['Memory'],
    // 64 MB for the command and 329 for the temporary folders.
    attempt: `
def take():
    block = bytearray(600 << 20)
    block[::4096] = b'x' * len(block[::4096])
in_child(take)`,
  },
  {
    name: 'swap beyond the limit',
    flags: ['MemorySwap'],
    absentOn: ['no cgroup file'],
    attempt: `
swap = cgroup('memory/memory.memsw.limit_in_bytes', 'memory.swap.max')
own = '0' if os.path.exists('/sys/fs/cgroup/memory.swap.max') else cgroup('memory/memory.limit_in_bytes')
must(swap != own, 'none')`,
  },
  {
    name: 'processors without a quota',
    flags: ['NanoCpus'],
    attempt: `
quota = cgroup('cpu/cpu.cfs_quota_us', 'cpu.max')
must(quota == '-1' or quota.startswith('max'), 'quota ' + quota)`,
  },
  {
    name: 'more processes than the limit',
    flags: ['PidsLimit'],
    attempt: `
made = []
try:
    for _ in range(200):
        pid = os.fork()
        if pid == 0:
            signal.pause()
        made.append(pid)
finally:
    for pid in made:
        os.kill(pid, 9)`,
  },
  {
    name: 'more open files than the limit',
    flags: ['UlimitNofile'],
    attempt: `
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
held = [os.open('/dev/null', os.O_RDONLY) for _ in range(1100)]`,
  },
  {
    name: 'a file larger than the limit',
    flags: ['UlimitFsize'],
    attempt: `
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open('/workspace/huge', 'wb') as file:
    file.truncate(300 << 20)`,
  },
  {
    name: 'a core dump',
    flags: ['UlimitCore'],
    attempt: `
hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
must(hard != 0, 'limit 0')`,
  },
  {
    name: 'memory that the kernel may not take back',
    flags: ['OomKillDisable'],
    absentOn: ['no cgroup file'],
    attempt: `must('oom_kill_disable 1' in cgroup('memory/memory.oom_control'), 'the kernel kills')`,
  },
]
