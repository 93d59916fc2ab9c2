/** The container's first process, the supervisor, and the processes of neighbours. */
import type { Probe } from '../probe.ts'

const PTRACE_ATTACH = 16
const PTRACE_SEIZE = 0x4206

export const PROCESSES: readonly Probe[] = [
  {
    name: 'PID 1’s memory',
    flags: ['OwnUidOfPid1'],
    attempt: `os.close(os.open('/proc/1/mem', os.O_RDWR))`,
  },
  { name: 'PID 1’s environment', flags: ['OwnUidOfPid1'], attempt: `read('/proc/1/environ')` },
  { name: 'PID 1’s root', flags: ['OwnUidOfPid1'], attempt: `os.listdir('/proc/1/root')` },
  { name: 'PID 1’s descriptors', flags: ['OwnUidOfPid1'], attempt: `os.readlink('/proc/1/fd/0')` },
  { name: 'a signal to PID 1', flags: ['OwnUidOfPid1'], attempt: `os.kill(1, 0)` },
  {
    name: 'PID 1 traced',
    flags: ['SeccompProfile', 'OwnUidOfPid1'],
    attempt: `call('ptrace', ${PTRACE_SEIZE}, 1, 0, 0)`,
  },
  {
    name: 'the host’s disk filled by the container’s log',
    flags: ['LogConfig', 'OwnUidOfPid1'],
    countsIfLogged: 'written into the log',
    attempt: `
first(['/proc/1/fd/1', '/proc/1/fd/2', '/proc/7/fd/1'], lambda path: open(path, 'w').write('written into the log\\n'))
time.sleep(0.3)`,
  },
  {
    name: 'the supervisor’s output',
    flags: ['NotDumpable'],
    attempt: `first(['/proc/%d/fd/1' % pid for pid in supervisors()], lambda path: os.close(os.open(path, os.O_WRONLY)))`,
  },
  {
    name: 'the supervisor’s memory',
    flags: ['NotDumpable'],
    attempt: `first(['/proc/%d/mem' % pid for pid in supervisors()], lambda path: os.close(os.open(path, os.O_RDWR)))`,
  },
  {
    name: 'the supervisor’s environment',
    flags: ['NotDumpable'],
    attempt: `first(['/proc/%d/environ' % pid for pid in supervisors()], read)`,
  },
  {
    name: 'the supervisor traced',
    flags: ['SeccompProfile', 'NotDumpable'],
    attempt: `
found = list(supervisors())
must(found, 'no supervisor')
call('ptrace', ${PTRACE_ATTACH}, found[0], 0, 0)
os.waitpid(found[0], 0x40000000)
call('ptrace', 17, found[0], 0, 0)`,
  },
  {
    name: 'the supervisor’s memory by process_vm_readv',
    flags: ['SeccompProfile', 'NotDumpable'],
    attempt: `
found = list(supervisors())
must(found, 'no supervisor')
start = int(shell('head -1 /proc/%d/maps' % found[0]).split('-')[0], 16)
here = ctypes.create_string_buffer(8)
local = struct.pack('QQ', ctypes.addressof(here), 8)
must(call('process_vm_readv', found[0], local, 1, struct.pack('QQ', start, 8), 1, 0) == 8, 'nothing read')`,
  },
  {
    name: 'the processes of another container',
    flags: ['PidMode'],
    attempt: `
must(any(b'neighbour' + b'-at-work' in read('/proc/%s/cmdline' % pid)
         for pid in os.listdir('/proc') if pid.isdigit() and int(pid) != os.getpid()), 'only own ones')`,
  },
  {
    name: 'the environment of a process of another container',
    flags: ['PidMode', 'OwnUids'],
    attempt: `
def look(pid):
    try:
        return b'NEIGHBOUR' + b'_SECRET=' in read('/proc/%s/environ' % pid)
    except OSError:
        return False
must(any(look(pid) for pid in os.listdir('/proc') if pid.isdigit()), 'only own ones')`,
  },
  {
    name: 'dead processes that nobody reaps',
    flags: ['Init'],
    attempt: `
for _ in range(5):
    pid = os.fork()
    if pid == 0:
        if os.fork() == 0:
            os._exit(0)
        os._exit(0)
    os.waitpid(pid, 0)
def dead():
    count = 0
    for pid in os.listdir('/proc'):
        if pid.isdigit():
            try:
                count += status_of(pid)['State'].startswith('Z')
            except OSError:
                pass
    return count
until = time.monotonic() + 1
while dead() > 0 and time.monotonic() < until:
    time.sleep(0.01)
must(dead() > 0, 'all reaped')`,
  },
]
