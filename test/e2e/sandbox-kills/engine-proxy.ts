/**
 * A process between the sandbox-runner and the Docker engine, there to be killed. It adds one thing:
 * every container that is created gets the witness's folder, which no sandbox has by itself. All else
 * passes byte by byte, upgrades included; no answer is ever read.
 *
 * Arguments: the socket to listen on, the engine's DOCKER_HOST, the witness's folder.
 */
import { rmSync } from 'node:fs'
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net'
import { parseEngineAddress } from '../../../sandbox-runner/src/launcher/engine.ts'
import { WITNESS_MOUNT } from './work.ts'

const HEAD_END = '\r\n\r\n'
const CREATE = /^POST (?:\/v[\d.]+)?\/containers\/create[? ]/

/** Requests as they come in, cut from the stream; what cannot be cut any more flows. */
function createSplitter(folder: string, send: (bytes: Buffer) => void) {
  let pending: Buffer = Buffer.alloc(0)
  let isFlowing = false

  const withWitness = (body: Buffer): Buffer => {
    const spec = JSON.parse(body.toString('utf8')) as { HostConfig: { Binds: string[] } }
    spec.HostConfig.Binds = [`${folder}:${WITNESS_MOUNT}:rw`]
    return Buffer.from(JSON.stringify(spec))
  }

  /** False: a request is not all here yet. */
  function takeOne(): boolean {
    const end = pending.indexOf(HEAD_END)
    if (end === -1) return false
    const head = pending.subarray(0, end).toString('latin1')
    // After an upgrade there are no requests any more; only a chunked body has no length.
    if (/^(?:upgrade|transfer-encoding):/im.test(head)) {
      isFlowing = true
      return false
    }
    const bodyStart = end + HEAD_END.length
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
    if (pending.length < bodyStart + length) return false
    const body = pending.subarray(bodyStart, bodyStart + length)
    if (CREATE.test(head)) {
      const changed = withWitness(body)
      const newHead = head.replace(/^content-length:.*$/im, `content-length: ${changed.length}`)
      send(Buffer.concat([Buffer.from(newHead + HEAD_END, 'latin1'), changed]))
    } else {
      send(pending.subarray(0, bodyStart + length))
    }
    pending = pending.subarray(bodyStart + length)
    return pending.length > 0
  }

  return (chunk: Buffer): void => {
    if (!isFlowing) {
      pending = Buffer.concat([pending, chunk])
      while (takeOne());
    } else {
      pending = chunk
    }
    if (!isFlowing || pending.length === 0) return
    send(pending)
    pending = Buffer.alloc(0)
  }
}

function relay(client: Socket, engine: Socket, folder: string): void {
  const feed = createSplitter(folder, (bytes) => {
    if (engine.write(bytes)) return
    client.pause()
    engine.once('drain', () => client.resume())
  })
  client.on('data', feed)
  client.on('end', () => engine.end())
  engine.pipe(client)
  for (const [one, other] of [
    [client, engine],
    [engine, client],
  ] as const) {
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
  }
}

const [path = '', dockerHost, folder = ''] = process.argv.slice(2)
const { socketPath, host, port } = parseEngineAddress(dockerHost)
const engineAddress: NetConnectOpts = socketPath
  ? { path: socketPath, allowHalfOpen: true }
  : { host: host ?? '', port: Number(port), allowHalfOpen: true }
// The one that was killed has left its socket.
rmSync(path, { force: true })
createServer({ allowHalfOpen: true }, (client) =>
  relay(client, connect(engineAddress), folder),
).listen(path, () => process.send?.('ready'))
process.on('disconnect', () => process.exit(0))
