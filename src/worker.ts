/** The Worker's entry: events in, Durable Object classes out. No logic lives here. */
import { app } from './gateway/app.ts'
import type { Env } from './gateway/env.ts'

export { ConnectionObject } from './objects/connection-object.ts'
export { InboxObject } from './objects/inbox-object.ts'
export { LimiterObject } from './objects/limiter-object.ts'
export { SessionObject } from './objects/session-object.ts'
export { TenantObject } from './objects/tenant-object.ts'
export { WorkspaceObject } from './objects/workspace-object.ts'

export default {
  fetch: app.fetch,
  async scheduled() {},
  async queue() {},
} satisfies ExportedHandler<Env>
