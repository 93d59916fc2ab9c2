/**
 * The state folder: one gateway's databases and secrets, readable by its owner alone. Secrets are
 * generated once and never printed from here; the folder is held by one running gateway at a time.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { CliFailure } from '../failure.ts'
import { commandLineOf, isAlive } from '../processes.ts'
import {
  FILE_MODE,
  FOLDER_MODE,
  OPEN_TO_OTHERS,
  readOwn,
  statOwn,
  writeSecret,
} from '../secret-file.ts'

export interface GatewayRecord {
  readonly url: string
  readonly pid: number
  readonly isDevelopmentMode: boolean
}

export interface State {
  readonly dir: string
  /** Where the databases lie. */
  readonly dataDir: string
  readonly runnerDir: string
  /** For what need not outlive the gateway. */
  readonly tempDir: string
  readonly token: string
  /** No gateway was started on this folder before. */
  readonly isNew: boolean
  readonly encryptionKey: string
  /** Private Ed25519 JWK as JSON; null while none was made. */
  readonly runnerKey: string | null
  keepRunnerKey(make: () => Promise<string>): Promise<string>
  writeGateway(record: GatewayRecord): void
  /** The port that the runner had last time, if any. */
  readRunnerPort(): number | null
  writeRunnerPort(port: number): void
  writePid(name: PidName, pid: number | null): void
  readPid(name: PidName): number | null
  /** Gives the folder back and removes what describes the running gateway. */
  release(): void
}

export type PidName = 'workerd' | 'runner'

/** `ect_` + 32 random bytes in base64url. */
export const makeToken = (): string => `ect_${randomBytes(32).toString('base64url')}`
export const makeEncryptionKey = (): string => randomBytes(32).toString('hex')

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new CliFailure(`cannot read ${path}: ${(error as Error).message}`)
  }
}

/** A process id or port above 1; null when the file is absent or holds anything else. */
function readNumber(path: string): number | null {
  const number = Number(readText(path) ?? '0')
  return Number.isInteger(number) && number > 1 ? number : null
}

function readSecret(path: string): string | null {
  const stats = statOwn(path, 'file')
  const text = stats && readText(path)
  if (stats === null || text === null) return null
  // An empty encryption key replaced by a fresh one would make every stored key unreadable.
  if (text === '')
    throw new CliFailure(`${path} is empty: restore it, or remove it to make a new one`)
  if ((stats.mode & OPEN_TO_OTHERS) !== 0) chmodSync(path, FILE_MODE)
  return text
}

function keepSecret(path: string, make: () => string): string {
  const kept = readSecret(path)
  if (kept !== null) return kept
  const made = make()
  writeSecret(path, made)
  return made
}

/** Takes the lock file; one left by a gateway that is gone is taken over. */
function lock(path: string, stateDir: string): void {
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(path, `${process.pid}\n`, { flag: 'wx', mode: FILE_MODE })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 2) {
        throw new CliFailure(
          `cannot write to the state folder ${stateDir}: ${(error as Error).message}`,
        )
      }
    }
    const owner = Number(readText(path))
    // Ids are reused after a reboot or in a container: only a gateway's command line counts.
    const isHeld =
      owner !== process.pid && isAlive(owner) && commandLineOf(owner).includes('start/main')
    if (isHeld) {
      throw new CliFailure(
        `another gateway (process ${owner}) uses ${stateDir}; stop it, or choose another folder with --state`,
      )
    }
    rmSync(path, { force: true })
  }
}

export function openState(dir: string): State {
  try {
    mkdirSync(dir, { recursive: true, mode: FOLDER_MODE })
    statOwn(dir, 'folder')
    chmodSync(dir, FOLDER_MODE)
  } catch (error) {
    throw new CliFailure(`cannot use ${dir} as state folder: ${(error as Error).message}`)
  }
  const lockPath = join(dir, 'lock')
  lock(lockPath, dir)
  const pidPath = (name: PidName) => join(dir, `${name}.pid`)
  const runnerPortPath = join(dir, 'runner.port')
  const runnerKeyPath = join(dir, 'runner.key')
  const dataDir = join(dir, 'data')
  const runnerDir = join(dir, 'runner')
  for (const folder of [dataDir, runnerDir])
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE })
  const isNew = readText(join(dir, 'token')) === null
  return {
    dir,
    isNew,
    dataDir,
    runnerDir,
    tempDir: join(dir, 'tmp'),
    token: keepSecret(join(dir, 'token'), makeToken),
    encryptionKey: keepSecret(join(dir, 'encryption.key'), makeEncryptionKey),
    runnerKey: readSecret(runnerKeyPath),
    async keepRunnerKey(make) {
      const kept = readSecret(runnerKeyPath)
      if (kept !== null) return kept
      const made = await make()
      writeSecret(runnerKeyPath, made)
      return made
    },
    writeGateway(record) {
      writeSecret(join(dir, 'gateway.json'), JSON.stringify(record))
    },
    readRunnerPort: () => readNumber(runnerPortPath),
    writeRunnerPort: (port) => writeSecret(runnerPortPath, String(port)),
    writePid(name, pid) {
      if (pid === null) rmSync(pidPath(name), { force: true })
      else writeSecret(pidPath(name), String(pid))
    },
    readPid: (name) => readNumber(pidPath(name)),
    release() {
      for (const name of ['gateway.json', 'workerd.pid', 'runner.pid', 'lock']) {
        rmSync(join(dir, name), { force: true })
      }
    },
  }
}

/** What another program of this machine needs to talk to the gateway of a state folder. */
export interface LocalGateway {
  readonly url: string | null
  readonly token: string | null
}

const recordSchema = z.object({ url: z.string(), isDevelopmentMode: z.boolean() })

const TOKEN = /^[\x21-\x7e]{1,512}$/

/** @throws CliFailure for a folder that this user's gateway has not written. */
export function readLocalGateway(dir: string): LocalGateway {
  if (statOwn(dir, 'folder') === null) return { url: null, token: null }
  const text = readOwn(join(dir, 'gateway.json'))
  const record = text === null ? null : recordSchema.safeParse(jsonOf(text))
  const token = record?.data?.isDevelopmentMode ? null : readOwn(join(dir, 'token'))
  if (record?.success === false || (token !== null && !TOKEN.test(token)))
    throw new CliFailure(`${dir} holds no state of a gateway: remove it, or name another`)
  return { url: record?.data.url ?? null, token }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
