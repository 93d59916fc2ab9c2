/** Run hooks and custom tools: the same ids stand next door. */
import type { CustomTool } from '../../../../src/domain/custom-tool.ts'
import type { RunHook } from '../../../../src/domain/run-hook.ts'
import type { CasesOf } from './cases.ts'
import { NOW } from './world.ts'

/** As it might have been read next door: the tenant is what the caller says, not what it carries. */
const hook = (id: string, name: string): RunHook & { readonly tenantId: string } => ({
  tenantId: 'ten_a',
  id,
  name,
  url: 'https://hook.example/',
  sealedSecret: 'aes-gcm:new',
  events: ['stop'],
  agents: ['*'],
  failure: 'default',
  allowPrivateNetwork: false,
  enabled: true,
  revision: 1,
})

export const RUN_HOOK_CASES: CasesOf<typeof import('../../../../src/db/run-hooks.ts')> = {
  selectRunHooks: [(m, db, t) => m.selectRunHooks(db, t)],
  createRunHook: [(m, db, t) => m.createRunHook(db, t, hook('hok_8', 'new'), NOW)],
  updateRunHook: [
    (m, db, t) =>
      m.updateRunHook(db, t, hook('hok_1', 'guard'), { fields: hook('hok_1', 'guard') }, NOW),
    (m, db, t) =>
      m.updateRunHook(db, t, hook('hok_9', 'elsewhere'), { fields: hook('hok_9', 'x') }, NOW),
  ],
  deleteRunHook: [
    (m, db, t) => m.deleteRunHook(db, t, 'hok_1'),
    (m, db, t) => m.deleteRunHook(db, t, 'hok_9'),
  ],
}

const tool = (id: string, name: string): CustomTool & { readonly tenantId: string } => ({
  tenantId: 'ten_a',
  id,
  name,
  description: 'does it',
  kind: 'script',
  group: 'runtime',
  allowedAgents: ['*'],
  parameters: { type: 'object' },
  origin: null,
  request: null,
  command: 'true',
  timeoutSeconds: 30,
  sealedHeaders: null,
  sealedEnv: 'aes-gcm:new',
  allowPrivateNetwork: false,
  enabled: true,
  revision: 1,
})

const change = (id: string) => ({ fields: { ...tool(id, 'x'), enabled: false }, secrets: {} })

export const CUSTOM_TOOL_CASES: CasesOf<typeof import('../../../../src/db/custom-tools.ts')> = {
  selectCustomTools: [(m, db, t) => m.selectCustomTools(db, t)],
  createCustomTool: [(m, db, t) => m.createCustomTool(db, t, tool('ctl_8', 'custom_new'), NOW)],
  updateCustomTool: [
    (m, db, t) => m.updateCustomTool(db, t, tool('ctl_1', 'custom_one'), change('ctl_1'), NOW),
    (m, db, t) => m.updateCustomTool(db, t, tool('ctl_9', 'custom_x'), change('ctl_9'), NOW),
  ],
  deleteCustomTool: [
    (m, db, t) => m.deleteCustomTool(db, t, 'ctl_1'),
    (m, db, t) => m.deleteCustomTool(db, t, 'ctl_9'),
  ],
}
