/** What the kernel shows and takes under /proc and /sys. */
import type { Probe } from '../probe.ts'

export const KERNEL_FILES: readonly Probe[] = [
  {
    name: '/proc/sys mounted writable',
    flags: ['ReadonlyPaths'],
    attempt: `must(not os.statvfs('/proc/sys').f_flag & os.ST_RDONLY, 'mounted read-only')`,
  },
  {
    name: 'the program that the kernel starts for a core',
    flags: ['ReadonlyPaths', 'User'],
    // What stands there is written again: succeeding must not alter the machine.
    attempt: `
now = read('/proc/sys/kernel/core_pattern')
with open('/proc/sys/kernel/core_pattern', 'wb') as file:
    file.write(now)`,
  },
  {
    name: 'a setting of the kernel under /sys',
    flags: ['Privileged', 'User'],
    attempt: `first(['/sys/kernel/mm/transparent_hugepage/enabled', '/sys/kernel/uevent_seqnum', '/sys/power/state',
       '/sys/kernel/uevent_helper', '/sys/kernel/mm/ksm/run', '/sys/kernel/profiling'],
      lambda path: os.close(os.open(path, os.O_WRONLY)))`,
  },
  {
    name: 'the kernel’s settings under /sys remounted writable',
    flags: ['SeccompProfile', 'CapAdd', 'User'],
    attempt: `
call('mount', b'none', b'/sys', b'sysfs', 0x20, 0)
call('mount', b'none', b'/sys', b'none', 0x1020, 0)
first(['/sys/kernel/mm/transparent_hugepage/enabled', '/sys/kernel/profiling', '/sys/kernel/mm/ksm/run'],
      lambda path: os.close(os.open(path, os.O_WRONLY)))`,
  },
  {
    name: 'the keys of others',
    flags: ['MaskedPaths'],
    absentOn: ['ENOENT'],
    attempt: `must(read('/proc/keys'), 'masked')`,
  },
  {
    name: 'the machine’s firmware tables',
    flags: ['MaskedPaths'],
    absentOn: ['ENOENT'],
    attempt: `must(os.listdir('/sys/firmware'), 'masked')`,
  },
  {
    name: 'the kernel’s timers',
    flags: ['MaskedPaths', 'User'],
    absentOn: ['ENOENT'],
    attempt: `must(read('/proc/timer_list'), 'masked')`,
  },
  {
    name: 'the kernel’s memory image',
    flags: ['MaskedPaths', 'CapAdd', 'User'],
    absentOn: ['ENOENT'],
    attempt: `must(read('/proc/kcore', 64), 'masked')`,
  },
  {
    name: 'the kernel’s addresses',
    flags: ['CapAdd', 'User'],
    attempt: `must(any(int(line.split()[0], 16) for line in read('/proc/kallsyms').split(b'\\n')[:-1] if b' ' in line[:20]), 'zeros')`,
  },
  {
    name: 'the kernel log as a file',
    flags: ['CapAdd', 'User'],
    attempt: `os.close(os.open('/proc/kmsg', os.O_RDONLY | os.O_NONBLOCK))`,
  },
  {
    name: 'the keys that stop the machine (sysrq)',
    flags: ['ReadonlyPaths', 'User'],
    absentOn: ['ENOENT'],
    attempt: `os.close(os.open('/proc/sysrq-trigger', os.O_WRONLY))`,
  },
]
