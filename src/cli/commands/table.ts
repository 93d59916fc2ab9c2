/** Every command there is, in the order of the help. */
import { ISSUERS, LOGIN, LOGOUT, PROFILES, WHOAMI } from './access.ts'
import { AGENTS, PROVIDERS, SEARCH_PROVIDERS } from './agents.ts'
import { CHANNELS } from './channels.ts'
import type { Noun } from './command.ts'
import { CONFIG } from './config.ts'
import { CRON } from './cron.ts'
import { DEVICES, PAIRING } from './devices.ts'
import { CUSTOM_TOOLS, HOOKS } from './hooks.ts'
import { KEYS } from './keys.ts'
import {
  CALL,
  COMPLETION,
  DOCTOR,
  EXPORT,
  OVERVIEW,
  RUNNER_KEY,
  RUNNERS,
  STATUS,
} from './machine.ts'
import { MCP } from './mcp.ts'
import { CHAT, MEMORY, SESSIONS, USAGE, WORKSPACES } from './sessions.ts'
import { SKILLS } from './skills.ts'
import { INVITATIONS, TENANTS, USERS } from './tenants.ts'
import { PACKAGES, SECURE_CLI, TOOLS } from './tools.ts'
import { TRACES } from './traces.ts'
import { APPROVALS, AUDIT, ESTOP, EVENTS, LOGS, SECURITY } from './watch.ts'

export const SECTIONS: readonly { readonly title: string; readonly nouns: readonly Noun[] }[] = [
  { title: 'You', nouns: [LOGIN, LOGOUT, WHOAMI, PROFILES] },
  {
    title: 'Conversations',
    nouns: [CHAT, SESSIONS, MEMORY, WORKSPACES, CRON, APPROVALS, CHANNELS],
  },
  {
    title: 'Agents',
    nouns: [
      AGENTS,
      PROVIDERS,
      SEARCH_PROVIDERS,
      TOOLS,
      CUSTOM_TOOLS,
      MCP,
      SKILLS,
      HOOKS,
      PACKAGES,
      SECURE_CLI,
      CONFIG,
    ],
  },
  {
    title: 'People and credentials',
    nouns: [TENANTS, USERS, INVITATIONS, KEYS, ISSUERS, PAIRING, DEVICES],
  },
  {
    title: 'Watch and stop',
    nouns: [OVERVIEW, USAGE, TRACES, EVENTS, LOGS, AUDIT, SECURITY, ESTOP, EXPORT],
  },
  { title: 'Gateway and machine', nouns: [STATUS, DOCTOR, RUNNERS, RUNNER_KEY, COMPLETION, CALL] },
]
