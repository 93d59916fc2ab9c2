/** What is kept of an authorisation, and as whom the gateway asks for one. Loads nothing of the library. */
import { z } from 'zod'

/** The library's own shapes pass through as they were; what is read here is checked. */
export const authorizationSchema = z.object({
  client: z
    .looseObject({ client_id: z.string(), client_secret: z.string().optional() })
    .nullable()
    .default(null),
  tokens: z
    .looseObject({
      access_token: z.string(),
      refresh_token: z.string().optional(),
      issuer: z.string().optional(),
    })
    .nullable()
    .default(null),
  discovery: z.looseObject({ authorizationServerUrl: z.string() }).nullable().default(null),
})
export type McpAuthorization = Readonly<z.infer<typeof authorizationSchema>>

export const NO_AUTHORIZATION: McpAuthorization = { client: null, tokens: null, discovery: null }

export const pendingSchema = z.object({
  authorization: authorizationSchema,
  verifier: z.string(),
  redirectUrl: z.string(),
})
export type PendingAuthorization = Readonly<z.infer<typeof pendingSchema>>

export interface ClientIdentity {
  readonly redirectUrl: string
  /** A document of ours that authorisation servers may fetch instead of registering us. */
  readonly metadataUrl?: string
  readonly scope?: string
}

export const clientMetadata = ({ redirectUrl, metadataUrl, scope }: ClientIdentity) => ({
  client_name: 'EdgeClaw',
  redirect_uris: [redirectUrl],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  ...(metadataUrl === undefined ? {} : { client_uri: new URL(metadataUrl).origin }),
  ...(scope === undefined ? {} : { scope }),
})
