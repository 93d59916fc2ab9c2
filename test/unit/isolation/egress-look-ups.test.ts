/** The proxy of one job before a name server that does not answer. */
import { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEgressProxy } from '../../../sandbox-runner/src/front/egress-proxy.ts'
import { createTurns } from '../../../sandbox-runner/src/front/turns.ts'
import { EGRESS_PROXY_PORT } from '../../../src/isolation/contract.ts'

const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}
beforeEach(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true))
afterEach(() => void vi.restoreAllMocks())

/** A program's connection that asks for the host, and what it is answered. */
function asking(host: string) {
  const answers: string[] = []
  const stream = new Duplex({
    read: () => {},
    write: (chunk, _encoding, done) => {
      answers.push(String(chunk))
      done()
    },
  })
  stream.on('error', () => {})
  stream.push(`CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  return { stream, answers }
}

function slowProxy() {
  const asked: { readonly host: string; readonly answer: () => void }[] = []
  const proxy = createEgressProxy({
    hosts: [0, 1, 2, 3, 4, 5].map((n) => `h${n}.test`),
    forwards: new Map(),
    addresses: {
      resolve: (host) =>
        new Promise((resolve) => asked.push({ host, answer: () => resolve(['10.0.0.1']) })),
    },
    allowsPlainHttp: false,
    fields: {},
  })
  const connections = [0, 1, 2, 3, 4, 5].map((n) => asking(`h${n}.test`))
  for (const { stream } of connections) proxy.accept(stream, EGRESS_PROXY_PORT)
  return { proxy, asked, connections, hosts: () => asked.map(({ host }) => host) }
}

describe('the look-ups of a job', () => {
  it('are two at once, and the rest in turn', async () => {
    const { proxy, asked, connections, hosts } = slowProxy()
    await settle()
    expect(hosts()).toEqual(['h0.test', 'h1.test'])
    asked[0]?.answer()
    await settle()
    expect(hosts()).toEqual(['h0.test', 'h1.test', 'h2.test'])
    expect(connections[0]?.answers.join('')).toContain('403')
    proxy.close()
  })

  it('are not made for connections that are gone, nor once the job is over', async () => {
    const { proxy, asked, connections, hosts } = slowProxy()
    await settle()
    connections[2]?.stream.destroy()
    asked[0]?.answer()
    await settle()
    expect(hosts()).toEqual(['h0.test', 'h1.test', 'h3.test'])
    proxy.close()
    for (const { answer } of asked) answer()
    await settle()
    expect(hosts()).toEqual(['h0.test', 'h1.test', 'h3.test'])
  })
})

describe('turns', () => {
  it('go on when one fails, and never let more in than they may', async () => {
    const inTurn = createTurns(2)
    let running = 0
    let most = 0
    const work = async (n: number): Promise<number> => {
      running += 1
      most = Math.max(most, running)
      await settle()
      running -= 1
      if (n % 2 === 0) throw new Error(`${n}`)
      return n
    }
    const all = await Promise.allSettled([0, 1, 2, 3, 4, 5].map((n) => inTurn(() => work(n))))
    expect(all.map(({ status }) => status === 'fulfilled')).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
    ])
    expect(most).toBe(2)
  })
})
