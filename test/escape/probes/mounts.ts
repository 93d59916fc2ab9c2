/** Rearranging the file tree, and the devices below it. */
import type { Probe } from '../probe.ts'

const ROOT_POWERS = ['SeccompProfile', 'CapAdd', 'User'] as const

export const MOUNTS: readonly Probe[] = [
  {
    name: 'a mount',
    flags: ROOT_POWERS,
    attempt: `
os.mkdir('here')
call('mount', b'none', b'/workspace/here', b'tmpfs', 0, 0)`,
  },
  {
    name: 'the root file system remounted writable',
    flags: ROOT_POWERS,
    attempt: `call('mount', b'none', b'/', b'none', 0x1020, 0)`,
  },
  {
    name: 'a masked path unmounted',
    flags: ROOT_POWERS,
    attempt: `call('umount2', b'/sys/firmware', 0)`,
  },
  {
    name: 'a mount by the new interface',
    flags: ROOT_POWERS,
    attempt: `call('fsopen', b'tmpfs', 0)`,
  },
  {
    name: 'a detached handle to the tree',
    flags: ['SeccompProfile'],
    attempt: `call('open_tree', -100, b'/', 0)`,
  },
  {
    name: 'a mount as root of an own user namespace',
    flags: ['SeccompProfile'],
    attempt: `shell('unshare -Urm mount -t tmpfs none /mnt')`,
  },
  {
    name: 'another root directory',
    flags: ['SeccompProfile', 'CapDrop', 'User'],
    attempt: `os.chroot('/tmp')`,
  },
  {
    name: 'another root directory in an own user namespace',
    flags: ['SeccompProfile'],
    attempt: `shell('unshare -Ur python3 -c "import os; os.chroot(chr(47))"')`,
  },
  {
    name: 'a swapped root mount',
    flags: ROOT_POWERS,
    attempt: `reaches('pivot_root', b'/', b'/')`,
  },
  {
    name: 'a cgroup release agent',
    flags: [...ROOT_POWERS, 'CgroupnsMode'],
    absentOn: ['no cgroup v1'],
    attempt: `
must(os.path.isdir('/sys/fs/cgroup/memory') or not os.path.exists('/sys/fs/cgroup/cgroup.procs'), 'no cgroup v1')
os.mkdir('cg')
call('mount', b'cgroup', b'/workspace/cg', b'cgroup', 0, b'memory')
os.close(os.open('cg/release_agent', os.O_WRONLY))`,
  },
  {
    name: 'its cgroups remounted writable',
    flags: ROOT_POWERS,
    attempt: `
base = '/sys/fs/cgroup/memory' if os.path.isdir('/sys/fs/cgroup/memory') else '/sys/fs/cgroup'
call('mount', b'none', base.encode(), b'none', 0x1020, 0)
os.mkdir(base + '/probe')
os.rmdir(base + '/probe')`,
  },
  {
    name: 'a cgroup of its own',
    flags: ['Privileged', 'User'],
    attempt: `
base = '/sys/fs/cgroup/memory' if os.path.isdir('/sys/fs/cgroup/memory') else '/sys/fs/cgroup'
os.mkdir(base + '/probe')
os.rmdir(base + '/probe')`,
  },
  {
    name: 'a raised limit in its cgroup',
    flags: ['Privileged', 'User'],
    attempt: `
first(['/sys/fs/cgroup/pids/pids.max', '/sys/fs/cgroup/pids.max'],
      lambda path: os.close(os.open(path, os.O_WRONLY)))`,
  },
  {
    name: 'a device node that works',
    flags: ['CapDrop', 'User', 'TmpfsNodev'],
    attempt: `
os.mknod('null', stat.S_IFCHR | 0o666, os.makedev(1, 3))
os.close(os.open('null', os.O_RDWR))`,
  },
  {
    name: 'the machine’s disk by a device node',
    flags: ['CapDrop', 'User', 'TmpfsNodev', 'DeviceCgroupRules'],
    attempt: `
disks = [line.split()[:2] for line in read('/proc/partitions').decode().split('\\n')[2:] if line]
def look(numbers):
    name = 'disk-%s-%s' % tuple(numbers)
    os.mknod(name, stat.S_IFBLK | 0o600, os.makedev(int(numbers[0]), int(numbers[1])))
    os.close(os.open(name, os.O_RDONLY))
# 7:0 is the first loop device, which every kernel of ours has.
first(disks + [[7, 0]], look)`,
  },
  {
    name: 'a device of the machine',
    flags: ['Devices'],
    attempt: `
usual = {'full', 'null', 'ptmx', 'random', 'tty', 'urandom', 'zero', 'console'}
found = [e.path for e in os.scandir('/dev') if e.name not in usual
         and (stat.S_ISCHR(e.stat().st_mode) or stat.S_ISBLK(e.stat().st_mode))
         and not e.is_symlink()]
must(found, 'no device')
first(found, lambda path: os.close(os.open(path, os.O_RDONLY)))`,
  },
  {
    name: 'the machine’s memory or disk under /dev',
    flags: ['Devices', 'User'],
    attempt: `
first(glob.glob('/dev/mem') + glob.glob('/dev/kmem') + glob.glob('/dev/port') + glob.glob('/dev/kmsg')
      + [e.path for e in os.scandir('/dev') if stat.S_ISBLK(e.stat().st_mode)],
      lambda path: os.close(os.open(path, os.O_RDONLY)))`,
  },
]
