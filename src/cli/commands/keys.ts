/** `edgeclaw keys`: API keys of a tenant, and the key that everything at rest is sealed with. */
import type { Noun } from './command.ts'

export const KEYS: Noun = {
  name: 'keys',
  summary: 'API keys: who may ask what, from where, until when',
  notes: `  edgeclaw keys create laptop --scopes operator.read,operator.write --expires-in 7776000
  edgeclaw keys rotate key_…            a new key; the old one stays good for the overlap
  edgeclaw keys rotate --encryption     every secret at rest sealed anew, while the gateway serves`,
  commands: [
    {
      verb: 'list',
      operation: 'api_keys.list',
      rows: 'keys',
      columns: [
        'id',
        'name',
        ['owner_id', 'owner'],
        'scopes',
        'expires_at',
        'last_used_at',
        'revoked',
      ],
      none: 'There are no API keys.',
      help: { limit: 'how many', after: 'the id after which to go on' },
    },
    {
      verb: 'create',
      operation: 'api_keys.create',
      positional: ['name'],
      help: {
        scopes: 'what it may do',
        expires_in: 'seconds until it expires (default: never)',
        owner_id: 'the user it acts as (default: you)',
        allowed_networks: 'addresses or CIDR ranges it may come from (default: any)',
        allowed_agents: 'agents it may reach (default: all)',
      },
      shownOnce: ['key'],
    },
    {
      verb: 'rotate',
      summary: 'Replaces an API key, or with --encryption the key that secrets are sealed with',
      usage: 'ID | --encryption',
      needs: ['api_keys.rotate'],
      load: async () => (await import('../rotate-keys.ts')).rotateKeys,
    },
    {
      verb: 'rotation',
      operation: 'keys.rotation',
      part: 'rotation',
      none: 'Nothing was ever rotated.',
    },
    {
      verb: 'revoke',
      operation: 'api_keys.revoke',
      positional: ['id'],
      confirm: 'This revokes the API key {id}: its requests, sockets and runs end at once.',
      done: 'revoked {id}',
    },
  ],
}
