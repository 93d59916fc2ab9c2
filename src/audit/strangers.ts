/** Whether people come in whom nobody named: through a channel, or an issuer that makes members. */
import type { TenantFacts } from './facts.ts'
import type { ChannelFacts } from './surface-facts.ts'

export const isGroupOpen = ({
  groupPolicy,
  admitsAnyGroup,
}: Pick<ChannelFacts, 'groupPolicy' | 'admitsAnyGroup'>): boolean =>
  groupPolicy === 'open' || (groupPolicy === 'allowlist' && admitsAnyGroup)

/** A list that admits everybody does so under every policy but `disabled`. */
export const isOpenToStrangers = (channel: ChannelFacts): boolean =>
  channel.isEnabled &&
  channel.hasCredentials &&
  ((channel.admitsAnySender && channel.dmPolicy !== 'disabled') || isGroupOpen(channel))

export const areStrangersLetIn = ({
  issuers,
  channels,
}: Pick<TenantFacts, 'issuers' | 'channels'>): boolean =>
  issuers.some(({ provisionRole }) => provisionRole !== null) || channels.some(isOpenToStrangers)
