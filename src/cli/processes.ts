/**
 * Processes that the command line started: who is alive, what it runs, and stopping it for good.
 * It touches a process only by an id that this program made or wrote down itself.
 */
import type { ChildProcess } from 'node:child_process'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

export interface ProcessEntry {
  readonly pid: number
  readonly parentPid: number
  /** The executable's name, at most 15 characters on Linux. */
  readonly name: string
}

/** /proc/PID/stat: `pid (name) state ppid …`; the name may hold spaces and parentheses. */
function parseStat(stat: string): ProcessEntry | null {
  const match = /^(\d+) \((.*)\) \S (\d+)/s.exec(stat)
  if (match === null) return null
  return { pid: Number(match[1]), name: match[2] ?? '', parentPid: Number(match[3]) }
}

function listFromProc(): readonly ProcessEntry[] {
  const entries: ProcessEntry[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const entry = parseStat(readFileSync(`/proc/${name}/stat`, 'utf8'))
      if (entry !== null) entries.push(entry)
    } catch {
      // It ended between the listing and the look.
    }
  }
  return entries
}

/** Systems without /proc (macOS) have `ps`. */
function listFromPs(): readonly ProcessEntry[] {
  const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' })
  return text.split('\n').flatMap((line) => {
    const [pid, parentPid, ...command] = line.trim().split(/\s+/)
    if (command.length === 0) return []
    const name = command.join(' ').split('/').at(-1) ?? ''
    return [{ pid: Number(pid), parentPid: Number(parentPid), name }]
  })
}

export const listProcesses = (): readonly ProcessEntry[] =>
  process.platform === 'linux' ? listFromProc() : listFromPs()

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Its arguments, joined by spaces; empty when it is gone or may not be read. */
export function commandLineOf(pid: number): string {
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    }
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

/**
 * Whoever was started with this variable set so (`NAME=value`), children that kept it included. Only
 * Linux tells; elsewhere none is found.
 */
export function processesWith(variable: string): readonly number[] {
  if (process.platform !== 'linux') return []
  const environmentOf = (pid: number): string => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8')
    } catch {
      // It is gone, or another user's.
      return ''
    }
  }
  return listProcesses()
    .map(({ pid }) => pid)
    .filter((pid) => environmentOf(pid).split('\0').includes(variable))
}

/** KILL takes effect within milliseconds; a process in the kernel's hands may take longer. */
const KILL_WAIT_MS = 3_000

/**
 * Gone, or a zombie that nobody has waited for, with its last thread: only then are its ports free.
 * (Its command line vanishes a moment earlier.)
 */
function hasEnded(pid: number): boolean {
  if (process.platform !== 'linux') return !isAlive(pid)
  try {
    const isZombie = /^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return isZombie && readdirSync(`/proc/${pid}/task`).length <= 1
  } catch {
    return true
  }
}

async function endsWithin(pid: number, ms: number): Promise<boolean> {
  const until = performance.now() + ms
  while (!hasEnded(pid)) {
    if (performance.now() > until) return false
    await delay(5)
  }
  return true
}

/** Ends a process that is no child of this one: TERM for `graceMs`, when it has any, then KILL. */
export async function endProcess(pid: number, graceMs: number): Promise<void> {
  try {
    if (graceMs > 0) {
      process.kill(pid, 'SIGTERM')
      if (await endsWithin(pid, graceMs)) return
    }
    process.kill(pid, 'SIGKILL')
    await endsWithin(pid, KILL_WAIT_MS)
  } catch {
    // It had ended before the signal.
  }
}

/**
 * TERM, then KILL after `graceMs`; resolves when the child has ended.
 * @param options.isGroup signals the child's whole process group, for scripts that start others.
 */
export async function stopChild(
  child: ChildProcess,
  graceMs: number,
  options: { readonly isGroup?: boolean } = {},
): Promise<void> {
  const { pid } = child
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const target = options.isGroup ? -pid : pid
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(target, name)
    } catch {
      // Already gone.
    }
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  signal('SIGTERM')
  const timer = setTimeout(() => signal('SIGKILL'), graceMs)
  await ended
  clearTimeout(timer)
}
