/** When a tenant's traces are sent on: a little after they came, and again when that failed. */
import type { Services } from '../../api/context.ts'
import type { TenantId } from '../../domain/ids.ts'
import type { Settings } from '../../gateway/env.ts'
import { exportTraces } from '../../gateway/export-traces.ts'
import type { Timers } from '../alarms.ts'

export const EXPORT_TRACES = 'traces'
/** Runs that end together are sent together. */
const GATHER_MS = 1_000

export class TraceExports {
  readonly #timers: Timers
  readonly #services: Services
  readonly #settings: Settings
  readonly #tenantId: () => TenantId

  constructor(timers: Timers, services: Services, settings: Settings, tenantId: () => TenantId) {
    this.#timers = timers
    this.#services = services
    this.#settings = settings
    this.#tenantId = tenantId
  }

  async later(): Promise<void> {
    await this.#timers.setIfAbsent(EXPORT_TRACES, this.#services.now() + GATHER_MS)
  }

  /** Throws when it failed in a way that may pass: the timer comes again, ever later. */
  async tick(): Promise<void> {
    const parts = { services: this.#services, settings: this.#settings, tenantId: this.#tenantId() }
    if (await exportTraces(parts)) {
      await this.#timers.set(EXPORT_TRACES, this.#services.now() + GATHER_MS)
    }
  }
}
