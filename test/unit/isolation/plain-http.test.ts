import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { parsePlainRequest } from '../../../sandbox-runner/src/front/plain-http.ts'

const parse = (method: string, url: string) => parsePlainRequest({ method, url } as IncomingMessage)

describe('a request in a proxy’s form', () => {
  it('names host, port and path', () => {
    expect(parse('GET', 'http://Mirror.example/dists/x?y')).toEqual({
      host: 'mirror.example',
      port: 80,
      path: '/dists/x?y',
    })
    expect(parse('HEAD', 'http://mirror.example:8080/')?.port).toBe(8080)
  })

  it.each([
    ['POST', 'http://mirror.example/'],
    ['GET', 'https://mirror.example/'],
    ['GET', '/dists/x'],
    ['GET', 'ftp://mirror.example/'],
    ['GET', 'http://user:pass@mirror.example/'],
    ['GET', 'http://mirror.example./'],
    ['GET', 'http://[::1]/'],
    ['GET', ''],
  ])('is none as %s %s', (method, url) => {
    expect(parse(method, url)).toBeNull()
  })
})
