import { describe, expect, it } from 'vitest'
import { CALL } from '../../../src/cli/call-operation.ts'
import { followEvents } from '../../../src/cli/follow-events.ts'
import { securityAudit } from '../../../src/cli/security-audit.ts'
import { verifyTrail } from '../../../src/cli/verify-trail.ts'
import { openIo, type TestIo } from './command-io.ts'
import { flagsFor, respond, useFakeGateway } from './fake-gateway.ts'

const open = useFakeGateway()

describe('edgeclaw audit verify', () => {
  it.each([
    [{ ok: true, checked: 3, firstBroken: null }, 0, 'the trail is whole'],
    [{ ok: false, firstBroken: { sequence: 2, fault: 'mac' } }, 1, 'the trail is broken'],
    [{}, 1, 'the trail is broken'],
    [{ ok: 'true' }, 1, 'the trail is broken'],
    [null, 1, 'the trail is broken'],
  ])('takes %j for exit code %i', async (verdict, code, said) => {
    const { url } = await open((request, socket) => respond(socket, request, verdict))
    const io = openIo()
    expect(await verifyTrail.run(flagsFor(url), io, 'verify')).toBe(code)
    expect(io.written.out).toContain(said)
  })

  it('names the chain of the platform only when asked to', async () => {
    const { url, requests } = await open((request, socket) =>
      respond(socket, request, { ok: true }),
    )
    await verifyTrail.run(flagsFor(url), openIo(), 'verify')
    await verifyTrail.run(['--platform', '--after', '7', ...flagsFor(url)], openIo(), 'verify')
    const asked = requests.filter(({ method }) => method === 'audit.verify')
    expect(asked.map(({ params }) => params)).toEqual([{}, { platform: true, after: 7 }])
  })
})

describe('edgeclaw call', () => {
  const run = (io: TestIo, ...args: readonly string[]) => CALL.run(args, io, '')

  it('asks any operation with JSON from the line or from standard input', async () => {
    const { url, requests } = await open((request, socket) =>
      respond(socket, request, { ok: true }),
    )
    const io = openIo()
    expect(await run(io, 'chat.inject', '{"message":"hi"}', ...flagsFor(url))).toBe(0)
    expect(
      await run(openIo({ typed: ['{"mess', 'age":"hi"}'] }), 'chat.inject', '-', ...flagsFor(url)),
    ).toBe(0)
    const asked = requests.filter(({ method }) => method === 'chat.inject')
    expect(asked.map(({ params }) => params)).toEqual([{ message: 'hi' }, { message: 'hi' }])
    expect(JSON.parse(io.written.out)).toEqual({ ok: true })
  })

  it.each([
    [['chat.injct'], 'Did you mean chat.inject?'],
    [['chat.inject', '[1]'], 'must be one JSON object'],
    [['chat.inject', '{"secret":'], 'must be JSON'],
    [[], 'usage: call OPERATION'],
  ])('refuses %j before it asks', async (args, message) => {
    const failure = await run(openIo(), ...args).catch(String)
    expect(failure).toContain(message)
    expect(failure).not.toContain('secret')
  })
})

describe('edgeclaw events follow', () => {
  it('prints one object a line, without the progress of runs, and tells the end', async () => {
    const { url, server } = await open(() => undefined)
    const tell = (event: string, payload: object) => {
      for (const client of server.clients)
        client.send(JSON.stringify({ type: 'event', event, payload }))
    }
    const opened = openIo()
    // Written once it listens: what was told before was told to nobody.
    const stderr = {
      write: () => {
        tell('agent', { type: 'chunk' })
        tell('security.event', { name: 'x\u009b' })
        for (const client of server.clients) client.close(1012, 'restarting')
      },
    }
    const io = { ...opened, stderr }
    await expect(
      followEvents.run(['--json', ...flagsFor(url)], io, 'follow'),
    ).rejects.toMatchObject({
      exitCode: 3,
    })
    const lines = opened.written.out.trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'security.event',
    ])
    expect(opened.written.out).not.toContain('\u009b')
  })
})

describe('edgeclaw security audit', () => {
  it.each([
    [['--suppress', 'a.b'], 'go together'],
    [['--reason', 'because'], 'go together'],
    [['--expire-keys-in', 'soon', '--deep'], 'a number of seconds'],
    [['--fix'], '--yes'],
    [['everything'], 'takes no "everything"'],
  ])('refuses %j', async (args, message) => {
    const { url } = await open((request, socket) =>
      respond(socket, request, { ts: '', findings: [] }),
    )
    await expect(securityAudit.run([...args, ...flagsFor(url)], openIo(), 'audit')).rejects.toThrow(
      message,
    )
  })
})
