import { execFileSync, spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import {
  bashScript,
  COMPLETION,
  completedOf,
  fishScript,
  zshScript,
} from '../../../src/cli/completion.ts'
import { operationShapes } from '../../../src/cli/operations.ts'
import { NOUNS, openIo } from './command-io.ts'

const completed = await completedOf(NOUNS, operationShapes())

/** What the tab key offers in bash after these words, the last being the one in the making. */
function offered(...words: readonly string[]): readonly string[] {
  const script = `${bashScript(completed)}
    COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMPREPLY=()
    _edgeclaw
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const out = execFileSync('bash', ['-c', script, 'bash', 'edgeclaw', ...words], {
    encoding: 'utf8',
  })
  return out.split('\n').filter((line) => line !== '')
}

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0

describe('completion in bash', () => {
  it('offers the nouns', () => {
    expect(offered('')).toEqual(expect.arrayContaining(['keys', 'agents', 'login', 'help']))
    expect(offered('ke')).toEqual(['keys'])
    expect(offered('xyz')).toEqual([])
  })

  it('offers the verbs of a noun, and of a verb that has its own', () => {
    expect(offered('keys', '')).toEqual(['create', 'list', 'revoke'])
    expect(offered('keys', 're')).toEqual(['revoke'])
    expect(offered('help', '')).toEqual(['exit-codes'])
  })

  it('offers the flags of a command, both ways of a switch', () => {
    const flags = offered('keys', 'create', 'laptop', '--')
    expect(flags).toEqual(expect.arrayContaining(['--scopes', '--expires-in', '--json', '--help']))
    expect(flags).not.toContain('--tenant-id')
    expect(offered('keys', 'revoke', 'key_1', '--y')).toEqual(['--yes'])
    expect(offered('providers', 'update', 'x', '--no-')).toContain('--no-enabled')
  })

  it('offers the values of a choice, and nothing where any text may stand', () => {
    expect(offered('keys', 'create', 'x', '--scopes', 'operator.r')).toEqual(['operator.read'])
    expect(offered('users', 'add', 'ann', '--role', '')).toEqual([
      'viewer',
      'operator',
      'admin',
      'owner',
    ])
    expect(offered('keys', 'create', 'x', '--owner-id', '')).toEqual([])
  })

  it('offers no token', () => {
    expect(offered('keys', 'list', '--to')).toEqual([])
  })

  it('is what the command prints, one for each shell', async () => {
    for (const [shell, script] of Object.entries({
      bash: bashScript,
      zsh: zshScript,
      fish: fishScript,
    })) {
      const io = openIo()
      expect(await COMPLETION.run([shell], io, '')).toBe(0)
      expect(io.written.out).toBe(script(completed))
    }
    await expect(COMPLETION.run(['tcsh'], openIo(), '')).rejects.toThrow('completion bash|zsh|fish')
  })
})

describe('completion in other shells', () => {
  it.skipIf(!has('zsh'))('is read by zsh', () => {
    const { status, stderr } = spawnSync('zsh', ['-n', '-c', zshScript(completed)], {
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([0, ''])
  })

  it.skipIf(!has('fish'))('is read by fish', () => {
    const { status, stderr } = spawnSync('fish', ['--no-execute', '-c', fishScript(completed)], {
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([0, ''])
  })

  it('tells fish every noun and every choice', () => {
    const script = fishScript(completed)
    expect(script).toMatch(/__fish_use_subcommand' -a '[^']*\bkeys\b/)
    expect(script).toMatch(/-l role -x -a 'viewer operator admin owner'/)
  })

  it('quotes what a shell would read as its own', () => {
    const flags = [{ name: 'x', value: 'V', help: "it's $(id)", choices: ["a'b"] }]
    const script = bashScript([{ words: 'evil', flags }])
    const out = execFileSync(
      'bash',
      ['-c', `${script}\n_edgeclaw_offer evil --x ''; echo "$offer"`],
      {
        encoding: 'utf8',
      },
    )
    expect(out).toBe("a'b\n")
  })
})
