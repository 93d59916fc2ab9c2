/** Feishu and Lark, by event subscriptions and the bot of an app: text, in chats, groups and threads. */
import type { ChannelPlatform } from '../platform.ts'
import { type FeishuCredentials, feishuCredentials } from './credentials.ts'
import { MAX_FEISHU_CHARS, measureFeishu } from './dialect.ts'
import { normalizeFeishuSender } from './parse.ts'
import { receiveFeishu } from './receive.ts'
import { feishuClient } from './send.ts'

export const feishu: ChannelPlatform<FeishuCredentials> = {
  type: 'feishu',
  credentials: feishuCredentials,
  // Lark, outside of China: https://open.larksuite.com, given as the instance's own address.
  baseUrl: 'https://open.feishu.cn',
  maxChunk: MAX_FEISHU_CHARS,
  measure: measureFeishu,
  maxFileBytes: null,
  minEditMs: null,
  normalizeSender: normalizeFeishuSender,
  receive: receiveFeishu,
  client: feishuClient,
}
