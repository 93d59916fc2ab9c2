/**
 * Runs the installation in a build's container and reads what came of it. It believes neither: a
 * result is exactly what was asked for, and a line is cut and cleaned before anybody sees it.
 */
import { readFileSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import {
  comparePackages,
  type ExecEvent,
  type ExecRequest,
  type PinnedPackage,
  pinnedPackagesSchema,
  type WirePackage,
} from '../../../src/isolation/contract.ts'
import type { BlobStore } from './blobs.ts'
import type { BuildSettings } from './build-settings.ts'
import type { JobEgress } from './job-egress.ts'
import type { Session } from './launcher-client.ts'
import { Refusal } from './refusal.ts'
import { supervise } from './supervise.ts'

const SCRIPT = readFileSync(new URL('./install.sh', import.meta.url), 'utf8')
const BASH = ['/bin/bash', '--noprofile', '--norc', '-c']
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024
const MAX_LINE_CHARS = 500
const MAX_REASON_CHARS = 300
const STOPPED = 'the build was stopped: it needed more memory or disk than a build may have'
/** Of the last lines, those that say what went wrong. */
const REASON = /^(?:E:|ERROR:|npm error|curl:|dpkg:|tar:|sha512sum:)/

export interface InstallOptions {
  readonly packages: readonly WirePackage[]
  readonly settings: BuildSettings
  readonly session: Session
  readonly egress: JobEgress
  readonly blobs: BlobStore
  readonly timeoutMs: number
  readonly onLine: (line: string) => void
}

const failed = (why: string): Refusal => new Refusal('BUILD_FAILED', why.slice(0, MAX_REASON_CHARS))

/** Plain text of one line: no colours, no cursor, no other direction, nothing that a terminal acts on. */
export const cleanLine = (text: string): string =>
  text
    .replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, MAX_LINE_CHARS)

/** Each package that was asked for, with a version, and with the one that was asked for. */
export function parseResult(
  text: string,
  asked: readonly WirePackage[],
): readonly PinnedPackage[] | null {
  const rows = text.split('\n').filter((line) => line !== '')
  const found = rows.map((line) => {
    const [manager, name, version, ...rest] = line.split('\t')
    return rest.length > 0 ? null : { manager, name, version }
  })
  const sorted = [...asked].sort(comparePackages).map((wanted) => ({
    wanted,
    got: found.filter((one) => one?.manager === wanted.manager && one.name === wanted.name),
  }))
  const isComplete =
    found.length === asked.length &&
    sorted.every(
      ({ wanted, got }) =>
        got.length === 1 && (wanted.version === undefined || got[0]?.version === wanted.version),
    )
  const parsed = pinnedPackagesSchema.safeParse(sorted.map(({ got }) => got[0]))
  return isComplete && parsed.success ? parsed.data : null
}

function requestOf({ packages, settings, timeoutMs }: InstallOptions): ExecRequest {
  const rows = packages.flatMap(({ manager, name, version = '' }) => [manager, name, version])
  return {
    execId: 'build',
    holder: 'build',
    workspace: null,
    profile: {
      access: 'none',
      scope: 'session',
      network: { kind: 'none' },
      isOneShot: true,
      limits: { memoryMb: 0, cpus: 0, pids: 0, timeoutMs, outputBytes: MAX_OUTPUT_BYTES },
    },
    profileHash: '',
    command: { kind: 'argv', argv: [...BASH, SCRIPT, 'install', ...rows] },
    cwd: '',
    env: { BUILD_APT: settings.apt, BUILD_PIP: settings.pip, BUILD_NPM: settings.npm ?? '' },
    stdin: settings.certificates,
  }
}

export async function install(options: InstallOptions): Promise<readonly PinnedPackage[]> {
  const { session, packages, onLine, settings } = options
  // Where an operator has its mirrors is not told in passing. It is no secret in there: a maintainer's
  // script has it in its environment, and may say it in a way that is not found here.
  const cleaned = (text: string): string =>
    settings.hosts
      .reduce((line, host) => line.replaceAll(host, 'registry'), cleanLine(text))
      // A short name becomes a longer one.
      .slice(0, MAX_LINE_CHARS)
  const result: string[] = []
  const lines: string[] = []
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let exit: Extract<ExecEvent, { event: 'exit' }> | null = null
  const onLines = (bytes: Buffer): void => {
    const pieces = `${rest}${decoder.write(bytes)}`.split(/[\r\n]/)
    rest = (pieces.pop() ?? '').slice(0, MAX_LINE_CHARS)
    for (const line of pieces.map(cleaned).filter((text) => text !== '')) {
      lines.push(line)
      if (lines.length > 50) lines.shift()
      onLine(line)
    }
  }
  const emit = (event: ExecEvent): void => {
    if (event.event === 'stdout') result.push(Buffer.from(event.b64, 'base64').toString('utf8'))
    else if (event.event === 'stderr') onLines(Buffer.from(event.b64, 'base64'))
    else if (event.event === 'exit') exit = event
  }
  await supervise({
    request: requestOf(options),
    tenant: '',
    manifest: new Map(),
    held: new Map(),
    // The container outlives its command, which is over: what was installed is kept from here on.
    session: {
      ...session,
      close: () => {
        if (exit === null) session.close()
      },
    },
    blobs: options.blobs,
    egress: options.egress,
    onStart: () => {},
    onKept: () => {},
    emit,
    isCancelled: () => false,
  }).catch((error: unknown) => {
    // The container is gone in the middle of it.
    if (error instanceof Refusal && error.code === 'OUTCOME_UNKNOWN') throw failed(STOPPED)
    throw error
  })
  const ended = exit as Extract<ExecEvent, { event: 'exit' }> | null
  if (ended?.timedOut === true) throw new Refusal('TIMEOUT', 'the build took too long')
  if (ended?.code !== 0) throw failed(reasonOf(lines, ended))
  const pinned = parseResult(result.join(''), packages)
  if (pinned === null) throw failed('the build does not say what it installed')
  return pinned
}

function reasonOf(
  lines: readonly string[],
  ended: Extract<ExecEvent, { event: 'exit' }> | null,
): string {
  if (ended === null || ended.code === null) return STOPPED
  const told = lines.filter((line) => REASON.test(line)).slice(-3)
  return (told.length > 0 ? told : lines.slice(-2)).join('; ') || 'the installation failed'
}
