import { describe, expect, it } from 'vitest'
import { effectiveDenyGroups } from '../../../src/tools/shell/deny-groups.ts'
import { judgeCommand } from '../../../src/tools/shell/judge.ts'
import { standingMatchOf } from '../../../src/tools/standing.ts'

function standing(command: string) {
  const judged = judgeCommand(command, { denyGroups: effectiveDenyGroups([]) })
  if (judged.decision === 'deny') throw new Error(judged.reason)
  return standingMatchOf(command, judged, 'src')
}

describe('an allow-always', () => {
  it.each([
    ['touch a.txt', ['touch', 'a.txt']],
    ["mkdir -p 'new folder'", ['mkdir', '-p', 'new folder']],
    ['/usr/bin/id -u', null],
  ])('can stand for %s', (command, argv) => {
    expect(standing(command)).toEqual(argv === null ? null : { argv, cwd: 'src' })
  })

  it.each([
    ['two commands', 'touch a; touch b'],
    ['a pipeline', 'cat a | wc -l'],
    ['a wrapped command', 'nice touch a'],
    ['a redirect into a file', 'echo x > a'],
    ['a word known only when it runs', 'touch "$(date)"'],
    ['a glob', 'touch *'],
    ['a program of the workspace', './build'],
    ['an interpreter', 'python3 script.py'],
    ['an interpreter with its version', 'python3.11 script.py'],
    ['a shell', 'bash script.sh'],
    ['a program that runs recipes', 'make'],
    ['a program that runs hooks', 'git status'],
    ['an assignment before it', 'RIPGREP_CONFIG_PATH=./rc rg x'],
    ['input from a file', 'touch a < b'],
    ['input from the command itself', 'touch a <<E\nb\nE'],
    ['a loop', 'for i in 1 2; do touch a; done'],
    ['a command in the background', 'touch a &'],
    ['a database that reads orders', 'sqlite3 x.db'],
    ['a runtime of programs', 'java -jar app.jar'],
    ['a runner of playbooks', 'ansible-playbook site.yml'],
    ['a name with a meaning of its own', 'f() { touch a; }; f'],
  ])('cannot stand for %s', (_, command) => {
    expect(standing(command)).toBeNull()
  })
})
