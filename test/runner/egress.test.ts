/**
 * The way out of a container that has an allow list, on the real engine: what goes through, and what
 * a program that was taken over tries. The servers are on loopback, which only this test's address
 * check takes for public; names are answered by a name server of its own.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createResolve } from '../../sandbox-runner/src/front/resolve.ts'
import type { ExecRequest } from '../../src/isolation/contract.ts'
import { hardeningOf } from '../../src/tools/credentialed/hardening/profiles.ts'
import { type DnsServer, startDnsServer } from '../support/dns-server.ts'
import { type InProcessRunner, startInProcess } from './in-process-runner.ts'
import { containersOf, ensureImage, job, missingEngine, postExec, run } from './runner-process.ts'

const missing = await missingEngine()
const BIG = Buffer.alloc(8 * 1024 * 1024, 'a line of some length\n')
const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')

/** Of the tests' own server only: made anew in each run, known to nobody. */
function makeCertificate(folder: string): { key: string; cert: string } {
  const key = join(folder, 'key.pem')
  const cert = join(folder, 'cert.pem')
  const options = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test'
  execFileSync('openssl', ['req', ...options.split(' '), '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}

/** What the attempts below are written with. */
const PRELUDE = `
import os, socket, ssl, sys, time
def proxy():
    s = socket.create_connection(('127.0.0.1', 3128), 10)
    s.settimeout(10)
    return s
def all_of(s):
    data = b''
    try:
        while True:
            piece = s.recv(65536)
            if not piece: return data
            data += piece
    except OSError as e:
        return data + b'<' + type(e).__name__.encode() + b'>'
def ask(text):
    s = proxy()
    s.sendall(text.encode('latin1'))
    data = s.recv(4096)
    s.close()
    return data.split(b'\\r\\n')[0].decode()
def connect(target, headers=''):
    return ask('CONNECT %s HTTP/1.1\\r\\nHost: x\\r\\n%s\\r\\n' % (target, headers))
`

describe.skipIf(missing !== null)('a job with an allow list', () => {
  let runner: InProcessRunner
  let dns: DnsServer
  let folder: string
  let tls = 0
  let echo = 0
  /** Requests that came through, and connections to the plain server. */
  let seen: string[] = []
  const echoes = new Set<Socket>()
  let lines: Record<string, unknown>[] = []

  beforeAll(async () => {
    ensureImage()
    folder = mkdtempSync(join(tmpdir(), 'edgeclaw-egress-'))
    const server = createServer(makeCertificate(folder), (request, response) => {
      seen.push(`${request.method} ${request.headers.host} ${request.url}`)
      if (request.url === '/big') {
        response.end(BIG)
        return
      }
      const hash = createHash('sha256')
      request.on('data', (chunk: Buffer) => hash.update(chunk))
      request.on('end', () => response.end(`got ${hash.digest('hex')}\n`))
    })
    const plain = createTcpServer({ allowHalfOpen: true }, (socket) => {
      echoes.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => echoes.delete(socket))
      socket.pipe(socket)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    tls = (server.address() as AddressInfo).port
    echo = (plain.address() as AddressInfo).port
    dns = await startDnsServer(({ name, type, before }) => {
      if (type === 'AAAA') return name === 'mixed6.test' ? ['fd00::1'] : []
      if (name.endsWith('.example.org')) return ['127.0.0.1']
      if (name === 'rebind.test') return before === 0 ? ['127.0.0.1'] : ['169.254.169.254']
      if (name === 'turned.test') return before === 0 ? ['169.254.169.254'] : ['127.0.0.1']
      if (name === 'mixed.test') return ['127.0.0.1', '10.0.0.1']
      if (name === 'mixed6.test') return ['127.0.0.1']
      if (name === 'metadata.test') return ['169.254.169.254']
      return null
    })
    runner = await startInProcess({
      addresses: {
        resolve: createResolve([dns.address]),
        isAllowedAddress: (ip) => ip === '127.0.0.1',
      },
    })
    return async () => {
      server.close()
      server.closeAllConnections()
      plain.close()
      for (const socket of echoes) socket.destroy()
    }
  })
  afterAll(async () => {
    await runner?.stop()
    await dns?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(() => {
    seen = []
    lines = []
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      for (const line of String(text).split('\n')) if (line[0] === '{') lines.push(JSON.parse(line))
      return true
    })
    return () => vi.restoreAllMocks()
  })

  const withList = (hosts: readonly string[], script: string): ExecRequest =>
    job(script, {
      profile: { network: { kind: 'allowlist', hosts: [...hosts] }, isOneShot: true },
    })
  const shell = async (hosts: readonly string[], script: string) => {
    const ran = await run(runner, withList(hosts, script))
    if (ran.exit === null) throw new Error(JSON.stringify(ran.error))
    return ran
  }
  const python = (hosts: readonly string[], script: string) =>
    shell(hosts, `python3 - <<'END'\n${PRELUDE}${script}\nEND`)
  const logged = (event: string) =>
    lines.filter((line) => line['event'] === event).map(({ host, reason }) => [host, reason])

  it('reaches its host through the proxy, in both directions at once', async () => {
    const { stdout, stderr } = await shell(
      [`a.example.org:${tls}`],
      `head -c ${BIG.length} /dev/zero >/tmp/zeros
       for n in 1 2 3 4; do curl -sSk https://a.example.org:${tls}/big | sha256sum & done
       curl -sSk -T /tmp/zeros https://a.example.org:${tls}/up; wait`,
    )
    expect(stderr).toBe('')
    expect(stdout.split(sha256(BIG)).length - 1).toBe(4)
    expect(stdout).toContain(`got ${sha256(Buffer.alloc(BIG.length))}`)
    expect(seen).toHaveLength(5)
    expect(seen).toContain(`GET a.example.org:${tls} /big`)
    const entry = lines.find(
      ({ event, sentBytes }) => event === 'egress' && Number(sentBytes) > 1e6,
    )
    expect(entry).toMatchObject({ host: 'a.example.org', port: tls })
    expect(JSON.stringify(lines)).not.toMatch(/\/big|\/up/)
  })

  it('is used by git under its pins', async () => {
    const env = { ...hardeningOf('/usr/bin/git').env, GIT_SSL_NO_VERIFY: '1' }
    const request = withList(
      [`a.example.org:${tls}`],
      `git ls-remote https://a.example.org:${tls}/r.git; git ls-remote https://b.example.org:${tls}/r`,
    )
    const { stderr } = await run(runner, { ...request, env })
    expect(seen).toEqual([`GET a.example.org:${tls} /r.git/info/refs?service=git-upload-pack`])
    expect(stderr).toContain('response 403')
  })

  it('reaches a listed port of a host without any proxy', async () => {
    const { stdout } = await python(
      [`db.example.org:${echo}`],
      `s = socket.create_connection(('127.0.0.1', ${echo}), 10)
s.sendall(b'x' * 300000)
s.shutdown(socket.SHUT_WR)
print(len(all_of(s)))`,
    )
    expect(stdout).toBe('300000\n')
  })

  it('reaches nothing else', async () => {
    const hosts = ['a.example.org', `a.example.org:${tls}`]
    for (const name of ['mixed', 'mixed6', 'metadata', 'turned', 'nowhere']) {
      hosts.push(`${name}.test`)
    }
    const attempts = {
      [`b.example.org:${tls}`]: 403,
      'b.example.org:443': 403,
      [`127.0.0.1:${tls}`]: 403,
      '169.254.169.254:443': 403,
      'a.example.org:22': 403,
      'a.example.org:80': 403,
      [`a.example.org.:${tls}`]: 400,
      [`a.example.org@b.example.org:${tls}`]: 400,
      [`[::1]:${tls}`]: 400,
      'a.example.org': 400,
      [`a.example.org:${tls}0000`]: 400,
      [`0x7f000001:${tls}`]: 403,
      'mixed.test:443': 403,
      'mixed6.test:443': 403,
      'metadata.test:443': 403,
      'turned.test:443': 403,
      'nowhere.test:443': 403,
    }
    const { stdout } = await python(
      hosts,
      `for target in ${JSON.stringify(Object.keys(attempts))}:
    print(target, connect(target).split(' ')[1])`,
    )
    const expected = Object.entries(attempts).map(([target, status]) => `${target} ${status}`)
    expect(stdout.trim().split('\n')).toEqual(expected)
    expect(logged('egress_refused')).toContainEqual(['metadata.test', 'private_address'])
    expect(logged('egress_refused')).toContainEqual(['mixed.test', 'private_address'])
    expect(seen).toEqual([])
  })

  it('asks for a name once, and connects to what was judged', async () => {
    const { stdout } = await shell(
      [`rebind.test:${tls}`],
      `curl -sSk https://rebind.test:${tls}/x; curl -sSk https://rebind.test:${tls}/x`,
    )
    expect(stdout).toContain('got ')
    // The second connection is judged anew, by the answer of that time.
    expect(seen).toHaveLength(1)
    const asked = dns.asked.filter(({ name, type }) => name === 'rebind.test' && type === 'A')
    expect(asked).toHaveLength(2)
    expect(logged('egress_refused')).toEqual([['rebind.test', 'private_address']])
  })

  it('smuggles no second destination behind the first', async () => {
    const { stdout } = await python(
      [`a.example.org:${tls}`],
      `good = 'CONNECT a.example.org:${tls} HTTP/1.1\\r\\nHost: a.example.org\\r\\n'
bad = 'CONNECT b.example.org:${echo} HTTP/1.1\\r\\nHost: b\\r\\n\\r\\n'
def through(text):
    s = proxy()
    s.sendall(text.encode())
    s.shutdown(socket.SHUT_WR)
    data = all_of(s).decode()
    return [line.split(' ')[1] for line in data.split('\\r\\n') if line.startswith('HTTP/')]
print(through(good + 'Content-Length: 5\\r\\n\\r\\n' + bad))
print(through(good + 'Transfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n' + bad))
print(through('GET http://a.example.org:${tls}/ HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' + bad))
print(through('POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 4\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n' + bad))
print(through(good + 'X: y\\n' + bad))
print(through(good + 'X: ' + 'y' * 20000 + '\\r\\n\\r\\n'))
print(through('CONNECT a.example.org:${tls} b.example.org:${echo} HTTP/1.1\\r\\n\\r\\n'))`,
    )
    for (const answers of stdout.trim().split('\n')) {
      // At most the honest part was answered, and what stood behind it is no TLS hello.
      expect(answers).toMatch(/^\[('(200|400|403)')?(, '(400|403)')?\]$/)
    }
    expect(seen).toEqual([])
    expect(echoes.size).toBe(0)
    expect(logged('egress_refused')).toContainEqual(['a.example.org', 'not_tls'])
  })

  it('cannot mean another host than the one it asked for', async () => {
    const { stdout } = await python(
      [`a.example.org:${tls}`],
      `def hello(name):
    s = proxy()
    s.sendall(b'CONNECT a.example.org:${tls} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')
    s.recv(4096)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        return context.wrap_socket(s, server_hostname=name).version() is not None
    except OSError as e:
        return False
print(hello('a.example.org'), hello('b.example.org'), hello(None))`,
    )
    expect(stdout).toBe('True False False\n')
    expect(logged('egress_refused')).toEqual([
      ['a.example.org', 'other_server_name'],
      ['a.example.org', 'other_server_name'],
    ])
  })

  it('speaks no plain HTTP', async () => {
    const url = `http://a.example.org:${tls}/secret-path`
    const { stdout } = await shell([`a.example.org:${tls}`], `curl -s ${url}`)
    expect(stdout).toBe('only TLS connections are let through\n')
    expect(logged('egress_refused')).toEqual([[`a.example.org:${tls}`, 'plain_http']])
    expect(JSON.stringify(lines)).not.toContain('secret-path')
  })

  it('has no other network than this', async () => {
    const { stdout } = await python(
      ['a.example.org'],
      `print([line.split(':')[0].strip() for line in open('/proc/net/dev') if ':' in line])
for where in (('10.0.0.1', 80), ('1.1.1.1', 53), ('127.0.0.1', ${tls})):
    try: socket.create_connection(where, 5); print('connected')
    except OSError as e: print(e.errno)
try: print(socket.getaddrinfo('a.example.org', 443))
except OSError as e: print('no such name')`,
    )
    const tried = stdout.trim().split('\n')
    expect(tried).toEqual(["['lo']", '101', '101', '111', 'no such name'])
  })

  it('holds 32 connections at once; the next waits for one of them', async () => {
    const { stdout } = await python(
      [`db.example.org:${echo}`],
      `held = []
def opened(s, wait):
    s.settimeout(wait)
    try: return s.recv(4)
    except socket.timeout: return b'waits'
for n in range(34):
    s = socket.create_connection(('127.0.0.1', ${echo}), 10)
    s.sendall(b'ping')
    held.append(s)
print([opened(s, 10) for s in held[:32]].count(b'ping'), [opened(s, 0.3) for s in held[32:]])
held[3].close(); held[4].close()
print([opened(s, 10) for s in held[32:]])`,
    )
    expect(stdout).toBe("32 [b'waits', b'waits']\n[b'ping', b'ping']\n")
  })

  it('is not held up on one connection by another that nobody reads', async () => {
    const { stdout } = await python(
      [`db.example.org:${echo}`],
      `stuck = socket.create_connection(('127.0.0.1', ${echo}), 10)
stuck.settimeout(0.5)
sent = 0
try:
    while True: sent += stuck.send(b'x' * 65536)
except socket.timeout: pass
s = socket.create_connection(('127.0.0.1', ${echo}), 10)
s.sendall(b'still here')
print(s.recv(100), sent < 64 * 1024 * 1024)
stuck.settimeout(10)
left = sent
while left: left -= len(stuck.recv(65536))
print('all back')`,
    )
    expect(stdout).toBe("b'still here' True\nall back\n")
  })

  it('floods nobody: after a thousand connections the door stays closed', async () => {
    const { stdout, exit } = await python(
      [`db.example.org:${echo}`],
      `made = 0
try:
    for n in range(3000):
        s = proxy()
        made += 1
        s.close()
except ConnectionError: print('refused')
print(1000 <= made < 1300)`,
    )
    expect(stdout).toBe('refused\nTrue\n')
    expect(exit).toMatchObject({ code: 0 })
    expect(lines.filter(({ event }) => event === 'egress_spent')).toEqual([
      expect.objectContaining({ limit: 'connections' }),
    ])
  })

  it('keeps nothing open beyond its end', async () => {
    const script = `s = socket.create_connection(('127.0.0.1', ${echo}), 10)
s.sendall(b'x'); s.recv(1); print('open', flush=True)
if os.fork() == 0: time.sleep(60)
os._exit(0)`
    const { stdout } = await python([`db.example.org:${echo}`], script)
    expect(stdout).toBe('open\n')
    await expect.poll(() => echoes.size).toBe(0)
    await expect.poll(async () => (await containersOf(runner)).length).toBe(0)
  })

  it('has no part in an ordinary job: no listener, no variable', async () => {
    const { stdout } = await run(
      runner,
      job(
        `env | grep -ic proxy; curl -s --proxy http://127.0.0.1:3128 https://a.example.org; echo $?`,
      ),
    )
    expect(stdout).toBe('0\n7\n')
  })

  it.each([
    ['is no one-shot job', { isOneShot: false, hosts: ['a.example.org'] }],
    ['names a port that two hosts share', { isOneShot: true, hosts: ['a.b:5432', 'c.d:5432'] }],
    ['names a privileged port', { isOneShot: true, hosts: ['a.b:22'] }],
    ['names the proxy’s own port', { isOneShot: true, hosts: ['a.b:3128'] }],
    ['names a pattern', { isOneShot: true, hosts: ['*.example.org'] }],
    ['names a host in capitals', { isOneShot: true, hosts: ['A.example.org'] }],
  ])('is refused when it %s', async (_what, { hosts, isOneShot }) => {
    const request = job('true', { profile: { network: { kind: 'allowlist', hosts }, isOneShot } })
    const response = await postExec(runner, request)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: 'INVALID_JOB' } })
  })
})
