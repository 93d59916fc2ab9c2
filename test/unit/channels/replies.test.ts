import { describe, expect, it } from 'vitest'
import { parseCommand } from '../../../src/channels/commands.ts'
import { helpText, pairingText } from '../../../src/channels/replies.ts'

const commandsIn = (text: string): readonly string[] =>
  [...text.matchAll(/\/([a-z]+)/g)].map(([, name]) => name ?? '')

describe('what the gateway says itself', () => {
  it('tells everybody what they may do, and owners all of it', () => {
    expect(commandsIn(helpText({ isGroup: true, isOwner: false }))).toEqual([
      'stop',
      'reset',
      'status',
      'help',
    ])
    const all = commandsIn(helpText({ isGroup: false, isOwner: true }))
    expect(all).toHaveLength(8)
    for (const name of all) expect(parseCommand(`/${name}`, null)).not.toBeNull()
  })

  it('shows a stranger the code and how long it holds', () => {
    expect(pairingText('ABCD2345')).toContain('`ABCD2345`')
    expect(pairingText('ABCD2345')).toContain('60 minutes')
  })
})
