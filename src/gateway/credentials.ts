/**
 * Opens the credential of a registered binary for one exec: read from the database at that moment,
 * registered with the run's scrubber before anybody sees it, and denied when anything goes wrong or
 * takes too long. There is no copy of it anywhere else.
 */
import type { Services } from '../api/context.ts'
import { openCliEnvironment } from '../crypto/cli-credential.ts'
import { findSealedEnv } from '../db/secure-cli.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { TenantId } from '../domain/ids.ts'
import { err, ok } from '../domain/result.ts'
import { type SecurityEvent, securityEvent } from '../domain/security-event.ts'
import { createSecretDictionary, type SecretDictionary } from '../output/secret-dictionary.ts'
import type { CredentialPort } from '../tools/credentialed/port.ts'
import { secretValues } from '../tools/credentialed/secret-values.ts'
import type { Report } from './emit.ts'
import type { RunRelease } from './release.ts'

const LOOK_UP_TIMEOUT_MS = 2_000
const COMMAND_PREFIX_CHARS = 80

export interface CredentialParts {
  readonly services: Services
  readonly tenantId: TenantId
  readonly agent: Pick<AgentRecord, 'id' | 'packages'>
  /** Of the run: from the opening on, its values leave the run nowhere. */
  readonly dictionary: SecretDictionary
  readonly acceptPlaintext: boolean
  readonly report: Report
}

export function createCredentials(parts: CredentialParts): CredentialPort {
  const { services, tenantId, agent, dictionary, acceptPlaintext, report } = parts
  // Whoever may add a package, but does not know the credential, shall not have it handed to a
  // program of their own: it goes into images that were there, and to agents that were granted the
  // binary, when it was set.
  const packagesAddedAt =
    agent.packages.length === 0 ? null : Math.max(...agent.packages.map(({ addedAt }) => addedAt))
  return {
    open: async ({ id, name, absolutePath, hosts }) => {
      const lookUp = async () => {
        const usedAt = { absolutePath, hosts, agentId: agent.id, packagesAddedAt }
        const sealed = await findSealedEnv(services.database(tenantId), tenantId, id, usedAt)
        if (sealed === null) return null
        const opened = await openCliEnvironment(services.keyRing, tenantId, id, sealed, {
          acceptPlaintext,
        })
        return opened.ok ? opened.value : null
      }
      const found = await inTime(lookUp(), LOOK_UP_TIMEOUT_MS)
      if (found.kind !== 'found' || found.value === null) {
        const reason = found.kind === 'found' ? 'unreadable' : found.kind
        const fields = {
          binary: name,
          wrapper: '',
          reason,
          agent_id: agent.id,
          tenant_id: tenantId,
        }
        report(securityEvent('credentialed_binary_gate_error', fields))
        return err(
          found.kind === 'found' && packagesAddedAt !== null
            ? `${name} was not run: its credential is gone, or is older than this agent’s packages or grant. An admin can set it again.`
            : `${name} was not run: its credential could not be read just now. Try again.`,
        )
      }
      const own = createSecretDictionary()
      for (const value of secretValues(found.value)) {
        dictionary.register(value)
        own.register(value)
      }
      return ok({ env: found.value, isIn: own.contains })
    },
  }
}

type Found<Value> =
  | { readonly kind: 'found'; readonly value: Value }
  | { readonly kind: 'error' }
  | { readonly kind: 'timeout' }

async function inTime<Value>(work: Promise<Value>, timeoutMs: number): Promise<Found<Value>> {
  let isOver = (): void => undefined
  const late = new Promise<Found<Value>>((resolve) => {
    const timer = setTimeout(() => resolve({ kind: 'timeout' }), timeoutMs)
    isOver = () => clearTimeout(timer)
  })
  const done = work.then(
    (value): Found<Value> => ({ kind: 'found', value }),
    (): Found<Value> => ({ kind: 'error' }),
  )
  return Promise.race([done, late]).finally(isOver)
}

/** The beginning of a refused command, scrubbed before it is cut: half a secret is one, too. */
export function releasedRefusal(event: SecurityEvent, release: RunRelease): SecurityEvent {
  const { command, ...fields } = event.fields
  if (typeof command !== 'string') return event
  const prefix = [...release.text(command)].slice(0, COMMAND_PREFIX_CHARS).join('')
  return { ...event, fields: { ...fields, command: prefix } }
}
