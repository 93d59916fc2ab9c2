/** The way out of one container: the channel, and the proxy at its end. Lives as long as the job. */
import { EGRESS_PROXY_PORT } from '../../../src/isolation/contract.ts'
import type { Frame } from '../frames.ts'
import { type LogFields, log } from '../log.ts'
import { createEgressChannel } from './egress-channel.ts'
import { forwardsOf } from './egress-list.ts'
import { createEgressProxy } from './egress-proxy.ts'
import type { AddressPolicy } from './resolve.ts'

/** As much as a workspace holds, so that what is fetched can also be kept. */
const MAX_BYTES = 256 * 1024 * 1024
/** A tool that copies many files keeps its connections; one that makes a thousand is at fault. */
const MAX_CONNECTIONS = 1_000

const PROXY = `http://127.0.0.1:${EGRESS_PROXY_PORT}`

/** Programs differ in which spelling they read. Nothing can be reached past the proxy. */
export const PROXY_ENV: Readonly<Record<string, string>> = {
  HTTPS_PROXY: PROXY,
  https_proxy: PROXY,
  HTTP_PROXY: PROXY,
  http_proxy: PROXY,
  NO_PROXY: '',
  no_proxy: '',
}

export interface JobEgress {
  /** That the container listens on. */
  readonly ports: readonly number[]
  readonly onFrame: (frame: Frame) => boolean
  readonly close: () => void
}

export interface JobEgressOptions {
  readonly hosts: readonly string[]
  readonly addresses: AddressPolicy
  readonly send: (frame: Buffer) => Promise<void>
  readonly fields: LogFields
}

export function createJobEgress({ hosts, addresses, send, fields }: JobEgressOptions): JobEgress {
  const forwards = forwardsOf(hosts) ?? new Map()
  const ports = [EGRESS_PROXY_PORT, ...forwards.keys()]
  const proxy = createEgressProxy({ hosts, forwards, addresses, fields })
  const channel = createEgressChannel({
    send,
    ports,
    maxBytes: MAX_BYTES,
    maxConnections: MAX_CONNECTIONS,
    onConnection: proxy.accept,
    onSpent: (limit) => log('egress_spent', { ...fields, limit }),
  })
  return {
    ports,
    onFrame: channel.onFrame,
    close: () => {
      channel.close()
      proxy.close()
    },
  }
}
