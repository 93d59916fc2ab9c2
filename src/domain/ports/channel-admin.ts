/** What the operations on channel instances need of the platforms: their rules, and a word with them. */
import type { BotIdentity, ChannelInstance, ChannelType } from '../channel.ts'
import type { Result } from '../result.ts'

export type ChannelCredentials = Readonly<Record<string, string>>

export interface ChannelProbe {
  readonly bot: BotIdentity
  /** The platform was told where to deliver; null where its own pages are the place to say so. */
  readonly isRegistered: boolean | null
}

export interface SlackInstallation {
  readonly clientId: string
  readonly clientSecret: string
  readonly signingSecret: string
  readonly team: string | undefined
  /** What the instance shall be; handed back when it is installed. */
  readonly instance: Readonly<Record<string, unknown>>
}

export interface SlackInstallPort {
  start(
    wanted: SlackInstallation,
  ): Promise<Result<{ readonly url: string; readonly expiresAt: number }, string>>
  /** @param code as the gateway's page showed it to whoever began */
  finish(code: string): Promise<
    Result<
      {
        readonly instance: Readonly<Record<string, unknown>>
        readonly credentials: ChannelCredentials
        readonly teamName: string | null
        readonly missingScopes: readonly string[]
      },
      string
    >
  >
}

export interface ChannelAdminPort {
  readonly slack: SlackInstallPort
  /** As the platform needs them, or what is wrong with them; never the credentials themselves. */
  checkCredentials(
    type: ChannelType,
    credentials: unknown,
  ): Promise<Result<ChannelCredentials, string>>
  /** What is wrong with the hooks that an instance names; null where nothing is. */
  faultOfHooks(hooks: unknown): string | null
  /** Null where there is no such platform in this build. */
  baseUrlOf(type: ChannelType): string | null
  webhookUrlOf(instance: Pick<ChannelInstance, 'id' | 'channelType'>): string
  /** Asks the platform who the instance is, and tells it where to deliver. */
  connect(instance: ChannelInstance): Promise<Result<ChannelProbe, string>>
  /** The platform is to deliver here no more. Its failure harms nobody. */
  disconnect(instance: ChannelInstance): Promise<void>
}
