import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  profilesFile,
  profilesFolder,
  readProfiles,
  writeProfiles,
} from '../../../src/cli/profiles.ts'

const TOKEN = 'ect_planted-token'
let home: string
let env: Record<string, string>

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'edgeclaw-profiles-'))
  env = { XDG_CONFIG_HOME: home }
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const ONE = { current: 'work', profiles: { work: { url: 'https://work.example', token: TOKEN } } }
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)
const said = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return String(error)
  }
  return 'nothing was refused'
}

describe('the profiles', () => {
  it('are kept for their owner alone, and read back', () => {
    const file = writeProfiles(env, ONE)
    expect([modeOf(join(home, 'edgeclaw')), modeOf(file)]).toEqual(['700', '600'])
    expect(readProfiles(env)).toMatchObject(ONE)
    expect(readdirSync(join(home, 'edgeclaw'))).toEqual(['profiles.json'])
  })

  it('are replaced whole', () => {
    const file = writeProfiles(env, ONE)
    const before = statSync(file).ino
    writeProfiles(env, { current: null, profiles: {} })
    // Another file took the name: nobody reads half of one.
    expect(statSync(file).ino).not.toBe(before)
    expect(readProfiles(env)).toMatchObject({ current: null, profiles: {} })
  })

  it('are none where there is no file, and no home', () => {
    expect(readProfiles(env).profiles).toEqual({})
    expect(readProfiles({}).profiles).toEqual({})
    expect(said(() => writeProfiles({}, ONE))).toContain('set HOME or XDG_CONFIG_HOME')
  })

  it.each(['644', '640', '620', '604'])(
    'are refused with file mode %s, and say no token',
    (mode) => {
      const file = writeProfiles(env, ONE)
      chmodSync(file, Number.parseInt(mode, 8))
      const refused = said(() => readProfiles(env))
      expect(refused).toContain(`chmod 600 ${file}`)
      expect(refused).not.toContain(TOKEN)
      expect(modeOf(file)).toBe(mode)
    },
  )

  it.each(['755', '750', '711'])('are refused in a folder with mode %s', (mode) => {
    writeProfiles(env, ONE)
    chmodSync(join(home, 'edgeclaw'), Number.parseInt(mode, 8))
    expect(said(() => readProfiles(env))).toContain('chmod 700')
    expect(said(() => writeProfiles(env, ONE))).toContain('chmod 700')
  })

  it.each([
    ['no JSON', `{"token":"${TOKEN}"`],
    ['another version', JSON.stringify({ version: 2, ...ONE })],
    [
      'no URL',
      JSON.stringify({ version: 1, current: null, profiles: { a: { url: 'x', token: TOKEN } } }),
    ],
  ])('are refused when the file holds %s, and say nothing of it', (_, text) => {
    mkdirSync(join(home, 'edgeclaw'), { mode: 0o700 })
    writeFileSync(join(home, 'edgeclaw/profiles.json'), text, { mode: 0o600 })
    const refused = said(() => readProfiles(env))
    expect(refused).toContain('holds no profiles')
    expect(refused).not.toContain(TOKEN)
  })

  it('lie where the base directory specification says', () => {
    expect(profilesFolder({ XDG_CONFIG_HOME: '/x', HOME: '/h' })).toBe('/x/edgeclaw')
    expect(profilesFolder({ XDG_CONFIG_HOME: 'relative', HOME: '/h' })).toBe('/h/.config/edgeclaw')
    expect(profilesFile({ HOME: '/h' })).toBe('/h/.config/edgeclaw/profiles.json')
  })
})
