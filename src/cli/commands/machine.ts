/** `edgeclaw status`, `overview`, `doctor`, `export`, `completion`, `runner-key`, `call`: gateway and machine. */
import type { Noun } from './command.ts'

export const STATUS: Noun = {
  name: 'status',
  summary: 'what is going on; with --all a report that is safe to paste',
  commands: [
    {
      verb: '',
      summary: 'Counts agents, clients and sessions; --all reports everything and nothing secret',
      load: async () => (await import('../status.ts')).STATUS,
    },
  ],
}

export const DOCTOR: Noun = {
  name: 'doctor',
  summary: 'find out what is wrong, and what to do',
  commands: [
    {
      verb: '',
      summary: 'Checks machine, connection, credential and gateway; exit code 1 when a check fails',
      load: async () => (await import('../doctor.ts')).DOCTOR,
    },
  ],
}

export const OVERVIEW: Noun = {
  name: 'overview',
  summary: 'what goes on, over the last hours and now',
  commands: [
    {
      verb: '',
      summary: 'Runs, tokens and what the gates saw, over the last hours, and how things stand now',
      needs: ['overview.get'],
      load: async () => (await import('../overview.ts')).OVERVIEW,
    },
  ],
}

export const RUNNERS: Noun = {
  name: 'runners',
  summary: 'whether the sandbox-runners would take a command',
  commands: [
    {
      verb: 'status',
      operation: 'runners.status',
      rows: 'runners',
      columns: [['key_id', 'runner'], 'healthy', 'reason', ['latency_ms', 'ms']],
      none: 'There is no runner: no command can run.',
    },
  ],
}

export const EXPORT: Noun = {
  name: 'export',
  summary: 'everything a tenant holds, as NDJSON',
  notes: `  edgeclaw export --out acme.ndjson
  edgeclaw export --out acme.ndjson --resume     after an interruption`,
  commands: [
    {
      verb: '',
      summary: 'Writes everything that the tenant holds, without its secrets',
      needs: ['tenants.export'],
      load: async () => (await import('../export-pages.ts')).exportTenant,
    },
  ],
}

export const COMPLETION: Noun = {
  name: 'completion',
  summary: 'let the shell complete commands and flags',
  notes: `  bash    source <(edgeclaw completion bash)
  zsh     source <(edgeclaw completion zsh)
  fish    edgeclaw completion fish | source`,
  commands: [
    {
      verb: '',
      usage: 'bash|zsh|fish',
      summary: 'Prints the script that a shell reads',
      load: async () => (await import('../completion.ts')).COMPLETION,
    },
  ],
}

export const CALL: Noun = {
  name: 'call',
  summary: 'any operation by its name, with JSON',
  commands: [
    {
      verb: '',
      usage: 'OPERATION [JSON]',
      summary: 'Asks any operation by its name; parameters are one JSON object, - reads them',
      load: async () => (await import('../call-operation.ts')).CALL,
    },
  ],
}

const loadRunnerKey = async () => (await import('../runner-key.ts')).RUNNER_KEY

export const RUNNER_KEY: Noun = {
  name: 'runner-key',
  summary: 'make the key that signs jobs, or its public half',
  commands: [
    { verb: 'new', summary: 'A new private key, for EDGECLAW_RUNNER_KEY', load: loadRunnerKey },
    {
      verb: 'public',
      usage: '[FILE ...]',
      summary: 'Its public half, for EDGECLAW_RUNNER_PUBLIC_KEYS; two files during a rotation',
      load: loadRunnerKey,
    },
  ],
}
