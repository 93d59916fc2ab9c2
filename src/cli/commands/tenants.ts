/** `edgeclaw tenants`, `users` and `invitations`: the organisations, and who belongs to them. */
import type { Noun } from './command.ts'

export const TENANTS: Noun = {
  name: 'tenants',
  summary: 'the organisations that this gateway serves',
  commands: [
    {
      verb: 'mine',
      operation: 'tenants.mine',
      rows: 'tenants',
      columns: ['id', 'slug', 'name', 'role', 'status'],
    },
    {
      verb: 'list',
      operation: 'tenants.list',
      rows: 'tenants',
      columns: ['id', 'slug', 'name', 'status'],
      help: { limit: 'how many', after: 'the slug after which to go on' },
    },
    { verb: 'get', operation: 'tenants.get', positional: ['id'], hidden: ['tenant_id'] },
    {
      verb: 'create',
      operation: 'tenants.create',
      positional: ['name'],
      help: { slug: 'its name in addresses: lower-case letters, digits, -' },
    },
    {
      verb: 'rename',
      operation: 'tenants.update',
      summary: 'Renames a tenant',
      positional: ['id', 'name'],
      hidden: ['tenant_id', 'status'],
      done: 'renamed {id}',
    },
    {
      verb: 'suspend',
      operation: 'tenants.update',
      summary: 'Shuts a tenant out: its credentials, sockets and runs end at once',
      positional: ['id'],
      fixed: { status: 'suspended' },
      hidden: ['tenant_id', 'name'],
      confirm: 'This shuts everybody of tenant {id} out, at once, until it is reinstated.',
      done: 'suspended {id}',
    },
    {
      verb: 'reinstate',
      operation: 'tenants.update',
      summary: 'Lets a suspended tenant in again',
      positional: ['id'],
      fixed: { status: 'active' },
      hidden: ['tenant_id', 'name'],
      done: 'reinstated {id}',
    },
    {
      verb: 'delete',
      operation: 'tenants.delete',
      positional: ['tenant_id'],
      help: {
        confirm: 'its slug, said once more',
        without_export: 'though nobody exported it within a day',
      },
      confirm:
        'This erases tenant {tenant_id} with everything it holds, for good. Export it first: edgeclaw export.',
    },
    { verb: 'deletion', operation: 'tenants.deletion', positional: ['tenant_id'] },
  ],
}

export const USERS: Noun = {
  name: 'users',
  summary: 'the people of a tenant and their roles',
  commands: [
    {
      verb: 'list',
      operation: 'tenants.users.list',
      rows: 'users',
      columns: ['user_id', 'role', 'status', 'created_at'],
      none: 'Nobody belongs to this tenant.',
    },
    {
      verb: 'add',
      operation: 'tenants.users.add',
      positional: ['user_id'],
      done: '{user_id} is a member',
    },
    {
      verb: 'suspend',
      operation: 'tenants.users.suspend',
      positional: ['user_id'],
      confirm: 'This shuts {user_id} out at once: sockets, keys and runs.',
      done: 'suspended {user_id}',
    },
    {
      verb: 'reinstate',
      operation: 'tenants.users.reinstate',
      positional: ['user_id'],
      done: 'reinstated {user_id}',
    },
    {
      verb: 'remove',
      operation: 'tenants.users.remove',
      positional: ['user_id'],
      confirm: 'This takes {user_id} out of the tenant, at once.',
      done: 'removed {user_id}',
    },
  ],
}

export const INVITATIONS: Noun = {
  name: 'invitations',
  summary: 'links that make whoever opens them a member, once',
  commands: [
    {
      verb: 'list',
      operation: 'invitations.list',
      rows: 'invitations',
      columns: ['id', 'role', 'note', 'status', 'created_by', 'expires_at', 'accepted_by'],
      none: 'There are no invitations.',
    },
    {
      verb: 'create',
      operation: 'invitations.create',
      help: {
        note: 'for whom it is, for those who list them',
        expires_in: 'seconds until it expires (default: 7 days)',
      },
      shownOnce: ['link', 'token'],
    },
    {
      verb: 'accept',
      operation: 'invitations.accept',
      secrets: ['token'],
    },
    {
      verb: 'revoke',
      operation: 'invitations.revoke',
      positional: ['id'],
      confirm: 'This revokes the invitation {id}: its link opens nothing any more.',
      done: 'revoked {id}',
    },
  ],
}
