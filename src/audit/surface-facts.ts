/** What the checks look at of all that reaches a tenant's agents, and that they reach. */

export interface Reached {
  readonly isPlainHttp: boolean
  readonly isPrivate: boolean
}

export interface McpServerFacts extends Reached {
  readonly name: string
  readonly isEnabled: boolean
  /** Every agent may use it, those made tomorrow included. */
  readonly isUnrestricted: boolean
  /** Its address carries parameters: what is secret in them stands in the row as it is. */
  readonly hasQuery: boolean
  /** Tools that are new, or have changed since they were agreed to. */
  readonly waitingTools: number
}

/** Of a chat platform, by what holds for it: its own settings, else the tenant's. */
export interface ChannelFacts extends Reached {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly isEnabled: boolean
  readonly dmPolicy: string
  /** `*` is among the senders. */
  readonly admitsAnySender: boolean
  readonly listedSenders: number
  readonly groupPolicy: string
  /** `*` is among the groups. */
  readonly admitsAnyGroup: boolean
  /** In groups of which nothing is said by name. */
  readonly needsMention: boolean
  /** Direct messages of all senders are one conversation. */
  readonly isOneConversation: boolean
  /** Entries of its lists that name nobody on its platform. */
  readonly invalidEntries: number
  /** Whether there are any that can be read; without, nothing is taken from it. */
  readonly hasCredentials: boolean
  /** Keys of the agents that answer there; and of those, who runs commands, or acts beyond its conversation. */
  readonly agents: readonly string[]
  readonly agentsWithExec: readonly string[]
  readonly agentsInControl: readonly string[]
}

/** A channel of hooks: whoever has its secret is let in. */
export interface WebhookFacts {
  readonly name: string
  readonly isEnabled: boolean
  readonly hasCredentials: boolean
  /** The caller sends the secret itself, and signs nothing. */
  readonly isUnsigned: boolean
  /** Told to the operator of the gateway alone. */
  readonly hasGatewayToken: boolean
  /** Hooks whose callers choose their conversation, with the prefix that it must have. */
  readonly chosenSessions: readonly { readonly hook: string; readonly prefixChars: number }[]
}

export interface RunHookFacts extends Reached {
  readonly name: string
  readonly isEnabled: boolean
  readonly hasSecret: boolean
  /** It guards a message or a call, and what it guards goes on when it does not answer. */
  readonly letsThroughOnFailure: boolean
}

export interface CustomToolFacts extends Reached {
  readonly name: string
  readonly isEnabled: boolean
  readonly isUnrestricted: boolean
}

export interface SkillFacts {
  readonly name: string
  readonly isEnabled: boolean
  readonly grants: number
  /** Keys of agents that load it for whoever talks to them. */
  readonly openAgents: readonly string[]
}

export interface JobFacts {
  readonly name: string
  readonly agentKey: string
  readonly isOperators: boolean
  readonly isAdmins: boolean
  /** Id or name of the channel that is told; null: none is. */
  readonly channel: string | null
}

export interface ExporterFacts extends Reached {
  readonly name: string
  readonly isEnabled: boolean
  readonly isFailing: boolean
}
