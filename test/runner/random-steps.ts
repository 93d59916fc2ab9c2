/** A program for the sandbox that does random things to its files and says what stands in the end. */

/** Few names, so that steps meet; the folder is there from the start. */
const NAMES = ['a', 'b', 'c', 'new', 'dir/d', 'dir/e', 'dir/new']
export const RANDOM_STEPS_FILES = Object.fromEntries(
  NAMES.filter((name) => !name.endsWith('new')).map((name) => [name, `${name} as placed`]),
)

/**
 * Among the steps: second names of a file, written and taken away again; files held open or mapped while
 * their names move; times put back; two names exchanged; links, and now and then a folder. What cannot be
 * done is left out.
 */
export const randomSteps = (seed: number): string => `python3 - <<'END'
import ctypes, json, mmap, os, random
rng = random.Random(${seed})
names = ${JSON.stringify(NAMES)}
held, maps, serial = [], [], 0
name = lambda: rng.choice(names)
def text():
    global serial
    serial += 1
    # Of one length, so that no size tells.
    return b'%09d' % (${seed} * 1000 + serial)
def write():
    with open(name(), 'r+b') as f: f.write(text())
def create():
    with open(name(), 'wb') as f: f.write(text())
def hold(): held.append(os.open(name(), os.O_RDWR))
def write_held(): os.pwrite(rng.choice(held), text(), 0)
def let_go(): os.close(held.pop(rng.randrange(len(held))))
def map_file():
    with open(name(), 'r+b') as f: maps.append(mmap.mmap(f.fileno(), 9))
def write_mapped(): rng.choice(maps)[0:9] = text()
def link(): os.link(name(), name())
def move(): os.rename(name(), name())
def remove(): os.unlink(name())
def cut(): os.truncate(name(), 4)
def touch(): os.utime(name(), ns=(1, 1))
def quietly():
    path = name()
    was = os.stat(path)
    with open(path, 'r+b') as f: f.write(text())
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
def mode(): os.chmod(name(), rng.choice([0o644, 0o755]))
def exchange():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.renameat2(-100, name().encode(), -100, name().encode(), 2)
def symbolic():
    path = name()
    os.unlink(path)
    os.symlink('/etc/passwd', path)
def nameless():
    fd = os.open('.', os.O_TMPFILE | os.O_RDWR)
    os.write(fd, text())
    os.link(f'/proc/self/fd/{fd}', name(), follow_symlinks=True)
    held.append(fd)
def second_name():
    os.link(name(), 'other')
    with open('other', 'r+b') as f: f.write(text())
    rng.choice([lambda: os.unlink('other'), lambda: os.rename('other', name()),
        lambda: os.rename(name(), 'other'), lambda: None])()
def folder():
    os.mkdir('f')
    os.rename(name(), 'f/x')
    with open('f/x', 'r+b') as f: f.write(text())
    os.rename('f/x', name())
    os.rmdir('f')
steps = [write, create, hold, write_held, write_held, let_go, map_file, write_mapped, link, move, remove,
    cut, touch, quietly, mode, exchange, symbolic, nameless, second_name] + [folder] * (rng.random() < .2)
for _ in range(rng.choice([1, 2, 3, 5, 8, 30])):
    try: rng.choice(steps)()
    except (OSError, ValueError, IndexError): pass
os.sync()
found = {}
for at, _, files in os.walk('.'):
    for file in files:
        path = os.path.normpath(os.path.join(at, file))
        if not os.path.islink(path):
            with open(path, 'rb') as f: found[path] = [f.read().decode('latin1'), os.stat(path).st_mode & 0o777]
print(json.dumps(found))
END`
