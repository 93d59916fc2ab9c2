/** Where prompts and questions are sent, and to which models. */
import { type AgentFacts, about, aboutAddresses, type Check } from './facts.ts'

/** Below this many billions of parameters a model follows whoever spoke last. */
const SMALL_PARAMS_B = 300
const PARAMS = /(?:^|[^a-z0-9.])(\d+(?:\.\d+)?)b(?![a-z0-9])/i
/** Made to be cheap and quick: the first to be talked round. */
const WEAK = /(?:^|[^a-z])(?:haiku|mini|nano|lite|small|tiny|flash-8b)(?:[^a-z]|$)/i
/** Nobody mends them any more. */
const LEGACY =
  /gpt-3\.5|gpt-4-(?:0314|0613|32k|vision)|claude-(?:instant|v?1|2)(?![0-9])|claude-3-(?:opus|sonnet)|gemini-(?:1\.0|pro-vision)|palm|bison/i

const isSmall = ({ model }: AgentFacts): boolean => {
  const billions = PARAMS.exec(model)?.[1]
  return billions !== undefined && Number(billions) < SMALL_PARAMS_B
}

const labels = (agents: readonly AgentFacts[]): string[] =>
  agents.map(({ key, model }) => `${key} (${model})`)

export const providerChecks: Check = ({ tenant: { providers, agents } }) => {
  const small = agents.filter(isSmall)
  const isContained = (agent: AgentFacts): boolean => agent.sandboxMode !== 'off' && !agent.hasWeb
  const remediation = 'Use a larger model, or take web tools away and keep sandbox.mode at all.'
  return [
    ...aboutAddresses(
      'providers',
      {
        one: 'A provider',
        what: 'Prompts and keys',
        setting: 'api_base',
        privateId: 'private_base_url',
      },
      providers,
    ),
    ...about(labels(small.filter((agent) => !isContained(agent))), {
      checkId: 'models.small_params',
      severity: 'critical',
      title: 'Small models hold tools that reach out',
      detail: (list) => `Easily talked round: ${list}.`,
      remediation,
    }),
    ...about(labels(small.filter(isContained)), {
      checkId: 'models.small_params',
      severity: 'info',
      title: 'Small models, sandboxed and without web',
      detail: (list) => `Easily talked round, with little to reach: ${list}.`,
      remediation,
    }),
    ...about(labels(agents.filter(({ model }) => WEAK.test(model))), {
      checkId: 'models.weak_tier',
      severity: 'warn',
      title: 'Agents use models of a weak tier',
      detail: (list) => `More easily misled than their larger kin: ${list}.`,
      remediation: 'Give agents with tools a model of the strongest tier.',
    }),
    ...about(labels(agents.filter(({ model }) => LEGACY.test(model))), {
      checkId: 'models.legacy',
      severity: 'warn',
      title: 'Agents use models of earlier generations',
      detail: (list) => `Not hardened against today’s attacks: ${list}.`,
      remediation: 'Name a current model.',
    }),
  ]
}
