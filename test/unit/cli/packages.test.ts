import { describe, expect, it } from 'vitest'
import { packages, parsePackage } from '../../../src/cli/packages.ts'
import {
  type Answer,
  flagsFor,
  openTerminal,
  refuse,
  respond,
  useFakeGateway,
} from './fake-gateway.ts'

const open = useFakeGateway()

const row = (manager: string, name: string, version: string, by = 'olga') => ({
  manager,
  name,
  version,
  added_by: by,
  added_at: '2026-11-26T10:00:00.000Z',
})
const LISTED = {
  agentId: 'default',
  packages: [row('apt', 'jq', '1.6-2'), row('npm', '@types/node', '20.1.0', 'otto\u001b[2J')],
}
const answers: Answer = (request, socket) => respond(socket, request, LISTED)

async function run(url: string, ...args: readonly string[]) {
  const terminal = openTerminal()
  const code = await packages([...args, ...flagsFor(url)], terminal)
  return { code, ...terminal.written }
}

describe('a package on the command line', () => {
  it.each([
    ['apt:jq', { manager: 'apt', name: 'jq' }],
    ['apt:g++@4:12.2.0-3', { manager: 'apt', name: 'g++', version: '4:12.2.0-3' }],
    ['npm:@types/node', { manager: 'npm', name: '@types/node' }],
    ['npm:@types/node@20.1.0', { manager: 'npm', name: '@types/node', version: '20.1.0' }],
  ])('is %s', (text, expected) => {
    expect(parsePackage(text)).toEqual(expected)
  })

  it.each(['jq', 'apt:', ':jq', 'apt:jq@', ''])('is not %j', (text) => {
    expect(() => parsePackage(text)).toThrow('is no package')
  })
})

describe('edgeclaw packages', () => {
  it('lists them in columns, in plain text', async () => {
    const { url, requests } = await open(answers)
    const { code, out } = await run(url, 'list', '--agent', 'helper')
    expect([code, out]).toEqual([
      0,
      `MANAGER  NAME         VERSION  ADDED       BY
apt      jq           1.6-2    2026-11-26  olga
npm      @types/node  20.1.0   2026-11-26  otto
`,
    ])
    expect(requests[1]).toMatchObject({
      method: 'agents.packages.list',
      params: { agentId: 'helper' },
    })
  })

  it('says that there are none', async () => {
    const { url } = await open((request, socket) =>
      respond(socket, request, { agentId: 'default', packages: [] }),
    )
    expect((await run(url)).out).toBe('Agent default has no packages.\n')
  })

  it('adds some, and shows what the build says beside the answer', async () => {
    const { url, requests } = await open((request, socket) => {
      const lines = ['Setting up jq', '\u001b[2JSetting up left-pad']
      const event = 'agents.packages.progress'
      socket.send(JSON.stringify({ type: 'event', event, payload: { lines } }))
      socket.send(JSON.stringify({ type: 'event', event: 'security.event', payload: {} }))
      respond(socket, request, LISTED)
    })
    const { out, err } = await run(url, 'add', 'apt:jq', 'npm:@types/node@20.1.0')
    expect(requests[1]).toMatchObject({
      method: 'agents.packages.add',
      params: {
        agentId: 'default',
        packages: [
          { manager: 'apt', name: 'jq' },
          { manager: 'npm', name: '@types/node', version: '20.1.0' },
        ],
      },
    })
    expect(err).toBe('Setting up jq\nSetting up left-pad\n')
    expect(out).toContain('20.1.0')
  })

  it('prints with --json what the gateway answers, and nothing else', async () => {
    const { url } = await open((request, socket) => {
      const payload = { lines: ['Setting up jq'] }
      socket.send(JSON.stringify({ type: 'event', event: 'agents.packages.progress', payload }))
      respond(socket, request, LISTED)
    })
    const { out, err } = await run(url, 'remove', 'apt:fd-find', '--json')
    expect([out, err]).toEqual([`${JSON.stringify(LISTED)}\n`, ''])
  })

  it('tells a refusal as it is', async () => {
    const { url } = await open((request, socket) =>
      refuse(socket, request, 'FAILED_PRECONDITION', 'there is no package absent'),
    )
    await expect(run(url, 'add', 'apt:absent')).rejects.toThrow('there is no package absent')
  })

  it.each([
    [['add'], 'usage: packages add PACKAGE'],
    [['list', 'apt:jq'], 'usage: packages list'],
    [['ad', 'apt:jq'], 'Did you mean add?'],
    [['add', 'jq'], 'is no package'],
  ])('refuses %j before it connects', async (args, message) => {
    const { url, requests } = await open(answers)
    await expect(run(url, ...args)).rejects.toThrow(message)
    expect(requests).toEqual([])
  })
})
