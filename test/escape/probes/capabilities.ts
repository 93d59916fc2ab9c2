/** What root's powers would allow, should a command come by them. */
import type { Probe } from '../probe.ts'

export const CAPABILITIES: readonly Probe[] = [
  {
    name: 'a capability left in the bounding set',
    flags: ['CapDrop'],
    attempt: `must(any(libc.prctl(23, cap, 0, 0, 0) == 1 for cap in range(41)), 'empty set')`,
  },
  {
    name: 'an effective or ambient capability',
    flags: ['CapDrop', 'User'],
    attempt: `
now = status_of()
must(int(now['CapEff'], 16) or int(now['CapAmb'], 16), 'none')`,
  },
  {
    name: 'a file given to another owner',
    flags: ['CapDrop', 'User'],
    attempt: `
open('given', 'w').close()
os.chown('given', 12345, 12345)`,
  },
  {
    name: 'a file read against its mode',
    flags: ['CapDrop', 'User'],
    attempt: `
open('locked', 'w').close()
os.chmod('locked', 0)
read('locked')`,
  },
  {
    name: 'another user’s id',
    flags: ['CapDrop', 'User'],
    attempt: `os.setuid(20002)`,
  },
  { name: 'root’s id', flags: ['User'], attempt: `os.setuid(0)` },
  {
    name: 'a file that carries capabilities',
    flags: ['CapDrop', 'User'],
    // VFS_CAP_REVISION_2, CAP_NET_RAW permitted and effective.
    attempt: `
open('able', 'w').close()
os.setxattr('able', 'security.capability', struct.pack('<5I', 0x02000001, 1 << 13, 0, 0, 0))`,
  },
  {
    name: 'a raised hard limit',
    flags: ['CapAddResource', 'User'],
    attempt: `set_limit(resource.RLIMIT_NOFILE, resource.getrlimit(resource.RLIMIT_NOFILE)[1] * 2)`,
  },
  {
    name: 'a higher priority than its neighbours',
    flags: ['CapAdd', 'User'],
    attempt: `os.setpriority(os.PRIO_PROCESS, 0, -5)`,
  },
  {
    name: 'safety from the kernel’s memory killer',
    flags: ['CapAddResource', 'User'],
    attempt: `
with open('/proc/self/oom_score_adj', 'w') as file:
    file.write('-1000')`,
  },
  {
    name: 'a process without no_new_privs',
    flags: ['NoNewPrivileges'],
    attempt: `must(libc.prctl(39, 0, 0, 0, 0) == 0, 'no_new_privs is set')`,
  },
  {
    name: 'root by a setuid program',
    flags: ['NoNewPrivileges', 'ImageWithoutSetuid'],
    attempt: `
found = shell(r'find / -xdev -perm -4000 -type f 2>/dev/null || true').split()
must(found, 'no setuid program')
shell(found[0] + ' /etc/shadow')`,
  },
  {
    name: 'root by a setuid program with LD_PRELOAD',
    flags: ['NoNewPrivileges', 'ImageWithoutSetuid'],
    attempt: `
found = shell(r'find / -xdev -perm /6000 -type f 2>/dev/null || true').split()
must(found, 'no setuid program')
shell('LD_PRELOAD=libutil.so.1 LD_LIBRARY_PATH=/workspace ' + found[0] + ' /etc/shadow')`,
  },
]
