/** What an instance of Slack is given: one app in one workspace. */
import { z } from 'zod'

export const slackCredentials = z.strictObject({
  bot_token: z
    .string()
    .regex(/^(?:xoxe\.)?xoxb-[\x21-\x7e]{1,500}$/, 'the Bot User OAuth Token, xoxb-…'),
  signing_secret: z.string().regex(/^[\x21-\x7e]{8,256}$/, 'from Basic Information'),
  /** Where it is set, what another app sent is refused. */
  app_id: z
    .string()
    .regex(/^A[A-Z0-9]{2,30}$/, 'A…, from Basic Information')
    .optional(),
  /** Where it is set, what comes from another workspace is not heard: an app may be in many. */
  team_id: z
    .string()
    .regex(/^[TE][A-Z0-9]{2,30}$/, 'T…, of the workspace')
    .optional(),
})
export type SlackCredentials = Readonly<z.infer<typeof slackCredentials>>
