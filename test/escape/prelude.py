# What every probe starts with. An attempt that raises OSError, or says stop(), was stopped; one that
# returns has escaped; anything else is a broken probe, which is never taken for a stopped one.
import ctypes, errno, glob, mmap, os, platform, re, resource, signal, socket, stat, struct
import subprocess, sys, time, traceback

class Stopped(Exception):
    pass

def stop(why):
    raise Stopped(why)

def must(holds, why):
    if not holds:
        stop(why)

libc = ctypes.CDLL(None, use_errno=True)
ARM = platform.machine() == 'aarch64'
# Numbers on x86-64 and on arm64; from 424 on they are the same everywhere.
NUMBERS = {
    'acct': (163, 89), 'add_key': (248, 217), 'bpf': (321, 280), 'clone': (56, 220),
    'clone3': (435, 435), 'delete_module': (176, 106), 'fanotify_init': (300, 262),
    'fsopen': (430, 430), 'init_module': (175, 105), 'io_uring_setup': (425, 425),
    'iopl': (172, None), 'kcmp': (312, 272), 'kexec_load': (246, 104), 'keyctl': (250, 219),
    'memfd_secret': (447, 447), 'modify_ldt': (154, None), 'mount': (165, 40),
    'name_to_handle_at': (303, 264), 'open_by_handle_at': (304, 265), 'open_tree': (428, 428),
    'perf_event_open': (298, 241), 'personality': (135, 92), 'pidfd_getfd': (438, 438),
    'pidfd_open': (434, 434), 'pivot_root': (155, 41), 'process_vm_readv': (310, 270),
    'ptrace': (101, 117), 'quotactl': (179, 60), 'reboot': (169, 142), 'setns': (308, 268),
    'settimeofday': (164, 170), 'swapon': (167, 224), 'syslog': (103, 116), 'umount2': (166, 39),
    'unshare': (272, 97), 'userfaultfd': (323, 282),
}
NEWNS, NEWUSER = 0x20000, 0x10000000

def fail(number):
    raise OSError(number, os.strerror(number))

def call(name, *args):
    number = NUMBERS[name][1 if ARM else 0]
    if number is None:
        fail(errno.ENOSYS)
    ctypes.set_errno(0)
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    result = libc.syscall(ctypes.c_long(number), *wide)
    if result == -1 and ctypes.get_errno():
        fail(ctypes.get_errno())
    return result

# For calls that would do harm: the arguments are senseless, so that whoever passes the permission
# check is told so by the kernel, and nothing happens.
def reaches(name, *args):
    try:
        call(name, *args)
    except OSError as error:
        if error.errno in (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EOPNOTSUPP):
            raise

def shell(command):
    done = subprocess.run(['bash', '-c', command], capture_output=True, text=True, timeout=20)
    must(done.returncode == 0, done.stderr.strip().split(': ')[-1] or 'exit %d' % done.returncode)
    return done.stdout

# In a child, for attempts that end whoever makes them; true when it returned.
def in_child(attempt):
    pid = os.fork()
    if pid == 0:
        try:
            attempt()
            os._exit(0)
        except OSError as error:
            os._exit(error.errno or 255)
        except BaseException:
            os._exit(255)
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        stop(signal.Signals(os.WTERMSIG(status)).name)
    code = os.WEXITSTATUS(status)
    if code == 255:
        raise RuntimeError('the child failed')
    if code:
        fail(code)

def set_limit(which, value):
    try:
        resource.setrlimit(which, (value, value))
    except ValueError:
        stop('EPERM')

def read(path, size=65536):
    with open(path, 'rb') as file:
        return file.read(size)

# The first that works; else the last refusal.
def first(paths, action):
    refusal = FileNotFoundError(errno.ENOENT, 'nothing to try')
    for path in paths:
        try:
            return action(path)
        except OSError as error:
            if error.errno != errno.ENOENT or refusal.errno == errno.ENOENT:
                refusal = error
    raise refusal

def status_of(pid='self'):
    return dict(line.split(':\t', 1) for line in read('/proc/%s/status' % pid).decode().split('\n') if ':\t' in line)

def cgroup(*names):
    for name in names:
        for path in ('/sys/fs/cgroup/' + name, '/sys/fs/cgroup/' + name.split('/')[-1]):
            if os.path.exists(path):
                return read(path).decode().strip()
    stop('no cgroup file')

# The process between this command and the engine: it reports what the command did.
def supervisors():
    for pid in os.listdir('/proc'):
        if pid.isdigit():
            try:
                if read('/proc/%s/comm' % pid) == b'perl\n':
                    yield int(pid)
            except OSError:
                pass

SPOTS = ('/workspace', '/tmp', '/var/tmp', '/run')

def judge(attempt):
    try:
        attempt()
        word, why = 'ESCAPED', ''
    except Stopped as refusal:
        word, why = 'STOPPED', str(refusal)
    except OSError as error:
        word, why = 'STOPPED', errno.errorcode.get(error.errno, type(error).__name__)
    except MemoryError:
        word, why = 'STOPPED', 'out of memory'
    except BaseException:
        word, why = 'BROKEN', ' | '.join(traceback.format_exc().strip().split('\n')[-3:])
    os.write(1, ('\n%s %s\n' % (word, why.replace('\n', ' '))).encode())
    os._exit(0)
