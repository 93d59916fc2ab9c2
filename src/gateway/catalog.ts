/** What this build offers, gathered from the layers for the operations that list it. */
import type { Catalog } from '../api/context.ts'
import { compileLinearPattern } from '../domain/linear-pattern.ts'
import { err, ok } from '../domain/result.ts'
import { createModel } from '../providers/create-model.ts'
import { knownModels } from '../providers/models.ts'
import { createSearch } from '../providers/search/create-search.ts'
import { BUILTIN_TOOLS } from '../tools/builtin/tools.ts'
import { checkToolPolicies, checkToolPolicy } from '../tools/check-policy.ts'
import {
  checkArgumentPatterns,
  checkBinary,
  checkEnvironment,
} from '../tools/credentialed/registration.ts'
import { SKILL_TOOLS } from '../tools/skills/tools.ts'
import { faultOfCallerNetwork } from '../transport/client-address.ts'
import { judgeCall } from './dry-run.ts'
import type { Settings } from './env.ts'
import { listedApproval, shownApproval } from './shown-approval.ts'
import { checkSkill } from './skill-scan.ts'
import { toolPolicy } from './tool-policy.ts'
import { callerOf } from './tool-settings.ts'

const TOOLS = [...BUILTIN_TOOLS, ...SKILL_TOOLS].map(({ name, group, spec }) => ({
  name,
  group,
  description: spec.description,
}))

export const catalogOf = (settings: Settings): Catalog => ({
  version: settings.version,
  tools: TOOLS,
  modelsOf: knownModels,
  checkSkill,
  toolPolicy,
  showApproval: (approval, { config, agents }) =>
    shownApproval(
      approval,
      config,
      agents.find(({ id }) => id === approval.agentId),
    ),
  listApproval: (approval, { config, agents }) =>
    listedApproval(
      approval,
      config,
      agents.find(({ id }) => id === approval.agentId),
    ),
  judgeCall: (call, snapshot, agent, session) =>
    judgeCall(call, snapshot, agent, {
      ...callerOf(session.principal),
      channel: session.channel,
    }),
  checkProvider: (record) => {
    // A key that stands for any: whether the vendor takes the real one shows when it is used.
    const model = createModel({ record, apiKey: 'unchecked', fetch: refuseToSend })
    return model.ok ? ok(null) : err(model.error.message)
  },
  checkSearchProvider: (record) => {
    const search = createSearch({ record, apiKey: 'unchecked', web: null })
    return search.ok ? ok(null) : err(search.error.message)
  },
  checkBinary,
  checkBinaryEnvironment: checkEnvironment,
  checkArgumentPatterns,
  checkNetwork: (network) => {
    const fault = faultOfCallerNetwork(network)
    return fault === null ? ok(null) : err(`${JSON.stringify(network)} ${fault}`)
  },
  checkConfig: (config) => {
    for (const pattern of config.logging.redactPatterns) {
      const compiled = compileLinearPattern(pattern)
      if (!compiled.ok) return err(`logging.redactPatterns: ${compiled.error.reason}`)
    }
    return checkToolPolicies(config)
  },
  checkAgentSettings: ({ tools }) => checkToolPolicy('settings.tools', tools),
})

const refuseToSend = (): Promise<Response> =>
  Promise.reject(new Error('a form check sends nothing'))
