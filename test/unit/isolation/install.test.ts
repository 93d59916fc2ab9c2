/** What a build says, read as the words of strangers; and what an operator may set for builds. */
import { describe, expect, it } from 'vitest'
import { toBuildSettings } from '../../../sandbox-runner/src/front/build-settings.ts'
import { cleanLine, parseResult } from '../../../sandbox-runner/src/front/install.ts'
import { parseFrontSettings } from '../../../sandbox-runner/src/front/settings.ts'
import type { WirePackage } from '../../../src/isolation/contract.ts'

const ASKED: readonly WirePackage[] = [
  { manager: 'pip', name: 'six' },
  { manager: 'apt', name: 'figlet', version: '2.2.5-3+b1' },
]
const SAID = 'apt\tfiglet\t2.2.5-3+b1\npip\tsix\t1.17.0\n'

describe('the result of an installation', () => {
  it('is every package that was asked for, with its version, in the one order', () => {
    expect(parseResult(SAID, ASKED)).toEqual([
      { manager: 'apt', name: 'figlet', version: '2.2.5-3+b1' },
      { manager: 'pip', name: 'six', version: '1.17.0' },
    ])
  })

  it.each([
    ['lacks one', 'pip\tsix\t1.17.0\n'],
    ['has one more', `${SAID}npm\tleft-pad\t1.3.0\n`],
    ['has one twice', `${SAID}pip\tsix\t1.16.0\n`],
    ['has another version than was asked for', SAID.replace('2.2.5', '2.2.6')],
    ['has a version that is none', SAID.replace('1.17.0', '$(id)')],
    ['has no version', SAID.replace('\t1.17.0', '')],
    ['has a fourth column', SAID.replace('1.17.0', '1.17.0\tx')],
    ['has another name', SAID.replace('six', 'sex')],
    ['is empty', ''],
    ['is something else', 'hello\n'],
  ])('is none when it %s', (_what, text) => {
    expect(parseResult(text, ASKED)).toBeNull()
  })
})

describe('a line of a build', () => {
  it('is shown as one line of plain text', () => {
    expect(cleanLine('  Setting up figlet (2.2.5) ...')).toBe('Setting up figlet (2.2.5) ...')
    expect(cleanLine('\x1b[31mred\x1b[0m\x07\ttab\x1b]0;title\x07')).toBe('red tab ]0;title')
    expect(cleanLine('\x9b31mx\u0000')).toBe('31mx')
    expect(cleanLine('safe \u202egnp.exe\u2028\u200b x')).toBe('safe  gnp.exe  x')
    expect(cleanLine('x'.repeat(10_000))).toHaveLength(500)
  })
})

describe('what an operator sets for builds', () => {
  const REQUIRED = {
    EDGECLAW_RUNNER_AUDIENCE: 'runner-1',
    EDGECLAW_RUNNER_PUBLIC_KEYS: JSON.stringify([
      { kty: 'OKP', crv: 'Ed25519', x: 'AAAA', kid: 'k' },
    ]),
    EDGECLAW_RUNNER_STATE: '/nowhere',
    EDGECLAW_LAUNCHER_SOCKET: '/nowhere/socket',
  }
  const settings = (env: NodeJS.ProcessEnv) =>
    toBuildSettings(parseFrontSettings({ ...REQUIRED, ...env }))

  it('is nothing unless it is said: no host, no build', () => {
    expect(settings({})).toMatchObject({ hosts: [], npm: null, certificates: '' })
  })

  it('is a list of hosts, sources and registries', () => {
    const set = settings({
      EDGECLAW_BUILD_HOSTS: 'mirror.example:8080, registry.example',
      EDGECLAW_BUILD_APT: 'http://mirror.example:8080/debian bookworm main contrib',
      EDGECLAW_BUILD_PIP: 'https://registry.example/simple/',
      EDGECLAW_BUILD_NPM: 'https://registry.example/npm/',
    })
    expect(set).toEqual({
      hosts: ['mirror.example:8080', 'registry.example'],
      apt: 'deb http://mirror.example:8080/debian bookworm main contrib',
      pip: 'https://registry.example/simple',
      npm: 'https://registry.example/npm',
      certificates: '',
    })
  })

  it.each([
    ['EDGECLAW_BUILD_HOSTS', '*.example'],
    ['EDGECLAW_BUILD_HOSTS', 'https://registry.example'],
    ['EDGECLAW_BUILD_APT', 'file:///etc bookworm main'],
    ['EDGECLAW_BUILD_APT', 'http://mirror.example/debian'],
    ['EDGECLAW_BUILD_APT', 'http://user:secret@mirror.example/debian bookworm main'],
    ['EDGECLAW_BUILD_PIP', 'https://user:secret@registry.example/simple'],
    ['EDGECLAW_BUILD_NPM', 'registry.example'],
  ])('is refused with its name when %s is %s', (name, value) => {
    expect(() => settings({ [name]: value })).toThrow(name)
  })
})
