/** What a new agent may begin as. Each is settings and a sentence that says what they let it do. */
import type { ParamsOf } from '../../client/gateway.ts'

export interface Profile {
  readonly id: string
  readonly title: string
  readonly lets: string
  readonly settings: NonNullable<ParamsOf<'agents.create'>['settings']>
}

export const PROFILES: readonly Profile[] = [
  {
    id: 'personal',
    title: 'Personal',
    lets: 'Reads and writes files in your workspace, searches the web and runs commands in the sandbox; it asks you before every change.',
    settings: { autonomy: { level: 'supervised' } },
  },
  {
    id: 'team-read-only',
    title: 'Team, read-only',
    lets: 'Answers your team from files, memory and the web. It changes nothing, runs no commands and starts nothing by itself.',
    settings: {
      tools: { deny: ['group:runtime', 'group:automation'] },
      autonomy: { level: 'readonly' },
      exec_approval: { security: 'deny', ask: 'always' },
      sandbox: { mode: 'off', workspace_access: 'ro' },
    },
  },
  {
    id: 'public',
    title: 'Public',
    lets: 'Talks with strangers: messages and memory alone, and a human is asked before it changes anything. No files, no commands, no web.',
    settings: {
      tools: {
        profile: 'messaging',
        deny: ['group:runtime', 'group:fs', 'group:web', 'group:automation', 'group:mcp'],
      },
      autonomy: { level: 'supervised' },
      exec_approval: { security: 'deny', ask: 'always' },
      sandbox: { mode: 'off', workspace_access: 'none' },
    },
  },
]

/** As the gateway makes a key of a name. */
export const keyOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, 64)
