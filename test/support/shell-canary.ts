/**
 * Runs commands in the real bash with no guard, each in a fresh folder around a canary, and tells
 * which killed it. All of them run in one hardened container that is thrown away.
 */
import { spawn } from 'node:child_process'
import { DEFAULT_SANDBOX_IMAGE } from '../../src/cli/start/options.ts'

/** A command that has not ended by then lives on without being waited for. */
const COMMAND_TIMEOUT_SECONDS = 0.6
const WORKERS = 4

/** Reads a JSON list of commands and prints one letter for each: killed, spared, out of time. */
const DRIVER = `
import json, os, shutil, signal, subprocess, sys, threading
commands = json.load(sys.stdin)
answers = ['?'] * len(commands)
order = iter(range(len(commands)))
lock = threading.Lock()

def alive(folder):
    try:
        with open(folder + '/canary/f', 'rb') as file:
            return file.read(9) == b'alive\\n'
    except OSError:
        return False

def work(slot):
    home = '/t/%d' % slot
    stubs = home + '/bin'
    os.makedirs(stubs)
    for name in ['sudo', 'nmap', 'crontab', 'nc']:
        with open(stubs + '/' + name, 'w') as file:
            file.write('#!/bin/bash\\n[ $# = 0 ] || /bin/rm -rf canary\\n')
        os.chmod(stubs + '/' + name, 0o755)
    environment = {'PATH': stubs + ':/usr/bin:/bin', 'HOME': home, 'LANG': 'C.UTF-8'}
    while True:
        with lock:
            at = next(order, None)
        if at is None:
            return
        # What a command leaves running must not reach the next one's canary.
        folder = '%s/%d' % (home, at)
        os.makedirs(folder + '/canary')
        with open(folder + '/canary/f', 'w') as file:
            file.write('alive\\n')
        try:
            ran = subprocess.Popen(
                ['prlimit', '--cpu=1', '--as=400000000', '/bin/bash', '--noprofile', '--norc', '-c', commands[at]], cwd=folder, env=environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True)
        except (OSError, ValueError):
            answers[at] = 's'
            continue
        late = False
        try:
            ran.wait(timeout=${COMMAND_TIMEOUT_SECONDS})
        except subprocess.TimeoutExpired:
            late = True
        killed = not alive(folder)
        try:
            os.killpg(ran.pid, signal.SIGKILL)
        except OSError:
            pass
        ran.wait()
        shutil.rmtree(folder, ignore_errors=True)
        answers[at] = 'k' if killed else 'l' if late else 's'

threads = [threading.Thread(target=work, args=(slot,)) for slot in range(${WORKERS})]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(''.join(answers))
`

export type Fate = 'killed' | 'spared' | 'late'

const FATES: Readonly<Record<string, Fate>> = { k: 'killed', s: 'spared', l: 'late' }

const HARDENED = `
  --rm --interactive --init --network none --read-only --ipc none
  --cap-drop ALL --security-opt no-new-privileges --user 20001:20001
  --memory 512m --memory-swap 512m --pids-limit 256 --stop-timeout 1
  --tmpfs /t:rw,exec,nosuid,nodev,size=64m,mode=1777
  --tmpfs /tmp:rw,exec,nosuid,nodev,size=64m,mode=1777`
  .trim()
  .split(/\s+/)

/** @throws when the container fails, or has not answered after `timeoutMs` */
export async function fatesOf(
  commands: readonly string[],
  timeoutMs: number,
): Promise<readonly Fate[]> {
  const image = process.env['EDGECLAW_SANDBOX_IMAGE'] || DEFAULT_SANDBOX_IMAGE
  const argv = ['run', ...HARDENED, image, 'timeout', String(timeoutMs / 1_000), 'python3', '-c']
  const child = spawn('docker', [...argv, DRIVER], { stdio: ['pipe', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  child.stdin.end(JSON.stringify(commands))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const letters = Buffer.concat(chunks).toString('utf8').trim()
  if (code !== 0 || letters.length !== commands.length) {
    throw new Error(`the container ended with ${code}: ${Buffer.concat(errors).toString('utf8')}`)
  }
  if (letters.includes('?')) throw new Error(Buffer.concat(errors).toString('utf8'))
  return [...letters].map((letter) => FATES[letter] ?? 'late')
}
