/**
 * Carries out the calls of a tenant's own tools: headers and variables are opened for one call and stand
 * in the run's dictionary before anybody uses them; a request goes by the guarded way to the origin that
 * the tool is fixed to, and follows nobody from there.
 */
import type { Services } from '../api/context.ts'
import {
  type CustomToolSecretKind,
  type NamedValues,
  openCustomToolSecret,
} from '../crypto/custom-tool-secret.ts'
import { type CustomTool, mayUseCustomTool } from '../domain/custom-tool.ts'
import { stopOfNetwork } from '../domain/emergency-stop.ts'
import type { TenantId } from '../domain/ids.ts'
import type { CustomToolPort, FilledRequest } from '../domain/ports/custom-tools.ts'
import { err, ok } from '../domain/result.ts'
import { securityEvent } from '../domain/security-event.ts'
import type { ToolOutcome } from '../domain/tool.ts'
import { EgressError } from '../egress/refusal.ts'
import { createSecretDictionary, type SecretDictionary } from '../output/secret-dictionary.ts'
import { secretValues } from '../tools/credentialed/secret-values.ts'
import type { CallLive } from './call-live.ts'
import type { Report } from './emit.ts'
import type { Settings } from './env.ts'
import { guardedWay } from './guarded-way.ts'

const MAX_ANSWER_BYTES = 1024 * 1024
/** Of a redirect only this much is told: its target may be anybody's, and is not gone to. */
const REDIRECTED = 'the address redirects, and no redirect is followed'

export interface CustomToolParts {
  readonly settings: Settings
  readonly services: Services
  readonly dictionary: Pick<SecretDictionary, 'register'>
  readonly report: Report
  readonly live: CallLive
}

const failed = (content: string): ToolOutcome => ({ content, isError: true })

export function openCustomTools(parts: CustomToolParts): CustomToolPort {
  const { services, settings, live } = parts
  const { snapshot, agent } = live
  const { tenantId } = snapshot

  /** As it was judged, and still granted: one that was changed meanwhile is another tool. */
  const isCurrent = (tool: CustomTool): boolean =>
    snapshot.customTools.some(
      (current) =>
        current.id === tool.id &&
        current.revision === tool.revision &&
        mayUseCustomTool(current, agent.key),
    )

  return {
    send: async (tool, request, signal) => {
      if (!isCurrent(tool)) return failed('This agent may not use that tool, or it was changed.')
      if (stopOfNetwork(snapshot.stops) !== null) {
        return failed('An emergency stop is in force: tools reach nothing outside.')
      }
      const headers = await openValues(parts, tenantId, tool, 'sealed_headers')
      if (headers === null) return failed(`${tool.name} was not called: ${UNREADABLE}`)
      return sendRequest(tool, request, headers, {
        settings,
        tenantId,
        now: services.now,
        report: parts.report,
        signal,
      })
    },
    open: async (tool) => {
      if (!isCurrent(tool)) return err('This agent may not use that tool, or it was changed.')
      const env = await openValues(parts, tenantId, tool, 'sealed_env')
      if (env === null) return err(`${tool.name} was not run: ${UNREADABLE}`)
      const own = createSecretDictionary()
      for (const value of secretValues(env)) own.register(value)
      return ok({ env, isIn: own.contains })
    },
  }
}

const UNREADABLE = 'what it keeps sealed cannot be read; an admin must set it again.'

/** Registered with whoever scrubs before it is handed out. */
export async function openValues(
  { services, settings, dictionary }: Omit<CustomToolParts, 'live' | 'report'>,
  tenantId: TenantId,
  tool: CustomTool,
  kind: CustomToolSecretKind,
): Promise<NamedValues | null> {
  const sealed = kind === 'sealed_env' ? tool.sealedEnv : tool.sealedHeaders
  if (sealed === null) return {}
  const { acceptPlaintext } = settings
  const values = await openCustomToolSecret(services.keyRing, tenantId, tool.id, kind, sealed, {
    acceptPlaintext,
  })
  for (const value of secretValues(values ?? {})) {
    dictionary.register(value)
    // `Bearer …`: the secret is what follows the scheme.
    dictionary.register(value.slice(value.indexOf(' ') + 1))
  }
  return values
}

export interface SendParts {
  readonly settings: Settings
  readonly tenantId: TenantId
  readonly now: () => number
  readonly report: Report
  readonly signal: AbortSignal
}

export async function sendRequest(
  tool: CustomTool,
  { method, url, body }: FilledRequest,
  headers: NamedValues,
  { settings, tenantId, now, report, signal }: SendParts,
): Promise<ToolOutcome> {
  const unreached = (message: string) => failed(`${tool.name} could not be used: ${message}.`)
  // The template was filled before; that it leads where the headers belong is made sure of here.
  if (new URL(url).origin !== tool.origin) return unreached('its address is another one')
  const timeoutMs = tool.timeoutSeconds * 1_000
  const { allowPrivateNetwork } = tool
  const way = guardedWay(
    { settings, tenantId, now, purpose: 'custom-tool' },
    { allowPrivateNetwork, maxBytes: MAX_ANSWER_BYTES, timeoutMs, isStreamed: false },
  )
  try {
    const response = await way.fetch(url, {
      method,
      headers: {
        accept: 'application/json, text/plain;q=0.9, */*;q=0.5',
        ...(body === null ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === null ? {} : { body }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    const text = (await response.text()).toWellFormed()
    const isRedirect = response.status >= 300 && response.status < 400
    if (isRedirect) return unreached(REDIRECTED)
    return {
      content: `[status ${response.status}]\n${text}`,
      isError: !response.ok,
      untrusted: { kind: 'web' },
    }
  } catch (error) {
    if (!(error instanceof EgressError)) {
      const isLate = error instanceof DOMException && error.name === 'TimeoutError'
      return unreached(isLate ? 'it did not answer in time' : 'the address could not be reached')
    }
    const { kind, message } = error.refusal
    if (kind !== 'timeout' && kind !== 'too_large' && kind !== 'unresolvable') {
      const scheme = url.startsWith('https:') ? 'https' : 'http'
      report(securityEvent('ssrf_blocked', { refusal: kind, scheme }))
    }
    return unreached(message)
  }
}
