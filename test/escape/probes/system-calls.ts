/** Parts of the kernel that no shell, interpreter or compiler needs. */
import type { Probe } from '../probe.ts'

const filtered = (name: string, attempt: string, absentOn: readonly string[] = []): Probe => ({
  name,
  flags: ['SeccompProfile'],
  attempt,
  absentOn: ['ENOSYS', ...absentOn],
})

/** Calls that need a capability of root as well. */
const forRoot = (name: string, attempt: string): Probe => ({
  name,
  flags: ['SeccompProfile', 'CapAdd', 'User'],
  attempt,
  absentOn: ['ENOSYS'],
})

export const SYSTEM_CALLS: readonly Probe[] = [
  filtered('the session keyring', `call('keyctl', 0, -3, 0, 0, 0)`),
  filtered('a key', `call('add_key', b'user', b'probe', b'x', 1, -2)`),
  filtered('being traced', `in_child(lambda: call('ptrace', 0, 0, 0, 0))`),
  filtered(
    'another process’ memory by number',
    `
there = ctypes.create_string_buffer(b'12345678')
here = ctypes.create_string_buffer(8)
pair = lambda buffer: struct.pack('QQ', ctypes.addressof(buffer), 8)
must(call('process_vm_readv', os.getpid(), pair(here), 1, pair(there), 1, 0) == 8, 'nothing read')`,
  ),
  filtered('an io_uring', `call('io_uring_setup', 1, ctypes.create_string_buffer(120))`),
  filtered('page faults handled by itself', `call('userfaultfd', 1)`),
  filtered(
    'a performance counter',
    // PERF_TYPE_SOFTWARE, cpu-clock; disabled, excluding kernel and hypervisor.
    `
attr = ctypes.create_string_buffer(struct.pack('IIQQQQQ', 1, 112, 0, 0, 0, 0, 1 | 1 << 5 | 1 << 6), 112)
call('perf_event_open', attr, 0, -1, -1, 0)`,
  ),
  filtered('a program without randomised addresses', `call('personality', 0x40000)`),
  filtered('an own segment table', `call('modify_ldt', 0, ctypes.create_string_buffer(64), 64)`),
  filtered(
    'a handle that outlives its path',
    `
open('file', 'w').close()
handle = ctypes.create_string_buffer(struct.pack('Ii', 128, 0), 136)
call('name_to_handle_at', -100, b'/workspace/file', handle, ctypes.byref(ctypes.c_int()), 0)`,
  ),
  filtered('watching a whole file system', `call('fanotify_init', 0x200, 0)`),
  filtered('comparing kernel pointers', `call('kcmp', os.getpid(), os.getpid(), 0, 0, 0)`),
  filtered(
    'another process’ descriptor',
    `call('pidfd_getfd', call('pidfd_open', os.getpid(), 0), 1, 0)`,
  ),
  filtered('a socket into the hypervisor (vsock)', `socket.socket(40, socket.SOCK_STREAM)`, [
    'EAFNOSUPPORT',
  ]),
  filtered('the kernel’s crypto by socket (AF_ALG)', `socket.socket(38, socket.SOCK_SEQPACKET)`, [
    'EAFNOSUPPORT',
  ]),
  filtered('the kernel’s tables by netlink', `socket.socket(16, socket.SOCK_RAW, 0)`),
  filtered(
    'a system call by the 32-bit interface',
    // mov eax, 20 (getpid); int 0x80; ret
    `
must(not ARM, 'ENOSYS')
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes.fromhex('b814000000cd80c3'))
function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
in_child(lambda: function() > 0 or fail(38))`,
  ),
  forRoot(
    'a program in the kernel (bpf)',
    `call('bpf', 0, struct.pack('IIII', 2, 4, 8, 1) + bytes(112), 128)`,
  ),
  forRoot(
    'a file by its handle',
    `
open('file', 'w').close()
handle = ctypes.create_string_buffer(struct.pack('Ii', 128, 0), 136)
call('name_to_handle_at', -100, b'/workspace/file', handle, ctypes.byref(ctypes.c_int()), 0)
os.close(call('open_by_handle_at', os.open('/workspace', os.O_RDONLY), handle, 0))`,
  ),
  forRoot('a kernel module', `reaches('init_module', b'', 0, b'')`),
  forRoot('a kernel module removed', `reaches('delete_module', b'no_such_module', 0)`),
  forRoot('another kernel', `reaches('kexec_load', 0, 99999, 0, 0xffff0000)`),
  forRoot('a restart of the machine', `reaches('reboot', 0, 0, 0, 0)`),
  forRoot('swap space', `reaches('swapon', b'/no/such/file', 0)`),
  forRoot('the machine’s clock', `reaches('settimeofday', 0, struct.pack('ii', 99999, 0))`),
  forRoot('process accounting', `reaches('acct', b'/no/such/file')`),
  forRoot('the machine’s ports', `call('iopl', 3)`),
  forRoot(
    'the kernel log',
    `must(call('syslog', 10, 0, 0) >= 0, 'no log')
call('syslog', 3, ctypes.create_string_buffer(256), 256)`,
  ),
]
