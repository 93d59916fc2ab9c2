/** The registries that this machine's own package managers are set up with; a test names none itself. */
import { execFileSync } from 'node:child_process'
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const ask = (program: string, ...args: readonly string[]): string => {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return ''
  }
}

/** `URL SUITE COMPONENT`, of the suite that the sandbox image is made of. */
function aptSources(): readonly string[] {
  const format = '$(SITE) $(RELEASE) $(COMPONENT)'
  const lines = ask('apt-get', 'indextargets', '--format', format, 'Created-By: Packages')
  const found = lines
    .split('\n')
    .filter((line) => /^https?:\S+ bookworm(?:-security)? main$/.test(line))
  return [...new Set(found)]
}

function pipIndexes(): readonly string[] {
  const configured = ['index-url', 'extra-index-url'].flatMap((name) => [
    process.env[`PIP_${name.toUpperCase().replace('-', '_')}`] ?? '',
    ask('pip', 'config', 'get', `global.${name}`),
  ])
  return configured.flatMap((text) => text.split(/\s+/)).filter((url) => url !== '')
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  )

/** A folder over HTTP, as an index on a disk would be served; a folder's page is its index.html. */
async function serveFolder(folder: string): Promise<{ port: number; server: Server }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x')
    const path = normalize(join(folder, decodeURIComponent(pathname)))
    const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'index.html') : path
    if (!path.startsWith(folder) || !existsSync(file)) {
      response.writeHead(404).end()
      return
    }
    const type = file.endsWith('.html') ? 'text/html' : 'application/octet-stream'
    response.writeHead(200, { 'content-type': type })
    createReadStream(file).pipe(response)
  })
  return { port: await listen(server), server }
}

export interface Registries {
  readonly hosts: readonly string[]
  readonly apt: readonly string[]
  readonly pip: string | null
  readonly npm: string
  readonly close: () => void
}

const hostOf = (url: string): string => new URL(url).host

export async function findRegistries(): Promise<Registries> {
  const apt = aptSources()
  const npm = ask('npm', 'config', 'get', 'registry').trim().replace(/\/+$/, '')
  if (npm === '' || apt.length === 0) throw new Error('npm and apt have no registry here')
  const indexes = pipIndexes()
  const onDisk = indexes.find((url) => url.startsWith('file:'))
  const remote = indexes.find((url) => /^https?:/.test(url))
  const served = onDisk === undefined ? null : await serveFolder(dirname(fileURLToPath(onDisk)))
  const pip =
    served !== null && onDisk !== undefined
      ? `http://127.0.0.1:${served.port}/${onDisk.split('/').at(-1)}`
      : (remote ?? 'https://pypi.org/simple')
  return {
    hosts: [
      ...new Set([
        ...apt.map((source) => hostOf(source.split(' ')[0] ?? '')),
        hostOf(npm),
        hostOf(pip),
        ...(served === null ? ['files.pythonhosted.org'] : []),
      ]),
    ],
    apt,
    pip,
    npm,
    close: () => {
      served?.server.close()
      served?.server.closeAllConnections()
    },
  }
}
