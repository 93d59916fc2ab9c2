/**
 * Users that senders of channels act as. Their ids belong to the channels: under one of them, a member
 * would be somebody who writes from outside, or the other way round.
 */
export const CHANNEL_USER_PREFIX = 'channel:'

export const isChannelUser = (userId: string): boolean => userId.startsWith(CHANNEL_USER_PREFIX)
