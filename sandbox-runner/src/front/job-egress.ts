/** The way out of one container: the channel, and the proxy at its end. Lives as long as the job. */
import { EGRESS_PROXY_PORT } from '../../../src/isolation/contract.ts'
import type { Frame } from '../frames.ts'
import { log } from '../log.ts'
import { createEgressChannel, type EgressLimits } from './egress-channel.ts'
import { createEgressProxy, type EgressProxyOptions } from './egress-proxy.ts'

export const JOB_EGRESS_LIMITS: EgressLimits = {
  /** As much as a workspace holds, so that what is fetched can also be kept. */
  maxBytes: 256 * 1024 * 1024,
  /** A tool that copies many files keeps its connections; one that makes a thousand is at fault. */
  maxConnections: 1_000,
}

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

export interface JobEgressOptions extends EgressProxyOptions {
  readonly limits: EgressLimits
  readonly send: (frame: Buffer) => Promise<void>
}

export function createJobEgress({ limits, send, ...options }: JobEgressOptions): JobEgress {
  const { fields } = options
  const ports = [EGRESS_PROXY_PORT, ...options.forwards.keys()]
  const proxy = createEgressProxy(options)
  const channel = createEgressChannel({
    ...limits,
    send,
    ports,
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
