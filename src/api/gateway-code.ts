/** The six digits with which the first person sets a new gateway up, without its token. */
import { z } from 'zod'
import { gatewayCodeMac } from '../crypto/gateway-code.ts'
import { newGatewayCode } from '../crypto/random.ts'
import { countCredentials } from '../db/devices.ts'
import { DEFAULT_TENANT } from '../domain/ids.ts'
import { refusal } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { PLATFORM } from './access.ts'
import { operation } from './operation.ts'

export const pairingCodeCreate = operation({
  name: 'gateway.pairing_code.create',
  summary: 'Makes the one code for the first set-up: ten minutes, for POST /pair',
  access: PLATFORM,
  answersSecret: true,
  audit: () => ({ tenant: DEFAULT_TENANT }),
  params: z.object({}),
  result: z.object({ code: z.string(), expires_at: z.string() }),
  http: { method: 'POST', path: '/v1/gateway/pairing-code', status: 201 },
  run: async ({ services }) => {
    if ((await countCredentials(services.database(DEFAULT_TENANT), DEFAULT_TENANT)) > 0) {
      return err(
        refusal(
          'FAILED_PRECONDITION',
          'this gateway is set up: a key or a device was given out already',
        ),
      )
    }
    const code = newGatewayCode()
    const mac = await gatewayCodeMac(services.keyRing, code)
    const expiresAt = await services.tenant(DEFAULT_TENANT).setPairingCode(mac)
    return ok({ code, expires_at: new Date(expiresAt).toISOString() })
  },
})
