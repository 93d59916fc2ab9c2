/** `edgeclaw channels`: the chat platforms that the tenant is connected to, and who was let in there. */
import type { Noun } from './command.ts'

const HELP = {
  agent_id: 'key of the agent that answers',
  channel_type: 'slack, telegram, discord, whatsapp, feishu, zalo or webhook',
  credentials: 'JSON of what the platform gave you; asked for without echo',
  config: 'JSON of who is let in and how it answers',
}

export const CHANNELS: Noun = {
  name: 'channels',
  summary: 'chat platforms, and who was let in there',
  notes: `  edgeclaw channels create support telegram default     asks for {"bot_token": …, "webhook_secret": …}
  edgeclaw channels pairing list                        who waits to be let in
  edgeclaw channels pairing approve support ABCD2345    lets them in`,
  commands: [
    {
      verb: 'list',
      operation: 'channels.list',
      rows: 'channels',
      columns: ['name', ['channel_type', 'type'], ['agent_id', 'agent'], 'enabled', 'id'],
      none: 'No platform is connected.',
    },
    {
      verb: 'status',
      operation: 'channels.status',
      rows: 'channels',
      columns: [
        'name',
        'enabled',
        ['health.waiting', 'waiting'],
        ['health.dead', 'failed'],
        ['health.unknown', 'unknown'],
        ['health.last_received_at', 'last received'],
        ['health.last_error.message', 'last error'],
      ],
      none: 'No platform is connected.',
    },
    { verb: 'get', operation: 'channels.instances.get', positional: ['id'] },
    {
      verb: 'create',
      operation: 'channels.instances.create',
      positional: ['name', 'channel_type', 'agent_id'],
      secrets: ['credentials'],
      help: HELP,
    },
    {
      verb: 'install slack',
      operation: 'channels.slack.install',
      positional: ['name', 'agent_id'],
      secrets: ['client_secret', 'signing_secret'],
      help: { ...HELP, team: 'id of the workspace, where Slack should offer no other' },
    },
    {
      verb: 'installed',
      operation: 'channels.slack.installed',
      summary: 'Ends an installation with the code that the page showed',
      secrets: ['code'],
      part: 'channel',
    },
    {
      verb: 'update',
      operation: 'channels.instances.update',
      positional: ['id'],
      secrets: ['credentials'],
      help: HELP,
      done: 'changed {id}',
    },
    {
      verb: 'on',
      operation: 'channels.toggle',
      summary: 'Switches a channel on',
      positional: ['id'],
      fixed: { enabled: true },
      done: '{id} is on',
    },
    {
      verb: 'off',
      operation: 'channels.toggle',
      summary: 'Switches a channel off, at once',
      positional: ['id'],
      fixed: { enabled: false },
      done: '{id} is off',
    },
    { verb: 'test', operation: 'channels.instances.test', positional: ['id'] },
    {
      verb: 'delete',
      operation: 'channels.instances.delete',
      positional: ['id'],
      confirm: 'This disconnects {id}: its credentials, who was let in, and what waits there go.',
      done: 'disconnected {id}',
    },
    {
      verb: 'pairing list',
      operation: 'channel.pair.list',
      rows: 'pairings',
      columns: [
        'status',
        'channel',
        'code',
        ['sender_id', 'sender'],
        ['sender_name', 'calls themselves'],
        'created_at',
      ],
      none: 'Nobody waits, and nobody was let in.',
    },
    {
      verb: 'pairing approve',
      operation: 'channel.pair.approve',
      positional: ['channel', 'code'],
      done: 'let in through {channel}',
    },
    {
      verb: 'pairing deny',
      operation: 'channel.pair.deny',
      positional: ['channel', 'code'],
      done: 'turned away from {channel}',
    },
    {
      verb: 'pairing revoke',
      operation: 'channel.pair.revoke',
      positional: ['channel', 'sender_id'],
      confirm: 'This shuts {sender_id} out of {channel}, at once.',
      done: 'shut out of {channel}',
    },
    {
      verb: 'deliveries',
      operation: 'channels.deliveries.list',
      positional: ['id'],
      rows: 'deliveries',
      columns: ['id', 'received_at', ['sender_id', 'sender'], 'text', 'error'],
      none: 'Everything was answered.',
    },
    {
      verb: 'deliveries replay',
      operation: 'channels.deliveries.replay',
      positional: ['id'],
      help: { deliveries: 'numbers of deliveries; all that failed without' },
    },
    {
      verb: 'deliveries discard',
      operation: 'channels.deliveries.discard',
      positional: ['id'],
      confirm: 'This drops messages of {id} that nobody has answered.',
      help: { deliveries: 'numbers of deliveries' },
    },
  ],
}
