import { describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../../src/cli/client.ts'
import { formatBanner } from '../../../src/cli/start/banner.ts'
import { firstPairingCode } from '../../../src/cli/start/pairing-code.ts'
import { paletteFor } from '../../../src/cli/terminal.ts'

const FIRST = { url: 'http://127.0.0.1:1', token: 'the token', isFirst: true, isTerminal: true }

function gatewayThat(answer: () => unknown) {
  const asked: string[] = []
  const client = {
    request: async (method: string) => {
      asked.push(method)
      return answer()
    },
    close: () => asked.push('close'),
  } as unknown as GatewayClient
  return { asked, connect: async () => ({ client, hello: null }) }
}

describe('the pairing code of a first start', () => {
  it('is made for a terminal', async () => {
    const { asked, connect } = gatewayThat(() => ({ code: '012345', expires_at: '' }))
    expect(await firstPairingCode(FIRST, connect)).toBe('012345')
    expect(asked).toEqual(['gateway.pairing_code.create', 'close'])
  })

  it('is not even asked for at later starts, by scripts, or in development mode', async () => {
    const { asked, connect } = gatewayThat(() => ({ code: '012345' }))
    for (const other of [{ isFirst: false }, { isTerminal: false }, { token: null }]) {
      expect(await firstPairingCode({ ...FIRST, ...other }, connect)).toBeNull()
    }
    expect(asked).toEqual([])
  })

  it('is left out where the gateway gives none', async () => {
    const refusing = gatewayThat(() => {
      throw new Error('set up already')
    })
    expect(await firstPairingCode(FIRST, refusing.connect)).toBeNull()
    expect(refusing.asked).toContain('close')
    const odd = gatewayThat(() => ({ code: '\u001b[31m' }))
    expect(await firstPairingCode(FIRST, odd.connect)).toBeNull()
  })
})

describe('the banner', () => {
  const plain = paletteFor({ isTTY: false } as NodeJS.WriteStream)
  const banner = {
    version: '1',
    url: 'http://127.0.0.1:1',
    stateDir: 'state',
    token: 'ect_x',
    sandbox: 'on',
    isSandboxOff: false,
    chatFlags: '',
  }

  it('shows the code in one line of its own, and no such line without one', () => {
    const withCode = formatBanner({ ...banner, pairingCode: '012345' }, plain)
    expect(withCode.match(/012345/g)).toHaveLength(1)
    const without = formatBanner({ ...banner, pairingCode: null }, plain)
    expect(without).not.toMatch(/pairing/i)
    expect(withCode.split('\n').length).toBe(without.split('\n').length + 1)
  })
})
