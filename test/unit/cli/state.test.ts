import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openState, readLocalGateway } from '../../../src/cli/start/state.ts'

let root = ''
let dir = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'edgeclaw-state-'))
  dir = join(root, 'deep', 'state')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const modeOf = (path: string) => statSync(path).mode & 0o777

describe('openState', () => {
  it('makes the folder for its owner alone, with a token and a key of the right form', () => {
    const state = openState(dir)
    expect(modeOf(dir)).toBe(0o700)
    expect(state.token).toMatch(/^ect_[A-Za-z0-9_-]{43}$/)
    expect(state.encryptionKey).toMatch(/^[0-9a-f]{64}$/)
    for (const file of ['token', 'encryption.key']) expect(modeOf(join(dir, file))).toBe(0o600)
  })

  it('generates secrets once and keeps them over restarts', async () => {
    const first = openState(dir)
    expect(first.isNew).toBe(true)
    const key = await first.keepRunnerKey(async () => '{"kty":"OKP"}')
    first.release()
    const second = openState(dir)
    expect(second.isNew).toBe(false)
    expect(second.token).toBe(first.token)
    expect(second.encryptionKey).toBe(first.encryptionKey)
    expect(await second.keepRunnerKey(async () => 'another')).toBe(key)
    expect(modeOf(join(dir, 'runner.key'))).toBe(0o600)
  })

  it('makes different secrets for different folders', () => {
    expect(openState(dir).token).not.toBe(openState(join(root, 'other')).token)
  })

  it('closes a folder and a key that others could read', () => {
    openState(dir).release()
    chmodSync(dir, 0o755)
    chmodSync(join(dir, 'encryption.key'), 0o644)
    openState(dir)
    expect(modeOf(dir)).toBe(0o700)
    expect(modeOf(join(dir, 'encryption.key'))).toBe(0o600)
  })

  it('rejects an empty key instead of making a new one', () => {
    openState(dir).release()
    writeFileSync(join(dir, 'encryption.key'), '\n')
    expect(() => openState(dir)).toThrow('encryption.key is empty')
  })

  it('rejects a folder that cannot be one', () => {
    writeFileSync(join(root, 'file'), '')
    expect(() => openState(join(root, 'file'))).toThrow('as state folder')
  })

  it('rejects a folder that a running gateway holds, and takes it over when that has ended', async () => {
    // Its command line is what a gateway's looks like.
    const script = join(root, 'start', 'main.mjs')
    openState(dir).release()
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', script])
    await once(holder, 'spawn')
    writeFileSync(join(dir, 'lock'), `${holder.pid}\n`)
    expect(() => openState(dir)).toThrow(`another gateway (process ${holder.pid})`)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    expect(openState(dir).dir).toBe(dir)
    expect(readFileSync(join(dir, 'lock'), 'utf8').trim()).toBe(String(process.pid))
  })

  it('takes over a lock whose process id now belongs to something else', async () => {
    openState(dir).release()
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    await once(stranger, 'spawn')
    writeFileSync(join(dir, 'lock'), `${stranger.pid}\n`)
    expect(openState(dir).dir).toBe(dir)
    stranger.kill('SIGKILL')
  })

  it('leaves secrets and databases behind when released, and nothing of the run', () => {
    const state = openState(dir)
    state.writeGateway({ url: 'http://127.0.0.1:1', pid: 1, isDevelopmentMode: false })
    state.writePid('workerd', 4242)
    expect(state.readPid('workerd')).toBe(4242)
    state.writePid('workerd', null)
    expect(state.readPid('workerd')).toBeNull()
    state.writePid('runner', 4243)
    state.release()
    expect(readdirSync(dir).sort()).toEqual(['data', 'encryption.key', 'runner', 'token'])
  })

  it('takes no process id from a file that holds none', () => {
    const state = openState(dir)
    for (const text of ['', 'x', '0', '1', '-5', '1.5']) {
      writeFileSync(join(dir, 'workerd.pid'), text)
      expect(state.readPid('workerd')).toBeNull()
    }
  })
})

describe('a folder that came with somebody else’s files', () => {
  const shipped = (files: Readonly<Record<string, string>>, mode = 0o600): string => {
    const dir = join(root, `shipped-${Math.random().toString(36).slice(2)}`)
    mkdirSync(dir, { mode: 0o700 })
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text, { mode })
    return dir
  }
  const record = JSON.stringify({ url: 'http://127.0.0.1:5', pid: 1, isDevelopmentMode: false })

  it('leads to no other file by a link', () => {
    const dir = shipped({ 'gateway.json': record })
    symlinkSync('/proc/self/environ', join(dir, 'token'))
    expect(() => readLocalGateway(dir)).toThrow('is no file of its own')
    expect(() => openState(dir)).toThrow('is no file of its own')
    const linked = join(root, 'linked')
    symlinkSync(dir, linked)
    expect(() => readLocalGateway(linked)).toThrow('is no folder of its own')
    expect(() => openState(linked)).toThrow('is no folder of its own')
  })

  it('is not used when others could have written it', () => {
    const dir = shipped({ 'gateway.json': record, token: 'a-token' }, 0o644)
    expect(() => readLocalGateway(dir)).toThrow('is open to others')
  })

  it('is not used when it holds anything but one line of a token and a record', () => {
    const long = shipped({ 'gateway.json': record, token: 'PATH=/bin\0SECRET=x' })
    expect(() => readLocalGateway(long)).toThrow('holds no state of a gateway')
    const odd = shipped({ 'gateway.json': '[1]', token: 'a-token' })
    expect(() => readLocalGateway(odd)).toThrow('holds no state of a gateway')
  })
})

describe('readLocalGateway', () => {
  it('answers address and token of a running gateway', () => {
    const state = openState(dir)
    state.writeGateway({ url: 'http://127.0.0.1:5', pid: 9, isDevelopmentMode: false })
    expect(readLocalGateway(dir)).toEqual({ url: 'http://127.0.0.1:5', token: state.token })
  })

  it('answers no token in development mode, where a wrong one would be refused', () => {
    openState(dir).writeGateway({ url: 'http://127.0.0.1:5', pid: 9, isDevelopmentMode: true })
    expect(readLocalGateway(dir).token).toBeNull()
  })

  it('answers nothing for a folder that is not there, and makes none', () => {
    expect(readLocalGateway(join(root, 'none'))).toEqual({ url: null, token: null })
    expect(readdirSync(root)).toEqual([])
  })
})
