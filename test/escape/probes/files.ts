/** The image, the temporary folders and the host's files. */
import type { Probe } from '../probe.ts'

export const FILES: readonly Probe[] = [
  {
    name: 'a root file system that is writable',
    flags: ['ReadonlyRootfs'],
    attempt: `must(not os.statvfs('/').f_flag & os.ST_RDONLY, 'mounted read-only')`,
  },
  {
    name: 'a program of the image replaced',
    flags: ['ReadonlyRootfs', 'User'],
    attempt: `
with open('/usr/bin/git', 'ab') as file:
    file.write(b'')
os.utime('/usr/bin/git')`,
  },
  {
    name: 'a library preloaded into every program',
    flags: ['ReadonlyRootfs', 'User'],
    attempt: `open('/etc/ld.so.preload', 'w').close()`,
  },
  { name: 'the password file', flags: ['User'], attempt: `read('/etc/shadow')` },
  {
    name: 'a program in /tmp',
    flags: ['TmpfsNoexec'],
    attempt: `shell('cp /bin/true /tmp/t && /tmp/t')`,
  },
  {
    name: 'a program in /var/tmp',
    flags: ['TmpfsNoexec'],
    attempt: `shell('cp /bin/true /var/tmp/t && /var/tmp/t')`,
  },
  {
    name: 'a program in /tmp by the loader',
    flags: ['TmpfsNoexec'],
    attempt: `shell('cp /bin/true /tmp/t && $(echo /lib*/ld-linux-*.so.*) /tmp/t')`,
  },
  {
    name: 'a library loaded from /tmp',
    flags: ['TmpfsNoexec'],
    attempt: `
shell('cp $(ls /usr/lib/*/libutil.so.1) /tmp/lib.so')
ctypes.CDLL('/tmp/lib.so')`,
  },
  {
    name: 'a mount that honours setuid',
    flags: ['TmpfsNosuid'],
    attempt: `must(any(not os.statvfs(spot).f_flag & os.ST_NOSUID for spot in SPOTS), 'all nosuid')`,
  },
  {
    name: 'a mount that honours devices',
    flags: ['TmpfsNodev'],
    attempt: `must(any(not os.statvfs(spot).f_flag & os.ST_NODEV for spot in SPOTS), 'all nodev')`,
  },
  {
    name: 'more than 64 MB in /tmp',
    flags: ['TmpfsSize'],
    attempt: `
with open('/tmp/large', 'wb') as file:
    for _ in range(80):
        file.write(bytes(1 << 20))`,
  },
  {
    name: 'more than 256 MB in the workspace',
    flags: ['TmpfsSize'],
    attempt: `
left = os.statvfs('/workspace')
must(left.f_blocks * left.f_frsize > 300 << 20, '%d MB' % (left.f_blocks * left.f_frsize >> 20))`,
  },
  {
    name: 'files without number in /var/tmp',
    flags: ['TmpfsInodes'],
    attempt: `
for i in range(2500):
    open('/var/tmp/%d' % i, 'w').close()`,
  },
  {
    name: 'a file of the host by its path',
    flags: ['Binds'],
    attempt: `first([os.environ['HOST_FILE'], '/proc/1/root' + os.environ['HOST_FILE'],
       '/proc/self/root/../..' + os.environ['HOST_FILE']], read)`,
  },
  {
    name: 'the engine’s layers by their path on the host',
    flags: ['Binds', 'User'],
    attempt: `
paths = re.findall(r'(?:upperdir|lowerdir|workdir)=([^,:\\s]+)', read('/proc/self/mountinfo').decode())
must(paths, 'no overlay')
first([os.path.dirname(path) for path in paths] + paths, os.listdir)`,
  },
  {
    name: 'the engine’s socket',
    flags: ['Binds'],
    attempt: `
found = shell(r"find / -name '*.sock' -type s -not -path '/proc/*' 2>/dev/null || true").split()
found += ['/var/run/docker.sock', '/run/docker.sock', '/run/containerd/containerd.sock']
def talk(path):
    client = socket.socket(socket.AF_UNIX)
    client.connect(path)
first(found, talk)`,
  },
]
