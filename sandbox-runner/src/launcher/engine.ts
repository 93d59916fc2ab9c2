/**
 * The few calls of the Docker Engine API that the launcher needs, over its socket. Unversioned
 * paths: every engine serves its newest version there, and what is used here is in all of them.
 */
import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import type { Duplex } from 'node:stream'

/** Creating a container on a loaded machine takes seconds; an engine that hangs must not hold jobs. */
const CALL_TIMEOUT_MS = 60_000
const MAX_ANSWER_BYTES = 8 * 1024 * 1024

export class EngineError extends Error {
  override readonly name = 'EngineError'
  /** The engine's answer; 0 when none came. */
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Reads `DOCKER_HOST`; throws with a sentence for what cannot be used. */
export function parseEngineAddress(dockerHost: string | undefined): RequestOptions {
  if (dockerHost === undefined || dockerHost === '') return { socketPath: '/var/run/docker.sock' }
  if (dockerHost.startsWith('unix://')) return { socketPath: dockerHost.slice('unix://'.length) }
  const tcp = /^(?:tcp|http):\/\/(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):(\d{1,5})\/?$/.exec(dockerHost)
  if (tcp?.[1] === undefined) {
    throw new Error('DOCKER_HOST must look like unix:///path/to/docker.sock or tcp://host:port')
  }
  return { host: tcp[1].replace(/^\[|\]$/g, ''), port: Number(tcp[2]) }
}

export interface ContainerSummary {
  readonly Id: string
  /** Unix time, in seconds. */
  readonly Created: number
  readonly Labels: Readonly<Record<string, string>>
}

export interface ImageSummary {
  readonly Id: string
  readonly Created: number
  readonly Labels: Readonly<Record<string, string>> | null
  readonly RepoTags: readonly string[] | null
}

export interface ImageFacts {
  readonly id: string
  readonly labels: Readonly<Record<string, string>>
}

function imageFactsOf(answer: unknown): ImageFacts {
  const { Id, Config } = answer as {
    readonly Id: string
    readonly Config: { readonly Labels: Readonly<Record<string, string>> | null } | null
  }
  return { id: Id, labels: Config?.Labels ?? {} }
}

async function readAll(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MAX_ANSWER_BYTES) throw new EngineError(0, 'the engine answers too much')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const messageOf = (status: number, text: string): string => {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) {
      return String(parsed.message)
    }
  } catch {
    // The status alone has to do.
  }
  return `the engine answers ${status}`
}

export function createEngine(address: RequestOptions) {
  const call = (method: string, path: string, body?: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const payload = body === undefined ? '' : JSON.stringify(body)
      const outgoing = request(
        {
          ...address,
          method,
          path,
          timeout: CALL_TIMEOUT_MS,
          headers: {
            host: 'docker',
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(payload),
          },
        },
        (answer) => {
          readAll(answer).then((text) => {
            const status = answer.statusCode ?? 0
            if (status >= 400) reject(new EngineError(status, messageOf(status, text)))
            else resolve(text === '' || !/^[[{]/.test(text) ? text : JSON.parse(text))
          }, reject)
        },
      )
      outgoing.on('timeout', () => outgoing.destroy(new EngineError(0, 'the engine hangs')))
      outgoing.on('error', (error) =>
        reject(error instanceof EngineError ? error : new EngineError(0, error.message)),
      )
      outgoing.end(payload)
    })

  /** Starts an exec and takes its connection over: what is written is stdin, what comes is framed. */
  const attachExec = (execId: string): Promise<{ socket: Duplex; head: Buffer }> =>
    new Promise((resolve, reject) => {
      const payload = JSON.stringify({ Detach: false, Tty: false })
      const outgoing = request({
        ...address,
        method: 'POST',
        path: `/exec/${execId}/start`,
        timeout: CALL_TIMEOUT_MS,
        headers: {
          host: 'docker',
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(payload),
          connection: 'Upgrade',
          upgrade: 'tcp',
        },
      })
      outgoing.on('timeout', () => outgoing.destroy(new EngineError(0, 'the engine hangs')))
      outgoing.on('upgrade', (_answer, socket, head) => {
        // A supervisor may wait for its job as long as it likes.
        socket.setTimeout(0)
        resolve({ socket, head })
      })
      outgoing.on('response', (answer) => {
        readAll(answer).then((text) => {
          const status = answer.statusCode ?? 0
          reject(new EngineError(status, messageOf(status, text)))
        }, reject)
      })
      outgoing.on('error', (error) => reject(new EngineError(0, error.message)))
      outgoing.end(payload)
    })

  const idOf = (answer: unknown): string => {
    if (typeof answer === 'object' && answer !== null && 'Id' in answer) return String(answer.Id)
    throw new EngineError(0, 'the engine answers without an id')
  }

  return {
    info: () => call('GET', '/info') as Promise<Readonly<Record<string, unknown>>>,
    /** The image's id, or null when the engine has none of that name. */
    imageId: async (name: string): Promise<string | null> => {
      try {
        return idOf(await call('GET', `/images/${encodeURIComponent(name)}/json`))
      } catch (error) {
        if (error instanceof EngineError && error.status === 404) return null
        throw error
      }
    },
    /** What a name stands for now; null when the engine has none of it. */
    inspectImage: async (name: string): Promise<ImageFacts | null> => {
      try {
        return imageFactsOf(await call('GET', `/images/${encodeURIComponent(name)}/json`))
      } catch (error) {
        if (error instanceof EngineError && error.status === 404) return null
        throw error
      }
    },
    listImages: (label: string): Promise<readonly ImageSummary[]> => {
      const filters = encodeURIComponent(JSON.stringify({ label: [label] }))
      return call('GET', `/images/json?filters=${filters}`) as Promise<readonly ImageSummary[]>
    },
    /** Not while a container is made of it. */
    removeImage: (id: string) => call('DELETE', `/images/${encodeURIComponent(id)}?force=false`),
    commitContainer: async (
      id: string,
      { repo, tag }: { readonly repo: string; readonly tag: string },
      config: unknown,
    ): Promise<string> =>
      idOf(
        await call('POST', `/commit?container=${id}&repo=${repo}&tag=${tag}&pause=true`, config),
      ),
    /** What a container has written over its image. */
    writtenBytes: async (id: string): Promise<number> => {
      const answer = await call('GET', `/containers/${id}/json?size=true`)
      const isKnown = typeof answer === 'object' && answer !== null && 'SizeRw' in answer
      return isKnown ? Number(answer.SizeRw) : 0
    },
    createContainer: async (name: string, spec: unknown): Promise<string> =>
      idOf(await call('POST', `/containers/create?name=${encodeURIComponent(name)}`, spec)),
    inspectContainer: (id: string) => call('GET', `/containers/${id}/json`),
    startContainer: (id: string) => call('POST', `/containers/${id}/start`),
    removeContainer: async (id: string): Promise<void> => {
      try {
        await call('DELETE', `/containers/${id}?force=true&v=true`)
      } catch (error) {
        // Gone already, or the engine is removing it: both are what was asked for.
        if (!(error instanceof EngineError) || ![404, 409].includes(error.status)) throw error
      }
    },
    listContainers: (label: string): Promise<readonly ContainerSummary[]> => {
      const filters = encodeURIComponent(JSON.stringify({ label: [label] }))
      return call('GET', `/containers/json?all=true&filters=${filters}`) as Promise<
        readonly ContainerSummary[]
      >
    },
    createExec: async (containerId: string, spec: unknown): Promise<string> =>
      idOf(await call('POST', `/containers/${containerId}/exec`, spec)),
    attachExec,
    /** Null while it runs. */
    execExitCode: async (execId: string): Promise<number | null> => {
      const answer = await call('GET', `/exec/${execId}/json`)
      const code =
        typeof answer === 'object' && answer !== null && 'ExitCode' in answer
          ? answer.ExitCode
          : null
      return typeof code === 'number' ? code : null
    },
  }
}

export type Engine = ReturnType<typeof createEngine>
