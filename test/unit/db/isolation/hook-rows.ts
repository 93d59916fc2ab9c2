/** Rows of run hooks and custom tools, for every tenant of the world. */
import * as schema from '../../../../src/db/schema/index.ts'
import type { TenantId } from '../../../../src/domain/ids.ts'
import type { Row } from './world.ts'

export const hookRows = (tenantId: TenantId, number: string, times: object): readonly Row[] => [
  [
    schema.runHooks,
    {
      tenantId,
      id: `hok_${number}`,
      name: `guard-${number}`,
      url: `https://hook.${tenantId}.example/`,
      sealedSecret: 'aes-gcm:same',
      events: ['stop'],
      agents: ['*'],
      ...times,
    },
  ],
  [
    schema.customTools,
    {
      tenantId,
      id: `ctl_${number}`,
      name: `custom_${number}`,
      description: `of ${tenantId}`,
      allowedAgents: ['*'],
      parameters: { type: 'object' },
      command: 'true',
      sealedEnv: 'aes-gcm:same',
      ...times,
    },
  ],
]
