import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
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
    expect(offered('keys', '')).toEqual(expect.arrayContaining(['create', 'list', 'revoke']))
    expect(offered('keys', 'rev')).toEqual(['revoke'])
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

/** In CI there is every shell that completion is offered for, or the test fails. */
const isTried = (shell: string): boolean => process.env['CI'] === 'true' || has(shell)

describe('completion in other shells', () => {
  const folder = mkdtempSync(join(tmpdir(), 'edgeclaw-completion-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const kept = (script: string): string => {
    writeFileSync(join(folder, 'script'), script)
    return join(folder, 'script')
  }

  it.skipIf(!isTried('zsh'))('is offered by zsh, which keeps its search path', () => {
    const script = `source ${kept(zshScript(completed).replace(/^compdef/m, ': compdef'))}
      compadd() { print -r -- "$@" }
      words=(edgeclaw users add ann --role ""); CURRENT=6; before="$PATH"; _edgeclaw
      words=(edgeclaw keys ""); CURRENT=3; _edgeclaw
      [[ "$before" == "$PATH" ]] && print kept`
    const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', script], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^-- viewer operator admin owner\n-- create list .*\nkept\n$/)
  })

  it.skipIf(!isTried('fish'))('is offered by fish', () => {
    const script = `source ${kept(fishScript(completed))}
      complete -C"edgeclaw keys "; complete -C"edgeclaw users add ann --role "`
    const { stdout, stderr } = spawnSync('fish', ['-c', script], { encoding: 'utf8' })
    expect(stderr).toBe('')
    const words = stdout.split('\n').map((line) => line.split('\t')[0])
    expect(words).toEqual(expect.arrayContaining(['create', 'revoke', 'viewer', 'owner']))
    expect(words).not.toContain('agents')
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
