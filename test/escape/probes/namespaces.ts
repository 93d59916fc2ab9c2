/** Namespaces: new ones, the host's, a neighbour's. */
import type { Probe } from '../probe.ts'

export const NAMESPACES: readonly Probe[] = [
  {
    name: 'a user namespace by unshare',
    flags: ['SeccompProfile'],
    attempt: `shell('unshare -U true')`,
  },
  {
    name: 'a user namespace by number',
    flags: ['SeccompProfile'],
    attempt: `in_child(lambda: call('unshare', NEWUSER))`,
  },
  {
    name: 'a user namespace by clone',
    flags: ['SeccompProfile'],
    attempt: `
pid = call('clone', NEWUSER | signal.SIGCHLD, 0, 0, 0, 0)
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)`,
  },
  {
    name: 'a user namespace by clone3',
    flags: ['SeccompProfile'],
    attempt: `
args = ctypes.create_string_buffer(struct.pack('8Q', NEWUSER, 0, 0, 0, signal.SIGCHLD, 0, 0, 0))
pid = call('clone3', args, 64)
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)`,
  },
  {
    name: 'a mount namespace',
    flags: ['SeccompProfile', 'CapAdd', 'User'],
    attempt: `in_child(lambda: call('unshare', NEWNS))`,
  },
  {
    name: 'another process’ namespace entered',
    flags: ['SeccompProfile', 'CapAdd', 'User'],
    attempt: `in_child(lambda: call('setns', os.open('/proc/self/ns/net', os.O_RDONLY), 0))`,
  },
  {
    name: 'the host’s names of its cgroups',
    flags: ['CgroupnsMode'],
    attempt: `must(re.search('[0-9a-f]{64}', read('/proc/self/cgroup').decode()), 'only /')`,
  },
  {
    name: 'the container’s id by its host name',
    flags: ['Hostname'],
    attempt: `must(re.fullmatch('[0-9a-f]{12}', socket.gethostname()), socket.gethostname())`,
  },
  {
    name: 'another host name',
    flags: ['SeccompProfile', 'CapAdd', 'User'],
    attempt: `socket.sethostname('elsewhere')`,
  },
  {
    name: 'shared memory in /dev/shm',
    flags: ['IpcMode'],
    attempt: `open('/dev/shm/left', 'w').close()`,
  },
  {
    name: 'a neighbour’s shared memory',
    flags: ['IpcNamespace'],
    attempt: `must(len(read('/proc/sysvipc/shm').decode().strip().split('\\n')) > 1, 'no segment')`,
  },
]
