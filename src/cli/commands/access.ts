/** `edgeclaw login` and what belongs to it: who one is, where, and how others log in. */
import type { Noun } from './command.ts'

const loadLogin = async () => (await import('../login.ts')).LOGIN

export const LOGIN: Noun = {
  name: 'login',
  summary: 'check a credential and keep it for this machine',
  notes: `  edgeclaw login --url https://gateway.example
  edgeclaw login --token-stdin < token.txt
  edgeclaw login --pair 123456 --profile laptop

The token is asked for without echo, or read from standard input; it is never an argument, since
every user of a machine can read those. It is kept in ~/.config/edgeclaw, for your eyes alone.`,
  commands: [
    { verb: '', summary: 'Checks a credential and keeps it', load: loadLogin },
    {
      verb: 'sessions',
      operation: 'login.sessions.list',
      summary: 'Browsers that are logged in through an issuer',
      rows: 'sessions',
      columns: [
        'id',
        'user_id',
        'role',
        'issuer_id',
        'address',
        'user_agent',
        'created_at',
        'expires_at',
      ],
      none: 'Nobody is logged in through an issuer.',
    },
    {
      verb: 'end',
      operation: 'login.sessions.revoke',
      positional: ['id'],
      confirm: 'This ends the login {id}, at once.',
      done: 'ended {id}',
    },
  ],
}

export const LOGOUT: Noun = {
  name: 'logout',
  summary: 'forget the credential of a profile',
  commands: [
    {
      verb: '',
      summary:
        'Forgets the credential of a profile; the gateway still honours it until it is revoked',
      load: async () => (await import('../login.ts')).LOGOUT,
    },
  ],
}

export const WHOAMI: Noun = {
  name: 'whoami',
  summary: 'who the gateway takes you for',
  commands: [
    {
      verb: '',
      summary: 'Tells who the gateway takes you for, and which gateway that is',
      load: async () => (await import('../whoami.ts')).WHOAMI,
    },
  ],
}

export const PROFILES: Noun = {
  name: 'profiles',
  summary: 'the gateways that one has logged in to',
  commands: [
    {
      verb: 'list',
      summary: 'Shows them; their tokens are never shown',
      load: async () => (await import('../profile-commands.ts')).LIST,
    },
    {
      verb: 'use',
      usage: 'NAME',
      summary: 'Takes one whenever none is named',
      load: async () => (await import('../profile-commands.ts')).USE,
    },
  ],
}

export const ISSUERS: Noun = {
  name: 'issuers',
  summary: 'who may vouch for people: OIDC issuers and Cloudflare Access',
  commands: [
    {
      verb: 'list',
      operation: 'issuers.list',
      rows: 'issuers',
      columns: ['id', 'name', 'kind', 'issuer', 'audience', 'enabled'],
      none: 'There are no issuers.',
    },
    {
      verb: 'create',
      operation: 'issuers.create',
      positional: ['name'],
      secrets: ['client_secret'],
      done: 'added {name}',
    },
    {
      verb: 'update',
      operation: 'issuers.update',
      positional: ['id'],
      secrets: ['client_secret'],
      done: 'changed {id}',
    },
    {
      verb: 'delete',
      operation: 'issuers.delete',
      positional: ['id'],
      confirm: 'This deletes the issuer {id}: nobody gets in by its tokens any more.',
      done: 'deleted {id}',
    },
    { verb: 'test', operation: 'issuers.test', positional: ['id'] },
  ],
}
