/** `edgeclaw config`: the tenant's document, its versions, and who may change which part of it. */
import type { Noun } from './command.ts'

const loadConfig = async () => (await import('../config.ts')).CONFIG

export const CONFIG: Noun = {
  name: 'config',
  summary: 'the configuration: read, changed, hardened, taken back',
  notes: `  edgeclaw config get tools.deny
  edgeclaw config patch '{"gateway":{"rate_limit_rpm":10}}' --dry-run
  edgeclaw config preset hardened --tenant acme

A change acts at once, in running conversations too. Nothing is ever loosened by a preset.`,
  commands: [
    {
      verb: 'get',
      usage: '[PATH]',
      summary: 'Prints the configuration in force, or one setting of it',
      needs: ['config.get'],
      load: loadConfig,
    },
    { verb: 'defaults', operation: 'config.defaults' },
    {
      verb: 'schema',
      summary: 'Prints the JSON Schema of the document',
      needs: ['config.schema'],
      load: loadConfig,
    },
    {
      verb: 'apply',
      usage: 'FILE',
      summary: 'Replaces the document by that of a JSON file (- reads standard input)',
      needs: ['config.apply'],
      load: loadConfig,
    },
    {
      verb: 'patch',
      usage: "'JSON'",
      summary: 'Merges a patch into it (RFC 7396: null removes a setting)',
      needs: ['config.patch'],
      load: loadConfig,
    },
    {
      verb: 'preset',
      usage: 'list|NAME',
      summary: 'Shows the presets, or tightens the configuration to one',
      needs: ['config.patch'],
      load: loadConfig,
    },
    {
      verb: 'versions list',
      operation: 'config.versions.list',
      rows: 'versions',
      columns: ['number', 'hash', 'by', 'at', 'operation'],
      none: 'There are no earlier versions.',
    },
    { verb: 'versions get', operation: 'config.versions.get', positional: ['number'] },
    {
      verb: 'versions restore',
      operation: 'config.versions.restore',
      positional: ['number'],
      confirm: 'This puts version {number} of the configuration in force, at once.',
      done: 'restored version {number}',
    },
    {
      verb: 'permissions list',
      operation: 'config.permissions.list',
      rows: 'permissions',
      columns: [
        'id',
        'userId',
        'permission',
        'agentId',
        'scope',
        'configType',
        'grantedBy',
        'createdAt',
      ],
      none: 'Nobody has permissions of their own.',
    },
    { verb: 'permissions check', operation: 'config.permissions.check' },
    { verb: 'permissions grant', operation: 'config.permissions.grant', done: 'granted' },
    {
      verb: 'permissions revoke',
      operation: 'config.permissions.revoke',
      positional: ['id'],
      optional: ['id'],
      confirm: 'This takes the permission back.',
      done: 'revoked',
    },
  ],
}
