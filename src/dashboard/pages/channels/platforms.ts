/** What each platform needs to be connected, in the words that its own site uses. */
import type { ParamsOf } from '../../client/gateway.ts'

export type ChannelType = ParamsOf<'channels.instances.create'>['channel_type']

export interface CredentialField {
  readonly name: string
  readonly label: string
  readonly description: string
  readonly isOptional?: true
  /** Made here, where the platform lets one choose. */
  readonly isOwnChoice?: true
  readonly choices?: readonly string[]
}

export interface Platform {
  readonly type: ChannelType
  readonly title: string
  readonly says: string
  /** What to do on the platform's site before. */
  readonly before: readonly string[]
  /** What to do there afterwards; `{address}` is where it is to deliver to. */
  readonly after: readonly string[]
  readonly fields: readonly CredentialField[]
}

const DELIVERS_BY_ITSELF = 'Nothing more: the gateway tells the platform where to deliver.'

export const PLATFORMS: readonly Platform[] = [
  {
    type: 'slack',
    title: 'Slack',
    says: 'Direct messages, mentions, threads, a slash command and buttons.',
    before: [
      'Create an app at api.slack.com/apps. Give its bot the scopes app_mentions:read, channels:history, chat:write, commands, files:read, files:write, groups:history, im:history, im:write and mpim:history, and allow messages in its tab under App Home.',
      'Install it to your workspace and copy the Bot User OAuth Token.',
    ],
    after: [
      'Under Event Subscriptions set the request URL to {address} and subscribe to app_mention, message.channels, message.groups, message.im and message.mpim.',
      'Set the same address under Interactivity, and for the slash command /edgeclaw, which escapes names. Install the app again where Slack says so.',
      'Invite the bot to the channels that it should be in.',
    ],
    fields: [
      { name: 'bot_token', label: 'Bot User OAuth Token', description: 'Begins with xoxb-.' },
      { name: 'signing_secret', label: 'Signing secret', description: 'From Basic Information.' },
      {
        name: 'app_id',
        label: 'App id',
        description: 'A…, from Basic Information.',
        isOptional: true,
      },
      {
        name: 'team_id',
        label: 'Workspace id',
        description: 'T…; others are not heard.',
        isOptional: true,
      },
    ],
  },
  {
    type: 'telegram',
    title: 'Telegram',
    says: 'Direct messages, groups and topics, buttons, pictures and documents.',
    before: ['Write /newbot to BotFather in Telegram and copy the token that it gives.'],
    after: [DELIVERS_BY_ITSELF],
    fields: [
      { name: 'bot_token', label: 'Bot token', description: 'From BotFather.' },
      {
        name: 'webhook_secret',
        label: 'Webhook secret',
        description: 'Of your own choice; made for you.',
        isOwnChoice: true,
      },
    ],
  },
  {
    type: 'discord',
    title: 'Discord',
    says: 'Commands and buttons in servers and direct messages.',
    before: ['Create an application at discord.com/developers and add a bot to it.'],
    after: [
      'Under General Information set the Interactions Endpoint URL to {address}.',
      'Under Installation choose the scopes bot and applications.commands and the permission Send Messages, open the link, and choose your server.',
    ],
    fields: [
      { name: 'application_id', label: 'Application id', description: 'From General Information.' },
      { name: 'public_key', label: 'Public key', description: 'From General Information.' },
      { name: 'bot_token', label: 'Bot token', description: 'From Bot.' },
    ],
  },
  {
    type: 'whatsapp',
    title: 'WhatsApp',
    says: 'Messages to a number of the Cloud API.',
    before: [
      'Create an app with WhatsApp at developers.facebook.com, and a system user with a token.',
    ],
    after: [
      'Under WhatsApp, Configuration set the callback URL to {address} with the verify token below, and subscribe to messages.',
    ],
    fields: [
      { name: 'access_token', label: 'Access token', description: 'Of the system user.' },
      { name: 'phone_number_id', label: 'Phone number id', description: 'The id, not the number.' },
      { name: 'app_secret', label: 'App secret', description: 'From App settings, Basic.' },
      {
        name: 'verify_token',
        label: 'Verify token',
        description: 'Of your own choice; made for you. You enter it at Meta.',
        isOwnChoice: true,
      },
    ],
  },
  {
    type: 'feishu',
    title: 'Feishu / Lark',
    says: 'Direct messages and groups.',
    before: [
      'Create a custom app at open.feishu.cn or open.larksuite.com and add the bot capability.',
      'Under Permissions & Scopes add im:message.p2p_msg:readonly, im:message.group_at_msg:readonly and im:message:send_as_bot; for files im:message:readonly as well.',
    ],
    after: [
      'Under Events & Callbacks set the request URL to {address} and subscribe to im.message.receive_v1.',
      'Create a version, have it released, and add the bot to the groups that it should be in.',
    ],
    fields: [
      { name: 'app_id', label: 'App id', description: 'cli_…' },
      { name: 'app_secret', label: 'App secret', description: 'From Credentials & Basic Info.' },
      {
        name: 'verification_token',
        label: 'Verification token',
        description: 'From Encryption Strategy.',
      },
      {
        name: 'encrypt_key',
        label: 'Encrypt key',
        description: 'From Encryption Strategy.',
        isOptional: true,
      },
    ],
  },
  {
    type: 'zalo',
    title: 'Zalo',
    says: 'Messages to an official account.',
    before: ['Connect your official account to an app at developers.zalo.me.'],
    after: ['Under Webhook set the address to {address} and switch on the event user_send_text.'],
    fields: [
      { name: 'app_id', label: 'App id', description: 'Digits.' },
      { name: 'oa_secret', label: 'Secret key', description: 'Of the official account.' },
      { name: 'access_token', label: 'Access token', description: 'Of the official account.' },
    ],
  },
  {
    type: 'webhook',
    title: 'Hooks',
    says: 'Any program that signs what it sends: CI, monitoring, forms.',
    before: ['Choose how your program proves itself, and give it the secret below.'],
    after: [
      'Your program posts to {address}; add further hooks under the settings of the channel.',
    ],
    fields: [
      {
        name: 'proof',
        label: 'Proof',
        description:
          'How calls prove themselves: signed (standard, timestamped, hub), or with the secret itself.',
        choices: ['standard', 'timestamped', 'hub', 'secret', 'bearer'],
      },
      {
        name: 'secret',
        label: 'Secret',
        description: 'Made for you. Copy it now: it is not shown again.',
        isOwnChoice: true,
      },
    ],
  },
]

export const platformOf = (type: string): Platform | undefined =>
  PLATFORMS.find((platform) => platform.type === type)

const SECRET_BYTES = 32

/**
 * Random hex digits: letters and digits alone are what every platform takes for a secret of one's own
 * choice, and hex is base64 as well, which Standard Webhooks reads a secret as.
 */
export const newSecret = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')

/** The instance's address has a place for the hook's name; other platforms have one address. */
export const addressOf = (webhookUrl: string, hook: string | null): string =>
  hook === null ? webhookUrl : webhookUrl.replace('{name}', hook)
