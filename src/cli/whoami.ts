/** `edgeclaw whoami`: what the gateway says of the caller, and how the caller came to that gateway. */
import { toFields } from './answer-view.ts'
import type { Action } from './commands/command.ts'
import { CONNECTION_FLAGS, withGateway } from './connection.ts'
import { parseFlags } from './flags.ts'
import type { AddressSource } from './local-gateway.ts'
import { paletteFor, toJsonText } from './terminal.ts'

export const WHOAMI: Action = {
  flags: CONNECTION_FLAGS,
  async run(args, io) {
    const { values } = parseFlags(args, CONNECTION_FLAGS)
    return withGateway(values, io.env, async ({ hello, address }) => {
      const told = {
        user_id: hello.user_id,
        role: hello.role,
        tenant: hello.tenant_slug,
        tenant_id: hello.tenant_id,
        scopes: hello.scopes,
        platform: hello.is_master_scope,
        gateway: address.url,
        version: hello.server.version,
        found_by: foundBy(address.source),
      }
      if (values.has('json')) io.stdout.write(`${toJsonText(told)}\n`)
      else io.stdout.write(toFields(told, paletteFor(io.stdout, io.env)))
      return 0
    })
  },
}

export function foundBy(source: AddressSource): string {
  switch (source.kind) {
    case 'profile':
      return `profile ${source.name}`
    case 'flag':
      return '--url'
    case 'environment':
      return 'EDGECLAW_URL'
    case 'state':
      return 'the gateway that runs here'
    case 'default':
      return 'the default address'
  }
}
