import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { findEngine, parseDockerHost } from '../../../src/cli/start/engine.ts'

const servers: Server[] = []
const folder = mkdtempSync(join(tmpdir(), 'edgeclaw-engine-'))
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  rmSync(folder, { recursive: true, force: true })
})

/** An engine that knows one image; a path it does not know answers 404, as the real one does. */
async function engine(status: number, listen: string | null): Promise<string> {
  const server = createServer((request, response) => {
    const isKnown = request.url === '/_ping' || request.url === '/images/known%3A1/json'
    response.writeHead(request.url === '/_ping' ? status : isKnown ? 200 : 404).end('OK')
  })
  servers.push(server)
  if (listen === null) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  await new Promise<void>((resolve) => server.listen(listen, resolve))
  return `unix://${listen}`
}

describe('findEngine', () => {
  it('finds one over TCP and knows which images it has', async () => {
    const found = await findEngine({ DOCKER_HOST: await engine(200, null) })
    if (found.kind === 'missing') throw new Error(found.reason)
    expect(await found.engine.hasImage('known:1')).toBe(true)
    expect(await found.engine.hasImage('other:1')).toBe(false)
  })

  it('finds one over a Unix socket', async () => {
    const host = await engine(200, join(mkdtempSync(join(tmpdir(), 'eng-')), 's'))
    expect(await findEngine({ DOCKER_HOST: host })).toMatchObject({
      kind: 'found',
      engine: { dockerHost: host },
    })
  })

  it('says why none is there: nobody, an error, an address of another kind', async () => {
    const nobody = 'unix:///nonexistent/docker.sock'
    expect(await findEngine({ DOCKER_HOST: nobody })).toEqual({
      kind: 'missing',
      reason: `no Docker engine answers at ${nobody}`,
    })
    const broken = await engine(500, null)
    expect(await findEngine({ DOCKER_HOST: broken })).toMatchObject({
      reason: expect.stringContaining('answers 500'),
    })
    expect(await findEngine({ DOCKER_HOST: 'ssh://host' })).toMatchObject({
      reason: expect.stringContaining('not a unix:// or tcp:// address'),
    })
  })

  it('gives up on one that never answers', async () => {
    const server = createServer(() => undefined)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const host = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await findEngine({ DOCKER_HOST: host })).toMatchObject({ kind: 'missing' })
  })
})

describe('parseDockerHost', () => {
  it('reads the forms that speak plain HTTP, and no other', () => {
    expect(parseDockerHost('unix:///run/d.sock')).toEqual({ socketPath: '/run/d.sock' })
    expect(parseDockerHost('tcp://10.0.0.1:2376')).toEqual({ host: '10.0.0.1', port: 2376 })
    expect(parseDockerHost('tcp://[::1]')).toEqual({ host: '::1', port: 2375 })
    for (const text of ['', 'unix://', '/run/d.sock', 'ssh://h', 'npipe:////./pipe/d', 'tcp://']) {
      expect(parseDockerHost(text)).toBeNull()
    }
  })
})
