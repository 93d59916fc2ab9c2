/**
 * Users that senders of channels act as. Their ids belong to the channels: under one of them, a member
 * would be somebody who writes from outside, or the other way round.
 */
import { userIdSchema } from './ids.ts'

export const CHANNEL_USER_PREFIX = 'channel:'

export const isChannelUser = (userId: string): boolean => userId.startsWith(CHANNEL_USER_PREFIX)

/** Of a person, or of whatever else has a credential: whom the operator names, and who names themselves. */
export const memberIdSchema = userIdSchema.refine(
  (userId) => !isChannelUser(userId),
  `must not begin with ${CHANNEL_USER_PREFIX}: such ids belong to senders of channels`,
)
