import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CommandIo } from '../../../src/cli/commands/command.ts'
import { readSkillFolder, uploadSkill } from '../../../src/cli/skill-upload.ts'
import {
  type Answer,
  flagsFor,
  openTerminal,
  refuse,
  respond,
  useFakeGateway,
} from './fake-gateway.ts'

const open = useFakeGateway()
const TEXT = '---\nname: review\ndescription: Reviews.\n---\nRead it.'
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skill-'))
  writeFileSync(join(folder, 'SKILL.md'), TEXT)
  mkdirSync(join(folder, 'scripts'))
  writeFileSync(join(folder, 'scripts', 'run.sh'), 'echo hello')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const UPLOAD = { skill_md: TEXT, files: [{ path: 'scripts/run.sh', content: 'echo hello' }] }

async function upload(answers: Answer) {
  const { url, requests } = await open(answers)
  const terminal = openTerminal()
  const code = await uploadSkill.run(
    [folder, ...flagsFor(url)],
    terminal as unknown as CommandIo,
    'upload',
  )
  return { code, requests, ...terminal.written }
}

describe('a folder', () => {
  it('is taken with its plain files, and without hidden ones', () => {
    writeFileSync(join(folder, '.env'), 'KEY=1')
    mkdirSync(join(folder, '.git'))
    writeFileSync(join(folder, '.git', 'config'), 'x')
    expect(readSkillFolder(folder)).toEqual(UPLOAD)
  })

  it('is refused with a link in it, wherever that leads', () => {
    symlinkSync('/etc/hostname', join(folder, 'host.md'))
    expect(() => readSkillFolder(folder)).toThrow('no links')
  })

  it('is refused with a link to a folder in it', () => {
    symlinkSync('/etc', join(folder, 'etc'))
    expect(() => readSkillFolder(folder)).toThrow('no links')
  })

  it('is refused with bytes that are no text', () => {
    writeFileSync(join(folder, 'a.md'), Buffer.from([0xff, 0xfe, 0x00]))
    expect(() => readSkillFolder(folder)).toThrow('no text')
  })

  it('is refused when it is none, has no SKILL.md, or is far too large', () => {
    expect(() => readSkillFolder(join(folder, 'absent'))).toThrow('no folder')
    expect(() => readSkillFolder(join(folder, 'scripts'))).toThrow('there is no SKILL.md')
    writeFileSync(join(folder, 'a.md'), 'a'.repeat(1024 * 1024))
    expect(() => readSkillFolder(folder)).toThrow('larger')
  })
})

describe('edgeclaw skills upload', () => {
  it('adds a skill', async () => {
    const { code, out, requests } = await upload((request, socket) =>
      respond(socket, request, { name: 'review', version: 1 }),
    )
    expect([code, out]).toEqual([0, '✓ review is in force as version 1\n'])
    expect(requests[1]).toMatchObject({ method: 'skills.create', params: UPLOAD })
  })

  it('makes a new version of one that is there', async () => {
    const { out, requests } = await upload((request, socket) =>
      request.method === 'skills.create'
        ? refuse(socket, request, 'ALREADY_EXISTS', 'there is one')
        : respond(socket, request, { name: 'review', version: 2 }),
    )
    expect(out).toBe('✓ review is in force as version 2\n')
    expect(requests[2]).toMatchObject({
      method: 'skills.update',
      params: { name: 'review', ...UPLOAD },
    })
  })

  it('tells why the gateway refused', async () => {
    const refused = upload((request, socket) =>
      refuse(socket, request, 'INVALID_REQUEST', 'SKILL.md holds what looks like a secret'),
    )
    await expect(refused).rejects.toThrow('looks like a secret')
  })
})
