import { describe, expect, it } from 'vitest'
import { commandsBehindWrappers } from '../../../../src/tools/shell/behind-wrappers.ts'
import { effectiveDenyGroups } from '../../../../src/tools/shell/deny-groups.ts'
import { judgeCommand } from '../../../../src/tools/shell/judge.ts'

const denyGroups = effectiveDenyGroups([])

function wrapped(text: string, maxDepth?: number) {
  const judgement = judgeCommand(text, { denyGroups })
  if (judgement.decision === 'deny') throw new Error(judgement.reason)
  return commandsBehindWrappers(judgement.commands, maxDepth)
}

/** Where a program stands, as `wrapper>program`. */
const chainsOf = (text: string, program: string) =>
  wrapped(text)
    .filter(({ chain }) => chain.at(-1) === program)
    .map(({ chain }) => chain.join('>'))

describe('commands behind wrappers', () => {
  it('are told with all that stands around them', () => {
    expect(
      wrapped('bash -c "env timeout 5 gh pr list"').map(({ chain, depth, isTooDeep }) => ({
        chain: chain.join('>'),
        depth,
        isTooDeep,
      })),
    ).toEqual([
      { chain: 'bash', depth: 0, isTooDeep: false },
      { chain: 'bash>env', depth: 1, isTooDeep: false },
      { chain: 'bash>env>timeout', depth: 2, isTooDeep: false },
      { chain: 'bash>env>timeout>gh', depth: 3, isTooDeep: false },
    ])
  })

  it.each([
    ['gh pr list', 'gh'],
    ['/usr/bin/gh pr list', 'gh'],
    ['env GH_PAGER=cat gh pr list', 'env>gh'],
    ['echo "$(gh pr list)"', 'gh'],
    ['sh -c \'x=$(timeout 5 gh pr list); echo "$x"\'', 'sh>timeout>gh'],
    ['f() { nice gh pr list; }; f', 'nice>gh'],
    ['ls | xargs -n1 gh pr view', 'xargs>gh'],
    ['find . -exec gh pr view {} +', 'find>gh'],
    ["eval 'command gh pr list'", 'eval>command>gh'],
    ["bash <<< 'gh pr list'", 'bash>gh'],
    ["trap 'gh pr list' EXIT", 'trap>gh'],
    ["printf 'gh pr list\\n' > s.sh; bash s.sh", 'bash>gh'],
    ['awk \'BEGIN { "gh pr list" | getline }\'', 'awk>gh'],
    ["PAGER='gh pr list' man ls", 'gh'],
  ])('are found in %s', (text, chain) => {
    expect(chainsOf(text, 'gh')).toContain(chain)
  })

  it('are none where a name is only mentioned', () => {
    for (const text of ['echo gh pr list', 'grep gh notes', 'ls gh', 'x=gh; echo "$x"']) {
      expect(chainsOf(text, 'gh')).toEqual([])
    }
  })

  it('do not hang together because they stand beside one another', () => {
    expect(chainsOf('timeout 5 make; gh pr list', 'gh')).toEqual(['gh'])
    expect(chainsOf('env A=1 make && nohup gh pr list', 'gh')).toEqual(['nohup>gh'])
  })

  it('are too deep beyond the limit', () => {
    const text = 'nohup nice env timeout 5 gh pr list'
    expect(wrapped(text).at(-1)).toMatchObject({ depth: 4, isTooDeep: true })
    expect(wrapped(text, 4).at(-1)).toMatchObject({ depth: 4, isTooDeep: false })
    expect(wrapped('nice env timeout 5 gh pr list').at(-1)?.isTooDeep).toBe(false)
  })
})
